"""What a result must be, said before it is made; the result is held to it (`lib.media.proof.keeping`). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from lib.media.facts import Facts
from lib.media.timing import shown_at

SOUND_RATE = 48_000
Clip = tuple[Path, Facts]


@dataclass(frozen=True, slots=True)
class Same:
    """Picture `made` of the result is picture `source` of clip number `clip`."""

    made: int
    source: int
    clip: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """From `made_s` on, for `length_s`, the result sounds as clip `clip` does from `source_s` on.

    All in seconds from the first pictures (or from the beginning of what is only sound).
    """

    made_s: float
    source_s: float
    length_s: float
    clip: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a whole source picture lies in the result, in pixels; it reaches beyond the edges where it was cut."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What a result must be.

    `times` are when its pictures come, in seconds after the first, and `end_s` is when the last one ends; without
    `times` it is no clip. `size` is width and height as shown. `samples` is the length of its sound at `sample_rate`;
    None promises that it has none. `same` and `heard` say what of `clips` is found again in it; `place` is where their
    pictures lie (as they are, from the top left corner, where it is None).
    """

    times: tuple[float, ...] = ()
    end_s: float = 0.0
    size: tuple[int, int] | None = None
    samples: int | None = None
    sample_rate: int = SOUND_RATE
    clips: tuple[Clip, ...] = ()
    same: tuple[Same, ...] = ()
    heard: tuple[Heard, ...] = ()
    place: Place | None = None


def even_times(frames: int, rate: Fraction) -> tuple[float, ...]:
    """When so many pictures come at that rate."""
    return tuple(float(number / rate) for number in range(frames))


def own_times(facts: Facts) -> tuple[float, ...]:
    """When the clip's own pictures come."""
    return tuple(float(shown_at(number, facts)) for number in range(facts.frames or 0))
