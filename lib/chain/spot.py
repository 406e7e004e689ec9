"""What lies where a reference points, or a field stands, and what stands for it before it exists. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from lib.catalog import operation
from lib.catalog.fields import File, media_mark
from lib.chain.model import Chain
from lib.chain.reference import Reference
from lib.errors import NotFound

MADE_LATER = "https://example.com/made-by-an-earlier-step"
PLAIN = {int: 1, float: 1.0, bool: True, str: "text"}
"""Stands for a value that an earlier step will give, to see whether a field takes its type."""


@dataclass(frozen=True, slots=True)
class Spot:
    """What lies at a path of a model: a file of a `kind`, or a plain value of a `type` (None: anything)."""

    kind: str | None = None
    type: type | None = None


def given_by(chain: Chain, ref: Reference) -> Spot | None:
    """What a reference stands for; None where there is no such output."""
    if ref.source == "inputs":
        return Spot(kind=chain.inputs[ref.path[0]].kind)
    return spot(operation(chain.step(ref.source).operation).output, ref.path)


def placeholder(chain: Chain, ref: Reference) -> Any:
    """A value of the right type for what does not exist yet."""
    try:
        given = given_by(chain, ref)
    except NotFound:  # its step has the finding
        return MADE_LATER
    if given is None or given.kind is not None:
        return MADE_LATER
    return PLAIN.get(given.type) if given.type is not None else None


def spot(model: type[BaseModel], path: tuple[str, ...]) -> Spot | None:
    """What lies at a path of `model`; a place in a list is as good as any, and "url" of a file is the file."""
    at: Any = model
    mark = None
    for part in path:
        if part.isdecimal() and get_origin(at) is list:
            at = _bare(get_args(at)[0])
        elif isinstance(at, type) and issubclass(at, File) and part == "url" and mark is not None:
            at = str
        elif isinstance(at, type) and issubclass(at, BaseModel):
            if part not in at.model_fields:
                return Spot() if issubclass(at, File) else None
            info = at.model_fields[part]
            at, mark = _bare(info.annotation), media_mark(info)
        else:
            at, mark = None, None
    return Spot(kind=mark.kind) if mark is not None else Spot(type=at if at in PLAIN else None)


def _bare(annotation: Any) -> Any:
    """The type without marks and without None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    parts = [part for part in get_args(annotation) if part is not type(None)]
    return _bare(parts[0]) if len(parts) == 1 and get_origin(annotation) is not list else annotation
