"""Which pictures of a part can be copied and which must be encoded: decided from times and key pictures alone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from lib.media.smart.track import Track


@dataclass(frozen=True, slots=True)
class Plan:
    """One part: times of the pictures to encode before, samples to copy (decode order), times to encode after."""

    head: tuple[int, ...]
    copied: range
    tail: tuple[int, ...]

    @property
    def encoded(self) -> int:
        return len(self.head) + len(self.tail)


def plan(track: Track, wanted: Sequence[int], can_start: Callable[[int], bool]) -> Plan:
    """How to get exactly the pictures shown at the times `wanted` (ascending, without a gap).

    Copying begins at the first clean key picture in the part (`can_start` looks into the sample) and takes the longest
    run in decode order that shows just the next pictures, none missing and none too many.
    """
    first = next((start for start in clean_starts(track, wanted[0], wanted[-1]) if can_start(start)), None)
    if first is None:
        return Plan(tuple(wanted), range(0), ())
    cut = bisect_left(wanted, track.pts[first])
    rest = wanted[cut:]
    length = _longest(track.pts[first : first + len(rest)], rest)
    return Plan(tuple(wanted[:cut]), range(first, first + length), tuple(rest[length:]))


def clean_starts(track: Track, earliest: int, latest: int) -> list[int]:
    """Key samples shown within those times that part the clip: what is decoded before is shown before."""
    before = [earliest - 1, *accumulate(track.pts, max)]
    after = list(accumulate(reversed(track.pts), min))[::-1]
    return [
        index
        for index, time in enumerate(track.pts)
        if track.sync[index] and earliest <= time <= latest and before[index] < time <= after[index]
    ]


def decode_start(track: Track, time: int) -> int:
    """The last key sample from which the picture at `time` and all later ones can be decoded."""
    before = list(accumulate(track.pts, max))
    starts = (
        index
        for index in range(len(track.pts) - 1, 0, -1)
        if track.sync[index] and track.pts[index] <= time and before[index - 1] < time
    )
    return next(starts, 0)


def _longest(run: Sequence[int], wanted: Sequence[int]) -> int:
    """How long a beginning of `run` holds the same times as an equally long beginning of `wanted`."""
    best = 0
    for count, (latest, due) in enumerate(zip(accumulate(run, max), wanted, strict=False), 1):
        if latest == due:
            best = count
    return best
