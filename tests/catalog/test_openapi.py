"""Any model's OpenAPI document becomes a form that loses no field and no value, or a clear sentence."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from lib.catalog import ENDPOINTS
from lib.catalog.fields import File
from lib.catalog.form import FieldSpec, fields
from lib.catalog.openapi import changes, endpoint_of, fingerprint, read_document
from lib.catalog.openapi.document import MOST_BYTES
from lib.catalog.openapi.models import MOST_FIELDS
from lib.catalog.operation import Endpoint, media_given
from lib.catalog.price import Unknown
from lib.catalog.reference import body, page
from lib.errors import InputError, ProtocolError
from lib.standin.openapi import document
from lib.ui.draft import Draft
from lib.ui.text import plain
from lib.ui.widgets import DRAWN
from tests.sampling import documented

DOCUMENTS = sorted((Path(__file__).parent / "openapi").glob("*.json"))
EVERY = pytest.mark.parametrize("path", DOCUMENTS, ids=[path.stem for path in DOCUMENTS])


@cache
def read(path: Path) -> tuple[dict[str, Any], Endpoint]:
    document = read_document(path.read_bytes())
    return document, endpoint_of(document, document["info"]["title"].split()[-1])


TEXT = {"type": "string"}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def of(properties: Mapping[str, Any], required: tuple[str, ...] = (), **more: Any) -> Endpoint:
    taken = {"type": "object", "properties": properties, "required": list(required)}
    return endpoint_of(document_of(taken, more), "a/b")


def document_of(input: Any, schemas: Mapping[str, Any] | None = None, output: Any = None) -> dict[str, Any]:
    def told(schema: Any) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": schema}}}

    return {
        "paths": {
            "/a/b": {"post": {"requestBody": told(input)}},
            "/a/b/requests/{request_id}": {"get": {"responses": {"200": told(output or {})}}},
        },
        "components": {"schemas": dict(schemas or {})},
    }


def spec(made: Endpoint, name: str) -> FieldSpec:
    return next(spec for spec in fields(made.input) if spec.name == name)


def resolved(schema: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """A plain reading of references and allOf, apart from the one under test."""
    found: dict[str, Any] = {}
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        found = resolved(document["components"]["schemas"][name], document)
    for part in schema.get("allOf", []):
        more = resolved(part, document)
        found = {**found, **more, "properties": found.get("properties", {}) | more["properties"]}
    return {**found, **{name: value for name, value in schema.items() if name not in ("$ref", "allOf")}}


def properties(schema: Any, document: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """The path of every property of an input, down into objects, lists of them, and all forms of a union."""
    flat = resolved(schema, document)
    for name, part in flat.get("properties", {}).items():
        yield f"{at}{name}"
        for form in _objects(part, document):
            yield from properties(form, document, f"{at}{name}.")


def _objects(part: Any, document: Mapping[str, Any]) -> Iterator[Any]:
    flat = resolved(part, document)
    for form in flat.get("anyOf", [flat]):
        inner = resolved(form, document)
        if "items" in inner:
            yield from _objects(inner["items"], document)
        elif "properties" in inner:
            yield inner


def paths(specs: tuple[FieldSpec, ...], at: str = "") -> Iterator[str]:
    """The path of every field; below a JSON field anything can be written."""
    for one in specs:
        yield f"{at}{one.name}{'.*' if one.kind == 'json' else ''}"
        yield from paths(one.item, f"{at}{one.name}.")


def request_schema(document: Mapping[str, Any], made: Endpoint) -> Any:
    return document["paths"][f"/{made.wire_id}"]["post"]["requestBody"]["content"]["application/json"]["schema"]


def test_there_are_twenty_documents_and_each_says_where_it_was_seen() -> None:
    assert len(DOCUMENTS) == 20
    assert all(len(json.loads(path.read_bytes())["x-seen-at"]) > 20 for path in DOCUMENTS)


@EVERY
def test_no_field_is_lost(path: Path) -> None:
    """Every property of the document is a field of the form, or lies below a field that is written as JSON."""
    document, made = read(path)
    shown = set(paths(fields(made.input)))
    for wanted in properties(request_schema(document, made), document):
        above = [".".join(wanted.split(".")[:depth]) for depth in range(1, wanted.count(".") + 2)]
        assert wanted in shown or any(f"{part}.*" in shown for part in above), wanted


@EVERY
def test_every_field_has_a_widget(path: Path) -> None:
    """No kind of field meets a page that cannot draw it."""

    def check(specs: tuple[FieldSpec, ...]) -> None:
        for one in specs:
            assert one.kind in DRAWN
            assert one.title
            assert one.help
            check(one.item)

    check(fields(read(path)[1].input))


@EVERY
def test_no_value_is_lost(path: Path) -> None:
    """The document's own examples come out as they went in: through the model, and through the form."""
    document, made = read(path)
    stated = dict(stated_examples(request_schema(document, made), document))
    body = made.validate(made.example).payload()
    assert json.dumps(body) == json.dumps(dict(made.example))
    assert {name: body[name] for name in stated} == stated
    draft = Draft("test", fields(made.input), {})
    draft.fill(made.example)
    assert made.validate(draft.values()).payload() == body
    Draft202012Validator.check_schema(made.input.model_json_schema())


def stated_examples(schema: Any, document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    flat = resolved(schema, document)
    yield from flat.get("example", {}).items()
    for name, part in flat["properties"].items():
        first = (resolved(part, document).get("examples") or [None])[0]
        if first is not None and name not in flat.get("example", {}) and not _breaks_its_own_enum(part, first):
            yield name, first


def _breaks_its_own_enum(part: Any, value: Any) -> bool:
    return "enum" in part and value not in part["enum"]


@EVERY
def test_the_form_begins_with_what_the_document_says(path: Path) -> None:
    """Untouched, nothing but required fields is sent; the defaults shown are those of the document."""
    document, made = read(path)
    flat = resolved(request_schema(document, made), document)
    draft = Draft("test", fields(made.input), {})
    assert set(draft.values()) <= set(flat.get("required", []))
    for one in fields(made.input):
        stated = resolved(flat["properties"][one.name], document).get("default")
        if one.kind not in ("object", "objects") and stated is not None:
            assert one.default == stated, one.name


@EVERY
def test_it_is_an_operation_like_every_other(path: Path) -> None:
    """Reference page, price line and files work without a word of their own."""
    _, made = read(path)
    text = page(made)
    assert all(f"- `{one.name}`: " in text for one in fields(made.input))
    assert isinstance(made.estimate(made.validate(made.example), {}), Unknown)
    assert made.about.endswith(".")
    assert [value for _, value, _ in media_given(made.validate(made.example))] == addresses(made.example)


def addresses(value: Any) -> list[str]:
    """Every address in the example that is a picture, a film or a sound."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [found for part in value for found in addresses(part)]
    endings = (".png", ".jpg", ".mp4", ".mp3", ".wav")
    return [value] if isinstance(value, str) and value.endswith(endings) else []


def test_media_are_known_by_hint_or_by_name() -> None:
    """Both spellings of the hint, at the field, its forms and its entries; names only where they are sure."""
    text = {"type": "string"}
    made = of(
        {
            "source": {**text, "_fal_ui_field": "video"},
            "face": {"anyOf": [{**text, "ui": {"field": "image"}}, {"type": "null"}]},
            "voices": {"type": "array", "items": text, "ui": {"field": "audio"}},
            "mask_video_url": text,
            "mask_url": text,
            "webhook_url": text,
            "image": {**text, "description": "URL of the picture."},
            "audio": {**text, "enum": ["on", "off"]},
            "image_size": text,
            "clip": {"type": "object", "properties": {"url": text}},
        }
    )
    kinds = {one.name: one.media for one in fields(made.input)}
    assert kinds["source"] == kinds["mask_video_url"] == "video"
    assert kinds["face"] == kinds["mask_url"] == kinds["image"] == "image"
    assert kinds["voices"] == "audio"
    assert kinds["webhook_url"] is kinds["audio"] is kinds["image_size"] is None
    assert spec(made, "clip").item[0].media == "video"


def test_a_union_is_drawn_where_nothing_is_lost_by_it() -> None:
    """Enums join, numbers join, texts join; a number or a word is JSON, and each form of it is taken."""
    text, whole = {"type": "string"}, {"type": "integer"}
    made = of(
        {
            "size": {"anyOf": [{**text, "enum": ["s", "m"]}, {"const": 3}]},
            "rate": {"oneOf": [whole, {"type": "number"}]},
            "word": {"anyOf": [text, {**text, "enum": ["a"]}]},
            "bpm": {"anyOf": [whole, {**text, "enum": ["auto"]}], "default": "auto"},
            "maybe": {"type": ["boolean", "null"]},
        }
    )
    assert {one.name: one.kind for one in fields(made.input)} == {
        "size": "choice", "rate": "number", "word": "text", "bpm": "json", "maybe": "boolean",
    }  # fmt: skip
    assert spec(made, "size").choices == ("s", "m", 3)
    assert spec(made, "bpm").forms == "May be a whole number, or auto."
    assert made.validate({"bpm": 120}).payload() == {"bpm": 120}
    assert made.validate({"bpm": "auto"}).payload() == {"bpm": "auto"}
    with pytest.raises(InputError) as caught:
        made.validate({"bpm": "fast"})
    assert list(caught.value.fields) == ["bpm"]


def test_choices_keep_the_order_of_their_author() -> None:
    """Whatever other model has the same choices in another order."""
    for choices in (("a", "b", "c"), ("c", "b", "a"), ("b", "a", "c")):
        made = of({"one": {"enum": list(choices)}, "many": {"type": "array", "items": {"enum": list(choices)}}})
        assert spec(made, "one").choices == spec(made, "many").choices == choices


def test_text_that_is_no_json_is_said_at_its_field() -> None:
    """In a JSON field a bare word is a text; what begins like JSON and is none is refused with its place."""
    made = of({"bpm": {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "map": {"type": "object"}})
    state: dict[Any, Any] = {}
    draft = Draft("test", fields(made.input), state)
    state["test.bpm"], state["test.map"] = "auto", '{"a": [1, 2.5]}'
    assert made.validate(draft.values()).payload() == {"bpm": "auto", "map": {"a": [1, 2.5]}}
    state["test.map"] = '{"a": '
    with pytest.raises(InputError) as caught:
        made.validate(draft.values())
    assert "JSON" in caught.value.fields["map"]


def test_a_required_field_that_may_be_null_is_sent_as_null() -> None:
    """The body has what the document requires, be it nothing."""
    made = of({"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "b": {"type": "string"}}, ("a", "b"))
    assert made.validate({"b": "x"}).payload() == {"a": None, "b": "x"}
    assert not spec(made, "a").required


def test_a_required_default_is_shown_and_sent() -> None:
    """A field that must be given begins with its default, which is then part of the body."""
    made = of({"rank": {"type": "integer", "enum": [8, 16], "default": 16}}, ("rank",))
    assert (spec(made, "rank").default, spec(made, "rank").required) == (16, True)
    assert Draft("test", fields(made.input), {}).values() == {"rank": 16}


def test_a_seed_is_drawn_within_its_limits() -> None:
    """A model that takes seeds up to 65535 gets no larger one; a seed with a default is nobody's to draw."""
    small = of({"seed": {"type": "integer", "minimum": 10, "maximum": 12}})
    drawn = {small.draw_seed({}, random.Random(number))["seed"] for number in range(40)}
    assert drawn == {10, 11, 12}
    assert of({"seed": {"type": "integer", "default": 42}}).draw_seed({}, random.Random(1)) == {}


def test_files_are_found_in_the_output() -> None:
    """Files by their shape, with the kind that names and types tell; a text that is an address is one too."""
    file = {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}
    output = {
        "type": "object",
        "properties": {
            "result": {**file, "title": "VideoFile"},
            "images": {"type": "array", "items": file},
            "audio_url": {"type": "string"},
            "model_glb": file,
            "note": {"type": "string"},
        },
    }
    made = endpoint_of(document_of({"type": "object", "properties": {}}, output=output), "a/b")
    assert {name: mark.kind for name, mark in made.media_out().items()} == {
        "result": "video", "images": "image", "audio_url": "audio",
    }  # fmt: skip
    assert made.output.model_validate({"model_glb": {"url": "x"}}).model_fields_set == {"model_glb"}
    assert isinstance(made.output.model_validate({"model_glb": {"url": "x"}}).__dict__["model_glb"], File)


NAMES = (
    *("class", "from", "x-y", "model_name", "model_dump", "model_config", "json", "copy", "payload", "nulls", "rules"),
    *("_x", "__class__", "self", "a.b", "", "0", "ünï", "prompt "),
)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_can_be_a_field(name: str) -> None:
    """Keywords, dashes, names that Python or pydantic keep for themselves: body, message and form use the wire's."""
    made = of({name: {"type": "integer", "maximum": 9}, "other": {"type": "string"}})
    assert [one.name for one in fields(made.input)] == [name, "other"]
    assert made.validate({name: 3, "other": "x"}).payload() == {name: 3, "other": "x"}
    with pytest.raises(InputError) as caught:
        made.validate({name: 10})
    assert list(caught.value.fields) == [name]
    draft = Draft("test", fields(made.input), {})
    draft.fill({name: 4})
    assert draft.values() == {name: 4}


def test_names_that_would_meet_in_python_stay_apart() -> None:
    """The stand-in name of one field is never that of another."""
    names = ["copy", "field_copy_1", "_copy", "json", "_json", "field_json_1"]
    made = of({name: {"type": "integer"} for name in names})
    body = {name: number for number, name in enumerate(names, 1)}
    assert made.validate(body).payload() == body


CIRCLE = {"Node": {"type": "object", "properties": {"next": ref("Node"), "n": {"type": "integer"}}}}
SELF = {"Me": ref("Me")}


def test_a_schema_that_leads_back_to_itself_ends_in_json() -> None:
    """The first round is drawn, what comes again is written as JSON; a reference to itself is anything."""
    made = of(
        {"tree": {"$ref": "#/components/schemas/Node"}, "me": {"$ref": "#/components/schemas/Me"}}, **CIRCLE, **SELF
    )
    assert spec(made, "tree").kind == "object"
    assert [one.kind for one in spec(made, "tree").item] == ["json", "integer"]
    assert spec(made, "me").kind == "json"
    body = {"tree": {"n": 1, "next": {"n": 2, "next": {"n": 3}}}, "me": [1, {"a": "b"}]}
    assert made.validate(body).payload() == body


def test_bounds_that_cannot_be_met_are_left_to_the_provider() -> None:
    """No limit above another, no default outside its limits, nothing that a browser's number cannot hold."""
    made = of(
        {
            "a": {"type": "integer", "minimum": 9, "maximum": 1},
            "b": {"type": "integer", "minimum": 1, "maximum": 4, "default": 12},
            "c": {"type": "integer", "maximum": 2**64, "minimum": -(2**70)},
            "d": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "multipleOf": 0},
            "e": {"type": "string", "enum": ["x"], "default": "y"},
        }
    )
    found = {one.name: (one.minimum, one.maximum, one.default) for one in fields(made.input)}
    open_ = (None, None, None)
    assert found == {"a": open_, "b": (1, 4, None), "c": open_, "d": (0, None, None), "e": open_}


def nested(depth: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"inner": schema}}
    return schema


def doubling(depth: int) -> dict[str, Any]:
    """Each schema is a union of the next one twice: 2 ** depth forms."""
    forms = {f"S{at}": {"anyOf": [ref(f"S{at + 1}"), {"title": "x", **ref(f"S{at + 1}")}]} for at in range(depth)}
    return {**forms, f"S{depth}": TEXT}


def many(count: int) -> dict[str, Any]:
    return document_of({"type": "object", "properties": {f"f{number}": TEXT for number in range(count)}})


HOSTILE: dict[str, Any] = {
    "no paths": {},
    "paths are a list": {"paths": [1]},
    "no post": {"paths": {"/a/b": {"get": {}}}},
    "no body": {"paths": {"/a/b": {"post": {}}}},
    "input is a list": document_of({"type": "array", "items": {"type": "string"}}),
    "input leads nowhere and has no fields": document_of({"type": "string"}),
    "properties are a list": document_of({"type": "object", "properties": ["a"]}),
    "a hundred thousand fields": many(100_000),
    "ten megabytes": document_of({"type": "object", "description": "x" * 10_000_000}),
    "half a character": document_of({"type": "object", "properties": {"a": {"title": "\ud800"}}}),
    "not a number": document_of({"type": "object", "properties": {"a": {"default": float("nan")}}}),
    "more fields than a form has": many(MOST_FIELDS + 1),
    "a union that doubles": document_of({"type": "object", "properties": {"a": ref("S0")}}, doubling(40)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_document_that_cannot_be_used_says_so(name: str) -> None:
    """A sentence for a person and a hint; never an error of Python's, and never for long."""
    with pytest.raises(ProtocolError) as caught:
        endpoint_of(HOSTILE[name], "a/b")
    assert caught.value.message.startswith("The description of this model ")
    assert caught.value.message.endswith(".")
    assert caught.value.hint


ODD: tuple[Any, ...] = (
    *(
        None,
        7,
        "text",
        [],
        True,
        {"type": 7},
        {"type": "tensor"},
        {"enum": [{}, []]},
        {"enum": []},
        {"allOf": [3, None]},
    ),
    *({"items": 3, "type": "array"}, {"properties": 3, "type": "object"}, {"anyOf": "x"}, {"anyOf": []}),
    *(
        {"$ref": 3},
        {"$ref": "http://x"},
        {"type": "string", "minLength": -1, "maxLength": "x"},
        {"title": {}, "description": 3},
    ),
    *({"type": "integer", "minimum": "x", "default": {}}, {"required": 3, "properties": {"a": 3}}, nested(200)),
)


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_schema_is_still_a_field(odd: Any) -> None:
    """Wrong types in a schema cost its widget, not the field."""
    made = of({"odd": odd, "prompt": {"type": "string"}})
    assert [one.name for one in fields(made.input)] == ["odd", "prompt"]
    assert made.validate({"prompt": "x"}).payload() == {"prompt": "x"}


@pytest.mark.parametrize(
    "text", [b"", b"null", b"[1]", b"{", b"<html>", b"\xff\xfe", b"[" * 200_000, b" " * (MOST_BYTES + 1)],
    ids=["empty", "null", "list", "broken", "html", "bytes", "deep", "large"],
)  # fmt: skip
def test_what_is_no_document_is_refused_before_it_is_read(text: bytes) -> None:
    with pytest.raises(ProtocolError, match=r"The description of this model .+\."):
        read_document(text)


def test_the_hash_is_that_of_the_meaning() -> None:
    """The order of keys does not count, every value does; the id names the version."""
    document = document_of({"type": "object", "properties": {"a": {"type": "integer"}}})
    turned = dict(reversed(document.items()))
    assert fingerprint(document) == fingerprint(turned)
    assert endpoint_of(document, "a/b").id == f"a/b@{fingerprint(document)[:12]}"
    assert endpoint_of(document, "a/b").wire_id == "a/b"
    assert fingerprint(document | {"x": 1}) != fingerprint(document)


def test_no_name_gets_out_of_the_reference_page() -> None:
    """What a foreign document calls its fields and choices is shown, never obeyed."""
    evil = "x`![a](https://evil.example/p.png)`\n# y"
    made = of({evil: {**TEXT, "enum": [evil, "b"], "default": evil, "title": evil, "description": evil}})
    text = body(made, plain)
    in_code = re.sub(r"`[^`\n]*`", "", text.partition("**Example**")[0])
    assert "evil.example" in text
    assert "](" not in in_code
    assert not [line for line in in_code.splitlines() if line.startswith("#")]


def test_what_changed_is_said_in_sentences() -> None:
    """Fields that came, went, or differ in what a person would notice; nothing where nothing changed."""
    before = of({"a": {"type": "integer", "default": 1}, "gone": {"type": "string"}, "mode": {"enum": ["x"]}})
    after = of(
        {"a": {"type": "integer", "default": 2, "maximum": 9}, "mode": {"enum": ["x", "y"]}, "new": {"type": "string"}},
        ("mode",),
    )
    assert changes(before, before) == []
    assert changes(before, after) == [
        "New: New.", "Gone: Gone.", "A: the default was 1 and is 2.", "A: the limits are open to 9.",
        "Mode must be given now.", "Mode: the choices are x, y.",
    ]  # fmt: skip


@pytest.mark.parametrize("known", [documented(known) for known in ENDPOINTS.values()])
def test_a_documented_model_reads_back_as_itself(known: Endpoint) -> None:
    """The rehearsal's description of each model in the catalog gives its form again, and takes its example."""
    made = endpoint_of(document(known), known.id)

    def told(specs: tuple[FieldSpec, ...]) -> list[tuple[Any, ...]]:
        return [(one.name, one.required, one.media, one.choices, one.default, told(one.item)) for one in specs]

    hidden = {"weights", "scene", "media"}  # fal's own hints have no word for these
    skip = [one.name for one in fields(known.input) if one.media in hidden or one.item]
    assert [one for one in told(fields(made.input)) if one[0] not in skip] == [
        one for one in told(fields(known.input)) if one[0] not in skip
    ]
    # One document's own example leaves its clip empty.
    files = known.media_in()
    given = {name: "https://a.b/c" if name in files and not it else it for name, it in known.example.items()}
    assert made.validate(given).payload() == known.validate(given).payload()
    videos = {name for name, mark in known.media_out().items() if mark.kind == "video"}
    assert videos <= {name for name, mark in made.media_out().items() if mark.kind == "video"}
