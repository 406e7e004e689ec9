"""The files that a step's input names, found by the marks on its fields. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from lib.catalog.fields import fits
from lib.catalog.operation import Operation, media_given
from lib.chain.reference import parse

T = TypeVar("T")
ASSET = "asset:"
ADDRESSES = ("http://", "https://", "data:")


def named(made: Operation, values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(path, value, kind) of each file; weights are left to the provider, who knows where they lie.

    Raises InputError where the values do not validate.
    """
    for path, value, mark in media_given(made.validate(values)):
        if mark.kind != "weights":
            yield path, value, mark.kind


def assets(made: Operation, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path, SHA-256) of each file that is kept here."""
    for path, value, _ in named(made, values):
        if value.startswith(ASSET):
            yield path, value.removeprefix(ASSET)


def written_assets(value: object) -> Iterator[str]:
    """The SHA-256 of every "asset:<sha256>" in a step's input, wherever it stands."""
    if isinstance(value, str):
        yield from [value.removeprefix(ASSET)] if value.startswith(ASSET) else []
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    for part in parts:
        yield from written_assets(part)


def is_source(value: str) -> bool:
    """Whether a media field may hold this: a kept file, an address, or what an earlier step makes."""
    return value.startswith((ASSET, *ADDRESSES)) or parse(value) is not None


def takes(made: Operation, wanted: str, given: str) -> bool:
    """Whether a field for one kind of file may hold another: cuts take the sound of a clip for a sound file."""
    return fits(wanted, given) or (made.local and (wanted, given) == ("audio", "video"))


def by_field(found: Iterable[tuple[str, T]]) -> dict[str, Any]:
    """By field as rules and cuts want it: "video_url" one, "video_urls" (paths "video_urls.0", …) a list."""
    fields: dict[str, Any] = {}
    for path, value in found:
        field, _, last = path.rpartition(".")
        if last.isdecimal():
            fields.setdefault(field, []).append(value)
        else:
            fields[path] = value
    return fields
