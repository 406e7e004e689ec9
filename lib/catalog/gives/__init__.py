"""What an operation will give, before it runs: a stated rule for each, with its source; cuts exactly. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.catalog.expected import Expected
from lib.catalog.fields import Input, MediaKind
from lib.catalog.gives import changes, films
from lib.catalog.gives.cuts import try_cut
from lib.catalog.operation import Cut, Operation
from lib.errors import InputError, MediaError
from lib.media.facts import Kind

RULES = {**films.RULES, **changes.RULES}


@dataclass(frozen=True, slots=True)
class Given:
    """What each output field will hold (of a list of files, each one), and why a cut is certain to be refused."""

    files: Mapping[str, Expected]
    fault: InputError | MediaError | None = None


def gives(made: Operation, values: Input, files: Mapping[str, Expected]) -> Given:
    """What comes of these values and these files (by path: "video_url", "images.0.image_url")."""
    nothing = unknown(made)
    if isinstance(made, Cut):
        tried = try_cut(made, values, files)
        found = {next(iter(nothing)): tried.gives} if tried.gives else {}
        return Given(nothing | found, tried.fault)
    rule = RULES.get(made.id)
    return Given(nothing | (rule(values, files) if rule else {}))


def unknown(made: Operation) -> dict[str, Expected]:
    """What is known of the outputs by their fields alone."""
    return {name: Expected(kind=_KINDS[mark.kind]) for name, mark in made.media_out().items()}


_KINDS: Mapping[MediaKind, Kind] = {
    "video": "video", "image": "image", "audio": "audio", "scene": "scene", "media": "other", "weights": "other",
}  # fmt: skip
