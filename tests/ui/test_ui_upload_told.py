"""What the page does with a file that arrived, however often the browser says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib.studio import Studio
from lib.ui import picker, uploads
from lib.ui.draft import Draft
from lib.ui.picker import Slot
from lib.ui.samples import sample_asset
from tests.ui.stage import quiet

KEY = "form.video_url:file:0"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch, studio: Studio) -> dict[str, Any]:
    """A session without a browser."""
    kept: dict[str, Any] = {"studio": studio}
    for module in ("lib.ui.picker", "lib.ui.uploads", "lib.ui.session"):
        monkeypatch.setattr(f"{module}.st.session_state", kept)
    return kept


def test_a_word_of_a_control_that_is_gone_changes_nothing(state: dict[str, Any]) -> None:
    """The browser repeats itself until the control is taken away; the last word may come after that."""
    heard: list[str] = []
    uploads._pass_on(KEY, heard.append)
    state[KEY] = SimpleNamespace(sent=None)
    uploads._pass_on(KEY, heard.append)
    state[KEY] = SimpleNamespace(sent="abc")
    uploads._pass_on(KEY, heard.append)
    assert heard == ["abc"]


def test_a_file_is_taken_once(state: dict[str, Any], studio: Studio) -> None:
    """A second word of the same control does not undo what the person has chosen since."""
    slot = Slot(Draft("form", (), state), "video_url", "video")
    key = picker._upload_key(slot)
    clip = sample_asset(studio, "bunny.mp4").sha256
    picker._take_sent(slot, key, clip)
    assert slot.value == f"asset:{clip}"
    slot.clear()
    picker._take_sent(slot, key, clip)
    assert slot.value == ""
    assert picker._upload_key(slot) != key


def test_a_file_of_another_kind_is_named(state: dict[str, Any], studio: Studio) -> None:
    """The words are those of every other way to choose a file."""
    slot = Slot(Draft("form", (), state), "video_url", "video")
    picker._take_sent(slot, picker._upload_key(slot), sample_asset(studio, "speech.wav").sha256)
    assert slot.draft.errors == {"video_url": "This field takes a video, and speech.wav is a sound."}
