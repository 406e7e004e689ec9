"""Server-sent events: one JSON object each."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

import httpx

from lib.errors import ProtocolError
from lib.net import Limits
from lib.queue.errors import refusal
from lib.queue.wire import Wire, named

STREAM_LIMITS = Limits(max_bytes=8 * 1024**2)
"""`max_bytes` holds for one event; a stream that is silent for `read_s` counts as broken. There is no total: requests
take as long as they take, and whoever listens can stop.
"""


async def events(
    wire: Wire, url: str, params: Mapping[str, Any], limits: Limits = STREAM_LIMITS
) -> AsyncGenerator[dict[str, Any], None]:
    """Each event's object. Ends with the stream; raises Unreachable, the refusals, and ProtocolError."""
    request = wire.request("GET", url, headers={"Accept": "text/event-stream"}, params=params, limits=limits)
    async with wire.opened(request) as response:
        if response.status_code != httpx.codes.OK:
            raise refusal(await wire.answer(request, response, limits.max_bytes))
        async for data in _data(response, limits.max_bytes, named(request)):
            yield _object(wire.hide(data.encode()), named(request))


async def _data(response: httpx.Response, max_bytes: int, request: str) -> AsyncIterator[str]:
    """The text of each event: its data lines joined. Comments, names, ids and events without data are left out."""
    lines: list[str] = []
    async for line in _lines(response, max_bytes, request):
        if line.startswith("data:"):
            lines.append(line[5:].removeprefix(" "))
        elif not line and lines:
            yield "\n".join(lines)
            lines = []
        if sum(map(len, lines)) > max_bytes:
            raise _too_long(request)
    if lines:
        yield "\n".join(lines)


async def _lines(response: httpx.Response, max_bytes: int, request: str) -> AsyncIterator[str]:
    rest = b""
    async for chunk in response.aiter_bytes():
        *whole, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
        if len(rest) > max_bytes:
            raise _too_long(request)
    if rest:
        yield rest.decode("utf-8", "replace")


def _object(data: bytes, request: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _not_understood(data, request) from error
    if not isinstance(found, dict):
        raise _not_understood(data, request)
    return found


def _not_understood(data: bytes, request: str) -> ProtocolError:
    message, body = "The stream of the request's status is not understood.", data[:500].decode("utf-8", "replace")
    return ProtocolError(message, hint="Ask again.", request=request, body=body)


def _too_long(request: str) -> ProtocolError:
    return ProtocolError("The stream of the request's status is too large.", hint="Ask again.", request=request)
