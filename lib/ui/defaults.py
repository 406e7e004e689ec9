"""A form back at its defaults, without losing a file."""

from __future__ import annotations

from collections.abc import Iterable

from lib.catalog.form import FieldSpec
from lib.ui.draft import FILES, Draft
from lib.ui.held import holds_file


def to_defaults(draft: Draft) -> None:
    """All settings but the files that are chosen, and the cards that hold them."""
    _reset(draft, draft.specs, "")
    draft.said_nothing()


def _reset(draft: Draft, specs: Iterable[FieldSpec], under: str) -> None:
    for spec in specs:
        path = f"{under}{spec.name}"
        if spec.kind == "objects":
            draft.put_rows(path, [row for row in draft.rows(path) if holds_file(draft, spec, f"{path}.{row}")])
            for row in draft.rows(path):
                _reset(draft, spec.item, f"{path}.{row}.")
        elif spec.kind == "object" and holds_file(draft, spec, path):
            _reset(draft, spec.item, f"{path}.")
        elif spec.kind not in FILES:
            draft.put_default(spec, path)
