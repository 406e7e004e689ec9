"""Clips one after the other: what goes between them, and which pictures of each are then left as they are. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from lib.errors import InputError
from lib.media.trim import Span

Kind = Literal["none", "crossfade", "black", "gap"]
# By kind: how many lengths a seam takes from the end of one clip, from the beginning of the next, and lasts itself.
SHAPES: dict[Kind, tuple[int, int, int]] = {
    "none": (0, 0, 0),
    "crossfade": (1, 1, 1),
    "black": (1, 1, 2),
    "gap": (0, 0, 1),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """What stands between two clips: one fades into the other, or to black and from it, or a black pause.

    `length_s` is how long the fade or the pause is; a fade to black and the one from it last that long each.
    """

    kind: Kind = "none"
    length_s: float = 0.0

    def frames(self, rate: Fraction) -> int:
        """The length in pictures."""
        return 0 if self.kind == "none" else max(round(Fraction(self.length_s) * rate), 1)


PLAIN = Transition()


@dataclass(frozen=True, slots=True)
class Seam:
    """The pictures between clip `before` and the next: `taken` pictures of each clip go into the `frames` of it."""

    kind: Kind
    before: int
    taken: int
    frames: int

    def shares(self, number: int) -> tuple[float, float]:
        """How much of the clip before and of the clip after is in its picture `number`; the rest is black."""
        if self.kind == "crossfade":
            after = (number + 1) / (self.frames + 1)
            return 1 - after, after
        if self.kind == "black" and number < self.taken:
            return 1 - (number + 1) / self.taken, 0.0
        return 0.0, (number - self.taken) / self.taken if self.kind == "black" else 0.0


def laid_out(lengths: Sequence[int], transition: Transition, rate: Fraction) -> tuple[list[Span], list[Seam]]:
    """Which pictures of each clip stay as they are, and the seams between them.

    `lengths` are the clips' pictures at `rate`. Raises InputError where a clip is too short for its fades.
    """
    count = transition.frames(rate)
    at_end, at_begin, own = (share * count for share in SHAPES[transition.kind])
    last, spans = len(lengths) - 1, list[Span]()
    for place, length in enumerate(lengths):
        spans.append(Span(at_begin if place else 0, length - (at_end if place < last else 0)))
        if spans[-1].frames < 0:
            said = f"Clip {place + 1} has {length} pictures, too few for its fades of {count}."
            raise InputError(said, hint="Use a shorter transition.", fields={"transition_s": said})
    return spans, [Seam(transition.kind, place, at_end, own) for place in range(last if own else 0)]
