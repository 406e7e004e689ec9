"""Finds pictures that are cut straight across: one part of them is shifted, or belongs to another moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lib.media.proof.measure import Array

EDGE = 8.0  # levels by which most of the rows beside a tear differ more than they do a moment before and after
MOST = 0.65  # of the width
STEP = 3.0  # how many times more the part that is torn off has changed than the rest
MARGIN = 0.08  # of the height, above and below which nothing is judged
REACH = 3  # rows by which what is filmed may move on meanwhile
FAR = 8  # pictures within which a torn one is over
SHIFT = 0.15  # of the width: the farthest that a part is looked for
BESIDE = 5  # rows on either side of a tear by which it is found
LEAST = 12.0  # levels by which the torn part changes more than the other, beside the tear
BEYOND, REST = 0.35, 0.5  # of that: how much the torn part changes at least, and the rest at most
HELD, BACK = 4, 0.5  # pictures that a tear lasts at most; how much of it is taken back at least
WANDER = 10  # rows by which the edge of something that moves goes on within FAR pictures
LEAST_SHIFT = 2  # pixels; slanting edges do as much
ALIGNED = 0.5  # the share of the difference that is left where a shifted part fits again


@dataclass(slots=True)
class Row:
    """How much each row differs from the one below it, and from itself in the picture before."""

    number: int
    edges: Array
    changed: Array | None
    shifted: bool


@dataclass(slots=True)
class Tears:
    """Takes pictures one after the other; a tear is known for one once it is over."""

    rows: list[Row] = field(default_factory=list)
    before: Array | None = None

    def see(self, number: int, luma: Array) -> None:
        edges, changed, shifted = _edges(luma), None, False
        if self.before is not None and self.before.shape == luma.shape:
            changed = np.abs(luma - self.before).mean(axis=1)
            excess = edges - _widened(self.rows[-1].edges)
            at = int(np.argmax(excess))
            shifted = bool(excess[at] >= EDGE) and _shifted(luma[at], luma[at + 2])
        self.rows.append(Row(number, edges, changed, shifted))
        self.before = luma

    def found(self) -> list[int]:
        """The numbers of the torn pictures."""
        steps = [_step(row.changed) for row in self.rows]
        return [
            row.number
            for place, row in enumerate(self.rows)
            if self._has_edge(place, row) or _comes_and_goes(steps, place)
        ]

    def _has_edge(self, place: int, row: Row) -> bool:
        before = self.rows[place - 1] if place else None
        later = [one.edges for one in self.rows[place + 1 : place + 1 + FAR]]
        if before is None or before.edges.shape != row.edges.shape or row.changed is None or not later:
            return False
        margin = max(int(len(row.edges) * MARGIN), 2)
        usual = np.maximum(_widened(before.edges), _widened(np.minimum.reduce([row.edges, *later])))
        excess = (row.edges - usual)[margin:-margin]
        at = int(np.argmax(excess)) + margin
        if excess[at - margin] < EDGE:
            return False
        above, below = float(row.changed[:at].mean()), float(row.changed[at + 2 :].mean())
        return row.shifted or max(above, below) > max(STEP * min(above, below), LEAST)


def _step(changed: Array | None) -> tuple[int, float] | None:
    """(row, levels) where all that lies beyond a row has changed and the rest hardly has: positive for what is below.

    None where the picture changed otherwise.
    """
    if changed is None or len(changed) < 4 * BESIDE:
        return None
    sums = np.concatenate([[0.0], np.cumsum(changed)])
    rows = np.arange(BESIDE + 1, len(changed) - BESIDE - 1)
    local = (sums[rows + 1 + BESIDE] - sums[rows + 1] - sums[rows - 1] + sums[rows - 1 - BESIDE]) / BESIDE
    at = int(rows[np.argmax(np.abs(local))])
    levels = float(local[at - rows[0]])
    above, below = changed[: at - 1], changed[at + 1 :]
    torn, rest = (below, above) if levels > 0 else (above, below)
    size = abs(levels)
    is_one = size >= LEAST and np.median(torn) >= BEYOND * size and np.percentile(rest, 80) <= REST * size
    return (at, levels) if is_one else None


def _comes_and_goes(steps: Sequence[tuple[int, float] | None], place: int) -> bool:
    """Whether a step is there all at once, and once more when it is taken back within HELD pictures.

    What moves on one side of an edge for long (water below the sky) does not count.
    """
    begin = steps[place]
    if begin is None:
        return False
    around = range(max(place - FAR, 0), min(place + FAR + 1, len(steps)))
    like = [at for at in around if (one := steps[at]) is not None and _is_like(begin, one)]
    if len(like) != 2 or like[0] != place or like[1] - place > HELD:
        return False
    end = steps[like[1]]
    return end is not None and abs(end[0] - begin[0]) <= 1


def _is_like(one: tuple[int, float], other: tuple[int, float]) -> bool:
    """Whether the second may be the end of the first, or the first moved on."""
    return abs(one[0] - other[0]) <= WANDER and one[1] * other[1] > 0 and abs(other[1]) >= BACK * abs(one[1])


def _edges(luma: Array) -> Array:
    """By how much most of each row differs from the next but one: a tear goes from side to side, few things do."""
    steps = np.abs(luma[2:] - luma[:-2])
    few = int(steps.shape[1] * (1 - MOST))
    edges: Array = np.partition(steps, few, axis=1)[:, few]
    return edges


def _widened(edges: Array) -> Array:
    """The most of the rows around each."""
    padded = np.pad(edges, REACH, mode="edge")
    most: Array = np.lib.stride_tricks.sliding_window_view(padded, 2 * REACH + 1).max(axis=1)
    return most


def _shifted(above: Array, below: Array) -> bool:
    """Whether the rows below an edge fit those above it once they are moved sideways."""
    reach, plain = int(len(above) * SHIFT), float(np.abs(above - below).mean())
    fits = (
        float(np.abs(above[max(by, 0) : len(above) + min(by, 0)] - below[max(-by, 0) : len(above) - max(by, 0)]).mean())
        for by in range(-reach, reach + 1)
        if abs(by) > LEAST_SHIFT
    )
    return min(fits, default=plain) < ALIGNED * plain
