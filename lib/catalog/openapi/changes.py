"""What is different between two readings of a model's description, in sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Operation


def changes(before: Operation, after: Operation) -> list[str]:
    """One sentence for each field that came, went or is different; empty where the form is the same."""
    old = {spec.name: spec for spec in fields(before.input)}
    new = {spec.name: spec for spec in fields(after.input)}
    said = [f"New: {new[name].title}." for name in new if name not in old]
    said += [f"Gone: {old[name].title}." for name in old if name not in new]
    said += [sentence for name in new if name in old for sentence in _differences(old[name], new[name])]
    outputs = (list(before.output.model_fields), list(after.output.model_fields))
    return said if outputs[0] == outputs[1] else [*said, f"It gives now: {', '.join(outputs[1]) or 'anything'}."]


def _differences(old: FieldSpec, new: FieldSpec) -> Iterator[str]:
    if old.required != new.required:
        yield f"{new.title} {'must be given now' if new.required else 'may be left out now'}."
    if (old.kind, old.media) != (new.kind, new.media):
        yield f"{new.title} takes something else now."
        return
    if old.default != new.default:
        yield f"{new.title}: the default was {_shown(old.default)} and is {_shown(new.default)}."
    if old.choices != new.choices:
        yield f"{new.title}: the choices are {', '.join(map(_shown, new.choices)) or 'free'}."
    if (old.minimum, old.maximum) != (new.minimum, new.maximum):
        yield f"{new.title}: the limits are {_shown(new.minimum)} to {_shown(new.maximum)}."
    inner = {item.name: item for item in old.item}
    if old.item != new.item and [item.name for item in new.item] != list(inner):
        yield f"{new.title}: its entries have other fields."
    for item in new.item:
        if item.name in inner:
            yield from _differences(inner[item.name], item)


def _shown(value: Any) -> str:
    return "open" if value is None else str(value) if isinstance(value, str) else json.dumps(value, default=str)
