"""What a form can hold of values that nobody vouches for."""

from __future__ import annotations

from typing import Any

import pytest

from lib.catalog import OPERATIONS
from lib.catalog.fitting import fitting
from lib.catalog.form import fields
from lib.catalog.operation import Operation

LTX = fields(OPERATIONS["fal-ai/ltx-video-13b-distilled/multiconditioning"].input)


@pytest.mark.parametrize("made", OPERATIONS.values(), ids=lambda made: made.id)
def test_every_example_fits_its_own_form(made: Operation) -> None:
    """Whatever kinds of fields there are: nothing of a documented body is left out."""
    held = fitting(fields(made.input), made.example, files=True)
    assert held.left_out == ()
    assert held.values == {name: value for name, value in made.example.items() if value is not None}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prompt", 7), ("prompt", ["x"]), ("prompt", "\ud800"), ("prompt", "x" * 100_001), ("num_frames", "81"),
        ("num_frames", 8), ("num_frames", 1442), ("num_frames", True), ("num_frames", 10**400), ("seed", 2**63),
        ("resolution", "8K"), ("resolution", ["480p"]), ("constant_rate_factor", 1.5), ("images", {"a": 1}),
        ("images", [{}] * 101), ("loras", "x"), ("enable_safety_checker", "yes"), ("__class__", "x"), ("x" * 900, 1),
    ],
)  # fmt: skip
def test_what_a_field_cannot_show_is_left_out_by_name(name: str, value: Any) -> None:
    """Wrong types, values out of bounds, fields that do not exist: each is named, and the rest stays."""
    held = fitting(LTX, {name: value, "negative_prompt": "fog"}, files=False)
    assert held.values == {"negative_prompt": "fog"}
    assert len(held.left_out) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, "1", True])
def test_a_number_is_a_finite_one(value: Any) -> None:
    """Nothing that a browser could not count with."""
    upscaler = fields(OPERATIONS["fal-ai/video-upscaler"].input)
    assert fitting(upscaler, {"scale": value}, files=False).values == {}


def test_a_wrong_part_of_a_card_leaves_the_card() -> None:
    """Its other values are kept, and the list is named."""
    held = fitting(LTX, {"images": [{"strength": 0.5, "start_frame_num": "soon"}, 3]}, files=False)
    assert held.values == {"images": [{"strength": 0.5}]}
    assert held.left_out == ("Images",)


def test_files_are_not_taken_where_they_are_not_wanted() -> None:
    """A link names no files: what it says of them counts as not said, in lists too."""
    values = {"images": [{"image_url": "https://a.example/x.png", "strength": 1}], "prompt": "a"}
    held = fitting(LTX, values, files=False)
    assert held.values == {"images": [{"strength": 1}], "prompt": "a"}
    assert held.left_out == ()
    assert fitting(LTX, values, files=True).values == values
    assert fitting(LTX, {"images": [{"image_url": "file:///etc/passwd"}]}, files=True).values == {"images": [{}]}
