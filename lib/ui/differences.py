"""What takes differ in: their inputs, field by field, only where they are not all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lib.catalog import known
from lib.catalog.form import FieldSpec, fields
from lib.chain.files import ASSET
from lib.store.views import KeptTake
from lib.studio import Studio
from lib.ui.names import title_at
from lib.ui.take_words import cost_words, leaves, mode_of, name_of, time_words, value_words
from lib.ui.text import plain

NOTHING = "–"
Row = tuple[str, list[str]]


def differences(studio: Studio, takes: Sequence[KeptTake]) -> list[Row]:
    """(what, one cell a take) for all that differs; cost and time stand at the end in any case. Safe in Markdown."""
    rows = [("Operation", [plain(name_of(kept)) for kept in takes]), ("Mode", [mode_of(kept)[0] for kept in takes])]
    told = [row for row in rows if len(set(row[1])) > 1]
    return [*told, *_inputs(studio, takes), *_ends(takes)]


def _inputs(studio: Studio, takes: Sequence[KeptTake]) -> Iterator[Row]:
    specs = [_specs(kept) for kept in takes]
    given = [dict(leaves(kept.take.input)) for kept in takes]
    titles = {path: title_at(known, path) for known, values in zip(specs, given, strict=True) for path in values}
    for path, title in titles.items():
        values = [_effective(known, held, path) for known, held in zip(specs, given, strict=True)]
        if any(value != values[0] for value in values):
            yield plain(title), _cells(studio, values, [path in held for held in given])


def _cells(studio: Studio, values: Sequence[Any], is_given: Sequence[bool]) -> list[str]:
    words = [value_words(studio, value) if value is not None else NOTHING for value in values]
    for at, value in enumerate(values):
        # Two files may have one name.
        if isinstance(value, str) and value.startswith(ASSET) and words.count(words[at]) > 1:
            words[at] = f"{words[at]} ({value.removeprefix(ASSET)[:6]})"
    return [
        plain(word) if given or word == NOTHING else f"{plain(word)} :small[:gray[default]]"
        for word, given in zip(words, is_given, strict=True)
    ]


def _effective(specs: Sequence[FieldSpec], given: dict[str, Any], path: str) -> Any:
    """What was sent, else what applies when nothing is."""
    if path in given:
        return given[path]
    spec = next((spec for spec in specs if spec.name == path), None)
    return spec.default if spec and spec.kind not in ("objects", "media_list") else None


def _ends(takes: Sequence[KeptTake]) -> Iterator[Row]:
    yield "Cost", [cost_words(kept) for kept in takes]
    yield "Time", [time_words(kept) or NOTHING for kept in takes]


def _specs(kept: KeptTake) -> tuple[FieldSpec, ...]:
    made = known(kept.take.operation)
    return fields(made.input) if made else ()
