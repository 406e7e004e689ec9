"""What a card of a list is called after: the file that it holds, or else its first words."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from lib.catalog.form import FieldSpec
from lib.chain.files import ASSET
from lib.errors import NotFound
from lib.studio import Studio
from lib.ui.draft import Draft

MOST_LETTERS = 40


def held_by(studio: Studio, draft: Draft, spec: FieldSpec, path: str) -> str:
    """What the card at `path` of the list `spec` holds: "bunny.mp4", "dolly-in"; "" while it holds nothing."""
    files = (file_name(studio, value) for value in _values(draft, spec, path, "media"))
    texts = (value for value in _values(draft, spec, path, "text"))
    return next((name[:MOST_LETTERS] for names in (files, texts) for name in names if name), "")


def holds_file(draft: Draft, spec: FieldSpec, path: str) -> bool:
    """Whether a file is chosen anywhere in the card, or object, at `path`."""
    return any(_values(draft, spec, path, "media"))


def file_name(studio: Studio, value: str) -> str:
    """What people call the file of a media field: its name here, or the end of its address."""
    if not value.startswith(ASSET):
        return urlsplit(value).path.rsplit("/", 1)[-1] if value.startswith("http") else ""
    try:
        return studio.asset(value.removeprefix(ASSET)).name
    except NotFound:
        return ""


def _values(draft: Draft, spec: FieldSpec, path: str, kind: str) -> Iterator[str]:
    """Whatever stands in the card's fields of that kind, lists inside it too."""
    if spec.kind == "media_list" and kind == "media":
        yield str(draft.state.get(draft.key(path)) or "")
    for item in spec.item:
        within = f"{path}.{item.name}"
        if item.kind in ("objects", "media_list"):
            for row in draft.rows(within):
                yield from _values(draft, item, f"{within}.{row}", kind)
        elif item.kind == "object":
            yield from _values(draft, item, within, kind)
        elif item.kind == kind:
            yield str(draft.state.get(draft.key(within)) or "")
