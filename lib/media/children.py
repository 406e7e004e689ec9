"""Starting a child on its leash, the end of what it says, and what it means that it died."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import IO

from lib.errors import BadMedia, InternalError, MediaError, NoSpace, TooLarge, TooLong
from lib.media.leash import environment, leashed
from lib.media.limits import Limits

log = logging.getLogger(__name__)
TAIL_BYTES = 64 * 1024
OVER_CPU, KILLED = -signal.SIGXCPU, -signal.SIGKILL
NO_MEMORY = ("MemoryError", "Cannot allocate memory", "failed to map segment")  # the last from a library's start
REPORT = "Please report it with the end of the log: logs/worker.log in the data folder, or what the program printed."
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
    async with started(leashed(argv, limits), folder, stdin=stdin, stderr=stderr, line_bytes=line_bytes) as process:
        yield process


@contextlib.asynccontextmanager
async def started(
    argv: Sequence[str], folder: Path, *, stdin: int = DEVNULL, stderr: int | IO[bytes] = PIPE, line_bytes: int
) -> AsyncIterator[Process]:
    """The same for a command line that brings its leash along."""
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=stdin, stdout=PIPE, stderr=stderr, env=environment(), cwd=folder,
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


def death(code: int, stderr: str, *, of: str) -> MediaError | InternalError:
    """The error for a Python child that ended with `code` before it answered; `of` is what it was at.

    Ended by a signal, it is the file's doing: a decoder crashed. But two signals are the system's, for what uses too
    much time or memory. Else an exception of ours ended it, which is logged.
    """
    if any(sign in stderr for sign in NO_MEMORY):
        return TooLarge("This needs more memory than a step may use.", hint="Use a smaller picture or a shorter clip.")
    if "No space left" in stderr or "Disk quota" in stderr:
        return NoSpace("The disk is full.", hint="Free some space, then start this step again.")
    if code == OVER_CPU:
        said = "The system stopped this, because it took more processor time than a step may use."
        return TooLong(said, hint="Use a shorter clip.", code=code, stderr=stderr)
    if code == KILLED:
        said = "The system stopped this, most likely because the computer's memory was full."
        hint = "Close other programs and start it again, or use a smaller picture or a shorter clip."
        return TooLarge(said, hint=hint, code=code, stderr=stderr)
    if code < 0:
        said = "The file made its reader fail; it is damaged."
        return BadMedia(said, hint="Choose another file.", code=code, stderr=stderr)
    log.error("a fault of ours in a child (%s, code %d):\n%s", of, code, stderr)
    said = f"Something went wrong inside Dailies while {of}. Your file is not to blame."
    return InternalError(said, hint=REPORT)
