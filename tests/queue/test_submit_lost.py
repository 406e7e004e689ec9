"""A submit buys once: what arrived, for each way a line can break or never come about."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from lib.errors import (
    Unreachable,
)
from lib.net import open_client
from lib.queue.client import Hosts, QueueClient
from lib.queue.errors import may_have_been_accepted
from tests.net.diverted import PUBLIC, Diverted, Names, context_for
from tests.queue.conftest import KEY, QUICK, MakeClient
from tests.queue.server import accepted, http, raw_server

pytestmark = pytest.mark.anyio

ENDPOINT = "fal-ai/pixverse/extend/fast"
PATH = f"/{ENDPOINT}"


async def _cut(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _reset(request: bytes, writer: asyncio.StreamWriter) -> None:
    line: socket.socket = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _truncated(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(http(b'{"request_id": "r-', length=400))
    await writer.drain()
    writer.close()


async def _truncated_refusal(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(http(b'{"detail": "', "422 Unprocessable Content", length=400))
    await writer.drain()
    writer.close()


async def _half_a_head(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Ty")
    await writer.drain()
    writer.close()


async def _nonsense(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x16\x03\x01 what?\r\n\r\n")
    await writer.drain()
    writer.close()


async def _silent(request: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def _dribble(request: bytes, writer: asyncio.StreamWriter) -> None:
    """A byte every tenth of a second keeps a read timeout from ever coming."""
    writer.write(http(b"", length=1000))
    for _ in range(1000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    "behave", [_cut, _reset, _truncated, _truncated_refusal, _half_a_head, _nonsense, _silent, _dribble]
)
async def test_a_lost_answer_is_one_post(
    make_client: MakeClient,
    slept: list[float],
    behave: Callable[[bytes, asyncio.StreamWriter], object],
) -> None:
    """A request that was read and whose answer got lost, in any way, is one POST and may have been accepted."""
    async with raw_server(behave) as raw:  # type: ignore[arg-type]
        with pytest.raises(Unreachable) as caught:
            await make_client(raw.origin, QUICK).submit(ENDPOINT, {"prompt": "snow"})
        assert raw.posts == 1
    assert caught.value.sent
    assert may_have_been_accepted(caught.value)
    assert slept == []


async def test_a_refused_connection_is_tried_again_until_somebody_listens(slept: list[float]) -> None:
    """While nobody listens nothing is sent; once somebody does, exactly one POST arrives."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"

    async def accept(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(http(accepted(origin).body))
        await writer.drain()

    async with open_client(trusted=frozenset({origin})) as http_client:
        listening = raw_server(accept, port)
        raws = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == 2:
                raws.append(await listening.__aenter__())

        client = QueueClient(Hosts.at(origin), KEY, http_client, sleep=sleep)
        taken = await client.submit(ENDPOINT, {"prompt": "snow"})
        assert taken.request_id == "r-1"
        assert raws[0].posts == 1
        await listening.__aexit__(None, None, None)


async def test_nobody_listening_ends_as_not_sent(make_client: MakeClient, slept: list[float]) -> None:
    """A connection refused five times is an error that is certain that nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(Unreachable) as caught:
        await make_client(f"http://127.0.0.1:{port}").submit(ENDPOINT, {})
    assert not caught.value.sent
    assert not may_have_been_accepted(caught.value)
    assert len(slept) == 4
    assert slept == sorted(slept)


async def test_a_name_that_does_not_resolve_was_not_sent() -> None:
    """A name without an address is certain not to have been sent."""

    async def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def sleep(seconds: float) -> None:
        return None

    async with open_client(resolve=nowhere) as http_client:
        client = QueueClient(Hosts.at("https://queue.example"), KEY, http_client, sleep=sleep)
        with pytest.raises(Unreachable, match="name not found") as caught:
            await client.submit(ENDPOINT, {})
    assert not caught.value.sent


async def test_a_failed_tls_greeting_was_not_sent(make_client: MakeClient) -> None:
    """A server that speaks no TLS on an https address never sees the POST."""

    async def never(request: bytes, writer: asyncio.StreamWriter) -> None:
        raise AssertionError(request)

    async def answer_plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(answer_plainly, "127.0.0.1", 0)
    origin = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    with pytest.raises(Unreachable) as caught:
        await make_client(origin).submit(ENDPOINT, {})
    listener.close()
    await listener.wait_closed()
    assert not caught.value.sent


async def test_a_broken_tls_record_after_the_request_is_one_post(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rubbish on an encrypted line after the request was read is ambiguous like any other lost answer."""
    posts: list[bytes] = []

    async def spoil(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        posts.append(await reader.readuntil(b"\r\n\r\n"))
        os.write(writer.get_extra_info("socket").fileno(), b"this is no TLS record at all")
        writer.transport.abort()

    context = context_for("media.example", tmp_path / "cert.pem", [])
    listener = await asyncio.start_server(spoil, "127.0.0.1", 0, ssl=context)
    backend = Diverted(listener.sockets[0].getsockname()[1])
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    async with open_client(resolve=Names(media_example=[[PUBLIC]]), backend=backend) as http_client:
        client = QueueClient(Hosts.at("https://media.example"), KEY, http_client)
        with pytest.raises(Unreachable) as caught:
            await client.submit(ENDPOINT, {})
    listener.close()
    await listener.wait_closed()
    assert len(posts) == 1
    assert caught.value.sent


async def test_a_submit_never_rides_on_a_kept_connection(make_client: MakeClient) -> None:
    """A kept connection that the server closes on the next request costs no certainty: the POST has its own."""
    served: dict[asyncio.StreamWriter, int] = {}

    async def once_each(request: bytes, writer: asyncio.StreamWriter) -> None:
        served[writer] = served.get(writer, 0) + 1
        if served[writer] > 1:
            writer.transport.abort()
            return
        body = accepted("http://x").body if request.startswith(b"POST") else b'{"status": "IN_QUEUE"}'
        writer.write(http(body))
        await writer.drain()

    async with raw_server(once_each) as raw:
        client = make_client(raw.origin)
        for _ in range(3):
            await client.submit(ENDPOINT, {})
        await client.status(client.reference(ENDPOINT, "r-1"))
        await client.submit(ENDPOINT, {})
        assert raw.posts == 4
        assert raw.connections == 5
