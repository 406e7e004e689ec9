"""From a step's input as written to the body that is sent: references, pasted addresses, uploads."""

from __future__ import annotations

import asyncio
import base64
import binascii
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit
from weakref import WeakValueDictionary

from lib.catalog.operation import Operation
from lib.chain.files import ADDRESSES, ASSET, assets, by_field, named, takes
from lib.chain.model import Chain
from lib.chain.reference import Reference, follow, substitute
from lib.chain.reuse import value_of
from lib.errors import (
    AccessRefused,
    AuthRefused,
    BadMedia,
    InputError,
    ProtocolError,
    TooLarge,
    UnknownRequest,
    Unsupported,
)
from lib.ledger.ledger import payload_hash
from lib.media.probe import probe
from lib.net import Limits, download
from lib.queue.provider import Provider
from lib.queue.upload import upload
from lib.store import Store
from lib.store.files import full
from lib.store.views import Asset, RunView
from lib.worker.providers import Providers

ADDRESS_VALID_S = 5 * 24 * 3600.0
"""fal promises to keep files for at least seven days; older addresses are not trusted, the bytes are sent again."""
FETCH_LIMITS = Limits(max_bytes=2 << 30)
DATA_LIMIT = 10 * 1024 * 1024
NO_FILE = (InputError, AuthRefused, UnknownRequest, ProtocolError, BadMedia, Unsupported, TooLarge)
"""What says that an address gives no file that could be used: the person's to correct, not a moment's trouble."""


class Inputs:
    """Turns the files of a step into what its provider, or ffmpeg, can open."""

    def __init__(self, store: Store, providers: Providers, clock: Callable[[], float], rng: random.Random) -> None:
        self._store = store
        self._providers = providers
        self._clock = clock
        self._rng = rng
        self._bodies: set[str] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def resolve(self, run: RunView, step_id: str, made: Operation) -> dict[str, Any]:
        """The step's input with every file as "asset:<sha256>", plain references as values, and the seed drawn.

        Where a person wanted it made again, a seed that the chain names is drawn as well.
        """
        step = Chain.model_validate(run.chain).step(step_id)
        values = substitute(step.input, lambda ref: look_up(run, ref))
        for path, value, kind in list(named(made, values)):
            if value.startswith(ADDRESSES):
                value = ASSET + await self._take_in(path, value)  # noqa: PLW2901 - from here on it is that file
                _put(values, path, value)
            self._require_kind(made, path, value, kind)
        if (seed := made.seed_field()) and self._store.gates.redone(run.id, step_id, run.step(step_id).attempt):
            values.pop(seed, None)
        return made.draw_seed(values, self._rng)

    def facts(self, made: Operation, values: Mapping[str, Any]) -> dict[str, Any]:
        """Facts of the files by field ("video_url", "images.0.image_url"; a list for "video_urls")."""
        return by_field((path, self._store.assets.get(sha256).facts) for path, sha256 in assets(made, values))

    def files(self, made: Operation, values: Mapping[str, Any]) -> dict[str, Any]:
        """The local paths of the files by field."""
        return by_field((path, self._store.assets.file(sha256)) for path, sha256 in assets(made, values))

    def rehearsed(self, made: Operation, values: Mapping[str, Any]) -> bool:
        """Whether one of the files was made by the stand-in, so that what is cut from it was too."""
        return any(self._store.assets.get(sha256).mode == "rehearsal" for _, sha256 in assets(made, values))

    def label(self, made: Operation, values: Mapping[str, Any]) -> str:
        """What a file that is cut from these is called: "bunny trim"."""
        first = next((self._store.assets.get(sha256).name for _, sha256 in assets(made, values)), "")
        return f"{Path(first).stem} {made.title.lower()}".strip()

    async def body(self, made: Operation, values: Mapping[str, Any], provider: Provider) -> dict[str, Any]:
        """The body to send: every file under an address that this provider can open.

        It must differ from every earlier one (as it does where the seed was drawn), or a lost request could not be
        told from another: else the first file is put at a fresh address.
        """
        body = await self._addressed(made, values, provider, fresh=False)
        if not self._is_new(made, body, provider):
            body = await self._addressed(made, values, provider, fresh=True)
        return body

    def _is_new(self, made: Operation, body: Mapping[str, Any], provider: Provider) -> bool:
        """Whether nobody has this body yet. Nothing is awaited in here: of two steps that make the same body at the
        same moment, before either has its row, one gets it.
        """
        digest = payload_hash({"to": made.wire_id, "mode": provider.mode, "body": body})
        new = digest not in self._bodies
        self._bodies.add(digest)
        return new and not self._store.purchases.sent_before(provider.mode, made.wire_id, payload_hash(body))

    async def _addressed(
        self, made: Operation, values: Mapping[str, Any], provider: Provider, *, fresh: bool
    ) -> dict[str, Any]:
        sent = _copy(values)
        for path, sha256 in assets(made, values):
            _put(sent, path, await self._address(sha256, provider, fresh=fresh))
            fresh = False
        return made.validate(sent).payload()

    async def _address(self, sha256: str, provider: Provider, *, fresh: bool) -> str:
        kept, origin = self._store.assets, provider.client.hosts.queue
        asset = kept.get(sha256)
        if provider.mode == "live" and asset.mode == "rehearsal":
            raise AccessRefused(
                f"{asset.name} was made by the stand-in; a live run does not pay for work on it.",
                hint="Choose it as a source file if that is what you want.",
            )
        if fresh:  # this body's own, to be told from any other
            return await self._upload(asset, provider)
        # Two steps with the same file at the same time: the second one waits for the address of the first.
        turn = self._turns.setdefault(f"{provider.mode} {origin} {sha256}", asyncio.Lock())
        async with turn:
            since = self._clock() - ADDRESS_VALID_S
            known = await asyncio.to_thread(kept.address, sha256, provider.mode, origin, not_before=since)
            if known is not None:
                return known
            url = await self._upload(asset, provider)
            await asyncio.to_thread(kept.set_address, sha256, provider.mode, origin, url)
            return url

    async def _upload(self, asset: Asset, provider: Provider) -> str:
        path = self._store.assets.file(asset.sha256)
        return await upload(provider.client, path, asset.content_type, f"{asset.sha256[:16]}{path.suffix}")

    def _require_kind(self, made: Operation, path: str, value: str, kind: str) -> None:
        if not value.startswith(ASSET):
            message = "This is neither a file nor an address."
            raise InputError(f"{path}: {message}", hint="Choose a file.", fields={path: message})
        asset = self._store.assets.get(value.removeprefix(ASSET))
        if not takes(made, kind, asset.kind):
            message = f"This must be {kind}, but {asset.name} is {asset.kind}."
            raise InputError(f"{path}: {message}", hint="Choose another file.", fields={path: message})

    async def _take_in(self, path: str, address: str) -> str:
        """The SHA-256 of what is at a pasted address (or in a data URI), downloaded: facts and checks need bytes."""
        part = self._store.assets.part()
        try:
            await self._fetch(address, part)
            facts = await probe(part)
            name = "pasted" if address.startswith("data:") else Path(urlsplit(address).path).name or "pasted"
            kept = await asyncio.to_thread(self._store.assets.keep, part, facts, name=name, origin="address")
        except NO_FILE as error:
            raise InputError(f"{path}: {error.message}", hint=error.hint, fields={path: error.message}) from error
        finally:
            part.unlink(missing_ok=True)
        return kept.sha256

    async def _fetch(self, address: str, part: Path) -> None:
        if not address.startswith("data:"):
            await download(self._providers.public(), address, part, limits=FETCH_LIMITS)
            return
        try:
            await asyncio.to_thread(part.write_bytes, decoded(address))
        except OSError as error:
            raise full(error) from error


def look_up(run: RunView, ref: Reference) -> Any:
    """What a reference stands for now: "asset:<sha256>" for a file, else the value itself."""
    return value_of(ref, run.inputs, {step.id: step.take.output for step in run.steps if step.take is not None})


def decoded(address: str) -> bytes:
    """The bytes of a data URI. Raises TooLarge or BadMedia."""
    head, _, text = address.partition(",")
    if len(text) > DATA_LIMIT:
        raise TooLarge("The pasted data is larger than 10 MB.", hint="Upload it as a file instead.")
    try:
        return base64.b64decode(text, validate=True) if head.endswith(";base64") else unquote_to_bytes(text)
    except (binascii.Error, ValueError) as error:
        raise BadMedia("The pasted data is not whole.", hint="Paste it again, or upload the file.") from error


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list | tuple) else value


def _put(values: Any, path: str, new: str) -> None:
    *above, last = path.split(".")
    holder = follow(values, tuple(above))
    holder[int(last) if isinstance(holder, list) else last] = new
