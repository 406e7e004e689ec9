"""One sweep over every operation: nothing is left undescribed, unpriced or unshown."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from lib.catalog import ENDPOINTS, FAMILIES, OPERATIONS, catalog_json, operation
from lib.catalog.fields import Media, media_mark
from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Operation, media_given
from lib.catalog.price import Unknown
from lib.catalog.reference import reference
from lib.catalog.schema import json_schema
from lib.errors import NotFound
from lib.media.facts import Facts

CLIP = Facts(kind="video", content_type="video/mp4", size_bytes=1, duration_s=5.04, fps=24, frames=121)
VOICE = Facts(kind="audio", content_type="audio/wav", size_bytes=1, duration_s=3.1)
EVERY = pytest.mark.parametrize("made_of", OPERATIONS.values(), ids=list(OPERATIONS))
HOSTED = pytest.mark.parametrize("made_of", ENDPOINTS.values(), ids=list(ENDPOINTS))


def facts_of(made_of: Operation) -> dict[str, Facts]:
    return {name: VOICE if mark.kind == "audio" else CLIP for name, mark in made_of.media_in().items()}


def all_specs(specs: tuple[FieldSpec, ...]) -> list[FieldSpec]:
    return [deep for spec in specs for deep in (spec, *all_specs(spec.item))]


@EVERY
def test_every_operation_is_described(made_of: Operation) -> None:
    """Title, sentence and the text of every field are there, and nobody meets a field name as its title."""
    assert made_of.title
    assert made_of.about.endswith(".")
    for spec in all_specs(fields(made_of.input)):
        assert spec.help, spec.name
        assert "_" not in spec.title, spec.name
    assert all(info.description for info in made_of.output.model_fields.values())


@EVERY
def test_every_operation_is_priced_or_says_why_not(made_of: Operation) -> None:
    """With all facts known the price is an interval in Decimal with a source, or Unknown with a reason."""
    price = made_of.estimate(made_of.validate(made_of.example), facts_of(made_of))
    if isinstance(price, Unknown):
        assert price.reason.endswith(".")
        return
    assert isinstance(price.low_usd, Decimal)
    assert isinstance(price.high_usd, Decimal)
    assert Decimal(0) <= price.low_usd <= price.high_usd
    assert price.source
    assert price.high_usd > 0 or made_of.local


@EVERY
def test_missing_facts_never_make_an_error_or_a_free_step(made_of: Operation) -> None:
    """Without any facts there is still a price or a reason, and a hosted step is never free."""
    price = made_of.estimate(made_of.validate(made_of.example), {})
    assert isinstance(price, Unknown) or price.low_usd > 0 or made_of.local


@EVERY
def test_every_field_is_in_the_form(made_of: Operation) -> None:
    """The form has one entry per field, in the order of the model, down into lists of objects."""

    def compare(specs: tuple[FieldSpec, ...], schema: dict[str, Any], whole: dict[str, Any]) -> None:
        assert [spec.name for spec in specs] == list(schema["properties"])
        for spec in specs:
            if spec.kind == "objects":
                item = schema["properties"][spec.name]["items"]["$ref"].rsplit("/", 1)[1]
                compare(spec.item, whole["$defs"][item], whole)

    schema = json_schema(made_of.input)
    compare(fields(made_of.input), schema, schema)


@EVERY
def test_every_mark_points_at_a_field_that_exists(made_of: Operation) -> None:
    """A field is ignored because of a sibling that is there and can have the value."""

    def check(specs: tuple[FieldSpec, ...]) -> None:
        by_name = {spec.name: spec for spec in specs}
        for spec in specs:
            for mark in spec.ignored:
                assert mark.field in by_name
                assert mark.why.endswith(".")
                if by_name[mark.field].kind == "choice":
                    assert set(mark.values) <= {*by_name[mark.field].choices, None}
            check(spec.item)

    check(fields(made_of.input))


@EVERY
def test_schema_and_example_agree(made_of: Operation) -> None:
    """Both schemas are valid draft 2020-12, and the example is valid under the input's."""
    for model in (made_of.input, made_of.output):
        Draft202012Validator.check_schema(json_schema(model))
    body = made_of.validate(made_of.example).payload()
    assert body == dict(made_of.example)
    assert list(Draft202012Validator(json_schema(made_of.input)).iter_errors(body)) == []


@HOSTED
def test_the_schema_refuses_what_the_models_refuse(made_of: Operation) -> None:
    """A body with an unknown field or without a required one is refused by model and schema alike."""
    schema = Draft202012Validator(json_schema(made_of.input))
    for body in ({}, {**made_of.example, "no_such_field": 1}):
        assert list(schema.iter_errors(body))
        with pytest.raises(Exception, match=r"required|no such field"):
            made_of.validate(body)


@HOSTED
def test_a_seed_is_drawn_only_where_there_is_one(made_of: Operation) -> None:
    """An open seed is filled with a number that validates; a chosen one, and a model without seed, stay."""
    drawn = made_of.draw_seed(made_of.example, random.Random(7))
    name = made_of.seed_field()
    if name is None:
        assert drawn == dict(made_of.example)
        return
    assert 0 <= drawn[name] < 2**31
    assert made_of.validate(drawn).payload()[name] == drawn[name]
    assert made_of.draw_seed({name: 0}, random.Random(7)) == {name: 0}


@HOSTED
def test_every_address_in_an_example_is_known_as_media(made_of: Operation) -> None:
    """Each web address in the example is found as a file with its kind, also inside lists, and nothing else is."""

    def addresses(value: Any, path: str) -> list[tuple[str, str]]:
        if isinstance(value, dict):
            return [hit for key, part in value.items() for hit in addresses(part, f"{path}.{key}")]
        if isinstance(value, list):
            return [hit for place, part in enumerate(value) for hit in addresses(part, f"{path}.{place}")]
        return [(path[1:], value)] if isinstance(value, str) and value.startswith("https://") else []

    found = [(path, address) for path, address, _ in media_given(made_of.validate(made_of.example))]
    assert found == addresses(dict(made_of.example), "")


NO_VIDEO: dict[str, dict[str, Media]] = {
    "fal-ai/ffmpeg-api/compose": {"video_url": Media("video"), "thumbnail_url": Media("image")},
    "fal-ai/ffmpeg-api/extract-frame": {"images": Media("image")},
    "fal-ai/ffmpeg-api/loudnorm": {"audio": Media("audio")},
    "fal-ai/ffmpeg-api/metadata": {},
}


@HOSTED
def test_every_url_field_is_marked_and_every_endpoint_gives_what_it_says(made_of: Operation) -> None:
    """No field that ends in _url or _urls lacks its kind of file; all but a few give one video."""
    for name, info in made_of.input.model_fields.items():
        assert (media_mark(info) is not None) is name.endswith(("_url", "_urls"))
    video = {"video": Media("video")}
    scene = {"scene_ply": Media("scene")} if made_of.id == "fal-ai/lyra-2/splat" else {}
    assert made_of.media_out() == NO_VIDEO.get(made_of.id, video | scene)


def test_families_are_the_pages() -> None:
    """Eleven pages, each named after its module, hold every endpoint exactly once."""
    titles = ["Lyra 2", "Lynx", "Luma Ray 2", "Wan VACE", "LTX", "MAGI", "PixVerse", "AnimateDiff", "Video upscaler"]
    assert [family.title for family in FAMILIES] == [*titles, "AMT", "ffmpeg API"]
    held = [(endpoint.id, endpoint.family) for family in FAMILIES for endpoint in family.operations]
    assert sorted(held) == sorted((endpoint.id, endpoint.family) for endpoint in ENDPOINTS.values())
    for family in FAMILIES:
        assert all(endpoint.family == family.slug for endpoint in family.operations)
        for endpoint in family.operations:
            assert f"{endpoint.input.__module__}.".startswith(f"lib.catalog.{family.slug}.")


def test_an_unknown_id_names_its_neighbours() -> None:
    """A typing error is answered with the id that was probably meant."""
    with pytest.raises(NotFound) as caught:
        operation("fal-ai/pixverse/lipsink")
    assert "fal-ai/pixverse/lipsync" in caught.value.hint


def test_catalog_json_is_what_other_programs_read() -> None:
    """id, title, input, output, example, whether the id is a guess, and nothing else; the schemas hold no null."""
    listed = catalog_json()
    assert [entry["id"] for entry in listed] == list(ENDPOINTS)
    assert all(list(entry) == ["id", "title", "input", "output", "example", "guessed"] for entry in listed)
    assert "null" not in str([entry["input"] for entry in listed])


def test_the_reference_page_has_it_all() -> None:
    """Every id, field, choice and decision can be read on the reference page."""
    text = reference(OPERATIONS.values())
    for made_of in OPERATIONS.values():
        assert f"`{made_of.id}`" in text
        for spec in all_specs(fields(made_of.input)):
            assert f"- `{spec.name}`: " in text
            assert all(f"`{choice}`" in text for choice in spec.choices)
    for endpoint in ENDPOINTS.values():
        assert all(decision in text for decision in endpoint.decisions)
