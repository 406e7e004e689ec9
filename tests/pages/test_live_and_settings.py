"""Going live, and what Settings says: money only with a key, a code and a yes; the key itself nowhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.settings import ROOT
from tests.ui.stage import QuietStudio, button, open_app, quiet, words

KEY = "planted-key:0123456789abcdef"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[QuietStudio]:
    """A studio with a key and an access code, reachable from other machines."""
    os.environ["FAL_KEY"] = KEY
    made = quiet(tmp_path / "data", access_code="open sesame", public=True)
    yield made
    made.close()


def choose_live(app: AppTest) -> AppTest:
    return app.get_by_key("golden:mode").set_value("Live").run()


def unlock(app: AppTest, code: str) -> AppTest:
    app.get_by_key("golden:code").set_value(code)
    return button(app, "Unlock live").click().run()


def test_without_a_key_there_is_no_choice(studio: QuietStudio) -> None:
    """Rehearsal is said, live is not offered, and a run is a rehearsal."""
    app = open_app(studio)
    with pytest.raises(KeyError):
        app.get_by_key("golden:mode")
    button(app, "Run the chain").click().run()
    assert studio.runs()[0].mode == "rehearsal"


def test_live_asks_the_code_and_each_unknown_price(guarded: QuietStudio) -> None:
    """A wrong code opens nothing; the right one leaves the yes to the price that nobody knows; then it starts."""
    app = choose_live(open_app(guarded))
    assert button(app, "Run the chain").disabled
    app = unlock(app, "guess")
    assert "That is not the access code." in words(app)
    app = unlock(app, "open sesame")
    (tick,) = app.checkbox
    assert tick.label.startswith("Upscale a clip")
    assert button(app, "Run the chain").disabled
    tick.check().run()
    button(app, "Run the chain").click().run()
    assert not app.exception
    (run,) = guarded.runs()
    assert (run.mode, run.accept_unknown_price) == ("live", True)


def test_with_a_key_a_rehearsal_is_still_the_first_choice(guarded: QuietStudio) -> None:
    """Nobody buys by pressing the button that lies there."""
    app = open_app(guarded)
    button(app, "Run the chain").click().run()
    assert guarded.runs()[0].mode == "rehearsal"


@pytest.mark.parametrize("page", ["start/home", "models/pixverse", "chains/runs", "library/settings"])
def test_the_key_stands_on_no_page(guarded: QuietStudio, page: str) -> None:
    """Present or not is all that is said of it."""
    app = open_app(guarded, page)
    assert KEY not in words(app)
    assert KEY not in str(app.session_state)


def test_settings_say_how_this_installation_stands(guarded: QuietStudio) -> None:
    """Key present, cap of the day, room that is taken."""
    app = open_app(guarded, "library/settings")
    shown = words(app).replace("\\", "")
    assert "Key present" in shown
    assert "Access code set" in shown
    assert "$0.00 of $5.00" in app.get("progress")[0].text.replace("\\", "")
    assert "2 files" in shown  # the samples of the Start page


def test_an_installation_that_cannot_start_says_why() -> None:
    """A setting that cannot be read is named on the page, with what to write instead."""
    os.environ["DAILIES_MAX_USD_PER_DAY"] = "a lot"
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    assert not app.exception
    assert "DAILIES_MAX_USD_PER_DAY is not an amount of money." in words(app).replace("\\", "")


def test_cleaning_up_frees_room(studio: QuietStudio) -> None:
    """With a limit of nothing the samples go, and the page says how much that was."""
    studio.add_sample("bunny.mp4")
    app = open_app(studio, "library/settings")
    app.get_by_key("settings:limit").set_value(0.0)
    button(app, "Clean up").click().run()
    assert studio.storage().files == 0
    assert "freed" in words(app)
