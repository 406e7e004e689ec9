"""Between seconds and picture numbers, by one stated rule.

Picture n is on screen from its own time until the next one's. A time that falls in the last quarter before a picture
counts as that picture: 9.966667 s at 30 fps is meant as picture 299, whatever the rounding of its digits.
"""

from __future__ import annotations

import bisect
from fractions import Fraction
from itertools import pairwise
from math import floor

from lib.errors import Unsupported
from lib.media.facts import Facts

TOLERANCE = Fraction(1, 4)


def rate_of(fps: float) -> Fraction:
    """The exact rate behind a decimal one: 29.97002997 is 30000/1001."""
    return Fraction(fps).limit_denominator(1001)


def frame_at(time_s: float, facts: Facts) -> int:
    """The number of the picture on screen at `time_s` from the first one: floor(time * fps + 1/4).

    At or past the end it is `facts.frames`, one more than the last.
    """
    frames = frames_of(facts)
    if not facts.shown_at_s:
        return min(floor(Fraction(time_s) * rate_of(facts.fps or 25.0) + TOLERANCE), frames)
    begins = [shown_at(number, facts) for number in range(frames + 1)]
    gaps = [later - earlier for earlier, later in pairwise(begins)]
    counted = [begins[0], *(begin - gap * TOLERANCE for begin, gap in zip(begins[1:], gaps, strict=True))]
    return max(bisect.bisect_right(counted, Fraction(time_s)) - 1, 0)


def shown_at(frame: int, facts: Facts) -> Fraction:
    """Seconds from the first picture until picture `frame` comes; for `facts.frames`, until the last one ends."""
    if not facts.shown_at_s:
        return frame / rate_of(facts.fps or 25.0)
    if frame < len(facts.shown_at_s):
        return Fraction(facts.shown_at_s[frame]).limit_denominator(1_000_000)
    return Fraction(facts.duration_s or 0).limit_denominator(1_000_000)


def frames_of(facts: Facts) -> int:
    """How many pictures the clip has. Raises Unsupported for what is no clip."""
    if facts.kind != "video" or not facts.frames or not facts.fps:
        raise Unsupported("This is not a video.", hint="Choose a clip.")
    return facts.frames
