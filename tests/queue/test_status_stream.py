"""The status as server-sent events."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.responses import JSONResponse, Response

from lib.errors import ProtocolError, UnknownRequest, Unreachable
from lib.net import Limits
from lib.queue.client import QueueClient
from lib.queue.status import Completed, InProgress, Queued
from lib.queue.stream import events
from tests.queue.conftest import KEY, MakeClient
from tests.queue.server import Server, raw_server

pytestmark = pytest.mark.anyio

ENDPOINT = "fal-ai/pixverse/extend/fast"
STREAM = "/fal-ai/pixverse/requests/r-1/status/stream"
QUEUED = json.dumps({"status": "IN_QUEUE", "queue_position": 1})
RUNNING = json.dumps({"status": "IN_PROGRESS", "logs": [{"message": "½"}]}, ensure_ascii=False)
DONE = json.dumps({"status": "COMPLETED", "logs": None, "metrics": {}})


def sse(text: str) -> Response:
    return Response(text.encode(), media_type="text/event-stream")


async def _states(client: QueueClient) -> list[object]:
    return [status async for status in client.stream(client.reference(ENDPOINT, "r-1"))]


@pytest.mark.parametrize(
    "text",
    [
        f"data: {QUEUED}\n\ndata: {RUNNING}\n\ndata: {DONE}\n\n",
        f"data: {QUEUED}\r\n\r\ndata: {RUNNING}\r\n\r\ndata: {DONE}\r\n\r\n",
        f": hello\n\nevent: status\nid: 1\ndata:{QUEUED}\n\n:\n\ndata: {RUNNING}\n\ndata: {DONE}\n\ndata: unread\n\n",
        f"data: {QUEUED}\n\ndata: {RUNNING}\n\ndata: {DONE}",
    ],
    ids=["plain", "crlf", "comments", "no last blank line"],
)
async def test_each_event_is_a_status_until_completed(client: QueueClient, server: Server, text: str) -> None:
    """Events in every legal dress give the same three states, and nothing is read after the last."""
    server.on("GET", STREAM, sse(text))
    queued, running, done = await _states(client)
    assert queued == Queued(1)
    assert isinstance(running, InProgress)
    assert running.logs[0].message == "½"
    assert done == Completed()
    assert server.last("GET").headers["accept"] == "text/event-stream"
    assert server.last("GET").headers["authorization"] == f"Key {KEY}"
    assert server.last("GET").query == {"logs": "1"}


async def test_an_event_over_several_lines_is_one(client: QueueClient, server: Server) -> None:
    """Data lines of one event are joined."""
    server.on("GET", STREAM, sse('data: {"status":\ndata: "COMPLETED"}\n\n'))
    assert await _states(client) == [Completed()]


async def test_a_stream_that_ends_early_is_unreachable(client: QueueClient, server: Server) -> None:
    """An end before Completed is an error that may be tried again, after the states so far."""
    server.on("GET", STREAM, sse(f"data: {QUEUED}\n\n"))
    states = client.stream(client.reference(ENDPOINT, "r-1"))
    assert await anext(states) == Queued(1)
    with pytest.raises(Unreachable):
        await anext(states)


@pytest.mark.parametrize("text", ["data: nonsense\n\n", "data: [1]\n\n"])
async def test_an_event_that_is_no_status_is_a_protocol_error(client: QueueClient, server: Server, text: str) -> None:
    """What is not a JSON object is said, not skipped."""
    server.on("GET", STREAM, sse(text))
    with pytest.raises(ProtocolError):
        await _states(client)


async def test_a_refused_stream_is_translated(client: QueueClient, server: Server) -> None:
    """A stream of an unknown request is a 404 like any other."""
    server.on("GET", STREAM, JSONResponse({"status": "NOT_FOUND"}, 404))
    with pytest.raises(UnknownRequest):
        await _states(client)


async def test_states_arrive_while_the_stream_is_open(make_client: MakeClient) -> None:
    """A state is given when its event is complete, although bytes come split at bad places and no end is in sight."""
    given = asyncio.Event()

    async def slowly(request: bytes, writer: asyncio.StreamWriter) -> None:
        data = f"data: {RUNNING}\n\n".encode()
        cut = data.index("½".encode()) + 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + data[:cut])
        await writer.drain()
        writer.write(data[cut:])
        await writer.drain()
        await given.wait()
        writer.write(f"data: {DONE}\n\n".encode())
        await writer.drain()

    async with raw_server(slowly) as raw:
        client = make_client(raw.origin)
        states = client.stream(client.reference(ENDPOINT, "r-1"))
        first = await anext(states)
        assert isinstance(first, InProgress)
        assert first.logs[0].message == "½"
        given.set()
        assert await anext(states) == Completed()
        await states.aclose()


async def test_a_line_without_end_is_cut_off(make_client: MakeClient) -> None:
    """A stream that sends one endless line does not fill the memory."""

    async def endless(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            await writer.drain()

    async with raw_server(endless) as raw:
        wire = make_client(raw.origin).wire
        with pytest.raises(ProtocolError, match="too large"):
            await anext(events(wire, f"{raw.origin}/s", {}, Limits(max_bytes=500_000, read_s=10.0)))
