"""The client factory: public addresses only, each name resolved by us and connected to by the checked number.

The guard sits where the socket is opened, so redirects pass through it like first requests, and a name that changes
its answer between check and use (DNS rebinding) cannot slip by: there is no second look-up. Host header, SNI and
certificate check keep the name.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cached_property

import anyio
import httpcore
import httpx

from lib.errors import InputError
from lib.net.address import Origin, is_public, origin_of

FRESH = "fresh_connection"
"""Request extension: open a new connection for it. On a kept one that the server is just closing, a request that was
never read would look like one whose answer got lost."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_MOST_REDIRECTS = 5


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses the system's resolver gives, in its order, each once."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def open_client(
    *,
    trusted: frozenset[Origin] = frozenset(),
    transport: httpx.AsyncBaseTransport | None = None,
    resolve: Resolve = resolve,
    backend: httpcore.AsyncNetworkBackend | None = None,
) -> httpx.AsyncClient:
    """A client that reaches public http(s) addresses, and the exact `trusted` origins whatever their address.

    A refused address raises InputError. Proxy settings of the environment are not used: a proxy would resolve names
    unseen. `transport` replaces the whole network, `resolve` and `backend` its two halves.
    """
    return httpx.AsyncClient(
        transport=transport or GuardedTransport(trusted, resolve, backend or httpcore.AnyIOBackend()),
        headers={"User-Agent": "Dailies/0.1", "Accept-Encoding": "identity"},
        follow_redirects=False,
        max_redirects=_MOST_REDIRECTS,
        trust_env=False,
    )


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends a request to the pool it may use: trusted or guarded, kept connections or a fresh one."""

    def __init__(self, trusted: frozenset[Origin], resolve: Resolve, backend: httpcore.AsyncNetworkBackend) -> None:
        self._trusted = frozenset(origin_of(one) for one in trusted)
        self._backends = {True: backend, False: GuardedBackend(resolve, backend)}
        self._pools: dict[tuple[str, bool, bool], _Pool] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        trust = origin_of(request.url) in self._trusted
        if request.url.userinfo:
            raise InputError("The address holds a user name or password.", hint="Remove the part before the @ sign.")
        pool = self._pool(request.url.scheme, trust, bool(request.extensions.get(FRESH)))
        return await pool.handle_async_request(request)

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    def _pool(self, scheme: str, trust: bool, fresh: bool) -> _Pool:
        key = (scheme, trust, fresh)
        if key not in self._pools:
            context = self._context if scheme == "https" else None
            self._pools[key] = _Pool(context, self._backends[trust], fresh)
        return self._pools[key]

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()


class _Pool(httpx.AsyncHTTPTransport):
    """httpx's own transport over a connection pool whose sockets we open."""

    def __init__(self, context: ssl.SSLContext | None, backend: httpcore.AsyncNetworkBackend, fresh: bool) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=100,
            max_keepalive_connections=0 if fresh else 20,
            keepalive_expiry=5.0,
            network_backend=backend,
        )


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens sockets to public addresses only."""

    def __init__(self, resolve: Resolve, inner: httpcore.AsyncNetworkBackend) -> None:
        self._resolve = resolve
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            with anyio.fail_after(timeout):
                addresses = await self._checked(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time") from error
        share = timeout / len(addresses) if timeout is not None else None
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue  # the next address of the same name
        return await self._inner.connect_tcp(addresses[-1], port, share, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("sockets of this machine are not reachable")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        if not addresses:
            raise httpcore.ConnectError(f"the name {host} has no address")
        if not all(is_public(address) for address in addresses):
            raise InputError(
                f"{host} is not an address on the public internet.",
                hint="Use a public https address, or upload the file instead.",
            )
        return addresses
