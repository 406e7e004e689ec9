"""A take in words: what it is called, what it cost, how long it took, what it was told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.catalog import is_local, known
from lib.catalog.form import fields
from lib.catalog.price import money
from lib.catalog.recorded import price_of
from lib.chain.files import ASSET
from lib.errors import NotFound
from lib.store.views import KeptTake
from lib.studio import Studio
from lib.ui.money import price_words
from lib.ui.names import title_at
from lib.ui.text import length, plain

MOST_LETTERS = 64


def name_of(kept: KeptTake) -> str:
    """What the operation is called, or its id where this version does not know it."""
    made = known(kept.take.operation)
    return made.title if made else kept.take.operation


def told(kept: KeptTake) -> str:
    """The beginning of what it was told to do, or ""."""
    given = kept.take.input
    words = " ".join(str(given.get("prompt") or given.get("text") or "").split())
    return words if len(words) <= MOST_LETTERS else f"{words[: MOST_LETTERS - 1].rstrip()}…"


def mode_of(kept: KeptTake) -> tuple[str, str]:
    """The badge that says where it was made, with its colour."""
    if is_local(kept.take.operation):
        return "On this machine", "gray"
    return ("Live", "orange") if kept.take.mode == "live" else ("Rehearsal", "violet")


def cost_words(kept: KeptTake) -> str:
    """ "free", "$0.30", or what was estimated where the provider said no price; safe in Markdown."""
    if not kept.paid:
        return "free"
    if kept.cost_usd is not None:
        return plain(money(kept.cost_usd))
    return f"estimate {price_words(price_of(kept.estimate))}"


def time_words(kept: KeptTake) -> str:
    """How long it took, or "" where that is not known any more."""
    return length(kept.took_s) if kept.took_s is not None else ""


def inputs(studio: Studio, kept: KeptTake) -> Iterator[tuple[str, str]]:
    """(title, value in words) of everything that was sent, lists taken apart."""
    made = known(kept.take.operation)
    specs = fields(made.input) if made else ()
    for path, value in leaves(kept.take.input):
        yield title_at(specs, path), value_words(studio, value)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of every plain value of an input."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for at, part in enumerate(value):
            yield from leaves(part, f"{path}.{at}")
    else:
        yield path, value


def value_words(studio: Studio, value: Any) -> str:
    """A file by its name, yes and no, and everything else as it is written."""
    if isinstance(value, str) and value.startswith(ASSET):
        return _file_name(studio, value.removeprefix(ASSET))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == []:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _file_name(studio: Studio, sha256: str) -> str:
    try:
        return studio.asset(sha256).name
    except NotFound:
        return f"file {sha256[:8]}"
