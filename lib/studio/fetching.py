"""A pasted address brought here at once, by the same rules as when a run begins: public addresses only, with limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import anyio

from lib.net import Limits, download, open_client
from lib.store import Store
from lib.store.views import Asset
from lib.studio.intake import MAX_FILE_BYTES, look_at

OnProgress = Callable[[int, int | None], None]
LIMITS = Limits(max_bytes=MAX_FILE_BYTES)


def fetch(
    store: Store, address: str, on_progress: OnProgress | None = None, client: Callable[[], Any] = open_client
) -> Asset:
    """The file at that address as an asset. `on_progress` gets the bytes so far and those in all, where that is known.

    Raises what `download` raises, and BadMedia, Unsupported, TooLarge or TooLong for what is no file to work with.
    """
    part, name = store.assets.part(), unquote(Path(urlsplit(address).path).name) or "fetched"
    try:
        anyio.run(_download, client, address, part, on_progress)
        return store.assets.keep(part, look_at(part, name), name=name, origin="address")
    finally:
        part.unlink(missing_ok=True)


async def _download(client: Callable[[], Any], address: str, part: Path, on_progress: OnProgress | None) -> None:
    async with client() as http:
        await download(http, address, part, limits=LIMITS, on_progress=on_progress)
