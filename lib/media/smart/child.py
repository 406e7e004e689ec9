"""Starts the limited child in which media are cut and judged, asks it, and hears what it says."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lib import errors
from lib.errors import DailiesError, InternalError, MediaError
from lib.media import children
from lib.media.leash import python
from lib.media.limits import Limits
from lib.media.progress import Watch

START = "from lib.media.smart.work import main; main()"
TICK_S = 0.2
TAIL_BYTES = 16 * 1024
DOING = {
    "cut": "cutting", "join": "joining", "look": "joining", "preview": "making the preview", "speak": "speaking",
    "take": "taking pictures", "sheet": "making the sheet", "strip": "drawing the film strip",
    "prove": "proving the result", "promise": "proving the result", "proof sheet": "drawing the proof",
}  # fmt: skip
"""What each work is called in a sentence."""
QUIET = ("look", "speak", "strip", "promise", "proof sheet")
"""Those that do not say how far they are, so that only their deadline ends them."""
LINE_BYTES = 2**26  # an answer is one line; it grows with the number of parts


@contextlib.asynccontextmanager
async def child(folder: Path, limits: Limits) -> AsyncIterator[Child]:
    """A child that takes requests one after the other; it is gone when the block is left, however it is left."""
    argv, pipe = python(START, limits), asyncio.subprocess.PIPE
    with (folder / "stderr").open("wb") as said:
        async with children.started(argv, folder, stdin=pipe, stderr=said, line_bytes=LINE_BYTES) as process:
            yield Child(process, folder)


@dataclass(frozen=True, slots=True)
class Child:
    """One started child."""

    process: asyncio.subprocess.Process
    folder: Path

    async def ask(self, request: Mapping[str, Any], watch: Watch) -> dict[str, Any]:
        """Its answer. Raises what it raised, or TooLong or Cancelled as `watch` does, or InternalError."""
        clock = asyncio.get_running_loop().time
        if request["do"] in QUIET:
            watch.limits = replace(watch.limits, stall_s=watch.limits.deadline_s)
        watch.start(clock())
        answer = asyncio.create_task(self._exchange(request, watch))
        try:
            while not answer.done():
                await asyncio.wait({answer}, timeout=TICK_S)
                watch.check(clock())
            return _result(answer.result())
        finally:
            answer.cancel()

    async def _exchange(self, request: Mapping[str, Any], watch: Watch) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        clock = asyncio.get_running_loop().time
        with contextlib.suppress(ConnectionError):  # it is gone: what it said last tells why
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            await self.process.stdin.drain()
        async for line in self.process.stdout:
            if line.startswith(b"{"):
                return line.decode()
            watch.line(line.decode("utf-8", "replace"), clock())
        raise self._died(await self.process.wait(), request["do"])

    def _died(self, code: int, work: str) -> MediaError | InternalError:
        stderr = (self.folder / "stderr").read_bytes()[-TAIL_BYTES:].decode("utf-8", "replace")
        return children.death(code, stderr, of=DOING.get(work, "working on it"))


def _result(answer: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(answer)
    if "error" in said:
        error = said["error"]
        kind: type[DailiesError] = getattr(errors, error["kind"])
        raise kind(error["message"], hint=error["hint"])
    return said
