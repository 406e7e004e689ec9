"""What a step's card says beside its files: what else came back, and how long is left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lib.store.views import Progress, StepView
from lib.ui.step_card import picture_words, time_left, told_values
from tests.ui.stage import QuietStudio, quiet


def test_what_an_output_tells_beside_its_files() -> None:
    """Nested values are shown; files, the proof and plain values stand elsewhere."""
    output = {
        "video": {"asset": "a" * 64}, "images": [{"asset": "b" * 64}], "proof": {"frames": 3}, "seed": 7,
        "metadata": {"fps": 25}, "times_s": [0.0, 0.4], "empty": [],
    }  # fmt: skip
    assert told_values(output) == {"metadata": {"fps": 25}, "times_s": [0.0, 0.4]}
    assert told_values(None) == {}


def test_a_picture_says_which_one_it_is() -> None:
    """By its number and time in the clip; other files say nothing of the kind."""
    output = {"images": [{"asset": "a"}, {"asset": "b"}], "frames": [0, 65], "times_s": [0.0, 2.6]}
    assert picture_words(output, "images.1") == "Picture 65, at 2.600 s"
    assert picture_words({"image": {"asset": "a"}, "frames": [131]}, "image") == "Picture 131"
    assert picture_words({"video": {"asset": "a"}, "frames": 60}, "video") == ""


def test_only_local_work_says_how_long_is_left(tmp_path: Path) -> None:
    """A cut goes at an even pace; a model's fraction says nothing of its time."""
    studio: QuietStudio = quiet(tmp_path / "data")
    cut = _running(studio, "cut/mute")
    assert time_left(cut, now=1000.0 + 30) == ", 30 s left"
    assert time_left(replace(cut, operation="fal-ai/video-upscaler"), now=1030.0) == ""
    studio.close()


def _running(studio: QuietStudio, operation: str) -> StepView:
    run = studio.run(studio.start_one(operation, {"video_url": "https://example.com/a.mp4"}))
    return replace(run.steps[0], started_at=1000.0, progress=Progress("Cutting", 0.5, None, (), 1030.0))
