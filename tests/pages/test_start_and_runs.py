"""Starting, watching, answering: the Start page, the run card and the list of runs."""

from __future__ import annotations

import sqlite3

import pytest

from lib.media.samples import sample
from tests.ui.stage import (
    QuietStudio,
    begin,
    button,
    fail,
    field,
    finish,
    golden_run,
    make_uncertain,
    open_app,
    tell,
    words,
)


def test_the_golden_chain_stands_ready(studio: QuietStudio) -> None:
    """The sample clip and voice are there to be seen and heard, three steps with prices, one primary button."""
    app = open_app(studio)
    shown = words(app)
    assert "Rehearsal: nothing is bought" in shown
    assert len(app.get("video")) == 1
    assert len(app.get("audio")) == 1
    assert shown.count("Live: ") == 3
    assert [made.label for made in app.button if made.proto.type == "primary"] == ["Run the chain"]


def test_one_press_starts_one_run_and_says_so_in_the_address(studio: QuietStudio) -> None:
    """The worker is woken, the card appears, and the button is gone."""
    app = open_app(studio)
    button(app, "Run the chain").click().run()
    (run,) = studio.runs()
    assert app.query_params["run"] == run.id
    assert studio.woken >= 1
    assert "Step 1 of 3" in app.get("progress")[0].text
    assert "Run the chain" not in [made.label for made in app.button]


def test_the_same_press_twice_is_one_run(studio: QuietStudio) -> None:
    """A press that arrives again (a double click, a lost connection) finds the run it made."""
    app = open_app(studio)
    token = app.session_state["golden:token"]
    button(app, "Run the chain").click().run()
    app.session_state["golden:token"] = token
    app.session_state["golden:pressed"] = token
    del app.query_params["run"]
    app.run()
    assert len(studio.runs()) == 1
    assert app.query_params["run"] == studio.runs()[0].id


def test_the_second_click_of_a_double_click_is_not_meant(studio: QuietStudio) -> None:
    """Even where the next button already stands in the same place; a press after that is another run."""
    app = open_app(studio, "models/upscaler")
    app.get_by_key("video-upscaler.video_url:sample").click().run()
    button(app, "Run").click().run()
    button(app, "Run").click().run()
    for _ in range(3):  # a key that is held: together longer than a double click
        app.session_state["video-upscaler:started_at"] -= 0.7
        button(app, "Run").click().run()
    assert len(studio.runs()) == 1
    app.session_state["video-upscaler:started_at"] -= 2
    button(app, "Run").click().run()
    assert len(studio.runs()) == 2


def test_ones_own_clip_takes_the_place_of_the_sample(studio: QuietStudio) -> None:
    """Change, upload, run: the run has that clip as its input."""
    app = open_app(studio)
    app.get_by_key("golden.video:change").click().run()
    assert button(app, "Run the chain").disabled
    app.file_uploader[0].upload("mine.mp4", sample("bunny.mp4").read_bytes() + b"\0" * 8).run()
    chosen = app.session_state["golden.video"].removeprefix("asset:")
    button(app, "Run the chain").click().run()
    assert studio.runs()[0].inputs["video"] == chosen


def test_the_prompt_stands_there_and_can_be_changed(studio: QuietStudio) -> None:
    """What the step is told fits the sample only, so it is seen; the run has the words that stand there."""
    app = open_app(studio)
    assert [area.value for area in app.text_area] == ["the rabbit looks up"]
    field(app, "golden.extend.prompt").set_value("the car turns left").run()
    button(app, "Run the chain").click().run()
    steps = studio.runs()[0].chain["steps"]
    assert [step["input"].get("prompt") for step in steps] == ["the car turns left", None, None]


def test_an_emptied_prompt_is_answered_at_its_field(studio: QuietStudio) -> None:
    """Named by its title below the button, and nothing was started."""
    app = open_app(studio)
    field(app, "golden.extend.prompt").set_value(" ").run()
    button(app, "Run the chain").click().run()
    assert "This field is required" in words(app)
    assert "One field needs a change: Prompt." in words(app).replace("\\", "")
    assert studio.runs() == []


def test_a_step_that_nobody_works_on_says_so(studio: QuietStudio) -> None:
    """After a while without a word the last phase is not shown as if it went on; a new word ends that."""
    run_id = golden_run(studio)
    tell(studio, run_id, "extend", "Generating")
    with sqlite3.connect(studio.settings.data_dir / "dailies.sqlite") as rows:
        rows.execute("UPDATE progress SET updated_at = updated_at - 30")
        rows.execute("UPDATE step SET started_at = started_at - 30")
    app = open_app(studio, run=run_id)
    assert "Waiting for the worker" in words(app)
    assert "Generating" not in words(app)
    tell(studio, run_id, "extend", "Generating")
    app.run()
    assert "Waiting for the worker" not in words(app)
    assert "Generating" in words(app)


def test_a_step_under_way_shows_queue_and_progress(studio: QuietStudio) -> None:
    """How many are before it, then how far it is, and the last line of its log."""
    run_id = golden_run(studio)
    tell(studio, run_id, "extend", "Waiting in the queue", queue_position=2)
    app = open_app(studio, run=run_id)
    assert "Waiting in the queue: 2 before you" in words(app).replace("\\", "")
    tell(studio, run_id, "extend", "Downloading", fraction=0.4, logs=("half way",))
    app.run()
    assert "Downloading, 40 %" in [bar.text for bar in app.get("progress")]
    assert "half way" in words(app)


def test_a_finished_chain_plays_every_take(studio: QuietStudio) -> None:
    """One player for each step and a large one for what the chain is for; it is free and says so."""
    run_id = golden_run(studio)
    finish(studio, run_id, "extend", "lipsync", "upscale")
    app = open_app(studio, run=run_id)
    assert len(app.get("video")) == 4
    assert "Your video is ready" in words(app)
    assert "free" in words(app)
    assert "Cancel" not in [made.label for made in app.button]


def test_a_failed_step_says_what_and_what_to_do_and_can_be_tried_again(studio: QuietStudio) -> None:
    """Message and hint stand at the step; earlier takes stay; trying again makes the next attempt."""
    run_id = golden_run(studio)
    finish(studio, run_id, "extend")
    fail(studio, run_id, "lipsync")
    app = open_app(studio, run=run_id)
    assert "The model could not read the clip." in words(app)
    assert "Try a shorter one." in words(app)
    assert len(app.get("video")) == 1
    button(app, "Try again").click().run()
    step = studio.run(run_id).step("lipsync")
    assert (step.state, step.attempt) == ("ready", 2)
    assert studio.run(run_id).step("upscale").state == "waiting"


@pytest.mark.parametrize(("label", "choice"), [("Send again", "resend"), ("Give up", "give_up")])
def test_an_uncertain_step_can_be_answered(studio: QuietStudio, label: str, choice: str) -> None:
    """Sending again names the price of paying twice; giving up is the other way out."""
    run_id = golden_run(studio)
    make_uncertain(studio, run_id, "extend")
    app = open_app(studio, run=run_id)
    pressed = next(made for made in app.button if made.label.startswith(label))
    if choice == "resend":
        assert "may pay twice" in pressed.label
        assert "$0.30" in pressed.label.replace("\\", "")
    pressed.click().run()
    purchase = studio.run(run_id).step("extend").purchase
    assert purchase is not None
    assert (purchase.answer or {})["choice"] == choice


def test_a_request_id_can_be_attached(studio: QuietStudio) -> None:
    """Without an id the form says so; with one the answer is kept."""
    run_id = golden_run(studio)
    make_uncertain(studio, run_id, "extend")
    app = open_app(studio, run=run_id)
    button(app, "Attach this request").click().run()
    assert "A request id is needed." in words(app)
    field = next(made for made in app.text_input if made.label == "Request id")
    field.set_value(" 764cabcf-b745 ")
    button(app, "Attach this request").click().run()
    purchase = studio.run(run_id).step("extend").purchase
    assert purchase is not None
    assert purchase.answer == {"choice": "attach", "request_id": "764cabcf-b745"} | dict(purchase.answer or {})


def test_cancel_asks_the_run_to_stop(studio: QuietStudio) -> None:
    """Steps that have not begun end at once; the one under way is asked."""
    run_id = golden_run(studio)
    begin(studio, run_id, "extend")
    app = open_app(studio, run=run_id)
    button(app, "Cancel").click().run()
    assert studio.run(run_id).cancel_requested
    assert "Cancelling" in words(app)
    assert button(app, "Cancel").disabled


def test_runs_are_listed_newest_first_and_open(studio: QuietStudio) -> None:
    """Each with its state and a way to open it in the same page."""
    first, second = golden_run(studio), golden_run(studio)
    finish(studio, first, "extend", "lipsync", "upscale")
    app = open_app(studio, "chains/runs")
    opens = [made.key for made in app.button if made.label == "Open"]
    assert opens == [f"open:{second}", f"open:{first}"]
    app.get_by_key(f"open:{first}").click().run()
    assert app.query_params["run"] == first
    assert "Your video is ready" in words(app)


def test_no_runs_teach_what_to_do(studio: QuietStudio) -> None:
    """The empty list says how to fill it."""
    assert "Nothing has run yet" in words(open_app(studio, "chains/runs"))


def test_a_file_that_was_cleaned_up_is_said_so(studio: QuietStudio) -> None:
    """The run keeps its facts; in place of the player stands what to do."""
    run_id = golden_run(studio)
    finish(studio, run_id, "extend", "lipsync", "upscale")
    studio.clean(0)
    app = open_app(studio, run=run_id)
    assert "cleaned up" in words(app)
    assert not app.exception
