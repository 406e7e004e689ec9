"""Starting a child on its leash, and the end of what it says."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import IO

from lib.media.leash import environment, leashed
from lib.media.limits import Limits

TAIL_BYTES = 64 * 1024
LINE_BYTES = 2**16


@contextlib.asynccontextmanager
async def child(
    argv: Sequence[str],
    limits: Limits,
    folder: Path,
    *,
    stdin: int = DEVNULL,
    stderr: int | IO[bytes] = PIPE,
    line_bytes: int = LINE_BYTES,
) -> AsyncIterator[Process]:
    """A process that works in `folder` with piped stdout, and is gone when the block is left, however it is left."""
    process = await asyncio.create_subprocess_exec(
        *leashed(list(argv), limits), stdin=stdin, stdout=PIPE, stderr=stderr, env=environment(), cwd=folder,
        start_new_session=True, limit=line_bytes,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await asyncio.shield(process.wait())


async def tail(stream: asyncio.StreamReader) -> str:
    """The last 64 KB that came through, once it ends."""
    kept = b""
    while chunk := await stream.read(TAIL_BYTES):
        kept = (kept + chunk)[-TAIL_BYTES:]
    return kept.decode("utf-8", "replace")
