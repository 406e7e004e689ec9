"""Models made from schemas: the input that a form is drawn from, and the output as far as its files are concerned."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import GenericAlias
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, create_model

from lib.catalog.fields import (
    Advanced,
    File,
    Input,
    Item,
    Json,
    Media,
    OneOrMore,
    Output,
    Seed,
    Stated,
    VideoFile,
    wire_name,
)
from lib.catalog.openapi.document import broken
from lib.catalog.openapi.kinds import Kind, Kinds
from lib.catalog.openapi.media import hints, is_file, kind_of_file
from lib.catalog.openapi.schema import Forms, Schema, Schemas, Within, ordered, required
from lib.catalog.operation import SEED_LIMIT

MOST_FIELDS = 400
SHOWN_FIRST = 8
"""So many optional fields stand in sight; their author put the important ones first."""
MOST_LETTERS = 2_000
MOST_TITLE = 80


class Read(Input):
    """An input that was read off a document. `nulls` are fields that the body must have, be it as null."""

    nulls: ClassVar[frozenset[str]] = frozenset()

    def payload(self) -> dict[str, Any]:
        body = super().payload()
        names = [wire_name(name, info) for name, info in type(self).model_fields.items()]
        return {name: body.get(name) for name in names if name in body or name in self.nulls}


class ReadItem(Item):
    """An object inside such an input."""


def input_model(schemas: Schemas, schema: Any) -> type[Read]:
    """The model of what a request takes. Raises ProtocolError where it takes no object, or too many fields."""
    flat, within = schemas.flat(schema)
    if flat.get("type", "object") != "object" or not isinstance(flat.get("properties", {}), dict):
        raise broken("does not say which fields the model takes")
    return Inputs(schemas).model(flat, within)


@dataclass(frozen=True, slots=True)
class Part:
    """One field on its way into a model."""

    name: str
    schema: Schema
    kind: Kind
    needed: bool

    def default(self) -> Any:
        """The stated default, as the type has it; None for one that the type refuses.

        Objects and lists of them begin empty: left out, theirs applies.
        """
        value = self.schema.get("default", self.schema.get("const") if self.needed else None)
        if value is None or (self.kind.drawn and _holds_model(self.kind.type)):
            return None
        try:
            found = TypeAdapter(self.kind.type).validate_python(value)
        except (ValidationError, ValueError):
            return None
        return found if self.kind.drawn else value

    def title(self) -> str | None:
        """The author's title, unless it is only the name again."""
        title = str(self.schema.get("title") or "").strip()[:MOST_TITLE]
        return None if _letters(title) in ("", _letters(self.name)) else title

    def words(self) -> str:
        """What the document says of the field."""
        said = str(self.schema.get("description") or "").strip()[:MOST_LETTERS]
        if self.kind.drawn and _holds_model(self.kind.type) and self.schema.get("default"):
            said = f"{said.rstrip('.')}. Left out, the model takes its own default.".lstrip(". ")
        return said or "The model's description says nothing about this field."


class Inputs:
    """Makes input models, and counts their fields."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._kinds = Kinds(schemas, self._item)
        self._left = MOST_FIELDS

    def model(self, schema: Schema, within: Within) -> type[Read]:
        needed, shown, fields = required(schema), 0, dict[str, Any]()
        nulls = set[str]()
        for name, part in ordered(schema).items():
            forms = self._schemas.forms(part, within)
            flat = self._schemas.flat(part, within)[0]
            kind = self._kinds.of(name, forms, 0)
            is_needed = name in needed and not forms.nullable
            nulls |= {name} if name in needed and forms.nullable and flat.get("default") is None else set()
            shown += not is_needed
            folded = not is_needed and (shown > SHOWN_FIRST or _hidden(flat))
            marks: list[Any] = [Advanced()] if folded else []
            marks += [Seed()] if name == "seed" and _is_seed(flat, kind, forms) else []
            self._add(fields, Read, Part(name, _own(part, flat), kind, is_needed), marks)
        made: type[Read] = _made("Input", Read, fields)
        made.nulls = frozenset(nulls)
        return made

    def _item(self, name: str, schema: Schema, within: Within, depth: int) -> type[BaseModel]:
        needed, fields = required(schema), dict[str, Any]()
        for inner, part in ordered(schema).items():
            forms = self._schemas.forms(part, within)
            kind = self._kinds.of(inner, forms, depth + 1, inside=name)
            is_needed = inner in needed and not forms.nullable
            flat = _own(part, self._schemas.flat(part, within)[0])
            self._add(fields, ReadItem, Part(inner, flat, kind, is_needed), [])
        made: type[BaseModel] = _made(str(schema.get("title") or name or "Item"), ReadItem, fields)
        return made

    def _add(self, fields: dict[str, Any], base: type, part: Part, marks: list[Any]) -> None:
        self._left -= 1
        if self._left < 0:
            hint = "Call this model with your own program."
            raise broken(f"has more than {MOST_FIELDS} fields, too many for a form", hint=hint)
        kind, default = part.kind, part.default()
        marks = [*marks, *([] if kind.drawn else [Json(kind.forms)]), *([OneOrMore()] if kind.one_or_more else [])]
        marks += [Stated(default)] if part.needed and default is not None else []
        annotation = kind.type if part.needed or kind.type is Any else kind.type | None
        for mark in marks:
            annotation = Annotated[annotation, mark]
        words: dict[str, Any] = {"title": part.title(), "description": part.words()}
        python, alias = python_name(part.name, base, fields)
        fields[python] = (annotation, Field(... if part.needed else default, alias=alias, **words))


def output_model(schemas: Schemas, schema: Any) -> type[Output]:
    """What comes back: its files with their kinds, as far as they are told, and every other value as it is."""
    flat, within = schemas.flat(schema)
    fields = dict[str, Any]()
    for name, part in list(ordered(flat).items())[:MOST_FIELDS]:
        text = schemas.flat(part, within)[0].get("description")
        python, alias = python_name(name, Output, fields)
        described = Field(None, alias=alias, description=str(text)[:MOST_LETTERS] if text else "A value of the result.")
        fields[python] = (_returned(schemas, name, part, within) | None, described)
    made: type[Output] = _made("Output", Output, fields)
    return made


def _returned(schemas: Schemas, name: str, part: Any, within: Within) -> Any:
    """A file, a list of files, a plain value, or anything."""
    forms = schemas.forms(part, within).schemas
    alike = len(forms) == 1 or (bool(forms) and all(is_file(form) for form, _ in forms))
    schema, inside = forms[0] if alike else ({}, within)
    if schema.get("type") == "array" or "items" in schema:
        return GenericAlias(list, (_returned(schemas, name, _entry(schema), inside),))
    if is_file(schema):
        kind = kind_of_file(name, schema)
        bare = VideoFile if kind == "video" else File
        return bare if kind is None else Annotated[bare, Media(kind)]
    if schema.get("type") == "string" and (kind := _address(name, schema)):
        return Annotated[str, Media(kind)]
    plain = {"string": str, "integer": int, "number": float, "boolean": bool}
    return plain.get(str(schema.get("type")), Any)


def _entry(schema: Schema) -> Any:
    """What a list holds; a hint at the list is one for its entries."""
    items = schema.get("items")
    return {**hints(schema), **items} if isinstance(items, dict) else items


def _address(name: str, schema: Schema) -> Any:
    text = Kinds(Schemas({}), _nothing).of(name, Forms([(schema, frozenset())]), 0).type
    return next((mark.kind for mark in getattr(text, "__metadata__", ()) if isinstance(mark, Media)), None)


def _nothing(name: str, schema: Schema, within: Within, depth: int) -> Any:
    return Any


def python_name(wire: str, base: type, taken: Mapping[str, Any]) -> tuple[str, str | None]:
    """(name, alias): what Python can call the field, and what bodies call it where that differs."""
    if wire and not wire.startswith("_") and wire not in dir(base) and wire not in taken:
        return wire, None
    stem, number = f"field_{wire.strip('_') or 'empty'}", 1
    while (name := f"{stem}_{number}") in taken:
        number += 1
    return name, wire


def _made(name: str, base: type[Any], fields: dict[str, Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names such as model_id are wire names here
        return create_model(name, __base__=base, __module__=__name__, **fields)


def _holds_model(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(_holds_model(part) for part in getattr(annotation, "__args__", ()))


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _hidden(flat: Schema) -> bool:
    ui = flat.get("ui")
    return isinstance(ui, dict) and ui.get("hidden") is True


def _own(part: Any, flat: Schema) -> Schema:
    """The field's schema under its own title: that of the type it refers to is no name for it."""
    return {**flat, "title": part.get("title") if isinstance(part, dict) else None}


def _is_seed(flat: Schema, kind: Kind, forms: Forms) -> bool:
    """Whether a seed that is left open may be drawn: with a default of its own it stands at that."""
    if flat.get("default") is not None or not kind.drawn or len(forms.schemas) != 1:
        return False
    schema = forms.schemas[0][0]
    low = schema.get("minimum") or 0
    return schema.get("type") == "integer" and "enum" not in schema and isinstance(low, int) and low < SEED_LIMIT
