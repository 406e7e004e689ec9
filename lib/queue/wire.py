"""One exchange with the provider: the key only where it belongs, every wait bounded, GETs sent again."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx

from lib.errors import DailiesError, MissingKey, ProtocolError, ServerError, TooManyRequests, Unreachable
from lib.net import FRESH, TRANSPORT_ERRORS, Limits, unreachable
from lib.queue.errors import Answer, refusal
from lib.queue.hosts import Hosts

Sleep = Callable[[float], Awaitable[None]]
Content = bytes | AsyncIterator[bytes] | None
API_LIMITS = Limits(max_bytes=64 * 1024**2, connect_s=10.0, read_s=60.0, total_s=120.0)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often something is tried in all, and the waits between: doubled, capped, spread by half."""

    tries: int = 5
    first_s: float = 0.5
    most_s: float = 10.0
    most_asked_s: float = 60.0

    def wait_s(self, failed: int, rng: random.Random, asked_s: float | None) -> float:
        """Seconds to wait after the `failed`-th failure; what Retry-After asked for counts up to its own cap."""
        own_s: float = min(self.most_s, self.first_s * 2 ** (failed - 1)) * rng.uniform(0.5, 1.5)
        return max(own_s, min(asked_s or 0.0, self.most_asked_s))


class Wire:
    """Sends requests and reads complete answers. It never shows its key, and gives it to configured hosts only."""

    def __init__(
        self,
        hosts: Hosts,
        key: str,
        http: httpx.AsyncClient,
        *,
        sleep: Sleep,
        rng: random.Random,
        backoff: Backoff,
        limits: Limits,
    ) -> None:
        self.hosts = hosts
        self._key = _checked_key(key)
        self._http = http
        self._sleep = sleep
        self._rng = rng
        self._backoff = backoff
        self._limits = limits

    def __repr__(self) -> str:
        return f"Wire({self.hosts.queue})"

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: Content = None,
        params: Mapping[str, Any] | None = None,
        limits: Limits | None = None,
        fresh: bool = False,
        key: bool = True,
    ) -> httpx.Request:
        """A request with the key, if it may have it; a `fresh` one gets a connection of its own."""
        sent = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
        if key and self._key and self.hosts.takes_key(url):
            sent["Authorization"] = f"Key {self._key}"
        timeout = (limits or self._limits).timeout
        built = self._http.build_request(method, url, headers=sent, content=content, params=params, timeout=timeout)
        built.extensions = {**built.extensions, FRESH: fresh}
        return built

    async def once(self, method: str, url: str, *, limits: Limits | None = None, **parts: Any) -> Answer:
        """The answer to one request (`parts` as in `request`), whatever it says, within `limits`.

        Raises Unreachable, or ProtocolError for an answer that is too large.
        """
        limits = limits or self._limits
        request = self.request(method, url, limits=limits, **parts)
        try:
            with anyio.fail_after(limits.total_s):
                async with self.opened(request) as response:
                    return await self.answer(request, response, limits.max_bytes)
        except TimeoutError as error:
            raise unreachable(error, named(request)) from error

    async def get(self, url: str, *, final: Callable[[Answer], bool] | None = None, **options: Any) -> Answer:
        """A GET, sent again while that may help; gives 2xx answers and those that are `final`, raises the rest."""

        async def send() -> Answer:
            answer = await self.once("GET", url, **options)
            if answer.ok or (final is not None and final(answer)):
                return answer
            raise refusal(answer)

        return await self.again(send, lambda error: error.retryable)

    async def again(self, send: Callable[[], Awaitable[Answer]], worth: Callable[[DailiesError], bool]) -> Answer:
        """What `send` gives, tried again after errors that are `worth` it; the last error stays."""
        for failed in range(1, self._backoff.tries):
            try:
                return await send()
            except (Unreachable, ServerError, TooManyRequests, ProtocolError) as error:
                if not worth(error):
                    raise
                asked_s = error.after_s if isinstance(error, TooManyRequests) else None
            await self._sleep(self._backoff.wait_s(failed, self._rng, asked_s))
        return await send()

    async def pause(self, seconds: float) -> None:
        """Waits about that long: half a tenth more or less, so that many clients do not ask in step."""
        await self._sleep(seconds * self._rng.uniform(0.9, 1.1))

    @asynccontextmanager
    async def opened(self, request: httpx.Request) -> AsyncIterator[httpx.Response]:
        """A response whose body is read by the caller."""
        try:
            response = await self._http.send(request, stream=True, follow_redirects=False)
            try:
                yield response
            finally:
                await response.aclose()
        except TRANSPORT_ERRORS as error:
            raise unreachable(error, named(request)) from error

    async def answer(self, request: httpx.Request, response: httpx.Response, max_bytes: int) -> Answer:
        """The response read to its end."""
        body = await _read(response, max_bytes, named(request))
        return Answer(response.status_code, response.headers, self.hide(body), named(request, response))

    def hide(self, body: bytes) -> bytes:
        """The same without the key: a server may quote it in an error, and it must reach no message and no log."""
        return body.replace(self._key.encode(), b"[key]") if self._key else body


def named(request: httpx.Request, response: httpx.Response | None = None) -> str:
    """ "POST https://host/path (request id)": for messages, without the query, which may hold tokens."""
    url = request.url.copy_with(query=None, fragment=None)
    found = response.headers.get("x-fal-request-id", "") if response is not None else ""
    return f"{request.method} {url}" + (f" ({found[:80]})" if found else "")


async def _read(response: httpx.Response, max_bytes: int, request: str) -> bytes:
    parts, size_bytes = [], 0
    async for part in response.aiter_bytes():
        size_bytes += len(part)
        if size_bytes > max_bytes:
            raise ProtocolError("The provider's answer is too large.", hint="Try again later.", request=request)
        parts.append(part)
    return b"".join(parts)


def _checked_key(key: str) -> str:
    """The key without blanks around it. A wrong character would be quoted by the HTTP library's error."""
    stripped = key.strip()
    if not all("!" <= char <= "~" for char in stripped):
        raise MissingKey("The key holds characters that no key has.", hint="Copy FAL_KEY again, without line breaks.")
    return stripped
