"""From a provider's answer to a take: each file fetched at once, checked, hashed and kept."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lib.catalog.operation import Endpoint, Operation
from lib.errors import (
    AuthRefused,
    BadMedia,
    InputError,
    ProtocolError,
    ServerError,
    TooLarge,
    TooManyRequests,
    UnknownRequest,
    Unreachable,
    Unsupported,
)
from lib.media.probe import probe
from lib.net import Limits, download
from lib.queue.provider import Provider
from lib.store import Store
from lib.store.files import full
from lib.store.views import Asset, RunView, Take, Ticket
from lib.worker.inputs import decoded
from lib.worker.providers import Providers

log = logging.getLogger(__name__)

RESULT_LIMITS = Limits(max_bytes=4 << 30, total_s=3600)
OnFraction = Callable[[float | None], None]
NO_FILE = (InputError, AuthRefused, UnknownRequest, ProtocolError, BadMedia, Unsupported, TooLarge)
"""What says that an address gives no file, of a field that promised none."""
TROUBLE = (Unreachable, ServerError, TooManyRequests)
FILE_FACTS = ("content_type", "file_name", "file_size")
_FILE_ADDRESS = re.compile(
    r"(?i)(https?://[^\s?#]+\.(mp4|mov|webm|mkv|gif|png|jpe?g|webp|wav|mp3|flac|ogg|m4a|aac|ply|glb|obj|zip)([?#]\S*)?"
    r"|data:(video|image|audio)/\S+)"
)


class Outputs:
    """Files arrive as `.part` and are renamed when they are whole; the ones that are known are not fetched again."""

    def __init__(self, store: Store, providers: Providers) -> None:
        self._store = store
        self._providers = providers

    async def fetch(
        self, made: Operation, output: dict[str, Any], provider: Provider, name: str, tell: OnFraction
    ) -> dict[str, Any]:
        """The same output, each file with its "asset". Raises BadMedia where it is not what was promised.

        An added model promises nothing for certain: its files are found wherever they are, and one that cannot be had
        stays an address.
        """
        if isinstance(made, Endpoint) and made.added:
            return await self._found(_with_files(output, made), provider, name, tell)
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

    async def _found(self, output: dict[str, Any], provider: Provider, name: str, tell: OnFraction) -> dict[str, Any]:
        for path, file in _files(output):
            try:
                asset = await self._fetch(file["url"], provider, f"{name}-{path.split('.')[0]}", tell)
            except (*NO_FILE, *TROUBLE) as error:
                if isinstance(error, TROUBLE) and _is_surely_a_file(file):
                    raise
                log.info("%s of %s is no file: %s", path, name, error.message)
                continue
            file["asset"] = asset.sha256
            if file["url"].startswith("data:"):
                file["url"] = ""  # the bytes are kept, and would be kept twice
        return output

    async def _fetch(self, url: str, provider: Provider, name: str, tell: OnFraction) -> Asset:
        origin = provider.client.hosts.queue
        known = await asyncio.to_thread(self._store.assets.at_address, provider.mode, origin, url)
        if known is not None:
            return known
        part = self._store.assets.part()
        try:
            sha256 = await self._bring(url, part, provider, tell)
            facts = await probe(part)
            asset = await asyncio.to_thread(
                self._store.assets.keep, part, facts, name=name, origin="take", mode=provider.mode, sha256=sha256
            )
        finally:
            part.unlink(missing_ok=True)
        if sha256 is not None:
            await asyncio.to_thread(self._store.assets.set_address, asset.sha256, provider.mode, origin, url)
        return asset

    async def _bring(self, url: str, part: Path, provider: Provider, tell: OnFraction) -> str | None:
        """Puts the bytes into `part`; their hash, or None for those that came in the answer itself."""
        if url.startswith("data:"):
            try:
                await asyncio.to_thread(part.write_bytes, decoded(url))
            except OSError as error:
                raise full(error) from error
            return None
        got = await download(
            self._providers.http(provider.mode), url, part, limits=RESULT_LIMITS,
            on_progress=lambda done, total: tell(done / total if total else None),
        )  # fmt: skip
        return got.sha256


def take_of(ticket: Ticket, run: RunView, made: Operation, output: dict[str, Any]) -> Take:
    """What the step has made, as a take of this attempt."""
    step = run.step(ticket.step_id)
    return Take(
        id=secrets.token_hex(16), run_id=run.id, step_id=step.id, attempt=ticket.attempt, operation=step.operation,
        mode=run.mode, input=step.input or {}, output=output, sha256=first_file(made, output), created_at=time.time(),
    )  # fmt: skip


def first_file(made: Operation, output: dict[str, Any]) -> str | None:
    """The SHA-256 of the file that stands for the take: the first promised output that has one, else any."""
    promised = (sha256 for name in made.media_out() for sha256 in _assets(output.get(name)))
    return next(promised, None) or next(_assets(output), None)


def _is_surely_a_file(told: dict[str, Any]) -> bool:
    """Whether it is worth waiting for: an address with facts of a file beside it, or with a file's ending."""
    return any(told.get(name) for name in FILE_FACTS) or _FILE_ADDRESS.fullmatch(told["url"]) is not None


def _with_files(output: dict[str, Any], made: Operation) -> dict[str, Any]:
    """The output with an object in the place of each text that is the address of a file."""
    media = made.media_out()
    return {
        name: {"url": value} if name in media and isinstance(value, str) and value else _objects(value)
        for name, value in output.items()
    }


def _objects(value: Any) -> Any:
    if isinstance(value, str):
        return {"url": value} if _FILE_ADDRESS.fullmatch(value) else value
    if isinstance(value, dict):
        is_file = isinstance(value.get("url"), str)
        return value if is_file else {name: _objects(part) for name, part in value.items()}
    return [_objects(part) for part in value] if isinstance(value, list) else value


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
