"""What people call a field that a message names by its wire path: "images.1.image_url" is "Picture 2: Image"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lib.catalog import is_local, known
from lib.catalog.form import FieldSpec, fields
from lib.store.views import RunView

ONE = {"images": "picture", "ref_image_urls": "picture", "videos": "clip", "loras": "LoRA"}
ONE |= {"tracks": "track", "keyframes": "keyframe", "frames": "picture"}
ONE |= {"video_urls": "clip", "parts": "part"}


def one_of(name: str) -> str:
    """What one entry of a list field is called."""
    return ONE.get(name, "entry")


def title_at(specs: Iterable[FieldSpec], path: str) -> str:
    """The title of the field at `path`, with its place in a list; a path that nobody knows stays as it is."""
    known = {spec.name: spec for spec in specs}
    name, _, rest = path.partition(".")
    spec = known.get(path) or known.get(name)
    if spec is None:
        return path
    if spec.kind == "object" and rest:
        return f"{spec.title}: {title_at(spec.item, rest)}"
    place, _, inner = rest.partition(".")
    if spec.name == path or not place.isdigit():
        return spec.title
    entry = f"{_capital(one_of(name))} {int(place) + 1}"
    return f"{entry}: {title_at(spec.item, inner)}" if inner and spec.item else entry


def said_by_title(operation_id: str, error: Mapping[str, Any]) -> dict[str, Any]:
    """The error of a step with its fields by title, in its message as well, where the provider wrote "path: words".

    What the message says already is not kept in `fields` a second time.
    """
    made = known(operation_id)
    specs = fields(made.input) if made else ()
    message, left = str(error.get("message", "")), dict[str, str]()
    for path, words in dict(error.get("fields") or {}).items():
        title, said = title_at(specs, path), f"{path}: {words}"
        if said in message:
            message = message.replace(said, f"{title}: {words}")
        else:
            left[title] = str(words)
    return {**error, "message": message, "fields": left}


def all_local(run: RunView) -> bool:
    """Whether the run is local work alone, so that there is nothing to rehearse."""
    return all(is_local(step.operation) for step in run.steps)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
