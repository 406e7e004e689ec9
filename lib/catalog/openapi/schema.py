"""Schemas of one document, laid flat: references followed, `allOf` merged, the forms of a union side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.catalog.openapi.document import broken

MOST_SCHEMAS = 20_000
MOST_HOPS = 40
Schema = dict[str, Any]
Within = frozenset[str]
"""The references that lead to where one is: a schema that leads back to itself is not followed round and round."""


@dataclass(slots=True)
class Forms:
    """What a value may be: one or several plain schemas, and whether it may be null."""

    schemas: list[tuple[Schema, Within]] = field(default_factory=list)
    nullable: bool = False


class Schemas:
    """Reads one document. It counts what it reads, so that no document can keep it busy for long."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._left = MOST_SCHEMAS

    def flat(self, schema: Any, within: Within = frozenset()) -> tuple[Schema, Within]:
        """The schema without `$ref` and `allOf`. What stands beside a reference counts before what it leads to.

        {} stands for anything: for `true`, for what is no schema at all, and for a reference that leads nowhere or
        back to itself.
        """
        self._count()
        if not isinstance(schema, dict) or len(within) > MOST_HOPS:
            return {}, within
        own = {name: value for name, value in schema.items() if name not in ("$ref", "allOf")}
        for part in self._parts(schema):
            more, within = self._follow(part, within)
            own = merged(more, own)
        return own, within

    def forms(self, schema: Any, within: Within = frozenset()) -> Forms:
        """Every form that a value may have, each flat and of one type, each once."""
        whole, within = self.flat(schema, within)
        found, seen = Forms(nullable=whole.get("nullable") is True), set[str]()
        for one, inside in self._spread(whole, within):
            if _is_null(one):
                found.nullable = True
                continue
            plain = self._without_null(one, found)
            if (text := json.dumps(plain, sort_keys=True)) not in seen:
                seen.add(text)
                found.schemas.append((plain, inside))
        return found

    @staticmethod
    def _without_null(one: Schema, found: Forms) -> Schema:
        """An enum may have null among its values."""
        choices = one.get("enum")
        if not isinstance(choices, list) or None not in choices:
            return one
        found.nullable = True
        return {**one, "enum": [value for value in choices if value is not None]}

    def _parts(self, schema: Schema) -> Iterator[Any]:
        """What is merged into a schema, the strongest last."""
        parts = schema.get("allOf")
        yield from parts if isinstance(parts, list) else []
        if "$ref" in schema:
            yield {"$ref": schema["$ref"]}

    def _follow(self, part: Any, within: Within) -> tuple[Schema, Within]:
        if not isinstance(part, dict) or "$ref" not in part:
            return self.flat(part, within)
        ref = str(part["$ref"])
        if ref in within:
            return {}, within
        beside = {name: value for name, value in part.items() if name != "$ref"}
        target, inside = self.flat(self._target(ref), within | {ref})
        return merged(target, self.flat(beside, within)[0]), inside

    def _target(self, ref: str) -> Any:
        at: Any = self._document
        for name in ref.removeprefix("#/").split("/") if ref.startswith("#/") else ():
            at = at.get(name.replace("~1", "/").replace("~0", "~")) if isinstance(at, dict) else None
        return at if ref.startswith("#/") else None

    def _spread(self, schema: Schema, within: Within) -> Iterator[tuple[Schema, Within]]:
        """The schemas that a union or a list of types stands for; what is said above them holds for each."""
        kinds = schema.get("type")
        if isinstance(kinds, list):
            for kind in kinds:
                self._count()
                yield {**schema, "type": kind}, within
            return
        parts = next((schema[name] for name in ("anyOf", "oneOf") if isinstance(schema.get(name), list)), None)
        if not parts:
            yield schema, within
            return
        above = {name: value for name, value in schema.items() if name not in ("anyOf", "oneOf")}
        for part in parts:
            inner, inside = self.flat(part, within)
            yield from self._spread(merged(inner, _without_words(above)), inside)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise broken("has too many parts to be shown as a form", hint="Call this model with your own program.")


def merged(under: Schema, over: Schema) -> Schema:
    """Both as one: fields and what is required add up, elsewhere `over` counts."""
    both = {**under, **over}
    if isinstance(under.get("properties"), dict) and isinstance(over.get("properties"), dict):
        both["properties"] = {**under["properties"], **over["properties"]}
    for name in ("required", "x-fal-order-properties"):
        if isinstance(under.get(name), list) and isinstance(over.get(name), list):
            both[name] = [*under[name], *(one for one in over[name] if one not in under[name])]
    return both


def ordered(schema: Schema) -> dict[str, Any]:
    """The fields of an object in the order that its author chose; those he forgot come last."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    order = schema.get("x-fal-order-properties")
    first = [name for name in order if isinstance(name, str) and name in properties] if isinstance(order, list) else []
    return {name: properties[name] for name in dict.fromkeys([*first, *properties])}


def required(schema: Schema) -> set[str]:
    found = schema.get("required")
    return {name for name in found if isinstance(name, str)} if isinstance(found, list) else set()


def _is_null(schema: Schema) -> bool:
    nothing = schema.get("enum") == [None] or ("const" in schema and schema["const"] is None)
    return nothing or schema.get("type") == "null"


def _without_words(above: Schema) -> Schema:
    """Title, text, default and examples speak of the field, not of one of its forms."""
    words = ("title", "description", "default", "examples", "example", "nullable")
    return {name: value for name, value in above.items() if name not in words}
