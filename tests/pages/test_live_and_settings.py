"""Going live, and what Settings says: money only with a key, a code and a yes; the key itself nowhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.media.probe import probe_blocking
from lib.media.samples import sample
from lib.settings import ROOT
from lib.ui.session import shared_studio
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
    shared_studio.clear()  # another test of this process may have opened it with sound settings
    os.environ["DAILIES_MAX_USD_PER_DAY"] = "a lot"
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    assert not app.exception
    assert "DAILIES_MAX_USD_PER_DAY is not an amount of money." in words(app).replace("\\", "")


def test_cleaning_up_asks_first_and_frees_room(studio: QuietStudio) -> None:
    """With a limit of nothing the samples would go; they go only after a second press."""
    app = ask_to_clean(studio)
    assert "Remove 2 files (" in words(app)
    assert "Nothing that was paid for" in words(app)
    button(app, "Keep them").click().run()
    assert studio.storage().files == 2
    button(app, "Clean up").click().run()
    button(app, "Remove 2 files").click().run()
    assert studio.storage().files == 0
    assert "freed" in words(app)
    assert "Remove 2 files" not in [made.label for made in app.button]


def test_cleaning_up_names_what_was_paid_for(studio: QuietStudio, tmp_path: Path) -> None:
    """A file that a live run bought is counted; another limit has to be asked for anew."""
    shutil.copy(sample("bunny.mp4"), part := tmp_path / "bought.part")
    studio.store.assets.keep(part, probe_blocking(part), name="bought.mp4", origin="take", mode="live")
    app = ask_to_clean(studio)
    assert "1 paid take would lose its file." in words(app)
    app.get_by_key("settings:limit").set_value(1.0).run()
    assert "Remove 2 files" not in [made.label for made in app.button]
    assert studio.storage().files == 2


def ask_to_clean(studio: QuietStudio) -> AppTest:
    app = open_app(studio, "library/settings")
    app.get_by_key("settings:limit").set_value(0.0)
    return button(app, "Clean up").click().run()


def test_a_name_asked_once_labels_runs(studio: QuietStudio) -> None:
    """Typed in the sidebar, it goes from page to page and stands on the list of runs."""
    app = open_app(studio)
    app.get_by_key("your_name").set_value("Ada *L*").run()
    button(app, "Run the chain").click().run()
    app.switch_page("pages/models/upscaler.py").run()
    button(app, "Use the example").click().run()
    button(app, "Run").click().run()
    assert [run.label for run in studio.runs()] == ["Ada *L*", "Ada *L*"]
    app.switch_page("pages/chains/runs.py").run()
    assert words(app).count("Ada \\*L\\* · ") == 2
