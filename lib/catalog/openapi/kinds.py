"""From a schema to the type of a field: one that a widget draws where nothing is lost by it, else JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from types import GenericAlias
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf

from lib.catalog.fields import LongText, Media
from lib.catalog.openapi.media import hints, kind_of_text
from lib.catalog.openapi.schema import Forms, Schema, Schemas, Within, ordered

MOST_NESTED = 5
MOST_CHOICES = 2_000
LARGEST = 2**53 - 1
"""Whole numbers beyond it cannot be held by a browser."""
LONG_TEXT_LETTERS = 160
MOST_FORMS = 8
_NAMES = {
    "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list in square brackets", "object": "an object in curly brackets",
}  # fmt: skip
_LONG = ("prompt", "text", "lyrics", "script", "description", "instruction", "instructions", "caption")


@dataclass(frozen=True, slots=True)
class Kind:
    """A Python type; `drawn` says that a widget shows it, `one_or_more` that it is a file or a list of files."""

    type: Any
    drawn: bool = True
    one_or_more: bool = False
    entry: bool = False
    """Whether it may stand in a list that a widget shows."""
    forms: str = ""
    """What may be written where no widget draws it."""
    text: bool = False
    """Free text: in a list its length is left to the provider."""


ANYTHING = Kind(Any, drawn=False)
MakeObject = Callable[[str, Schema, Within, int], Any]


class Kinds:
    """Reads types with `make` for objects, which gives a model."""

    def __init__(self, schemas: Schemas, make: MakeObject) -> None:
        self._schemas = schemas
        self._make = make

    def of(self, name: str, forms: Forms, depth: int, inside: str = "") -> Kind:
        """The type for these forms of one value."""
        hinted = next((hints(schema) for schema, _ in forms.schemas if hints(schema)), {})
        alike = [({**hinted, **schema}, within) for schema, within in forms.schemas]
        kinds = [self._one(name, schema, within, depth, inside) for schema, within in alike]
        found = kinds[0] if len(kinds) == 1 else _union(kinds, [schema for schema, _ in alike])
        return found if found.drawn else replace(found, forms=may_be([schema for schema, _ in alike]))

    def _one(self, name: str, schema: Schema, within: Within, depth: int, inside: str) -> Kind:
        choices = [schema["const"]] if "const" in schema else schema.get("enum")
        if isinstance(choices, list) and choices:
            return _choice(choices)
        kind = _type(schema)
        if kind == "array":
            return self._list(name, schema, within, depth)
        if kind == "object":
            return self._object(name, schema, within, depth)
        return _text(name, schema, inside) if kind == "string" else _plain(kind, schema)

    def _list(self, name: str, schema: Schema, within: Within, depth: int) -> Kind:
        marks, items = _sizes(schema, "minItems", "maxItems"), schema.get("items")
        if not isinstance(items, dict) or "prefixItems" in schema or depth >= MOST_NESTED:
            return Kind(_limited(list[Any], marks), drawn=False)
        # A list's name is that of its entries, and the hint may stand at either.
        forms = self._schemas.forms(items, within)
        forms.schemas = [({**hints(schema), **one}, inside) for one, inside in forms.schemas]
        entry = self.of(name, forms, depth + 1)
        if entry.text:
            return Kind(_limited(list[str], marks), drawn=not forms.nullable)
        bare: Any = entry.type if not forms.nullable else entry.type | None
        drawn = entry.drawn and entry.entry and not forms.nullable and "." not in name
        return Kind(_limited(GenericAlias(list, (bare,)), marks), drawn=drawn)

    def _object(self, name: str, schema: Schema, within: Within, depth: int) -> Kind:
        more, properties = schema.get("additionalProperties"), schema.get("properties")
        if isinstance(properties, dict) and properties and not more and depth < MOST_NESTED:
            return Kind(self._make(name, schema, within, depth), drawn="." not in name, entry=True)
        if isinstance(more, dict) and not properties and depth < MOST_NESTED:
            value = self.of(name, self._schemas.forms(more, within), depth + 1)
            return Kind(GenericAlias(dict, (str, value.type)), drawn=False)
        return Kind(dict[str, Any], drawn=False)


def numeric_marks(schema: Mapping[str, Any]) -> list[Any]:
    """The bounds of a number, in both spellings that OpenAPI has had; bounds that no value can meet are left out."""
    low, high = _number(schema.get("minimum")), _number(schema.get("maximum"))
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    marks: list[Any] = []
    if low is not None:
        marks.append(Gt(low) if above is True else Ge(low))
    if high is not None:
        marks.append(Lt(high) if below is True else Le(high))
    past, under = _number(above), _number(below)
    marks += [Gt(past)] if past is not None else []
    marks += [Lt(under)] if under is not None else []
    least = max((bound for bound in (low, past) if bound is not None), default=None)
    most = min((bound for bound in (high, under) if bound is not None), default=None)
    step = _number(schema.get("multipleOf"))
    marks += [MultipleOf(step)] if step is not None and step > 0 else []
    return [] if least is not None and most is not None and least >= most else marks


def _number(value: Any) -> Any:
    """A number that a widget can have for a bound."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) <= LARGEST else None


def _plain(kind: str, schema: Schema) -> Kind:
    if kind in ("integer", "number"):
        return Kind(_limited(int if kind == "integer" else float, numeric_marks(schema)))
    return Kind(bool) if kind == "boolean" else ANYTHING


def _type(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "array" if "items" in schema else ""


@dataclass(frozen=True, slots=True)
class Order:
    """The author's order of some choices. Python takes two Literals for one that differ in nothing else, and hands out
    whichever it met first; with this mark they are two.
    """

    choices: tuple[Any, ...]


def _choice(choices: list[Any]) -> Kind:
    plain = all(isinstance(choice, str | int | float) for choice in choices)
    if not plain or len(choices) > MOST_CHOICES:
        return ANYTHING
    texts, order = all(isinstance(choice, str) for choice in choices), tuple(choices)
    return Kind(Annotated[Literal[order], Order(order)], entry=texts)


def _text(name: str, schema: Schema, inside: str) -> Kind:
    media = kind_of_text(name, schema, inside=inside) if "." not in name else None
    if media is not None:
        return Kind(Annotated[str, Media(media)], entry=True)
    most = schema.get("maxLength")
    long = name.lower().rpartition("_")[2] in _LONG or (isinstance(most, int) and most > LONG_TEXT_LETTERS)
    marks = _sizes(schema, "minLength", "maxLength")
    return Kind(_limited(str, [*marks, *([LongText()] if long else [])]), text=True)


def _sizes(schema: Schema, least: str, most: str) -> list[Any]:
    low, high = (schema.get(name) for name in (least, most))
    found: list[Any] = [MinLen(low)] if isinstance(low, int) and 0 < low <= LARGEST else []
    found += [MaxLen(high)] if isinstance(high, int) and (low if isinstance(low, int) else 0) <= high <= LARGEST else []
    return found


def _limited(bare: Any, marks: Iterable[Any]) -> Any:
    for mark in marks:
        bare = Annotated[bare, mark]
    return bare


def _union(kinds: list[Kind], schemas: list[Schema]) -> Kind:
    """Several forms as one where that loses nothing: texts, numbers, choices, a file or files; else JSON."""
    if not kinds or any(kind.type is Any for kind in kinds):
        return ANYTHING
    names = [_type(schema) for schema in schemas]
    closed = ["enum" in schema or "const" in schema for schema in schemas]
    if all(closed):
        values = [value for schema in schemas for value in schema.get("enum", [schema.get("const")])]
        return _choice(list(dict.fromkeys(values)))
    if set(names) == {"string"}:
        return next(kind for kind, is_closed in zip(kinds, closed, strict=True) if not is_closed)
    if set(names) <= {"integer", "number"} and not any(closed):
        return Kind(float)
    if sorted(names) == ["array", "string"] and all(kind.drawn for kind in kinds) and not any(closed):
        return _one_or_more(kinds)
    return Kind(_either(kinds), drawn=False)


def _either(kinds: list[Kind]) -> Any:
    return reduce(or_, (kind.type for kind in kinds))


def _one_or_more(kinds: list[Kind]) -> Kind:
    both = Kind(_either(kinds), drawn=False)
    media = ["Media(" in repr(kind.type) for kind in kinds]
    return replace(both, drawn=True, one_or_more=True) if all(media) else both


def may_be(schemas: list[Schema]) -> str:
    """ "May be auto, or a whole number.", for what has no widget of its own."""
    said = list(dict.fromkeys(words for schema in schemas for words in _words(schema)))
    if not said:
        return "Anything that JSON can say."
    *first, last = said[:MOST_FORMS]
    return f"May be {', '.join(first)}{', or ' if first else ''}{last}{' …' if len(said) > MOST_FORMS else '.'}"


def _words(schema: Schema) -> list[str]:
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(choices, list) and choices:
        return [str(choice) for choice in choices]
    kind, properties = _type(schema), schema.get("properties")
    if kind == "object" and isinstance(properties, dict) and properties:
        return [f"an object with {', '.join(list(ordered(schema))[:MOST_FORMS])}"]
    return [_NAMES[kind]] if kind in _NAMES else []
