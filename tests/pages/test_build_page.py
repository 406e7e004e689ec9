"""Building a chain on its page: from nothing to a run, with what does not fit said, mended, and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.chain.board import read_board
from tests.ui.stage import QuietStudio, button, field, finish, open_app, words

BUILD = "chains/build"


def press(app: AppTest, key: str) -> AppTest:
    app.get_by_key(key).click()
    return app.run()


def added(app: AppTest, id: str) -> AppTest:
    """With a step added through the window."""
    press(app, "bench:add")
    return press(app, f"bench:add:{id}")


@pytest.fixture
def app(studio: QuietStudio) -> AppTest:
    return open_app(studio, BUILD)


def kept(studio: QuietStudio, app: AppTest) -> list[str]:
    """The steps of the chain as the store has it."""
    return [step.id for step in read_board(studio.store.boards.get(app.query_params["board"])).steps]


def test_the_empty_page_teaches(app: AppTest) -> None:
    """It says how a chain begins, and nothing on it can be run."""
    assert "A chain begins with a file" in words(app)
    assert not [one for one in app.button if one.label == "Run the chain"]
    assert not app.exception


def test_from_nothing_to_a_run(studio: QuietStudio, app: AppTest) -> None:
    """A file, two steps bound by themselves, a prompt, and Run: the run has the chain as it was built."""
    press(app, "bench:file:video")
    app.get_by_key("bench-files.video:sample").click().run()
    added(app, "fal-ai/pixverse/extend/fast")
    assert "Prompt\\: This field is required." in words(app)
    field(app, "bench-extend-fast.prompt").set_value("the rabbit looks up").run()
    added(app, "fal-ai/video-upscaler")
    assert "It fits." in words(app)
    button(app, "Run the chain").click().run()
    assert not app.exception
    (run,) = studio.runs()
    assert [step["input"].get("video_url") for step in run.chain["steps"]] == ["$inputs.video", "$extend-fast.video"]
    assert run.chain["steps"][0]["input"]["prompt"] == "the rabbit looks up"
    assert list(run.inputs) == ["video"]
    assert app.query_params["run"] == run.id


SHORT = {
    "name": "short",
    "inputs": {"video": {"kind": "video", "sample": "bunny.mp4"}},
    "steps": [
        {"id": "trim", "operation": "cut/trim", "input": {"video_url": "$inputs.video", "end_s": 0.8}},
        {"id": "magi", "operation": "fal-ai/magi/extend-video", "input": {"video_url": "$trim.video", "prompt": "x"}},
    ],
}


def test_what_does_not_fit_is_mended_by_a_press(studio: QuietStudio) -> None:
    """A clip too short for the model that is next: the repair puts a cut before it, and Undo takes it out again."""
    studio.store.boards.keep("short", SHORT)
    app = open_app(studio, BUILD, board="short")
    assert "The clip has 20 pictures" in words(app)
    assert button(app, "Run the chain").disabled
    press(app, "bench:magi:repair:0:0")
    assert not app.exception
    assert kept(studio, app) == ["trim", "magi-fit", "magi"]
    assert "It fits." in words(app)
    press(app, "bench:undo")
    assert kept(studio, app) == ["trim", "magi"]
    press(app, "bench:redo")
    button(app, "Run the chain").click().run()
    assert [step.id for step in studio.runs()[0].steps] == ["trim", "magi-fit", "magi"]


def test_a_reload_and_another_browser_find_the_chain(studio: QuietStudio, app: AppTest) -> None:
    """The address names it; an unknown one gets a sentence."""
    press(app, "bench:preset:extend-lipsync-upscale")
    again = open_app(studio, BUILD, board=app.query_params["board"])
    assert "extend, lip-sync, upscale" in [one.value for one in again.text_input]
    assert kept(studio, again) == ["extend", "lipsync", "upscale"]
    assert "There is no such chain" in words(open_app(studio, BUILD, board="gone"))


def test_steps_are_moved_doubled_switched_off_and_removed(studio: QuietStudio, app: AppTest) -> None:
    """Each by its own button; a step whose source is gone says what it needs."""
    press(app, "bench:preset:extend-lipsync-upscale")
    press(app, "bench:upscale:arrow_upward")
    assert kept(studio, app) == ["extend", "upscale", "lipsync"]
    press(app, "bench:upscale:content_copy")
    assert kept(studio, app) == ["extend", "upscale", "upscale-2", "lipsync"]
    press(app, "bench:upscale:toggle_off")
    assert "off" in words(app)
    press(app, "bench:extend:delete")
    assert kept(studio, app) == ["upscale", "upscale-2", "lipsync"]
    press(app, "bench:file:video:remove")
    assert "is used by" in words(app)
    assert not app.exception


def test_a_sweep_runs_a_step_for_each_value(studio: QuietStudio, app: AppTest) -> None:
    """Three seeds, three clips, each enlarged: the price counts all, and so does the run."""
    press(app, "bench:preset:extend-lipsync-upscale")
    press(app, "bench:extend:tune")
    app.get_by_key("bench:extend:sweep:field").set_value("seed").run()
    field(app, "bench:extend:sweep:seed:values").set_value("1\n2\nmany").run()
    assert "many cannot be Seed" in words(app)
    field(app, "bench:extend:sweep:seed:values").set_value("1\n2\n3").run()
    assert "3 times" in words(app)
    button(app, "Run the chain").click().run()
    (run,) = studio.runs()
    assert len(run.steps) == 9
    assert [step["input"]["seed"] for step in run.chain["steps"][:3]] == [1, 2, 3]


def test_a_change_after_the_settings_were_open_is_not_undone_by_them(studio: QuietStudio, app: AppTest) -> None:
    """What was typed can be taken back: the form then shows what was there before."""
    press(app, "bench:preset:extend-lipsync-upscale")
    press(app, "bench:extend:tune")
    field(app, "bench-extend.prompt").set_value("another text").run()
    press(app, "bench:undo")
    assert field(app, "bench-extend.prompt").value == "the rabbit looks up"
    board = read_board(studio.store.boards.get(app.query_params["board"]))
    assert board.step("extend").input["prompt"] == "the rabbit looks up"


@pytest.mark.parametrize("name", ["bad.json", "not-a-chain.json", "picture.json"])
def test_a_file_that_is_no_chain_gives_a_sentence(app: AppTest, tmp_path: Path, name: str) -> None:
    contents = {"bad.json": b"{", "not-a-chain.json": b'{"steps": 3}', "picture.json": b"\x89PNG\r\n\xff\xfe"}
    app.get_by_key("bench:opened").upload(name, contents[name], "application/json").run()
    assert not app.exception
    said = words(app)
    assert any(part in said for part in ("not a chain file", "does not hold together"))


def test_what_was_made_is_kept_and_a_change_says_what_runs_again(studio: QuietStudio) -> None:
    """After a run nothing is left to do; a change at the last step leaves one; another take is chosen by a press."""
    app = open_app(studio, BUILD)
    press(app, "bench:preset:extend-lipsync-upscale")
    button(app, "Run the chain").click().run()
    finish(studio, studio.runs()[0].id, "extend", "lipsync", "upscale")
    app.run()
    assert not app.exception
    assert "3 steps keep their takes" in words(app)
    assert button(app, "Run the chain").disabled
    press(app, "bench:upscale:tune")
    field(app, "bench-upscale.scale").set_value(3).run()
    assert not app.exception
    assert "2 steps keep their takes" in words(app)
    app.session_state["bench:started_at"] = 0.0  # it is no second click of a double click
    button(app, "Run 1 step").click().run()
    assert [step.reused for step in studio.runs()[0].steps] == [True, True, False]

    old = studio.runs()[1].step("upscale").take
    assert old is not None
    finish(studio, studio.runs()[0].id, "upscale")
    app.run()
    press(app, f"bench:upscale:take:{old.id}")
    assert "chosen take" in words(app)
    assert "3 steps keep their takes" in words(app) or "1 step keeps its take" in words(app)
    field(app, "bench-upscale.scale").set_value(4).run()
    assert "chosen take" in words(app)
    press(app, f"bench:upscale:take:{old.id}")
    assert "chosen take" not in words(app)
