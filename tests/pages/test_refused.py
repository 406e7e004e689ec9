"""A run that the model refused: its words at the field of the form, and ways on that make sense."""

from __future__ import annotations

from lib.chain.presets import preset
from lib.ui.samples import sample_asset
from tests.ui.stage import GOLDEN, QuietStudio, button, fail, field, golden_run, open_app, refuse, words

TOO_SHORT = "The clip is too short."
UPSCALER = "fal-ai/video-upscaler"


def upscaled(studio: QuietStudio) -> str:
    sample = sample_asset(studio, "bunny.mp4").sha256
    return studio.start_one(UPSCALER, {"video_url": f"asset:{sample}", "scale": 3})


def test_what_the_model_says_stands_at_its_field_once(studio: QuietStudio) -> None:
    """The same session sees it below the clip; after a change of the clip it is gone and stays away."""
    app = open_app(studio, "models/upscaler")
    app.get_by_key("video-upscaler.video_url:sample").click().run()
    button(app, "Run").click().run()
    (run,) = studio.runs()
    refuse(studio, run.id, run.steps[0].id, {"video_url": TOO_SHORT})
    app.run()
    assert app.session_state["video-upscaler:errors"] == {"video_url": TOO_SHORT}
    assert any("material/error" in element.value and TOO_SHORT in element.value for element in app.markdown)
    assert "Change the input first" in words(app)
    app.get_by_key("video-upscaler.video_url:change").click().run()
    app.run()
    assert app.session_state["video-upscaler:errors"] == {}


def test_the_card_says_it_once_and_by_title(studio: QuietStudio) -> None:
    """The wire's name of the field is nowhere on the card."""
    run_id = upscaled(studio)
    refuse(studio, run_id, "video-upscaler", {"video_url": TOO_SHORT})
    shown = words(open_app(studio, "chains/runs", run=run_id)).replace("\\", "")
    assert f"Video: {TOO_SHORT}" in shown
    assert shown.count(TOO_SHORT) == 1
    assert "video_url" not in shown


def test_another_browser_gets_the_input_with_the_message(studio: QuietStudio) -> None:
    """An untouched form takes what was sent, so that the message stands at something."""
    run_id = upscaled(studio)
    refuse(studio, run_id, "video-upscaler", {"scale": "No."})
    app = open_app(studio, "models/upscaler", run=run_id)
    assert app.session_state["video-upscaler.scale"] == 3
    assert app.session_state["video-upscaler:errors"] == {"scale": "No."}


def test_a_field_that_was_changed_meanwhile_gets_no_word(studio: QuietStudio) -> None:
    """The message was about another value."""
    app = open_app(studio, "models/upscaler")
    app.get_by_key("video-upscaler.video_url:sample").click().run()
    button(app, "Run").click().run()
    field(app, "video-upscaler.scale").set_value(4).run()
    (run,) = studio.runs()
    refuse(studio, run.id, run.steps[0].id, {"scale": "No.", "video_url": TOO_SHORT})
    app.run()
    assert app.session_state["video-upscaler:errors"] == {"video_url": TOO_SHORT}


def test_a_refused_step_of_a_chain_leads_to_its_form(studio: QuietStudio) -> None:
    """The press opens the model page with that endpoint chosen, what was sent without the drawn seed, the message."""
    run_id = golden_run(studio)
    refuse(studio, run_id, "extend", {"prompt": "No."})
    app = open_app(studio, "chains/runs", run=run_id)
    button(app, "Change the input first").click().run()
    assert not app.exception
    assert app.title[0].value == "PixVerse"
    assert app.session_state["pixverse:endpoint"] == "Extend a clip (fast)"
    assert field(app, "pixverse-extend-fast.prompt").value == "the rabbit looks up"
    assert app.session_state["pixverse-extend-fast.video_url"].startswith("asset:")
    assert app.session_state["pixverse-extend-fast.seed"] is None
    assert app.session_state["pixverse-extend-fast:errors"] == {"prompt": "No."}


def test_trying_a_live_step_again_names_its_price(keyed: QuietStudio) -> None:
    """It may be bought once more, so the button says for how much; a rehearsal's button says nothing of money."""
    run_id = keyed.start(preset(GOLDEN), mode="live", accept_unknown_price=True)
    fail(keyed, run_id, "extend")
    app = open_app(keyed, run=run_id)
    labels = [made.label.replace("\\", "") for made in app.button]
    assert "Try again ($0.30)" in labels
    rehearsed = golden_run(keyed)
    fail(keyed, rehearsed, "extend")
    assert "Try again" in [made.label for made in open_app(keyed, run=rehearsed).button]
