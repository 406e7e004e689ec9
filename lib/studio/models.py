"""Any other model: its description read from fal or from the rehearsal, kept, and rehearsed from then on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lib.catalog import ENDPOINTS, known
from lib.catalog.openapi import changes, endpoint_of
from lib.catalog.openapi.document import MOST_BYTES
from lib.catalog.operation import Endpoint
from lib.errors import AccessRefused, InputError, NotFound, UnknownRequest, Unreachable
from lib.net import Limits, open_client
from lib.queue.client import QueueClient
from lib.queue.hosts import Hosts, endpoint_path
from lib.queue.platform import openapi
from lib.queue.provider import standin_provider
from lib.queue.wire import Backoff
from lib.settings import Settings
from lib.standin.guests import LONGEST_ID, lay_before, made_up
from lib.store import Store
from lib.store.views import AddedModel, Mode
from lib.worker.launch import ensure_standin

LIMITS = Limits(max_bytes=MOST_BYTES, connect_s=5.0, read_s=15.0, total_s=30.0)
TWICE = Backoff(tries=2)
"""Somebody is waiting for the form."""
HINT = "Paste an id such as fal-ai/some-model/text-to-video, or the address of the model's page at fal.ai."
_TABS = ("api", "playground", "examples", "requests", "analytics")
Fetch = Callable[[str, Mode], dict[str, Any]]
"""(endpoint id, where to ask) -> its OpenAPI document."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A model that was read just now: what it is, and what is different since the last time, in sentences."""

    kept: AddedModel
    endpoint: Endpoint
    changes: list[str]
    is_new: bool


class AddedModels:
    """Models beside the catalog. `fetch` brings documents; by default from the stand-in and from fal's public address.

    No key is sent: a description is public.
    """

    def __init__(self, settings: Settings, store: Store, fetch: Fetch | None = None) -> None:
        self._settings = settings
        self._store = store
        self._fetch = fetch or (lambda name, source: asyncio.run(_fetched(settings, name, source)))

    def all(self) -> list[tuple[AddedModel, Endpoint]]:
        """The newest version of each that can be used, the one that was read last first."""
        kept = ((one, self._store.models.endpoint(one.endpoint_id)) for one in self._store.models.all())
        return [(one, made) for one, made in kept if made is not None]

    def rehearsed_only(self) -> list[str]:
        """The ids of the made-up models that anybody can try."""
        return made_up()

    def newest(self, made: Endpoint) -> AddedModel:
        """What is kept of its newest version. Raises NotFound."""
        return self._store.models.get(made.wire_id)

    def read(self, text: str, source: Mode) -> Reading:
        """Reads the model that an id or an address names, and keeps it.

        Raises InputError for what names no model, NotFound where the source does not know it, Unreachable, or
        ProtocolError for a description that cannot be used.
        """
        name = id_in(text)
        if name in ENDPOINTS:
            raise InputError(f"{ENDPOINTS[name].title} has a page of its own.", hint="Choose it in the list of models.")
        try:
            document = self._fetch(name, source)
        except UnknownRequest as error:
            raise _unknown(name, source) from error
        except Unreachable as error:
            error.hint = f"{error.hint} Models that were added before go on working."
            raise
        endpoint, before = endpoint_of(document, name), known(name)
        kept = self._store.models.keep(name, document, source)
        self._let_rehearse(kept)
        return Reading(kept, endpoint, changes(before, endpoint) if before is not None else [], before is None)

    def prepare(self, operation_ids: Iterable[str], mode: Mode) -> None:
        """What a run needs of its added models. Raises AccessRefused for a live run of one that exists in rehearsals
        only.
        """
        for made in map(known, operation_ids):
            if not isinstance(made, Endpoint) or not made.added:
                continue
            kept = self._store.models.get(made.id)
            if mode == "live" and kept.source == "rehearsal":
                raise AccessRefused(
                    f"{made.title} was read from the rehearsal, and only rehearsals know it.",
                    hint="Rehearse it, or read its form from fal first.",
                )
            if mode == "rehearsal":
                self._let_rehearse(kept)

    def _let_rehearse(self, kept: AddedModel) -> None:
        if kept.source == "live":
            lay_before(self._settings.standin_dir, kept.endpoint_id, self._store.models.document(kept))


def id_in(text: str) -> str:
    """The endpoint id that was pasted, or that the address of a page at fal.ai names. Raises InputError."""
    given = text.strip().strip("<>\"'")
    if "://" in given:
        given = _from_address(given)
    given = re.sub(r"[?#].*$", "", given).strip("/")
    head, _, tail = given.rpartition("/")
    if len(given) > LONGEST_ID:
        raise InputError("This is too long for a model's id.", hint=HINT)
    try:
        return endpoint_path(head if tail in _TABS and "/" in head else given)
    except InputError as error:
        raise InputError("This names no model.", hint=HINT) from error


def _from_address(address: str) -> str:
    """The path of a model's page, of its queue, or of its description."""
    place = urlsplit(address)
    host = (place.hostname or "").lower()
    if host in ("fal.run", "queue.fal.run"):
        return place.path
    asked = re.search(r"(?:^|&)endpoint_id=([^&]+)", place.query)
    if host.removeprefix("www.") != "fal.ai" or not (asked or place.path.startswith("/models/")):
        raise InputError("This address is not that of a model's page at fal.ai.", hint=HINT)
    return asked[1].replace("%2F", "/") if asked else place.path.removeprefix("/models/")


def _unknown(id: str, source: Mode) -> NotFound:
    if source == "live":
        return NotFound(f"fal knows no model {id}.", hint="Check the id on its page at fal.ai.")
    tries = ", ".join(made_up())
    return NotFound(
        f"The rehearsal does not know {id}.",
        hint=f"Read its form from fal: it can be rehearsed then. Or try a made-up model: {tries}.",
    )


async def _fetched(settings: Settings, id: str, source: Mode) -> dict[str, Any]:
    if source == "rehearsal":
        origin = await asyncio.to_thread(ensure_standin, settings)
        async with open_client(trusted=frozenset({origin})) as http:
            return await openapi((await standin_provider(origin, http)).client, id, limits=LIMITS)
    hosts = Hosts.at(settings.fal_origin) if settings.fal_origin else Hosts.live()
    trusted = frozenset({settings.fal_origin} if settings.fal_origin else ())
    async with open_client(trusted=trusted) as http:
        return await openapi(QueueClient(hosts, "", http, backoff=TWICE), id, limits=LIMITS)
