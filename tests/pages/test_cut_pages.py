"""Cut pages: every field of every cut, work without a price, the proof of the result, and the way on from it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
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
from tests.ui.stage import QuietStudio, begin, button, field, open_app, words

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
    """Continue with fills the file into the form of the operation and opens its page."""
    app = open_app(studio, "cut/trim", run=trimmed(studio))
    app.menu_button[0].click(target).run()
    made = operation(target)
    assert app.title[0].value == family_of(made).title
    assert "bunny.mp4" in words(app).replace("\\", "")


def test_nothing_takes_a_scene(studio: QuietStudio) -> None:
    """What no operation takes has no such menu."""
    assert field_for(operation("fal-ai/video-upscaler"), "scene") is None


def test_the_clips_of_a_join_are_named_moved_and_removed(studio: QuietStudio) -> None:
    """Each is called by its place and its file; several can be uploaded at once; the order is what is sent."""
    app = open_cut(studio, CUTS["cut/join"])
    sample = sample_asset(studio, "bunny.mp4").path
    assert sample is not None
    app.get_by_key("cut-join.video_urls:sample").click().run()
    app.file_uploader[0].set_value([_sent("one.mp4", sample), _sent("two.mp4", sample)]).run()
    assert not app.exception
    said = words(app).replace("\\", "")
    assert [f"**Clip {n}** · {name}" in said for n, name in ((1, "bunny.mp4"), (2, "bunny.mp4"), (3, "two.mp4"))] == [
        True
    ] * 3
    before = app.session_state["cut-join.video_urls"]
    app.get_by_key(f"cut-join.video_urls.{before[2]}:arrow_upward").click().run()
    assert app.session_state["cut-join.video_urls"] == [before[0], before[2], before[1]]
    app.get_by_key(f"cut-join.video_urls.{before[0]}:remove").click().run()
    button(app, "Join").click().run()
    (run,) = studio.runs()
    assert [studio.asset(one.removeprefix(ASSET)).name for one in run.chain["steps"][0]["input"]["video_urls"]] == [
        "two.mp4", "bunny.mp4",
    ]  # fmt: skip


def test_too_few_clips_are_said_where_they_are_added(studio: QuietStudio) -> None:
    """In words for people, with nothing started."""
    app = open_cut(studio, CUTS["cut/join"])
    app.get_by_key("cut-join.video_urls:sample").click().run()
    button(app, "Join").click().run()
    assert studio.runs() == []
    assert ":red[:material/error:" in words(app)


def test_a_result_beside_a_changed_form_says_so(studio: QuietStudio) -> None:
    """Not while it stands as it was made; one press brings its marks back."""
    app = open_app(studio, "cut/trim", run=trimmed(studio))
    button(app, "Use the sample").click().run()
    assert "made with other marks" in words(app)
    button(app, "Show its marks").click().run()
    assert "made with other" not in words(app)
    field(app, "cut-trim:in").set_value("#40").run()
    assert "made with other marks" in words(app)


def test_a_reset_leaves_the_clip(studio: QuietStudio) -> None:
    """Only what is set goes back."""
    app = open_cut(studio, CUTS["cut/trim"])
    button(app, "Use the example").click().run()
    button(app, "Reset").click().run()
    clip = sample_asset(studio, "bunny.mp4").sha256
    assert app.session_state["cut-trim.video_url"] == ASSET + clip
    assert field(app, "cut-trim:out").value == ""


def test_many_pictures_come_some_at_a_time(studio: QuietStudio) -> None:
    """Twelve at first, more on demand."""
    run_id = studio.start_one("cut/frames", {"video_url": ASSET + sample_asset(studio, "bunny.mp4").sha256})
    images = [{"asset": studio.add_file(_picture(n), f"{n}.png").sha256} for n in range(30)]
    ticket = begin(studio, run_id, studio.run(run_id).steps[0].id, {})
    take = Take(
        id=run_id, run_id=run_id, step_id=ticket.step_id, attempt=ticket.attempt, operation="cut/frames",
        mode="rehearsal", input={}, output={"images": images, "frames": list(range(30))}, sha256=images[0]["asset"],
        created_at=1.0,
    )  # fmt: skip
    studio.store.runs.finish(ticket, take)
    app = open_app(studio, "cut/frames", run=run_id)
    assert words(app).count("Picture ") == 12
    button(app, "Show 18 more of 30").click().run()
    assert words(app).count("Picture ") == 30


def _picture(number: int) -> BytesIO:
    to = BytesIO()
    Image.new("RGB", (16, 16), (number, 0, 0)).save(to, "PNG")
    return BytesIO(to.getvalue())


def _sent(name: str, clip: Path) -> tuple[str, bytes, str]:
    """Of two names the second holds the same pictures in other bytes: a box that says nothing comes last."""
    more = b"\0\0\0\x0cfree\0\0\0\0" if name == "two.mp4" else b""
    return name, clip.read_bytes() + more, "video/mp4"
