"""The guard where sockets are opened: names, redirects, rebinding, trusted origins."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpcore
import httpx
import pytest

from lib.errors import InputError
from lib.net import FRESH, open_client
from lib.net.client import GuardedBackend
from tests.net.diverted import PUBLIC, Diverted, Names, context_for
from tests.queue.server import Behave, Raw, raw_server

pytestmark = pytest.mark.anyio


def saying(*answers: bytes) -> Behave:
    left = list(answers)

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    return behave


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def to(location: str, code: int = 302) -> bytes:
    return f"HTTP/1.1 {code} Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


@asynccontextmanager
async def diverted(behave: Behave, names: Names) -> AsyncIterator[tuple[httpx.AsyncClient, Diverted, Raw]]:
    async with raw_server(behave) as raw:
        backend = Diverted(int(raw.origin.rsplit(":", 1)[1]))
        async with open_client(resolve=names, backend=backend) as client:
            yield client, backend, raw


async def test_a_public_name_is_connected_by_its_checked_number() -> None:
    """The socket goes to the very address that was checked, and the server still hears the name."""
    names = Names(media_example=[[PUBLIC]])
    async with diverted(saying(OK), names) as (client, backend, raw):
        assert (await client.get("http://media.example/a")).text == "ok"
    assert backend.asked == [(PUBLIC, 80)]
    assert b"Host: media.example\r\n" in raw.requests[0]


async def test_rebinding_cannot_pass() -> None:
    """A name that is public when checked and private a moment later is resolved once, so the later answer is moot."""
    names = Names(evil_example=[[PUBLIC], ["127.0.0.1"]])
    async with diverted(saying(OK), names) as (client, backend, _):
        await client.get("http://evil.example/")
        assert names.asked == ["evil.example"]
        assert backend.asked == [(PUBLIC, 80)]
        with pytest.raises(InputError, match="not an address on the public internet"):
            await client.get("http://evil.example/", extensions={FRESH: True})
    assert backend.asked == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1"], ["::ffff:169.254.169.254"], ["64:ff9b::a00:1"]]
)
async def test_a_name_with_any_private_address_is_refused(addresses: list[str]) -> None:
    """One private address among the answers is enough, and no socket is opened."""
    async with diverted(saying(OK), Names(x_example=[addresses])) as (client, backend, _):
        with pytest.raises(InputError):
            await client.get("http://x.example/")
    assert backend.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://0/",
    ],
)
async def test_this_machine_is_refused_by_every_name(url: str) -> None:
    """With the system's own resolver, no spelling of loopback gets through."""
    async with open_client() as client:
        with pytest.raises((InputError, httpx.ConnectError)):
            await client.get(url)


async def test_a_listener_on_loopback_sees_nothing() -> None:
    """A server that really listens gets no connection from a client that does not trust it."""
    async with raw_server(saying(OK)) as raw:
        async with open_client() as client:
            for host in ("127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"):
                with pytest.raises((InputError, httpx.ConnectError)):
                    await client.get(f"http://{host}:{raw.origin.rsplit(':', 1)[1]}/")
        assert raw.connections == 0


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/", "http://inner.example/", "https://[::1]/", "//169.254.169.254/x"]
)
async def test_a_redirect_inwards_is_refused(target: str) -> None:
    """Each hop passes the guard: a public address that redirects inwards ends there."""
    names = Names(media_example=[[PUBLIC]], inner_example=[["192.168.1.1"]])
    async with diverted(saying(to(target)), names) as (client, backend, raw):
        with pytest.raises(InputError):
            await client.get("http://media.example/", follow_redirects=True)
        assert len(raw.requests) == 1
    assert [host for host, _ in backend.asked] == [PUBLIC]


async def test_redirects_between_public_addresses_are_followed_but_not_for_ever() -> None:
    """One hop is followed when asked for, a circle ends, and without asking none is followed."""
    names = Names(a_example=[[PUBLIC]], b_example=[["93.184.216.35"]])
    async with diverted(saying(to("http://b.example/"), OK), names) as (client, backend, _):
        assert (await client.get("http://a.example/", follow_redirects=True)).text == "ok"
        assert [host for host, _ in backend.asked] == [PUBLIC, "93.184.216.35"]
    async with diverted(saying(to("http://a.example/")), names) as (client, _, raw):
        with pytest.raises(httpx.TooManyRedirects):
            await client.get("http://a.example/", follow_redirects=True)
        assert len(raw.requests) == 6
        assert (await client.get("http://a.example/")).status_code == 302


async def test_the_next_address_is_tried() -> None:
    """A name with a dead address and a living one is reached by the living one."""
    names = Names(media_example=[["198.41.0.4", PUBLIC]])
    async with diverted(saying(OK), names) as (client, backend, _):
        assert (await client.get("http://media.example/")).text == "ok"
    assert [host for host, _ in backend.asked] == ["198.41.0.4", PUBLIC]


async def test_only_the_exact_origin_is_trusted() -> None:
    """Scheme, host and port must all be the trusted ones; a redirect from it elsewhere on loopback is refused."""
    async with raw_server(saying(OK)) as other:
        async with raw_server(saying(OK, to(other.origin))) as raw:
            port = raw.origin.rsplit(":", 1)[1]
            async with open_client(trusted=frozenset({raw.origin})) as client:
                assert (await client.get(f"{raw.origin}/x")).text == "ok"
                for url in (other.origin, f"https://127.0.0.1:{port}", f"http://localhost:{port}", "http://127.0.0.1"):
                    with pytest.raises(InputError):
                        await client.get(url)
                with pytest.raises(InputError):
                    await client.get(f"{raw.origin}/away", follow_redirects=True)
        assert other.connections == 0


@pytest.mark.parametrize("url", ["http://user:pass@media.example/", "http://key@media.example/"])
async def test_user_names_in_addresses_are_refused(url: str) -> None:
    """Nobody's password is sent because it stood in a pasted address."""
    async with diverted(saying(OK), Names(media_example=[[PUBLIC]])) as (client, backend, _):
        with pytest.raises(InputError):
            await client.get(url)
    assert backend.asked == []


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve names unseen; the variables that name one do nothing."""
    async with raw_server(saying(OK)) as raw:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, raw.origin)
        async with open_client() as client:
            with pytest.raises(InputError):
                await client.get("http://10.0.0.1/")
        assert raw.connections == 0


async def test_a_slow_resolver_is_a_connect_timeout() -> None:
    """Looking up a name counts as connecting, with its time limit."""

    async def stuck(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(30)
        return []

    async with open_client(resolve=stuck) as client:
        with pytest.raises(httpx.ConnectTimeout):
            await client.get("http://media.example/", timeout=0.1)


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), UnicodeError("label too long"), None])
async def test_a_name_without_address_is_a_connect_error(error: Exception | None) -> None:
    """Names that cannot be looked up, for any reason, are connect errors: nothing was sent."""

    async def nowhere(host: str, port: int) -> Sequence[str]:
        if error is not None:
            raise error
        return []

    async with open_client(resolve=nowhere) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://media.example/")


async def test_sockets_of_this_machine_are_closed_too() -> None:
    """The guarded backend opens no Unix socket."""
    with pytest.raises(httpcore.ConnectError):
        await GuardedBackend(Names(), httpcore.AnyIOBackend()).connect_unix_socket("/run/x.sock")


async def test_tls_keeps_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over TLS the name is sent and the certificate checked against it, although the socket goes to a number."""
    heard: list[str | None] = []
    context = context_for("media.example", tmp_path / "cert.pem", heard)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    backend = Diverted(listener.sockets[0].getsockname()[1])
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    names = Names(media_example=[[PUBLIC]], other_example=[[PUBLIC]])
    async with open_client(resolve=names, backend=backend) as client:
        assert (await client.get("https://media.example/")).text == "ok"
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await client.get("https://other.example/")
    listener.close()
    await listener.wait_closed()
    assert heard == ["media.example", "other.example"]
    assert backend.asked == [(PUBLIC, 443)] * 2
