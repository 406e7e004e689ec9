"""From a rehearsed chain to the same chain live, and what only live could show."""

from __future__ import annotations

from typing import Any

from lib.chain.board import read_board
from lib.chain.model import make_chain
from lib.media.samples import sample
from lib.record import only_seen_live, run_record
from lib.store.views import Take
from lib.ui.samples import sample_asset
from tests.ui.stage import QuietStudio, begin, button, finish, golden_run, open_app, words

STEPS = ("extend", "lipsync", "upscale")


def test_a_rehearsed_chain_is_set_up_live_and_nothing_starts_by_itself(keyed: QuietStudio) -> None:
    """The price stands beside the button; it opens the same chain with the same files and Live chosen."""
    run_id = golden_run(keyed)
    finish(keyed, run_id, *STEPS)
    app = open_app(keyed, "chains/runs", run=run_id)
    assert "Live, on files like these" in words(app)
    button(app, "Set it up live").click().run()
    app = app.switch_page("pages/chains/build.py").run()
    assert not app.exception
    board = read_board(keyed.store.boards.get(app.session_state["bench:id"]))
    assert [step.id for step in board.steps] == list(STEPS)
    assert {name: one.asset for name, one in board.inputs.items()} == keyed.run(run_id).inputs
    assert app.session_state["bench:mode"] == "Live"
    assert len(keyed.runs()) == 1


def test_without_a_key_it_says_what_is_missing(studio: QuietStudio) -> None:
    run_id = golden_run(studio)
    finish(studio, run_id, *STEPS)
    app = open_app(studio, "chains/runs", run=run_id)
    found = button(app, "Set it up live")
    assert found.disabled
    assert "FAL_KEY" in found.help.replace("\\", "")


def test_a_run_that_did_not_end_well_is_not_offered(keyed: QuietStudio) -> None:
    run_id = golden_run(keyed)
    finish(keyed, run_id, "extend")
    app = open_app(keyed, "chains/runs", run=run_id)
    assert not [one for one in app.button if one.label == "Set it up live"]


def short_take(studio: QuietStudio) -> str:
    """The SHA-256 of a clip of which the probe says that it has 20 pictures."""
    part = studio.store.assets.part()
    part.write_bytes(sample("bunny.mp4").read_bytes() + b"\0" * 8)
    facts = sample_asset(studio, "bunny.mp4").facts.model_copy(update={"frames": 20, "duration_s": 0.8})
    return studio.store.assets.keep(part, facts, name="short.mp4", origin="take", mode="live").sha256


def test_what_only_live_could_show_is_said_and_recorded(keyed: QuietStudio) -> None:
    """The model gave far less than it says it does, and the next one cannot take that: it is on the run's record."""
    given: dict[str, Any] = {"video_url": "$inputs.video", "prompt": "x"}
    steps = [
        {"id": "extend", "operation": "fal-ai/pixverse/extend/fast", "input": given},
        {"id": "magi", "operation": "fal-ai/magi/extend-video", "input": given | {"video_url": "$extend.video"}},
    ]
    inputs = {"video": {"kind": "video", "sample": "bunny.mp4"}}
    run_id = keyed.start(make_chain({"inputs": inputs, "steps": steps}), mode="live", accept_unknown_price=True)
    assert only_seen_live(keyed.store, keyed.run(run_id)) == []
    ticket, sha256 = begin(keyed, run_id, "extend"), short_take(keyed)
    operation = keyed.run(run_id).step("extend").operation
    output = {"video": {"asset": sha256}}
    keyed.store.runs.finish(ticket, Take("t" * 32, run_id, "extend", 1, operation, "live", {}, output, sha256, 1.0))
    keyed.store.runs.request_cancel(run_id)

    (found,) = run_record(keyed.store, keyed.run(run_id))["only_seen_live"]
    assert (found["step"], found["level"]) == ("magi", "error")
    assert "Only seen live, step magi: The clip has 20 pictures" in words(open_app(keyed, "chains/runs", run=run_id))
