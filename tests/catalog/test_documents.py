"""The catalog against the documents, field by field.

`documents.json` was taken from the documents by a parser that knows nothing of the models, and read over by hand. The
comparison goes through JSON Schema, which is what others see of the catalog. `siblings.json` holds, in the same form,
the endpoints whose types the documents print without an id and without an example. `newer.json` holds the bounds that
newer pages give to fields for which the documents state none; any other bound is made up.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from lib.catalog import ENDPOINTS, amt, ltx
from lib.catalog import schema as wire
from lib.catalog.ffmpeg_api import compose, frame, loudnorm, metadata
from lib.catalog.fields import Newer, marks_of

DOCUMENTS: dict[str, Any] = json.loads(Path(__file__).with_name("documents.json").read_text(encoding="utf-8"))
SIBLINGS: dict[str, Any] = json.loads(Path(__file__).with_name("siblings.json").read_text(encoding="utf-8"))
STATED = dict(DOCUMENTS["endpoints"])
"""Those with an id and an example of their own."""
DOCUMENTS["endpoints"] |= SIBLINGS["endpoints"]
NEWER: dict[str, Any] = json.loads(Path(__file__).with_name("newer.json").read_text(encoding="utf-8"))
INPUTS = [(of, field["name"]) for of, document in DOCUMENTS["endpoints"].items() for field in document["input"]]
OUTPUTS = [(of, field["name"]) for of, document in DOCUMENTS["endpoints"].items() for field in document["output"]]

TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "float": {"type": "number"},
    # The client knows one kind of number.
    "number": {"type": "number"},
    "Video | Audio": {"anyOf": [{"$ref": "#/$defs/Video"}, {"$ref": "#/$defs/Audio"}]},
    "boolean": {"type": "boolean"},
    "list<string>": {"type": "array", "items": {"type": "string"}},
    # The document lost the enum's values: free text.
    "list<Enum>": {"type": "array", "items": {"type": "string"}},
    "Timings": {"type": "object", "additionalProperties": {"type": "number"}},
}
NOT_REQUIRED_AS_DECIDED = {("fal-ai/lyra-2/splat", "processed_frame_count"), ("fal-ai/lynx", "seed")}


@functools.cache
def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    return wire.json_schema(model)


def documented(id: str, side: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(field for field in DOCUMENTS["endpoints"][id][side] if field["name"] == name)
    return found


def described(model: type[BaseModel], name: str) -> dict[str, Any]:
    shown: dict[str, Any] = json_schema(model)["properties"][name]
    return shown


def typed(shown: dict[str, Any]) -> dict[str, Any]:
    return {key: shown[key] for key in ("type", "items", "$ref", "anyOf", "additionalProperties") if key in shown}


def stated_bounds(text: str) -> dict[str, int]:
    found = re.search(r"(?:Must be|value) between (\d+) (?:to|and) (\d+)", text)
    return {"minimum": int(found[1]), "maximum": int(found[2])} if found else {}


def bounds_in(shown: dict[str, Any]) -> dict[str, Any]:
    return {key: shown[key] for key in shown if re.match(r"(?i)(exclusive)?(min|max)|multipleOf|pattern", key)}


def is_newer(model: type[BaseModel], name: str) -> bool:
    return any(isinstance(mark, Newer) for mark in marks_of(model.model_fields[name]))


def wanted_type(word: str) -> dict[str, Any]:
    if word in TYPES:
        return TYPES[word]
    if word.startswith("list<"):
        return {"type": "array", "items": {"$ref": f"#/$defs/{word[5:-1]}"}}
    return {"$ref": f"#/$defs/{word}"}


def test_the_catalog_holds_exactly_the_documented_endpoints() -> None:
    """The fourteen with an id, and the siblings; no more and no less."""
    assert set(ENDPOINTS) == set(DOCUMENTS["endpoints"])
    assert len(STATED) == 14


def test_an_id_that_no_document_states_is_a_guess_and_says_why() -> None:
    """Just the siblings' ids are guesses, each with a reason that a person can read."""
    assert {made.id for made in ENDPOINTS.values() if made.guessed} == set(SIBLINGS["endpoints"])
    assert all(made.guessed.endswith(".") for made in ENDPOINTS.values() if made.guessed)


@pytest.mark.parametrize("id", SIBLINGS["endpoints"])
def test_a_guessed_id_is_named_with_its_type(id: str) -> None:
    """The source of a sibling names the document's type that its fields come from."""
    assert (SIBLINGS["endpoints"][id]["request"] or "") in ENDPOINTS[id].source


@pytest.mark.parametrize("id", DOCUMENTS["endpoints"])
@pytest.mark.parametrize("side", ["input", "output"])
def test_fields_stand_in_documented_order(id: str, side: str) -> None:
    """No field is missing, added or moved; the one lost heading is known from the output example."""
    document = DOCUMENTS["endpoints"][id]
    names = [field["name"] for field in document[side]] or list(document["output_example"])
    assert list(json_schema(getattr(ENDPOINTS[id], side))["properties"]) == names


@pytest.mark.parametrize(("id", "name"), INPUTS)
def test_type_and_enum_of_an_input(id: str, name: str) -> None:
    """A field has the documented type, and an enum its values in the documented order."""
    field, shown = documented(id, "input", name), described(ENDPOINTS[id].input, name)
    if field["enum"] is not None:
        assert [str(value) for value in shown["enum"]] == field["enum"]
        assert all(type(value) is type(shown["enum"][0]) for value in shown["enum"])
    else:
        assert "enum" not in shown
        is_whole = field["type"] == "number" and shown["type"] == "integer"
        assert is_whole or typed(shown) == wanted_type(field["type"])


@pytest.mark.parametrize(("id", "name"), INPUTS)
def test_default_of_an_input(id: str, name: str) -> None:
    """A stated default holds, with a number where the example sends one; none is made up."""
    field, shown = documented(id, "input", name), described(ENDPOINTS[id].input, name)
    if field["default"] is None:
        assert "default" not in shown
        return
    stated = json.loads(field["default"])
    sent = DOCUMENTS["endpoints"][id].get("example", {}).get(name, stated)
    if isinstance(stated, str) and isinstance(sent, int):
        stated = int(stated)
    assert (type(shown["default"]), shown["default"]) == (type(stated), stated)


@pytest.mark.parametrize(("id", "name"), INPUTS)
def test_bounds_of_an_input(id: str, name: str) -> None:
    """A bound stated in words is a bound; a field without one has that of a newer page, marked so, or none."""
    model, newer = ENDPOINTS[id].input, NEWER["endpoints"].get(id, {}).get(name, {})
    stated = stated_bounds(documented(id, "input", name)["text"])
    assert not (stated and newer), "the document wins"
    assert bounds_in(described(model, name)) == (stated or newer)
    assert is_newer(model, name) is bool(newer)


@pytest.mark.parametrize("model", [ltx.LoRAWeight, ltx.ImageConditioningInput, ltx.VideoConditioningInput])
def test_bounds_of_an_item(model: type[BaseModel]) -> None:
    """The items that the documents leave open have the bounds of the newer types, marked so, and no others."""
    newer = NEWER["items"].get(model.__name__, {})
    for name in model.model_fields:
        assert bounds_in(described(model, name)) == newer.get(name, {}), name
        assert is_newer(model, name) is (name in newer), name


def test_every_newer_bound_belongs_to_a_field() -> None:
    """No line of the list of newer bounds is idle."""
    assert {(of, name) for of, fields in NEWER["endpoints"].items() for name in fields} <= set(INPUTS)
    for item, fields in NEWER["items"].items():
        assert set(fields) <= set(getattr(ltx, item).model_fields)


@pytest.mark.parametrize(("id", "name"), INPUTS)
def test_text_of_an_input(id: str, name: str) -> None:
    """A field says what the document says of it, word for word."""
    text = documented(id, "input", name)["text"]
    shown = described(ENDPOINTS[id].input, name)["description"]
    assert shown == text if text else shown


@pytest.mark.parametrize("id", DOCUMENTS["endpoints"])
def test_required_inputs(id: str) -> None:
    """Required is what is marked so, and where nothing is marked what the submit example sends: they always agree."""
    document = DOCUMENTS["endpoints"][id]
    marked = [field["name"] for field in document["input"] if field["required"]]
    assert set(json_schema(ENDPOINTS[id].input)["required"]) == set(document["submit"])
    assert not marked or set(marked) == set(document["submit"])


@pytest.mark.parametrize("id", STATED)
def test_the_documented_examples_are_sent_unchanged(id: str) -> None:
    """The example validates and goes out byte for byte, and so does the shorter submit example."""
    document, endpoint = DOCUMENTS["endpoints"][id], ENDPOINTS[id]
    short = {name: document["example"][name] for name in document["submit"]}
    for body in (document["example"], endpoint.example, short):
        assert json.dumps(endpoint.validate(body).payload()) == json.dumps(body)
    assert json.dumps(endpoint.example) == json.dumps(document["example"])


@pytest.mark.parametrize(("id", "name"), OUTPUTS)
def test_outputs(id: str, name: str) -> None:
    """An output has the documented type and text, and is required where the document says so and shows it."""
    field, schema = documented(id, "output", name), json_schema(ENDPOINTS[id].output)
    assert typed(schema["properties"][name]) == wanted_type(field["type"])
    assert schema["properties"][name]["description"] == (field["text"] or "The extracted frame.")
    is_required = field["required"] or name == "video"
    assert (name in schema["required"]) is (is_required and (id, name) not in NOT_REQUIRED_AS_DECIDED)


@pytest.mark.parametrize("id", STATED)
def test_the_documented_result_is_read(id: str) -> None:
    """The document's own output example is a valid output, although some leave out what is marked as required."""
    answer = DOCUMENTS["endpoints"][id]["output_example"]
    read = ENDPOINTS[id].output.model_validate(answer)
    assert read.model_dump(mode="json", exclude_unset=True) == answer


PRINTED: dict[str, type[BaseModel]] = {
    **{name: getattr(metadata, name) for name in ("Video", "Audio", "AudioTrack", "Resolution", "VideoFormat")},
    "Track": compose.Track,
    "Keyframe": compose.Keyframe,
    "Image": frame.Image,
    "LoudnormSummary": loudnorm.LoudnormSummary,
    "Frame": amt.Frame,
}
SENT = {"Track", "Keyframe", "Frame"}


@pytest.mark.parametrize("name", PRINTED)
def test_a_printed_type_stands_as_it_is_printed(name: str) -> None:
    """Its fields, in order, with type, text and default; a returned picture has what every file has besides."""
    fields, schema = SIBLINGS["types"][name], json_schema(PRINTED[name])
    assert [one for one in schema["properties"] if one != "file_data"] == [field["name"] for field in fields]
    for field in fields:
        shown = schema["properties"][field["name"]]
        assert shown["description"] == field["text"]
        assert typed(shown) == wanted_type(field["type"])
        assert shown.get("default") == json.loads(field["default"] or "null")
    assert name not in SENT or set(schema["required"]) == set(schema["properties"])


def test_all_printed_types_are_looked_at() -> None:
    """None of them is left out."""
    assert set(PRINTED) == set(SIBLINGS["types"])


def test_lora_weight() -> None:
    """The one item type that the documents define has its three fields, in order, with their texts."""
    fields, schema = DOCUMENTS["types"]["LoRAWeight"], json_schema(ltx.LoRAWeight)
    assert list(schema["properties"]) == [field["name"] for field in fields]
    for field in fields:
        shown = schema["properties"][field["name"]]
        assert shown["description"] == field["text"]
        assert typed(shown) == wanted_type(field["type"])
        assert str(shown.get("default", "")) == (field["default"] or "")


@pytest.mark.parametrize("id", DOCUMENTS["endpoints"])
def test_the_source_is_named(id: str) -> None:
    """Each endpoint names the document that it was taken from."""
    assert ENDPOINTS[id].source.startswith(f"document {DOCUMENTS['endpoints'][id]['source']}")
