"""A cut as a call of `python -m lib cut`: its files in order, everything else as options. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.catalog.form import FieldSpec, fields, ignored_now
from lib.catalog.operation import Cut
from lib.errors import DoesNotFit

MEDIA = ("media", "media_list")


@dataclass(frozen=True, slots=True)
class Option:
    """ "--start-s=" and its value: text as it is written, or what the program has by then."""

    name: str
    value: Any = None


def option_name(spec: FieldSpec) -> str:
    """Its name on the command line; of a list of objects each one is given by itself: --part, and again --part."""
    name = spec.name.removesuffix("s") if spec.kind == "objects" else spec.name
    return f"--{name.replace('_', '-')}"


def arguments(made: Cut, body: Mapping[str, Any]) -> tuple[tuple[Any, ...], tuple[Option, ...]]:
    """(files, options) for a body. Raises DoesNotFit for a value that a command line cannot say."""
    specs = fields(made.input)
    files = [body[spec.name] for spec in specs if spec.kind in MEDIA and body.get(spec.name)]
    flat = [one for given in files for one in (given if isinstance(given, list) else [given])]
    shown = {spec.name: body.get(spec.name, spec.default) for spec in specs}
    given = [spec for spec in specs if spec.kind not in MEDIA and spec.name in body and not ignored_now(spec, shown)]
    return tuple(flat), tuple(option for spec in given for option in _options(spec, body[spec.name]))


def _options(spec: FieldSpec, value: Any) -> list[Option]:
    name = option_name(spec)
    if spec.kind == "boolean" and isinstance(value, bool):
        return [Option(name if value else f"--no-{name.removeprefix('--')}")]
    if spec.kind == "objects":
        return [Option(f"{name}=", _object(spec, one)) for one in value]
    return [Option(f"{name}=", value)]


def _object(spec: FieldSpec, values: Mapping[str, Any]) -> str:
    """An object's fields one after the other, with commas, as the command line reads them."""
    written = [str(values.get(one.name, "")) for one in spec.item]
    if any("," in one for one in written):
        raise DoesNotFit(f"{spec.title}: a comma cannot be written on a command line.", hint="Write it without.")
    return ",".join(written).rstrip(",") or ","
