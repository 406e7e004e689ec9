"""Models that are in no catalog: made up by the stand-in, or known by a document that somebody laid before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from lib.catalog import ENDPOINTS
from lib.catalog.openapi import endpoint_of, read_document
from lib.catalog.operation import Endpoint
from lib.errors import ProtocolError
from lib.standin.openapi import document

MADE_UP = Path(__file__).resolve().parents[1] / "assets" / "guests"
FOLDER = "models"
LONGEST_ID = 120


class Guests:
    """Every endpoint that this stand-in answers for: the catalog's, its own made-up ones, and the guests'."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def endpoint(self, id: str) -> Endpoint | None:
        """None for a model that a rehearsal does not know."""
        if id in ENDPOINTS:
            return ENDPOINTS[id]
        found = self._text(id)
        try:
            return None if found is None else _read(found, id)
        except ProtocolError:
            return None

    def document(self, id: str) -> dict[str, Any] | None:
        """Its OpenAPI document."""
        if id in ENDPOINTS:
            return document(ENDPOINTS[id])
        found = self._text(id)
        try:
            return None if found is None else read_document(found)
        except ProtocolError:
            return None

    def _text(self, id: str) -> str | None:
        if not id or len(id) > LONGEST_ID:
            return None
        places = (place / _name(id) for place in (MADE_UP, self._folder))
        return next((place.read_text(encoding="utf-8") for place in places if place.is_file()), None)


def lay_before(folder: Path, id: str, document: Mapping[str, Any]) -> None:
    """Lets the stand-in of that folder rehearse the model from now on."""
    place = folder / FOLDER / _name(id)
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_suffix(".part")
    fresh.write_text(json.dumps(document), encoding="utf-8")
    fresh.replace(place)


def made_up() -> list[str]:
    """The ids of the models that exist in rehearsals only."""
    return sorted(unquote(path.stem) for path in MADE_UP.glob("*.json"))


def _name(id: str) -> str:
    return f"{quote(id, safe='')}.json"


@lru_cache(maxsize=64)
def _read(text: str, id: str) -> Endpoint:
    return endpoint_of(read_document(text), id)
