"""References between steps: a whole string "$step.output.path", as in fal workflows (queue-protocol 7.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_WHOLE = re.compile(r"\$([a-z][a-z0-9_-]*)((?:\.[A-Za-z0-9_-]+)+)")


@dataclass(frozen=True, slots=True)
class Reference:
    """`source` is a step's id or "inputs"; `path` leads into its output: ("images", "0", "url")."""

    source: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return "$" + ".".join((self.source, *self.path))


def parse(value: object) -> Reference | None:
    """The reference that this value is, or None. A dollar sign inside other text is just text."""
    match = _WHOLE.fullmatch(value) if isinstance(value, str) else None
    return Reference(match[1], tuple(match[2][1:].split("."))) if match else None


def references(value: Any, path: str = "") -> Iterator[tuple[str, Reference]]:
    """(field path, reference) for every reference anywhere in a step's input."""
    found = parse(value)
    if found is not None:
        yield path, found
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from references(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from references(item, f"{path}.{index}" if path else str(index))


def substitute(value: Any, look_up: Callable[[Reference], Any]) -> Any:
    """The same value with each reference replaced by what `look_up` gives."""
    found = parse(value)
    if found is not None:
        return look_up(found)
    if isinstance(value, Mapping):
        return {key: substitute(item, look_up) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [substitute(item, look_up) for item in value]
    return value


def follow(output: Any, path: tuple[str, ...]) -> Any:
    """What lies at `path` in a take's output. Raises KeyError where there is nothing."""
    for part in path:
        output = output[int(part)] if isinstance(output, list) and part.isdigit() else output[part]
    return output
