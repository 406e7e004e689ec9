"""Between picture numbers and times of one clip, by plain numbers that a child is told."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """`rate` pictures a second, or the table of their times; seconds count from the first picture."""

    frames: int
    rate: float
    times_s: Sequence[float] = ()

    def at_s(self, number: int) -> float:
        """When picture `number` comes."""
        return self.times_s[number] if self.times_s else number / self.rate

    def slack_s(self, number: int) -> float:
        """How far from picture `number` no other can be: half of the way to its nearer neighbour."""
        around = range(max(number - 1, 0), min(number + 2, self.frames))
        gaps = [abs(self.at_s(other) - self.at_s(number)) for other in around if other != number]
        return min((gap for gap in gaps if gap > 0), default=1 / self.rate) / 2

    def number(self, time_s: float) -> int:
        """The picture that comes nearest to that time."""
        if not self.times_s:
            return min(max(round(time_s * self.rate), 0), self.frames - 1)
        after = bisect_left(self.times_s, time_s)
        near = [number for number in (after - 1, after) if 0 <= number < self.frames]
        return min(near, key=lambda number: abs(self.times_s[number] - time_s))
