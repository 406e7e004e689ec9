"""How a made file stands in an output: at its path, with the facts that its type has fields for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from lib.catalog.fields import File, media_mark
from lib.media.facts import Facts


def place(body: dict[str, Any], path: str, value: Any) -> None:
    """Puts the value at "images.0" or "media.start_frame_url"; lists and objects on the way are made."""
    name, _, rest = path.partition(".")
    if not rest:
        body[name] = value
    elif rest.isdigit():
        body.setdefault(name, []).append(value)
    else:
        place(body.setdefault(name, {}), rest, value)


def told(output: type[BaseModel], path: str, facts: Facts) -> dict[str, Any]:
    """Width, height and so on, as far as the file's type in the output has fields for them."""
    field = path.partition(".")[0]
    known = {
        "width": facts.width,
        "height": facts.height,
        "fps": facts.fps,
        "duration": facts.duration_s,
        "num_frames": facts.frames,
    }
    wanted = {name for kind in _files(output.model_fields[field].annotation) for name in kind.model_fields}
    return {name: value for name, value in known.items() if name in wanted}


def is_address(output: type[BaseModel], path: str) -> bool:
    """Whether the output has a text there, with room for the address alone."""
    info = output.model_fields[path.partition(".")[0]]
    return media_mark(info) is not None and not any(_files(info.annotation))


def _files(annotation: Any) -> Iterator[type[File]]:
    if isinstance(annotation, type) and issubclass(annotation, File):
        yield annotation
    for part in get_args(annotation):
        yield from _files(part)
