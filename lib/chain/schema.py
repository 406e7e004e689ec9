"""A JSON Schema (draft 2020-12) of chain files, for editors and other programs. Pure.

It says what lies in one place: names, types, bounds, known operations and their fields. What follows from several
places at once (references that lead nowhere, circles, kinds of files that do not fit) is `lib.chain.check`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import models_json_schema

from lib.catalog import OPERATIONS
from lib.catalog.fields import media_mark
from lib.catalog.schema import WireSchema
from lib.chain.model import Chain

DRAFT = "https://json-schema.org/draft/2020-12/schema"
FORMAT = 1
"""The version of the chain format that is described: the value of "dailies" in a file."""
REFERENCE = {
    "title": "Reference",
    "description": 'Something made before: "$inputs.video", or a step and the path into its output, "$extend.video".',
    "type": "string",
    "pattern": r"^\$[a-z][a-z0-9_-]*(\.[A-Za-z0-9_-]+)+$",
}
SOURCE = {
    "title": "File",
    "description": "A reference, an address, a file kept here by its SHA-256, or nothing where it may be left out.",
    "anyOf": [
        {"$ref": "#/$defs/Reference"},
        {"type": "string", "pattern": "^(https?://|data:)"},
        {"type": "string", "pattern": "^asset:[0-9a-f]{64}$"},
        {"const": ""},
    ],
}
SAID = ("title", "description", "default", "examples")


def chain_schema() -> dict[str, Any]:
    """The schema of a chain file with every operation of this version."""
    own, definitions, name_of = _written()
    step = definitions[own["properties"]["steps"]["items"]["$ref"].rpartition("/")[2]]
    step["properties"]["operation"] = {"title": "Operation", "enum": list(OPERATIONS)}
    step["allOf"] = [_when(made.id, name_of[made.input]) for made in OPERATIONS.values()]
    definitions |= {"Reference": REFERENCE, "Source": SOURCE}
    return {"$schema": DRAFT, **own, "title": f"Dailies chain, format {FORMAT}", "$defs": definitions}


def _written() -> tuple[dict[str, Any], dict[str, Any], dict[Any, str]]:
    """The chain's own schema, the definitions beside it with their fields opened, and the name of each model there."""
    inputs = [(made.input, "validation") for made in OPERATIONS.values()]
    places, shared = models_json_schema([(Chain, "validation"), *inputs], schema_generator=WireSchema)  # type: ignore[list-item]
    definitions = shared["$defs"]
    name_of: dict[Any, str] = {model: place["$ref"].removeprefix("#/$defs/") for (model, _), place in places.items()}
    for model in _all_models(made.input for made in OPERATIONS.values()):
        if model in name_of or model.__name__ in definitions:
            _open(definitions[name_of.get(model, model.__name__)], model)
    own = definitions.pop(name_of[Chain])
    return own, definitions, name_of


def _when(id: str, name: str) -> dict[str, Any]:
    """The input of that operation has that form."""
    is_it = {"properties": {"operation": {"const": id}}, "required": ["operation"]}
    return {"if": is_it, "then": {"properties": {"input": {"$ref": f"#/$defs/{name}"}}}}


def _all_models(models: Iterator[type[BaseModel]]) -> list[type[BaseModel]]:
    """These and what lies in their lists, each once."""
    found: dict[type[BaseModel], None] = {}
    left = list(models)
    while left:
        model = left.pop()
        if model not in found:
            found[model] = None
            left += [part for info in model.model_fields.values() for part in _models_in(info.annotation)]
    return list(found)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _open(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Lets each field also be a reference, and one that may be left out also null."""
    for name, info in model.model_fields.items():
        wanted = schema.get("required", ())
        schema["properties"][name] = _field(schema["properties"][name], info, needed=name in wanted)


def _field(own: Mapping[str, Any], info: FieldInfo, *, needed: bool) -> dict[str, Any]:
    said = {key: value for key, value in own.items() if key in SAID}
    bare = {key: value for key, value in own.items() if key not in SAID}
    mark = media_mark(info)
    if mark is not None and mark.kind != "weights":
        bare = _sources(bare)
    elif isinstance(bare.get("items"), dict) and "$ref" not in bare["items"]:
        bare |= {"items": {"anyOf": [bare["items"], {"$ref": "#/$defs/Reference"}]}}
    forms = [bare, {"$ref": "#/$defs/Reference"}, *([] if needed else [{"type": "null"}])]
    return {**said, "anyOf": forms}


def _sources(bare: dict[str, Any]) -> dict[str, Any]:
    """A file, or a list of them, of which one may stand for all takes of a sweep."""
    source = {"$ref": "#/$defs/Source"}
    if bare.get("type") != "array":
        return source
    least = {"minItems": 1} if "minItems" in bare else {}
    return bare | least | {"items": source}
