"""Marks on a clip: what is typed, what the player says, and what the form sends, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from lib.catalog import CUTS
from lib.catalog.cuts.trim import TRIM
from lib.catalog.form import fields
from lib.chain.files import ASSET
from lib.studio import Studio
from lib.ui.clip_player import SAID, hear
from lib.ui.draft import Draft
from lib.ui.marking import IN, OUT, Marking, player_key
from lib.ui.parts import Parts
from lib.ui.samples import sample_asset
from lib.ui.stages import kept_of, reset
from lib.ui.stale import differing
from tests.ui.stage import quiet


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path)
    yield made
    made.close()


@pytest.fixture
def marking(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Marking:
    """The Trim form of one session with the sample chosen: 132 pictures, 25 a second."""
    monkeypatch.setattr(st, "session_state", {})
    asset = sample_asset(studio, "bunny.mp4")
    draft = Draft("cut-trim", fields(TRIM.input), st.session_state)
    draft.fill({"video_url": ASSET + asset.sha256})
    return Marking(draft, asset)


def says(marking: Marking, turn: int, start: int | None, end: int | None, *moved: str) -> None:
    """The player's word arrives; its own callback comes later."""
    own = f"{player_key(marking.draft)}-{marking.asset.sha256[:12]}"
    said: dict[str, Any] = {"turn": turn, "start_frame": start, "end_frame": end, "at_frame": 0}
    said |= {"moved": list(moved)} if moved else {}
    marking.draft.state[own] = {"marks": said}


def own_callback(marking: Marking) -> None:
    hear(player_key(marking.draft), marking.asset.sha256, marking.follow)


def test_out_is_the_last_picture_on_screen_and_the_first_one_gone_in_the_form(marking: Marking) -> None:
    """Typed as number, timecode or time, and shown again the same way."""
    for typed in ("#59", "00:00:02:09", "2.36"):
        marking.type(OUT, typed)
        assert marking.draft.values()["end_frame"] == 60
        assert marking.words(OUT) == "00:00:02:09"
    marking.type(OUT, "#9999")
    assert marking.draft.values()["end_frame"] == marking.facts.frames
    marking.type(IN, "#30")
    assert marking.draft.values()["start_frame"] == 30
    assert marking.words(IN) == "00:00:01:05"
    marking.type(OUT, "")
    assert "end_frame" not in marking.draft.values()


def test_a_part_has_the_marks_of_that_moment_in_either_order(marking: Marking) -> None:
    """The button's callback runs before the player's: it hears what the player said, and later there is no echo."""
    says(marking, 1, 10, 20)
    own_callback(marking)
    says(marking, 2, 30, 40)
    Parts(marking).add()
    own_callback(marking)
    assert kept_of(marking.draft, marking.asset) == ((30, 40),)
    assert (marking.frame(IN), marking.frame(OUT)) == (None, None)
    says(marking, 3, 50, 60)
    own_callback(marking)
    Parts(marking).add()
    assert kept_of(marking.draft, marking.asset) == ((30, 40), (50, 60))


def test_a_typed_mark_holds_over_what_came_with_it(marking: Marking) -> None:
    """The other mark, moved in the player just before, is kept."""
    says(marking, 1, 10, 20)
    marking.type(IN, "#5")
    own_callback(marking)
    assert (marking.frame(IN), marking.frame(OUT)) == (5, 20)


def test_a_mark_moved_in_the_player_leaves_the_other_one_as_typed(marking: Marking) -> None:
    """The player may not have heard of it yet when it speaks."""
    marking.type(OUT, "#20")
    says(marking, 1, 12, None, "start_frame")
    own_callback(marking)
    assert (marking.frame(IN), marking.frame(OUT)) == (12, 21)


def test_a_reset_takes_the_marks_away_and_leaves_the_clip(marking: Marking) -> None:
    """Also those that the player said in the same moment."""
    says(marking, 1, 10, 20)
    own_callback(marking)
    says(marking, 2, 11, 20)
    reset(marking.draft)
    own_callback(marking)
    assert marking.draft.values() == {"video_url": ASSET + marking.asset.sha256}


def test_another_visit_to_the_page_is_heard_as_well(marking: Marking) -> None:
    """The player counts on from what was heard, though its own state is gone with the page."""
    says(marking, 1, 10, 20)
    own_callback(marking)
    own = f"{player_key(marking.draft)}-{marking.asset.sha256[:12]}"
    del marking.draft.state[own]
    assert marking.draft.state[f"{own}-{SAID}"][1] == 1  # what the new player is told to count from
    says(marking, 2, 12, 20)
    own_callback(marking)
    assert marking.frame(IN) == 12


def test_parts_are_marked_anew_and_removed(marking: Marking) -> None:
    """Their ends become marks again; each says its pictures, the last one included."""
    for first, last in (("#10", "#19"), ("#30", "#39")):
        marking.type(IN, first)
        marking.type(OUT, last)
        Parts(marking).add()
    one, other = marking.draft.rows("parts")
    assert Parts(marking).words(one) == "00:00:00:10 to 00:00:00:19, 10 pictures, 0.400 s"
    Parts(marking).mark_anew(one)
    assert (marking.frame(IN), marking.frame(OUT)) == (10, 20)
    assert kept_of(marking.draft, marking.asset) == ((30, 40),)
    Parts(marking).remove(other)
    assert kept_of(marking.draft, marking.asset) == ((10, 20),)


@pytest.mark.parametrize(("before", "now", "changed"), [
    ({"video_url": "asset:1", "start_s": 1}, {"video_url": "asset:1", "start_s": 1.0}, set()),
    ({"video_url": "asset:1", "start_s": 1}, {"video_url": "asset:1", "start_frame": 30}, {"start_s", "start_frame"}),
    ({"video_url": "asset:1"}, {"video_url": "asset:1", "end_frame": 0}, {"end_frame"}),
])  # fmt: skip
def test_a_changed_form_differs_from_what_was_made(
    before: dict[str, Any], now: dict[str, Any], changed: set[str]
) -> None:
    """Also where it does not validate any more."""
    assert differing(CUTS["cut/trim"], before, now) == changed
