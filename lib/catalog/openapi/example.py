"""An example body: what the document gives as examples, and made-up values where it requires one and gives none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lib.catalog.fields import Input
from lib.catalog.form import FieldKind, FieldSpec, fields
from lib.catalog.openapi.schema import Schema, Schemas, Within, ordered
from lib.catalog.validation import validate
from lib.errors import InputError

ADDRESSES: Mapping[str, str] = {
    "video": "https://example.com/clip.mp4",
    "image": "https://example.com/picture.png",
    "audio": "https://example.com/sound.wav",
}
TEXT = "A quiet street in the evening"
TRIES = 4


def example_body(model: type[Input], schemas: Schemas, schema: Any) -> dict[str, Any]:
    """A body that validates. Examples that do not fit their own types are left out, or made up where required."""
    flat, within = schemas.flat(schema)
    specs = {spec.name: spec for spec in fields(model)}
    given = _given(schemas, flat, within, specs)
    body = {name: given.get(name, _made_up(spec)) for name, spec in specs.items() if name in given or spec.required}
    for _ in range(TRIES):
        try:
            return validate(model, body).payload()
        except InputError as error:
            _mend(body, specs, given, error)
    return {}


def _given(schemas: Schemas, flat: Schema, within: Within, specs: Mapping[str, FieldSpec]) -> dict[str, Any]:
    """The first example of each field: its own, else the one in an example of the whole body."""
    whole = _first(flat)
    found = dict(whole) if isinstance(whole, dict) else {}
    for name, part in ordered(flat).items():
        own = _first(schemas.flat(part, within)[0])
        if own is not None and name not in found:
            found[name] = own
    return {name: value for name, value in found.items() if name in specs and value is not None}


def _first(schema: Schema) -> Any:
    examples = schema.get("examples")
    if isinstance(examples, dict):
        examples = list(examples.values())
    return examples[0] if isinstance(examples, list) and examples else schema.get("example")


def _mend(body: dict[str, Any], specs: Mapping[str, FieldSpec], given: dict[str, Any], error: InputError) -> None:
    """Takes out what was refused; what must be there is made up instead."""
    for path in error.fields:
        name = next((name for name in specs if path == name or path.startswith(f"{name}.")), None)
        if name is not None and specs[name].required:
            body[name] = _made_up(specs[name])
        elif name is not None:
            body.pop(name, None)


def _made_up(spec: FieldSpec) -> Any:
    """A value that the field's own type takes."""
    if spec.default is not None:
        return spec.default
    return _MADE_UP[spec.kind](spec)


def _inner(spec: FieldSpec) -> Iterator[tuple[str, Any]]:
    return ((item.name, _made_up(item)) for item in spec.item if item.required)


def _least(spec: FieldSpec) -> int:
    return max(1, min(int(spec.minimum or 1), 20))


def _number(spec: FieldSpec) -> float:
    low, high = spec.minimum, spec.maximum
    value = low if low is not None else min(1, high) if high is not None else 1
    step = spec.multiple_of
    return value if not step else -(-value // step) * step


def _address(spec: FieldSpec) -> str:
    return ADDRESSES.get(str(spec.media), ADDRESSES["video"])


def _text(spec: FieldSpec) -> str:
    return TEXT if spec.maximum is None else TEXT[: int(spec.maximum)]


_MADE_UP: Mapping[FieldKind, Callable[[FieldSpec], Any]] = {
    "text": _text,
    "long_text": _text,
    "integer": _number,
    "number": _number,
    "seed": _number,
    "boolean": lambda spec: False,
    "choice": lambda spec: spec.choices[0],
    "media": _address,
    "media_list": lambda spec: [_address(spec)] * _least(spec),
    "text_list": lambda spec: [*spec.choices, TEXT][:1] * _least(spec),
    "object": lambda spec: dict(_inner(spec)),
    "objects": lambda spec: [dict(_inner(spec)) for _ in range(_least(spec))],
    "json": lambda spec: {},
}
