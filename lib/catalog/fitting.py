"""Which of some values, from a link or another operation's take, a form can hold. Nothing is trusted but their JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from lib.catalog.form import FieldSpec

MOST_ROWS = 100
MOST_LETTERS = 100_000
EXACT = 2**53 - 1
"""Whole numbers beyond this are not exact in a browser."""
_FILE = re.compile(r"asset:[0-9a-f]{64}|https?://[^\s]{1,2000}")
NO = object()


@dataclass(frozen=True, slots=True)
class Fitting:
    """What a form can hold, and the names of what it cannot (all of it, or a part)."""

    values: dict[str, Any]
    left_out: tuple[str, ...]


def fitting(specs: Sequence[FieldSpec], values: Mapping[str, Any], *, files: bool) -> Fitting:
    """The part of `values` that these fields can hold. Without `files`, media fields count as not given."""
    known = {spec.name: spec for spec in specs}
    held: dict[str, Any] = {}
    left_out = []
    for name, value in values.items():
        spec = known.get(name)
        if value is None or (spec is not None and spec.media is not None and not files):
            continue
        kept, whole = _fit(spec, value, files=files) if spec else (NO, False)
        if kept is not NO:
            held[name] = kept
        if not whole:
            left_out.append(spec.title if spec else name)
    return Fitting(held, tuple(left_out))


def _fit(spec: FieldSpec, value: Any, *, files: bool) -> tuple[Any, bool]:
    """The value as the field holds it, or NO; and whether all of it fits."""
    if spec.kind == "object" and isinstance(value, Mapping):
        inside = fitting(spec.item, value, files=files)
        return inside.values, not inside.left_out
    if spec.kind != "objects":
        holds = HOLDS.get(spec.kind)
        return (value, True) if holds is not None and holds(spec, value) else (NO, False)
    if not isinstance(value, list) or len(value) > _most(spec):
        return NO, False
    rows = [fitting(spec.item, row, files=files) for row in value if isinstance(row, Mapping)]
    return [row.values for row in rows], len(rows) == len(value) and not any(row.left_out for row in rows)


def _text(spec: FieldSpec, value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MOST_LETTERS and not any("\ud800" <= c <= "\udfff" for c in value)


def _texts(spec: FieldSpec, value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _most(spec) and all(_text(spec, one) for one in value)


def _integer(spec: FieldSpec, value: Any) -> bool:
    return type(value) is int and abs(value) <= EXACT and _within(spec, value)


def _number(spec: FieldSpec, value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= EXACT and isfinite(value) and _within(spec, value)


def _boolean(spec: FieldSpec, value: Any) -> bool:
    return type(value) is bool


def _choice(spec: FieldSpec, value: Any) -> bool:
    return any(type(one) is type(value) and one == value for one in spec.choices)


def _file(spec: FieldSpec, value: Any) -> bool:
    return value == "" or (isinstance(value, str) and _FILE.fullmatch(value) is not None)


def _files(spec: FieldSpec, value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _most(spec) and all(_file(spec, one) for one in value)


def _json(spec: FieldSpec, value: Any) -> bool:
    return len(json.dumps(value)) <= MOST_LETTERS


def _within(spec: FieldSpec, value: float) -> bool:
    return (spec.minimum is None or value >= spec.minimum) and (spec.maximum is None or value <= spec.maximum)


def _most(spec: FieldSpec) -> float:
    return MOST_ROWS if spec.maximum is None else min(spec.maximum, MOST_ROWS)


HOLDS: Mapping[str, Callable[[FieldSpec, Any], bool]] = {
    "text": _text,
    "long_text": _text,
    "text_list": _texts,
    "integer": _integer,
    "seed": _integer,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
    "json": _json,
    "media": _file,
    "media_list": _files,
}
