"""The body of an upload's request, in blocks to the disk: never whole in memory, and nothing lost that came."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
from starlette.requests import ClientDisconnect

from lib.errors import DailiesError
from lib.studio.incoming import Writer

P = ParamSpec("P")
T = TypeVar("T")
BLOCK_BYTES = 1 << 20
DRAINED_BYTES = 64 << 20
STALLED_S = 30.0
"""A connection that died without a word keeps its upload locked for so long."""


class Refused(DailiesError):
    """A request that the protocol answers with a status of its own."""

    def __init__(self, status: int, message: str, *, hint: str = "Choose the file again.") -> None:
        super().__init__(message, hint=hint)
        self.status = status


async def write(writer: Writer, body: AsyncGenerator[bytes, None], left: int) -> None:
    """Up to `left` bytes; of a body that holds more, none."""
    try:
        async with aclosing(_blocks(body)) as blocks:
            async for block in blocks:
                left -= len(block)
                if left < 0:
                    await thread(writer.take_back)
                    raise Refused(413, "More bytes came than were announced.")
                await thread(writer.write, block)
    finally:
        with anyio.CancelScope(shield=True):
            await thread(writer.close)


async def _blocks(body: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The body in blocks of about a megabyte. Where it breaks off, what came before that comes first."""
    block, lost = bytearray(), None
    try:
        while chunk := await _next(body):
            block += chunk
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
    except (ClientDisconnect, TimeoutError) as error:
        lost = error
    if block:
        yield bytes(block)
    if lost is not None:
        raise Refused(408, "The connection was lost.", hint="The upload goes on where it was.") from lost


async def _next(body: AsyncGenerator[bytes, None]) -> bytes:
    with anyio.fail_after(STALLED_S):
        return await anext(body, b"")


async def drain(body: AsyncGenerator[bytes, None]) -> None:
    """Reads on for a while: a browser that is still sending sees a broken connection in place of an answer."""
    left = DRAINED_BYTES
    try:
        while left > 0 and (chunk := await _next(body)):
            left -= len(chunk)
    except (ClientDisconnect, TimeoutError):
        return


async def thread(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """What blocks, off the event loop."""
    return await anyio.to_thread.run_sync(partial(work, *given, **named))
