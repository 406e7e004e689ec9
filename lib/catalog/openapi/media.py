"""Which texts are addresses of files, and of what kind: told by the provider's hints, else by the field's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lib.catalog.fields import MediaKind

_SURE: tuple[tuple[MediaKind, tuple[str, ...]], ...] = (
    ("image", ("image", "img", "photo", "picture")),
    ("video", ("video", "clip", "footage")),
    ("audio", ("audio", "sound", "music", "speech", "song")),
)
_WEAKER: tuple[tuple[MediaKind, tuple[str, ...]], ...] = (
    ("image", ("mask", "frame", "face", "portrait", "garment", "background", "texture", "sketch")),
    ("audio", ("voice", "vocal")),
)
_ADDRESS = re.compile(r"(^|_)(url|urls|uri|uris)$")
_FORMATS = ("uri", "url", "uri-reference", "iri", "binary", "data-url")
_HINTS: Mapping[str, MediaKind] = {"image": "image", "video": "video", "audio": "audio"}
_TITLES: tuple[tuple[str, MediaKind], ...] = (("video", "video"), ("audio", "audio"), ("image", "image"))
FILE_NAMES = ("url",)


def hint_of(schema: Mapping[str, Any]) -> str:
    """What the provider's own form shows there: "image", "video", "audio", "file", or ""."""
    ui = schema.get("ui")
    found = schema.get("_fal_ui_field") or (ui.get("field") if isinstance(ui, dict) else None)
    return found if isinstance(found, str) else ""


def kind_of_text(name: str, schema: Mapping[str, Any], *, inside: str = "") -> MediaKind | None:
    """The kind of file whose address the text is; None for any other text.

    `inside` is the name of the object that holds the field: the "url" in a "video" is a video's.
    """
    hint = hint_of(schema)
    if hint in _HINTS:
        return _HINTS[hint]
    is_address = bool(hint) or _ADDRESS.search(name.lower()) is not None or schema.get("format") in _FORMATS
    if not is_address and not _speaks_of_address(name, schema):
        return None
    return _by_words(name) or (_by_words(inside) if name in FILE_NAMES else None)


def kind_of_file(name: str, schema: Mapping[str, Any]) -> MediaKind | None:
    """The kind of a returned file: by hint, by the field's name, else by the title of its type."""
    hint, title = hint_of(schema), str(schema.get("title") or "").lower()
    return _HINTS.get(hint) or _by_words(name) or next((kind for word, kind in _TITLES if word in title), None)


def hints(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The hints alone: what stands at a list holds for its entries."""
    return {name: schema[name] for name in ("ui", "_fal_ui_field") if name in schema}


def is_file(schema: Mapping[str, Any]) -> bool:
    """Whether the object is a file: it has an address, and says or may say what is there."""
    properties = schema.get("properties")
    return isinstance(properties, dict) and "url" in properties


def _speaks_of_address(name: str, schema: Mapping[str, Any]) -> bool:
    """A field called "image" whose text says "URL"."""
    last = name.lower().rpartition("_")[2].removesuffix("s")
    sure = any(last in words for _, words in _SURE)
    return sure and re.search(r"\bURLs?\b", str(schema.get("description") or "")) is not None


def _by_words(name: str) -> MediaKind | None:
    """The last word that is sure counts: "mask_video_url" is a video, "video_mask_url" has no surer word than that."""
    words = [word.removesuffix("s") for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    for table in (_SURE, _WEAKER):
        for word in reversed(words):
            for kind, known in table:
                if word in known:
                    return kind
    return None
