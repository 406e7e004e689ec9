"""Live or stand-in behind one face: a client and how far its list of requests can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import httpx

from lib.queue.client import QueueClient
from lib.queue.hosts import Hosts

STANDIN_KEY = "rehearsal:rehearsal"
"""The stand-in wants some key; it is never given the real one."""


@dataclass(frozen=True, slots=True)
class Provider:
    """`list_complete_after_s`: once this long after a submit, its absence from the list proves that nothing was
    accepted. None where nothing is promised.
    """

    mode: Literal["live", "rehearsal"]
    client: QueueClient
    list_complete_after_s: float | None


def live_provider(key: str, http: httpx.AsyncClient, origin: str | None = None) -> Provider:
    """The real provider, or whoever speaks for it at `origin`. Its list may show finished requests only."""
    hosts = Hosts.at(origin) if origin else Hosts.live()
    return Provider("live", QueueClient(hosts, key, http), None)


async def standin_provider(origin: str, http: httpx.AsyncClient) -> Provider:
    """The stand-in at `origin`, asked what it promises. `http` must trust that origin. Raises Unreachable."""
    client = QueueClient(Hosts.at(origin), STANDIN_KEY, http)
    info = (await client.wire.get(f"{client.hosts.site}/_standin/info", key=False)).json()
    found = info.get("list_complete_after_s")
    return Provider("rehearsal", client, float(found) if isinstance(found, (int, float)) else None)
