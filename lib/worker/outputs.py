"""From a provider's answer to a take: each file fetched at once, checked, hashed and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from lib.catalog.operation import Operation
from lib.errors import BadMedia
from lib.media.probe import probe
from lib.net import Limits, download
from lib.queue.provider import Provider
from lib.store import Store
from lib.store.views import Asset
from lib.worker.providers import Providers

RESULT_LIMITS = Limits(max_bytes=4 << 30, total_s=3600)
OnFraction = Callable[[float | None], None]


class Outputs:
    """Files arrive as `.part` and are renamed when they are whole; the ones that are known are not fetched again."""

    def __init__(self, store: Store, providers: Providers) -> None:
        self._store = store
        self._providers = providers

    async def fetch(
        self, made: Operation, output: dict[str, Any], provider: Provider, name: str, tell: OnFraction
    ) -> dict[str, Any]:
        """The same output, each file with its "asset". Raises BadMedia where it is not what was promised."""
        output |= {name: {"url": output[name]} for name in made.media_out() if isinstance(output.get(name), str)}
        files = list(_files(output))
        if made.media_out() and not files:
            raise BadMedia(f"{made.id} returned no file.", hint="Try again; if it happens again, tell fal.")
        for path, file in files:
            mark = made.media_out().get(path.split(".")[0])
            asset = await self._fetch(file["url"], provider, f"{name}-{path.split('.')[0]}", tell)
            if mark is not None and asset.kind != mark.kind:
                raise BadMedia(f"{made.id} returned {asset.kind} where a {mark.kind} was promised.", hint="Try again.")
            file["asset"] = asset.sha256
        return output

    async def _fetch(self, url: str, provider: Provider, name: str, tell: OnFraction) -> Asset:
        origin = provider.client.hosts.queue
        known = await asyncio.to_thread(self._store.assets.at_address, provider.mode, origin, url)
        if known is not None:
            return known
        part = self._store.assets.part()
        try:
            got = await download(
                self._providers.http(provider.mode), url, part, limits=RESULT_LIMITS,
                on_progress=lambda done, total: tell(done / total if total else None),
            )  # fmt: skip
            facts = await probe(part)
            asset = await asyncio.to_thread(
                self._store.assets.keep, part, facts, name=name, origin="take", mode=provider.mode, sha256=got.sha256
            )
        finally:
            part.unlink(missing_ok=True)
        await asyncio.to_thread(self._store.assets.set_address, asset.sha256, provider.mode, origin, url)
        return asset


def first_file(made: Operation, output: dict[str, Any]) -> str | None:
    """The SHA-256 of the file that stands for the take: the first promised output that has one."""
    return next((sha256 for name in made.media_out() for sha256 in _assets(output.get(name))), None)


def _assets(value: Any) -> Iterator[str]:
    """Every "asset" in the output; what was cut here has one and no address."""
    if isinstance(value, dict):
        if isinstance(value.get("asset"), str):
            yield value["asset"]
            return
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _assets(item)


def _files(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, file) for every object with an address in the output."""
    if isinstance(value, dict):
        if isinstance(value.get("url"), str) and value["url"]:
            yield path, value
            return
        for key, item in value.items():
            yield from _files(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _files(item, f"{path}.{index}" if path else str(index))
