"""Between seconds and picture numbers, by one stated rule.

Picture n is on screen from its own time until the next one's. A time that falls in the last quarter before a picture
counts as that picture: 9.966667 s at 30 fps is meant as picture 299, whatever the rounding of its digits.

A timecode with pictures ("00:01:01:21") is a count, not a time: pictures are numbered at the nominal rate without drop
frames, so that at 29.97 a second of it is 30 pictures (1.001 s), at 23.976 it is 24. A time with a decimal point
("00:01:01.700") is real time at every rate. Where the rate varies, only times have a meaning.
"""

from __future__ import annotations

import bisect
import re
from fractions import Fraction
from math import floor

from lib.errors import InputError, Unsupported
from lib.media.facts import Facts

TOLERANCE = Fraction(1, 4)
FORMS = "Write seconds (61.7), a timecode (00:01:01:21), a time (00:01:01.700) or a picture number (#1851 or f1851)."
_NUMBER = re.compile(r"[#f]([0-9]{1,9})")
_TIME = re.compile(r"(?:(?:([0-9]{1,4}):)?([0-9]{1,5}):)?([0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})")
_CODE = re.compile(r"([0-9]{1,4}):([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,3})")


def rate_of(fps: float) -> Fraction:
    """The exact rate behind a decimal one: 29.97002997 is 30000/1001."""
    # Pictures that are hours apart have a rate that small denominators would round to nothing.
    return Fraction(fps).limit_denominator(1001) or Fraction(fps).limit_denominator(1_000_000)


def frame_at(time_s: float | Fraction, facts: Facts) -> int:
    """The number of the picture on screen at `time_s` from the first one: floor(time * fps + 1/4).

    At or past the end it is `facts.frames`, one more than the last.
    """
    frames = frames_of(facts)
    if not facts.shown_at_s:
        return min(floor(Fraction(time_s) * rate_of(facts.fps or 25.0) + TOLERANCE), frames)
    # Near by the table as it is, then exactly: an hour has a hundred thousand pictures.
    number, wanted = max(bisect.bisect_right(facts.shown_at_s, float(time_s)) - 1, 0), Fraction(time_s)
    while number < frames and _counts_from(number + 1, facts) <= wanted:
        number += 1
    while number and _counts_from(number, facts) > wanted:
        number -= 1
    return number


def _counts_from(frame: int, facts: Facts) -> Fraction:
    """From when on a time counts as picture `frame` of a clip whose rate varies: the last quarter before it."""
    begin = shown_at(frame, facts)
    return begin - (begin - shown_at(frame - 1, facts)) * TOLERANCE


def shown_at(frame: int, facts: Facts) -> Fraction:
    """Seconds from the first picture until picture `frame` comes; for `facts.frames`, until the last one ends."""
    if not facts.shown_at_s:
        return frame / rate_of(facts.fps or 25.0)
    if frame < len(facts.shown_at_s):
        return Fraction(facts.shown_at_s[frame]).limit_denominator(1_000_000)
    return Fraction(facts.duration_s or 0).limit_denominator(1_000_000)


def is_moment(text: str) -> bool:
    """Whether `moment` can read it, whatever the clip."""
    return any(form.fullmatch(text.strip()) for form in (_NUMBER, _TIME, _CODE))


def moment(text: str, facts: Facts) -> int:
    """The number of the picture that is meant (see FORMS), at most `facts.frames`, which is the end.

    Raises InputError for what is no moment of this clip.
    """
    frames, words = frames_of(facts), text.strip()
    if found := _NUMBER.fullmatch(words):
        return min(int(found[1]), frames)
    if found := _CODE.fullmatch(words):
        return min(_counted([int(part) for part in found.groups()], facts), frames)
    if found := _TIME.fullmatch(words):
        hours, minutes = (int(part or 0) for part in found.groups()[:2])
        return frame_at(Fraction(found[3]) + 60 * minutes + 3600 * hours, facts)
    raise InputError(f"{text!r} is no moment of a clip.", hint=FORMS)


def timecode(frame: int, facts: Facts) -> str:
    """Picture `frame` as `moment` reads it: "00:01:01:21", or "00:01:01.700" where the rate varies."""
    if facts.shown_at_s:
        thousandths = round(shown_at(frame, facts) * 1000)
        return f"{_clock(thousandths // 1000)}.{thousandths % 1000:03}"
    rate = _nominal(facts)
    return f"{_clock(frame // rate)}:{frame % rate:0{max(len(str(rate - 1)), 2)}}"


def _counted(parts: list[int], facts: Facts) -> int:
    """The picture that a timecode of hours, minutes, seconds and pictures counts to."""
    if facts.shown_at_s:
        raise InputError(
            "The clip's rate varies, so no pictures can be counted within a second.", hint="Write 00:01:01.700 instead."
        )
    (hours, minutes, seconds, pictures), rate = parts, _nominal(facts)
    if pictures >= rate or seconds > 59 or minutes > 59:
        raise InputError(f"A second of this clip has pictures 0 to {rate - 1}, a minute seconds 0 to 59.", hint=FORMS)
    return ((hours * 60 + minutes) * 60 + seconds) * rate + pictures


def _nominal(facts: Facts) -> int:
    """How many pictures a second of a timecode has: a half counts up, as in the player, so 13 at 12.5."""
    return max(floor(rate_of(facts.fps or 25.0) + Fraction(1, 2)), 1)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def frames_of(facts: Facts) -> int:
    """How many pictures the clip has. Raises Unsupported for what is no clip."""
    if facts.kind != "video" or not facts.frames or not facts.fps:
        raise Unsupported("This is not a video.", hint="Choose a clip.")
    return facts.frames
