"""The Python side of the clip player: whose marks hold, and what stands in where it cannot work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.studio import Studio
from lib.ui.clip_player import Marks, Said, latest
from lib.ui.samples import sample_asset
from lib.ui.session import BASE_URL, STUDIO
from tests.ui.stage import quiet

Given = tuple[int | None, int | None]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path)
    yield made
    made.close()


def sent(turn: int, start: int | None, end: int | None, at: int = 0) -> dict[str, Any]:
    return {"turn": turn, "start_frame": start, "end_frame": end, "at_frame": at}


def test_a_page_that_keeps_nothing_still_has_the_marks() -> None:
    """Given None every time, the player's word holds."""
    said = Said((None, None), 0)
    assert latest(said, {}, (None, None))[1] == Marks(None, None, 0)
    assert latest(said, sent(1, 3, 9, 5), (None, None))[1] == Marks(3, 9, 5)


def test_a_number_typed_into_the_form_holds_until_the_player_speaks_again() -> None:
    """Also when it is the number that stood there once before."""
    said, marks = latest(Said((None, None), 0), sent(1, 3, 9, 5), (3, 9))  # the form follows
    assert marks == Marks(3, 9, 5)
    said, marks = latest(said, sent(1, 3, 9, 5), (4, 9))  # typed
    assert marks == Marks(4, 9, 5)
    said, marks = latest(said, sent(1, 3, 9, 5), (4, 9))  # any other rerun
    assert marks == Marks(4, 9, 5)
    said, marks = latest(said, sent(1, 3, 9, 5), (None, 9))  # emptied
    assert marks == Marks(None, 9, 5)
    said, marks = latest(said, sent(2, 7, 9, 7), (7, 9))  # the player again
    assert marks == Marks(7, 9, 7)


def test_a_form_that_does_not_follow_does_not_hold_the_player_back() -> None:
    """Given the same number as before, what the player sent since is newer."""
    said, _ = latest(Said((None, None), 0), {}, (2, 8))
    assert latest(said, sent(1, 5, 8, 5), (2, 8))[1] == Marks(5, 8, 5)


def page() -> None:
    import streamlit as st

    from lib.ui.clip_player import clip_player

    studio = st.session_state["studio"]
    asset = studio.asset(st.session_state["asked"])
    st.text(str(clip_player(studio, asset, key="clip", start_frame=3)))


@pytest.mark.parametrize(("sample", "base"), [
    ("bunny.mp4", None), ("portrait.jpg", None), ("portrait.jpg", "http://dailies.example"),
])  # fmt: skip
def test_without_routes_or_pictures_the_plain_player_is_shown(studio: Studio, sample: str, base: str | None) -> None:
    """The marks are then those of the form."""
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state[STUDIO] = studio
    app.session_state[BASE_URL] = base
    app.session_state["asked"] = sample_asset(studio, sample).sha256
    app.run()
    assert not app.exception
    assert app.text[0].value == str(Marks(3, None, 0))
    assert len(app.get("video")) + len(app.get("image")) == 1


def test_with_routes_the_clip_player_is_shown(studio: Studio) -> None:
    """It is told where the clip is, how it counts, and what is marked."""
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state[STUDIO] = studio
    app.session_state[BASE_URL] = "http://dailies.example"
    asset = sample_asset(studio, "bunny.mp4")
    app.session_state["asked"] = asset.sha256
    app.run()
    assert not app.exception
    assert app.text[0].value == str(Marks(3, None, 0))
    assert len(app.get("bidi_component")) == 1
