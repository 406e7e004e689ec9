"""What a guest is to give: a file for each that its output names, and made-up values for the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from lib.catalog.fields import Input, media_mark, wire_name
from lib.catalog.form import plain_type
from lib.catalog.operation import Endpoint

GUEST = "guest"
MADE = ("video", "image", "audio")
WORDS = "A rehearsed answer: the model itself was not asked."
_PLAIN: dict[Any, Any] = {str: WORDS, int: 1, float: 0.5, bool: False}


def plan(endpoint: Endpoint, made: Input, seed: int) -> str:
    """JSON for the performer: {"files": {path: kind}, "values": {name: value}, "words": what it is about}."""
    files = dict(_files(endpoint.output))
    body = made.payload()
    held = {path.partition(".")[0] for path in files}
    values = {name: value for name, value in _values(endpoint.output, body, seed) if name not in held}
    return json.dumps({"files": files, "values": values, "words": _words(body)})


def _files(output: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for name, info in output.model_fields.items():
        mark = media_mark(info)
        if mark is not None and mark.kind in MADE:
            is_list = get_origin(plain_type(info.annotation)) is list
            yield f"{wire_name(name, info)}{'.0' if is_list else ''}", mark.kind


def _values(output: type[BaseModel], body: dict[str, Any], seed: int) -> Iterator[tuple[str, Any]]:
    """A seed is the one that was used, a prompt the one that was given, every other value is made up."""
    for name, info in output.model_fields.items():
        wire, bare = wire_name(name, info), plain_type(info.annotation)
        if wire == "seed" and bare is int:
            yield wire, seed
        elif isinstance(body.get(wire), str) and bare is str:
            yield wire, body[wire]
        elif bare in _PLAIN:
            yield wire, _PLAIN[bare]
        elif get_origin(bare) is list and plain_type(get_args(bare)[0]) in _PLAIN:
            yield wire, [_PLAIN[plain_type(get_args(bare)[0])]]


def _words(body: dict[str, Any]) -> str:
    """The longest text of the input: most likely what it is about."""
    texts = [value for value in body.values() if isinstance(value, str) and "://" not in value]
    return max(texts, key=len, default="")
