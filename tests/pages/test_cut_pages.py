"""Cut pages: every field of every cut, work without a price, the proof of the result, and the way on from it."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.catalog import CUTS, operation
from lib.catalog.form import fields
from lib.catalog.operation import Cut
from lib.chain.files import ASSET
from lib.store.views import Take
from lib.ui.places import chosen_key, family_of
from lib.ui.samples import sample_asset, with_samples
from lib.ui.send import field_for
from tests.pages.test_model_pages import is_there
from tests.ui.stage import QuietStudio, begin, button, open_app, words

PROOF: dict[str, Any] = {
    "frames": 20, "wanted_frames": 20, "duration_s": 0.8, "sample_rate": 48000, "sound_samples": 38400,
    "wanted_samples": 38400, "offset_s": 0.0, "faults": [],
    "seen": [
        {"check": {"made": 0, "clip": 0, "source": 30, "how": "encoded"}, "equal": False, "ssim": 0.9931},
        {"check": {"made": 12, "clip": 0, "source": 42, "how": "copied"}, "equal": True, "ssim": 1.0},
    ],
}  # fmt: skip


def open_cut(studio: QuietStudio, made: Cut) -> AppTest:
    family = family_of(made)
    app = open_app(studio, f"cut/{family.slug}")
    if len(family.operations) > 1:
        app.get_by_key(chosen_key(family)).set_value(made.title).run()
    return app


def trimmed(studio: QuietStudio, mode: str = "rehearsal", **said: Any) -> str:
    """A finished trim, as the worker leaves it."""
    clip = sample_asset(studio, "bunny.mp4").sha256
    run_id = studio.start_one("cut/trim", {"video_url": ASSET + clip, "start_s": 1}, mode=mode)
    ticket = begin(studio, run_id, studio.run(run_id).steps[0].id, {"video_url": ASSET + clip, "start_s": 1})
    take = Take(
        id=run_id, run_id=run_id, step_id=ticket.step_id, attempt=ticket.attempt, operation="cut/trim",
        mode="rehearsal", input={},
        output={"video": {"asset": clip}, **said}, sha256=clip, created_at=1.0,
    )  # fmt: skip
    studio.store.runs.finish(ticket, take)
    return run_id


@pytest.mark.parametrize("made", CUTS.values(), ids=list(CUTS))
def test_the_form_shows_every_field(studio: QuietStudio, made: Cut) -> None:
    """No field of a cut is missing from its page."""
    app = open_cut(studio, made)
    assert [spec.name for spec in fields(made.input) if not is_there(app, made, spec)] == []


@pytest.mark.parametrize("made", CUTS.values(), ids=list(CUTS))
def test_the_example_runs(studio: QuietStudio, made: Cut) -> None:
    """Use the example and press: a run with the example's body begins, and nobody speaks of money."""
    app = open_cut(studio, made)
    button(app, "Use the example").click().run()
    button(app, made.title).click().run()
    assert not app.exception
    (run,) = studio.runs()
    step = run.chain["steps"][0]
    assert made.validate(step["input"]).payload() == made.validate(with_samples(studio, made, made.example)).payload()
    said = words(app).lower()
    assert "on this machine" in said
    assert "stand-in" not in said
    assert "live price" not in said


def test_the_proof_is_one_click_away(studio: QuietStudio) -> None:
    """How the clip was cut stands under it, and what was compared is in the proof."""
    run_id = trimmed(studio, method="smart", reason=None, copied_pictures=8, encoded_pictures=12, proof=PROOF)
    app = open_app(studio, "cut/trim", run=run_id)
    said = words(app).replace("\\", "")
    assert "Smart cut: 8 pictures copied, 12 encoded." in said
    assert "likeness (SSIM) 0.9931 or more" in str([table.value for table in app.table])
    assert "20 of 20" in str([table.value for table in app.table])


def test_why_everything_was_encoded_is_said(studio: QuietStudio) -> None:
    """An exact re-encode names its reason."""
    app = open_app(
        studio, "cut/trim",
        run=trimmed(studio, method="exact", reason="The clip is interlaced.", copied_pictures=0, encoded_pictures=20),
    )  # fmt: skip
    assert "Exact re-encode: all 20 pictures encoded. The clip is interlaced." in words(app).replace("\\", "")


@pytest.mark.parametrize("target", ["fal-ai/video-upscaler", "fal-ai/pixverse/lipsync", "cut/join"])
def test_a_result_goes_on_to_another_form(studio: QuietStudio, target: str) -> None:
    """Send to fills the file into the form of the operation and opens its page."""
    app = open_app(studio, "cut/trim", run=trimmed(studio))
    app.menu_button[0].click(target).run()
    made = operation(target)
    assert app.title[0].value == family_of(made).title
    assert "bunny.mp4" in words(app).replace("\\", "")


def test_nothing_takes_a_scene(studio: QuietStudio) -> None:
    """What no operation takes has no such menu."""
    assert field_for(operation("fal-ai/video-upscaler"), "scene") is None
