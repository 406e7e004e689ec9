"""A take that waits for a person: what was found is said, and each button says what it means."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui.gate_card import moments
from lib.ui.samples import sample_asset
from tests.ui.stage import QuietStudio, button, doubt, golden_run, open_app, words

FROZEN = {"kind": "frozen", "said": "The picture stands still for the last 1.2 s.", "at_s": 3.8}


def asking(studio: QuietStudio) -> tuple[str, AppTest]:
    run_id = golden_run(studio)
    doubt(studio, run_id, "extend", FROZEN)
    return run_id, open_app(studio, run=run_id)


def test_what_was_found_is_said_beside_the_take(studio: QuietStudio) -> None:
    """The sentence, the take itself to look at, and three ways on; nothing is called an error."""
    _, app = asking(studio)
    shown = words(app).replace("\\", "")
    assert "The picture stands still for the last 1.2 s." in shown
    assert "Something is wrong with this take" in shown
    assert "Needs your decision" in shown
    labels = [made.label for made in app.button]
    assert {"Accept it and go on", "Make it again with another seed (free)", "Stop here"} <= set(labels)
    assert len(app.error) == 0
    assert len(app.get("video")) >= 1


@pytest.mark.parametrize(
    ("label", "state", "follows"),
    [
        ("Accept it and go on", "done", "ready"),
        ("Make it again with another seed (free)", "ready", "waiting"),
        ("Stop here", "cancelled", "skipped"),
    ],
)
def test_each_button_is_carried_out_at_once(studio: QuietStudio, label: str, state: str, follows: str) -> None:
    """And the worker is woken."""
    run_id, app = asking(studio)
    woken = studio.woken
    button(app, label).click().run()
    assert not app.exception
    run = studio.run(run_id)
    assert (run.step("extend").state, run.step("lipsync").state) == (state, follows)
    assert studio.woken > woken


def test_a_second_tab_is_told_that_it_is_settled(studio: QuietStudio) -> None:
    """Its button still stands there; pressing it changes nothing."""
    run_id, app = asking(studio)
    studio.decide(run_id, "extend", "accept")
    button(app, "Stop here").click().run()
    assert not app.exception
    assert studio.run(run_id).step("extend").state == "done"


def test_the_pictures_concerned_are_those_where_it_begins(studio: QuietStudio) -> None:
    """Each once, within the clip; what is only heard has none."""
    asset = sample_asset(studio, "bunny.mp4")
    heard = {"kind": "clipping", "said": "", "at_s": 0.5}
    late = {"kind": "black", "said": "", "at_s": 1e6}
    found = moments(asset, [FROZEN, FROZEN, heard, late, {"kind": "size", "said": "", "at_s": None}])
    assert asset.facts.frames is not None
    assert [number for number, _ in found] == [round(3.8 * (asset.facts.fps or 0)), asset.facts.frames - 1]
