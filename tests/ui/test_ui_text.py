"""Foreign text is shown as it stands; numbers read well."""

from __future__ import annotations

import pytest

from lib.ui.text import ago, length, plain, size


@pytest.mark.parametrize(
    "text",
    ["[click](http://evil.example)", "![x](http://evil.example/a.png)", "<b>bold</b>", ":red[alarm]", "$x^2$", "`code`",
     "# Title", "- item", "1. item", "*em* _em_ ~~no~~", "www.evil.example", "me@evil.example", "http://evil.example"],
)  # fmt: skip
def test_foreign_text_cannot_act_as_markdown(text: str) -> None:
    """Each character that would start a link, picture, tag, colour, formula, heading or list is escaped."""
    shown = plain(text)
    assert shown.replace("\\", "") == text
    assert "\\" in shown


def test_ordinary_words_stay_readable() -> None:
    """What holds no mark is not touched, and a line break cannot start anything new."""
    assert plain("5.3 s, 640 x 360, 25 fps (sound)") == "5.3 s, 640 x 360, 25 fps (sound)"
    assert plain("one\n\n# two") == "one \\# two"


def test_a_number_stays_with_its_unit() -> None:
    """The no-break space between them is kept, between other words there is one ordinary space."""
    assert plain("25 fps,\t 5.1\u00a0MB ") == "25 fps, 5.1\u00a0MB"


def test_sizes_and_times_read_as_people_say_them() -> None:
    """Units change with the size of the thing."""
    assert [size(n) for n in (0, 99_084, 5_600_000, 1_200_000_000)] == ["0 kB", "99 kB", "5.6 MB", "1.2 GB"]
    assert [length(n) for n in (8.4, 80, 7500)] == ["8 s", "1 min 20 s", "2 h 5 min"]
    assert [ago(0, n) for n in (5, 300, 7200, 90_000)] == ["just now", "5 min ago", "2 h ago", "1 Jan 1970"]
