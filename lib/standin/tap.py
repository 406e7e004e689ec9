"""The raw connection under an answer: hold it half way, swallow it, or cut it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class Line(H11Protocol):
    """uvicorn's own protocol, which also tells the application its transport (in scope["state"])."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


async def cut(scope: Scope, receive: Receive, *, flush: bool = False) -> None:
    """Closes the connection; with `flush` what was written before still goes out. Returns when it is closed."""
    transport: asyncio.Transport = scope["state"]["transport"]
    if flush:
        transport.close()
    else:
        transport.abort()
    await gone(receive)


async def gone(receive: Receive) -> None:
    """Returns when the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        continue


async def first_of(one: Awaitable[Any], other: Awaitable[Any]) -> bool:
    """Waits for either; True when `one` has ended."""
    waits = [asyncio.ensure_future(one), asyncio.ensure_future(other)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return waits[0].done()
    finally:
        for wait in waits:
            wait.cancel()


async def buffered(receive: Receive) -> tuple[Receive, bool]:
    """The whole body, ready to be received again, and whether it arrived whole."""
    messages: list[Message] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return receive, False
        messages.append(message)
        if not message.get("more_body", False):
            break

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return again, True


class Swallow:
    """A `send` that keeps the answer to itself."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)


class HalfWay:
    """A `send` that does something when half of the body is out, and then sends the rest, or nothing more."""

    def __init__(self, send: Send, act: Callable[[], Awaitable[Any]], *, then: Literal["rest", "nothing"]) -> None:
        self._send = send
        self._act = act
        self._then = then
        self._left: int | None = None
        self._acted = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            length = dict(message["headers"]).get(b"content-length")
            self._left = int(length) // 2 if length else None
        if message["type"] != "http.response.body":
            await self._send(message)
        elif self._acted:
            await self._rest(message)
        else:
            await self._until_half(message)

    async def _until_half(self, message: Message) -> None:
        body: bytes = message.get("body", b"")
        # Without a length (a stream of events) the first piece counts as the half.
        at = len(body) if self._left is None else self._left
        if len(body) < at:
            self._left = at - len(body)
            await self._send(message)
            return
        await self._send({"type": "http.response.body", "body": body[:at], "more_body": True})
        self._acted = True
        await self._act()
        await self._rest({**message, "body": body[at:]})

    async def _rest(self, message: Message) -> None:
        if self._then == "rest":
            await self._send(message)
