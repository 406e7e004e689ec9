"""Live or stand-in for a run, by its mode; each with an HTTP client that trusts nothing but that provider."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import httpx

from lib.errors import MissingKey
from lib.net import open_client
from lib.queue.provider import Provider, live_provider, standin_provider
from lib.settings import Settings, fal_key
from lib.store.views import Mode
from lib.worker.launch import ensure_standin


class Providers:
    """The key is looked up anew each time, and the stand-in is started when it is not there."""

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._transport = transport
        self._clients: dict[str | None, httpx.AsyncClient] = {}
        self._standin: str | None = None
        self._starting = asyncio.Lock()

    async def get(self, mode: Mode) -> Provider:
        """Raises MissingKey for live without a key, Unreachable or SettingsError when the stand-in does not answer."""
        if mode == "rehearsal":
            async with self._starting:  # one at a time: of many steps that miss it the first one starts it
                self._standin = await asyncio.to_thread(ensure_standin, self._settings)
            return await standin_provider(self._standin, self.http(mode))
        key = fal_key()
        if key is None:
            raise MissingKey(
                "Live needs a key, and FAL_KEY is not set.", hint="Set FAL_KEY and start the worker again."
            )
        return live_provider(key, self.http(mode), self._settings.fal_origin)

    def http(self, mode: Mode) -> httpx.AsyncClient:
        """A client that reaches public addresses, and the one origin of this mode's provider if it is not public."""
        origin = self._standin if mode == "rehearsal" else self._settings.fal_origin
        if origin not in self._clients:
            trusted = frozenset({origin}) if origin else frozenset()
            self._clients[origin] = open_client(trusted=trusted, transport=self._transport)
        return self._clients[origin]

    def public(self) -> httpx.AsyncClient:
        """For addresses that people paste: nothing is trusted."""
        if None not in self._clients:
            self._clients[None] = open_client(transport=self._transport)
        return self._clients[None]

    def clients(self) -> Iterable[httpx.AsyncClient]:
        """Every client that was opened; whoever ends politely closes them."""
        return tuple(self._clients.values())
