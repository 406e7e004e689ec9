"""Pictures at another rate, by one stated rule.

A new picture is the old one that was on screen in the middle of the new one's time. A result has as many pictures as
its length asks for, rounded to the nearest; where the old pictures end before that, the last one stays.
"""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from math import floor
from typing import Any

from lib.media import graph
from lib.media.facts import Facts
from lib.media.timing import frames_of, rate_of, shown_at

FILM_RATES = tuple(Fraction(whole * 1000, 1001) for whole in (24, 30, 48, 60, 120))
HALF = Fraction(1, 2)
NEAR_S = 0.002  # so near to where two pictures change places, either may be the one


def meant(fps: float) -> Fraction:
    """The exact rate behind a number as people write it: 23.976 and 23.98 are 24000/1001."""
    near = next((rate for rate in FILM_RATES if abs(float(rate) - fps) < 0.005), None)
    return near or Fraction(fps).limit_denominator(1000)


def rate_in(facts: Facts) -> Fraction:
    """The clip's own rate, the average where it varies."""
    return rate_of(facts.fps or 25.0)


def length_of(facts: Facts) -> Fraction:
    """Seconds from the first picture until the last one ends."""
    return shown_at(frames_of(facts), facts)


def count(length_s: Fraction, rate: Fraction) -> int:
    """How many pictures that length has, at least one."""
    return max(floor(length_s * rate + HALF), 1)


def source_of(number: int, facts: Facts, rate: Fraction, tempo: Fraction = Fraction(1)) -> int | None:
    """Which old picture is picture `number` at that rate; None where it is too near a change to tell."""
    middle = (number + HALF) / rate * tempo
    pictures = range(frames_of(facts))
    found = bisect_left(pictures, middle, key=lambda old: shown_at(old, facts)) - 1
    near = pictures[max(found, 0) : found + 2]
    if facts.shown_at_s and any(abs(shown_at(old, facts) - middle) < NEAR_S for old in near):
        return None
    return max(found, 0)


def resampled(stream: Any, facts: Facts, rate: Fraction, frames: int, tempo: Fraction = Fraction(1)) -> Any:
    """Exactly `frames` pictures at that rate, of the clip played `tempo` times as fast."""
    own = rate_in(facts)
    if facts.shown_at_s:
        stream = stream.filter("settb", "1/1000000").filter(
            "setpts", f"(PTS-STARTPTS)*{tempo.denominator}/{tempo.numerator}"
        )
        stream = stream.filter("fps", _text(rate))
    elif own != rate or tempo != 1:
        # In ticks in which each of its times is a whole number: a rounded one could fall to the picture before.
        stream = stream.filter("settb", f"1/{own.numerator * tempo.numerator}")
        stream = stream.filter("setpts", f"N*{own.denominator * tempo.denominator}").filter("fps", _text(rate))
    stream = stream.filter("tpad", stop_mode="clone", stop=-1).filter("trim", end_frame=frames)
    return graph.steady(stream, rate)


def _text(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"
