"""What can be done: every operation, found by its id."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from lib.catalog import amt, animatediff, ffmpeg_api, ltx, luma, lynx, lyra, magi, pixverse, upscaler, wan
from lib.catalog.added import added
from lib.catalog.cuts import CUT_FAMILIES, CUTS
from lib.catalog.operation import Endpoint, Family, Operation
from lib.catalog.schema import schemas
from lib.errors import NotFound

FAMILIES: tuple[Family[Endpoint], ...] = (
    lyra.FAMILY,
    lynx.FAMILY,
    luma.FAMILY,
    wan.FAMILY,
    ltx.FAMILY,
    magi.FAMILY,
    pixverse.FAMILY,
    animatediff.FAMILY,
    upscaler.FAMILY,
    amt.FAMILY,
    ffmpeg_api.FAMILY,
)
ENDPOINTS: Mapping[str, Endpoint] = {endpoint.id: endpoint for family in FAMILIES for endpoint in family.operations}
OPERATIONS: Mapping[str, Operation] = {**ENDPOINTS, **CUTS}

__all__ = [
    "CUTS",
    "CUT_FAMILIES",
    "ENDPOINTS",
    "FAMILIES",
    "OPERATIONS",
    "catalog_json",
    "is_local",
    "known",
    "operation",
]


def known(id: str) -> Operation | None:
    """The operation of that id, of the catalog or added by somebody; None where nobody knows it."""
    return OPERATIONS.get(id) or added(id)


def operation(id: str) -> Operation:
    """The same. Raises NotFound, naming the nearest ids."""
    if (made := known(id)) is not None:
        return made
    near = difflib.get_close_matches(id, OPERATIONS, n=3)
    raise NotFound(f"There is no operation {id!r}.", hint=f"Did you mean {', '.join(near)}?" if near else "")


def is_local(id: str) -> bool:
    """Whether the operation is done on this machine: free, and the same in rehearsal and live. One that this version
    does not know is taken for one that costs money.
    """
    made = known(id)
    return made is not None and made.local


def catalog_json() -> list[dict[str, Any]]:
    """Every endpoint with its id, title, input and output as JSON Schema, an example, and why its id is a guess."""
    return [entry | {"guessed": ENDPOINTS[entry["id"]].guessed} for entry in schemas(ENDPOINTS.values())]
