"""Samples to an outline of the sound, and that to columns on screen: the part of `peaks` that needs numpy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lib.media.facts import Facts
from lib.media.film.blocks import Block
from lib.media.film.peaks import CHUNK, COLUMNS, PER_S, RATE
from lib.media.timing import rate_of, shown_at


def write(raw: Path, output: Path) -> None:
    """Pairs of the lowest and the highest sample. A minute at a time: an hour's samples are not held at once."""
    step = RATE // PER_S
    with raw.open("rb") as file, output.open("wb") as to:
        while len(samples := np.fromfile(file, "<i2", CHUNK)):
            rows = np.pad(samples, (0, -len(samples) % step)).reshape(-1, step)
            to.write(np.stack([rows.min(1) >> 8, rows.max(1) >> 8], 1).astype(np.int8).tobytes())


def columns(path: Path, facts: Facts, block: Block) -> dict[str, list[int]]:
    """As `peaks.columns`."""
    peaks = np.fromfile(path, np.int8).reshape(-1, 2)
    times = _edges(facts, block)
    at = np.clip((times * PER_S).astype(int), 0, max(len(peaks) - 1, 0))
    if not len(peaks):
        return {"low": [], "high": []}
    return {"low": _each(np.minimum, peaks[:, 0], at), "high": _each(np.maximum, peaks[:, 1], at)}


def _edges(facts: Facts, block: Block) -> Any:
    """Where the columns begin and end, in seconds from the first picture."""
    count = min(COLUMNS, max(int(block.frames * PER_S / (facts.fps or 25.0)), 1))
    edges = np.linspace(block.first, block.end, count + 1)
    if not facts.shown_at_s:
        return edges / float(rate_of(facts.fps or 25.0))
    times = [*facts.shown_at_s[block.first : block.end], float(shown_at(block.end, facts))]
    return np.interp(edges, np.arange(block.first, block.end + 1), times)


def _each(extreme: Any, values: Any, at: Any) -> list[int]:
    """The extreme of each column; one that is shorter than a hundredth takes the hundredth that it lies in."""
    return [int(value) for value in extreme.reduceat(values, at[:-1])]
