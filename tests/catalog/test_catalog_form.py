"""Forms read off models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from lib.catalog import ENDPOINTS, OPERATIONS, operation
from lib.catalog.fields import Advanced, IgnoredWhen, Input, Item, LongText, SeedIn, VideoIn
from lib.catalog.form import FieldSpec, fields, ignored_now
from lib.catalog.reference import page


class Part(Item):
    path: str = Field(description="Where.")


class Everything(Input):
    note: str = Field(description="A short text.")
    story: Annotated[str, LongText()] = Field("", description="A long text.")
    passes: int = Field(2, ge=1, lt=9, description="A whole number.")
    scale: float | None = Field(None, gt=0, description="A number.")
    loud: Annotated[bool, Advanced()] = Field(False, description="Yes or no.")
    mode: Literal["a", "b"] | None = Field(None, description="A choice.")
    steps: Literal[4, 8] = Field(4, description="A choice of numbers.")
    video_url: VideoIn | None = Field(None, description="A file.")
    clip_urls: list[VideoIn] = Field(default_factory=list, min_length=2, description="Files.")
    words: list[str] | None = Field(None, description="Texts.")
    parts: list[Part] | None = Field(None, description="Objects.")
    seed: SeedIn = Field(None, description="A seed.")


def spec_of(id: str, name: str) -> FieldSpec:
    return next(spec for spec in fields(operation(id).input) if spec.name == name)


def test_every_kind_of_field_has_its_widget() -> None:
    """Each type that a model may use is shown by its own widget, with bounds, choices and defaults."""
    specs = {spec.name: spec for spec in fields(Everything)}
    assert {name: spec.kind for name, spec in specs.items()} == {
        "note": "text",
        "story": "long_text",
        "passes": "integer",
        "scale": "number",
        "loud": "boolean",
        "mode": "choice",
        "steps": "choice",
        "video_url": "media",
        "clip_urls": "media_list",
        "words": "text_list",
        "parts": "objects",
        "seed": "seed",
    }
    assert [name for name, spec in specs.items() if spec.required] == ["note"]
    assert [name for name, spec in specs.items() if spec.advanced] == ["loud"]
    assert (specs["passes"].minimum, specs["passes"].maximum, specs["passes"].step) == (1, 8, 1)
    assert (specs["clip_urls"].minimum, specs["clip_urls"].media, specs["clip_urls"].default) == (2, "video", [])
    assert (specs["steps"].choices, specs["scale"].minimum) == ((4, 8), 0)
    assert [spec.name for spec in specs["parts"].item] == ["path"]
    assert (specs["video_url"].title, specs["clip_urls"].title) == ("Video", "Clips")


@pytest.mark.parametrize("odd", [dict[str, str], bytes, int | str, list[int], list[list[str]], Any])
def test_a_type_without_a_widget_is_an_error(odd: Any) -> None:
    """A field can never vanish from a form: an unknown type raises and names the field."""
    model: type[BaseModel] = type("Odd", (Input,), {"__annotations__": {"strange": odd}, "__module__": __name__})
    with pytest.raises(TypeError, match=r"Odd\.strange"):
        fields(model)


def test_a_field_is_ignored_by_the_value_of_its_sibling() -> None:
    """The reason is given exactly while the sibling has the value; a sibling not given stands at its default."""
    steps = spec_of("fal-ai/lyra-2/zoom", "num_inference_steps")
    assert ignored_now(steps, {}) == ignored_now(steps, {"use_dmd": True}) == "The fast sampler always takes 4 steps."
    assert ignored_now(steps, {"use_dmd": False}) is None
    way_in, way_out = (spec_of("fal-ai/lyra-2/zoom", f"zoom_{way}_strength") for way in ("in", "out"))
    for direction, ignored in (("in", [way_out]), ("out", [way_in]), ("both", [])):
        values = {"zoom_direction": direction}
        assert [spec for spec in (way_in, way_out) if ignored_now(spec, values)] == ignored


def test_any_given_value_means_neither_none_nor_empty() -> None:
    """A voice that is chosen silences the speech fields; none, or an empty address, does not."""
    text = spec_of("fal-ai/pixverse/lipsync", "text")
    assert ignored_now(text, {"audio_url": "$inputs.voice"})
    assert ignored_now(text, {"audio_url": None}) is None
    assert ignored_now(text, {"audio_url": ""}) is None
    mask = spec_of("fal-ai/wan-vace-14b", "mask_video_url")
    assert ignored_now(mask, {"mask_image_url": "https://files.example/mask.png"})


def test_one_is_not_true() -> None:
    """A number never counts as the boolean that Python thinks it equals."""

    class Switched(Input):
        switch: int = Field(0, description="A number.")
        other: Annotated[str, IgnoredWhen("switch", (True,), "On.")] = Field("", description="A text.")

    assert ignored_now(fields(Switched)[1], {"switch": 1}) is None


def test_required_fields_are_never_folded_away() -> None:
    """What must be given is always in sight."""
    for endpoint in ENDPOINTS.values():
        assert not [spec.name for spec in fields(endpoint.input) if spec.required and spec.advanced]


def test_value_bounds_and_step_of_a_widget_have_one_type() -> None:
    """A float field with the default 5 shows 5.0, and a whole number stays whole: number widgets refuse a mixture."""
    shown = [spec for made in OPERATIONS.values() for spec in fields(made.input)]
    numbers = [spec for spec in shown if spec.kind in ("number", "integer")]
    assert numbers
    for spec in numbers:
        parts = (spec.default, spec.minimum, spec.maximum, spec.step)
        assert {type(part) for part in parts if part is not None} == {float if spec.kind == "number" else int}


def test_newer_limits_reach_the_form_and_say_where_they_are_from() -> None:
    """Widgets stop where the newer page does, step by what is allowed, and their help names the source."""
    strength = spec_of("fal-ai/lyra-2/zoom", "zoom_in_strength")
    assert (strength.minimum, strength.maximum) == (0.0, 2.0)
    assert strength.help == (
        "Displacement scale for the zoom-in trajectory (relative to subject depth). "
        "The limits are from a newer page of the provider; the document states none."
    )
    images = spec_of("fal-ai/ltx-video-13b-distilled/multiconditioning", "images")
    start = next(spec for spec in images.item if spec.name == "start_frame_num")
    assert (start.step, start.multiple_of) == (8, 8)
    assert "newer page" not in spec_of("fal-ai/lynx", "num_frames").help
    assert "a multiple of 8" in page(operation("fal-ai/ltx-video-13b-distilled/multiconditioning"))
