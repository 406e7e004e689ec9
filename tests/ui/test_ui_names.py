"""Fields are called by their titles, wherever they lie."""

from __future__ import annotations

import pytest

from lib.catalog import ENDPOINTS
from lib.catalog.form import fields
from lib.ui.names import said_by_title, title_at

LTX = "fal-ai/ltx-video-13b-distilled/multiconditioning"
UPSCALER = "fal-ai/video-upscaler"


@pytest.mark.parametrize(
    ("path", "title"),
    [("prompt", "Prompt"), ("videos.0.video_url", "Clip 1: Video"), ("images.2", "Picture 3"), ("no.such", "no.such")],
)
def test_a_path_has_a_title(path: str, title: str) -> None:
    """A place in a list counts from one; what nobody knows is not hidden."""
    assert title_at(fields(ENDPOINTS[LTX].input), path) == title


def test_words_of_a_field_are_said_once() -> None:
    """In the message by title where the provider named the field there, else beside it."""
    within = said_by_title(UPSCALER, {"message": "It says: video_url: Too dark.", "fields": {"video_url": "Too dark."}})
    assert (within["message"], within["fields"]) == ("It says: Video: Too dark.", {})
    beside = said_by_title(UPSCALER, {"message": "Refused.", "fields": {"video_url": "Too dark."}})
    assert (beside["message"], beside["fields"]) == ("Refused.", {"Video": "Too dark."})


def test_an_operation_of_another_version_keeps_its_words() -> None:
    """A run outlives the catalog it was made with."""
    said = said_by_title("fal-ai/gone", {"message": "x: No.", "fields": {"x": "No."}})
    assert said["message"] == "x: No."
