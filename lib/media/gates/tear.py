"""Finds pictures that are cut straight across: one part of them is shifted, or belongs to another moment."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lib.media.proof.measure import Array

EDGE = 5.0  # levels by which most of the rows beside a tear differ more than they do a moment before and after
MOST = 0.65  # of the width
STEP = 2.5  # how many times more the part that is torn off has changed than the rest
MARGIN = 0.06  # of the height, above and below which nothing is judged
REACH = 3  # rows by which what is filmed may move on meanwhile
FAR = 8  # pictures within which a torn one is over
SHIFT = 0.15  # of the width: the farthest that a part is looked for
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
        return [row.number for place, row in enumerate(self.rows) if self._is_torn(place, row)]

    def _is_torn(self, place: int, row: Row) -> bool:
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
        return row.shifted or max(above, below) > STEP * min(above, below) + 1


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
