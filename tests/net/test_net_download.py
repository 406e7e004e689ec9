"""Downloads: whole or not at all, capped in size and time."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from lib.errors import (
    AuthRefused,
    DailiesError,
    InputError,
    NoSpace,
    ProtocolError,
    ServerError,
    TooLarge,
    TooManyRequests,
    UnknownRequest,
    Unreachable,
)
from lib.net import Downloaded, Limits, download, open_client
from tests.queue.server import Behave, Raw, raw_server

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4000
LIMITS = Limits(max_bytes=2_000_000, connect_s=5.0, read_s=10.0, total_s=20.0)


def answer(body: bytes, head: str = "HTTP/1.1 200 OK", length: int | None = -1, close: bool = False) -> Behave:
    size = "" if length is None else f"Content-Length: {len(body) if length == -1 else length}\r\n"

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{head}\r\n{size}\r\n".encode() + body)
        await writer.drain()
        if close:
            writer.close()

    return behave


async def fetch(behave: Behave, to: Path, limits: Limits = LIMITS, query: str = "") -> tuple[Downloaded, Raw]:
    async with raw_server(behave) as raw, open_client(trusted=frozenset({raw.origin})) as client:
        return await download(client, f"{raw.origin}/clip{query}", to, limits=limits), raw


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "clip.part"


async def test_a_file_arrives_whole(part: Path) -> None:
    """Bytes, length, hash and the type told by the bytes; plain bytes are asked for."""
    got, raw = await fetch(answer(PNG, "HTTP/1.1 200 OK\r\nContent-Type: video/mp4"), part)
    assert part.read_bytes() == PNG
    assert got == Downloaded(len(PNG), hashlib.sha256(PNG).hexdigest(), "image/png")
    assert b"Accept-Encoding: identity\r\n" in raw.requests[0]
    assert b"authorization" not in raw.requests[0].lower()


async def test_progress_is_told(part: Path) -> None:
    """Progress grows to the total, which is None where the server does not say it."""
    for length, total in ((-1, len(PNG)), (None, None)):
        steps: list[tuple[int, int | None]] = []

        def note(size_bytes: int, of: int | None, steps: list[tuple[int, int | None]] = steps) -> None:
            steps.append((size_bytes, of))

        behave = answer(PNG, length=length, close=True)
        async with raw_server(behave) as raw, open_client(trusted=frozenset({raw.origin})) as client:
            await download(client, raw.origin, part, limits=LIMITS, on_progress=note)
        assert steps == sorted(steps)
        assert steps[-1] == (len(PNG), total)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("HTTP/1.1 404 Not Found", UnknownRequest),
        ("HTTP/1.1 410 Gone", UnknownRequest),
        ("HTTP/1.1 401 Unauthorized", AuthRefused),
        ("HTTP/1.1 403 Forbidden", AuthRefused),
        ("HTTP/1.1 429 Too Many", TooManyRequests),
        ("HTTP/1.1 408 Timeout", ServerError),
        ("HTTP/1.1 500 Oops", ServerError),
        ("HTTP/1.1 503 Busy", ServerError),
        ("HTTP/1.1 204 No Content", ProtocolError),
        ("HTTP/1.1 206 Partial Content", ProtocolError),
        ("HTTP/1.1 418 Teapot", ProtocolError),
    ],
)
async def test_every_other_answer_is_an_error(part: Path, head: str, kind: type[DailiesError]) -> None:
    """What is not the whole file leaves no file, and the message does not show a signature."""
    with pytest.raises(kind) as caught:
        await fetch(answer(b"" if "204" in head else b"x", head), part, query="?signature=abc")
    assert type(caught.value) is kind
    assert not part.exists()
    assert "signature" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("cut", [0, 1000, len(PNG) - 1])
async def test_a_file_cut_short_is_no_file(part: Path, cut: int) -> None:
    """A line that breaks before the announced length is an error that may be tried again."""
    with pytest.raises(Unreachable):
        await fetch(answer(PNG[:cut], length=len(PNG), close=True), part)
    assert not part.exists()


async def test_an_announced_size_over_the_cap_is_refused_unread(part: Path) -> None:
    """A length above the cap is refused before the body."""
    with pytest.raises(TooLarge):
        await fetch(answer(b"", length=10**12), part)
    assert not part.exists()


async def test_an_unannounced_size_is_cut_at_the_cap(part: Path) -> None:
    """A body that never ends is cut off at the cap."""
    sent = 0

    async def endless(request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(bytes(65536))
            sent += 65536
            await writer.drain()

    with pytest.raises(TooLarge):
        await fetch(endless, part)
    assert sent < 20_000_000
    assert not part.exists()


async def test_a_compressed_body_is_refused(part: Path) -> None:
    """A small body that would unpack to a gigabyte is not unpacked."""
    bomb = gzip.compress(bytes(5_000_000))
    with pytest.raises(ProtocolError, match="compressed"):
        await fetch(answer(bomb, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip"), part)
    assert not part.exists()


async def test_a_trickle_ends_with_the_total_time(part: Path) -> None:
    """A server that sends a byte now and then is given up after the total time."""

    async def trickle(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    with pytest.raises(Unreachable, match="in time"):
        await fetch(trickle, part, Limits(max_bytes=10**6, read_s=5.0, total_s=0.3))
    assert not part.exists()


async def test_silence_ends_with_the_read_time(part: Path) -> None:
    """A server that stops sending is given up after the read time."""

    async def stall(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nxxx")
        await writer.drain()
        await asyncio.sleep(30)

    with pytest.raises(Unreachable, match="in time"):
        await fetch(stall, part, Limits(max_bytes=10**6, read_s=0.2, total_s=10.0))
    assert not part.exists()


@pytest.mark.parametrize("url", ["ftp://a/b", "http://", "nonsense", "http://a:b", "http://[::1", "http://10.0.0.1/x"])
async def test_an_address_that_may_not_be_opened(part: Path, url: str) -> None:
    """Wrong, foreign and private addresses are said to be so, with a hint."""
    async with open_client() as client:
        with pytest.raises(InputError) as caught:
            await download(client, url, part)
    assert caught.value.hint
    assert not part.exists()


async def test_a_full_disk_is_said() -> None:
    """Writing to a device without space gives NoSpace."""

    class Full(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, stream=Bytes())

    class Bytes(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield bytes(100_000)

    class Device(type(Path())):  # type: ignore[misc]
        def unlink(self, missing_ok: bool = False) -> None:
            """A test must not remove the device."""

    async with open_client(transport=Full()) as client:
        with pytest.raises(NoSpace):
            await download(client, "https://media.example/x", Device("/dev/full"))


async def test_giving_up_leaves_nothing(part: Path) -> None:
    """A cancelled download removes what it had."""
    begun = asyncio.Event()

    async def stall(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nxxx")
        await writer.drain()
        await asyncio.sleep(30)

    async with raw_server(stall) as raw, open_client(trusted=frozenset({raw.origin})) as client:
        work = asyncio.ensure_future(download(client, raw.origin, part, on_progress=lambda _size, _of: begun.set()))
        await begun.wait()
        assert part.exists()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
    assert not part.exists()
