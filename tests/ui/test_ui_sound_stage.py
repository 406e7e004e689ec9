"""Where a sound begins: seconds in the form, a picture in the player, before the clip as well."""

from __future__ import annotations

from typing import Any

import pytest

from lib.catalog.cuts.sound import SOUND
from lib.catalog.form import fields
from lib.media.facts import Facts
from lib.ui.clip_player import Marks
from lib.ui.draft import Draft
from lib.ui.sound_stage import Beginning

EVEN: dict[str, Any] = {"kind": "video", "content_type": "video/mp4", "size_bytes": 1, "frames": 100, "fps": 25.0}


def beginning(**facts: Any) -> Beginning:
    return Beginning(Draft("cut-sound", fields(SOUND.input), {}), Facts(**EVEN | facts))


@pytest.mark.parametrize(("picture", "seconds"), [(0, 0.0), (12, 0.48), (-25, -1.0)])
def test_a_picture_becomes_seconds_and_back(picture: int, seconds: float) -> None:
    """Exactly, on either side of the first picture."""
    one = beginning()
    one.follow(Marks(picture, None, 0))
    assert one.draft.values().get("start_offset", 0.0) == seconds
    assert one.frame() == picture


def test_a_varying_rate_has_its_own_times() -> None:
    """The picture's own second is meant."""
    one = beginning(frames=4, shown_at_s=(0.0, 0.1, 0.15, 0.4), duration_s=0.5)
    one.follow(Marks(2, None, 0))
    assert (one.seconds, one.frame()) == (0.15, 2)


def test_no_mark_is_the_first_picture() -> None:
    """As when both marks are cleared."""
    one = beginning()
    one.follow(Marks(12, None, 0))
    one.follow(Marks(None, None, 0))
    assert one.seconds == 0.0
