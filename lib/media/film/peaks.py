"""The outline of a clip's sound: the lowest and highest sample of every hundredth of a second."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np

from lib.errors import Unsupported
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.film.blocks import Block
from lib.media.limits import GIB, Limits
from lib.media.run import run
from lib.media.timing import rate_of, shown_at

RATE = 8000
PER_S = 100
COLUMNS = 1024
"""The most pairs in one answer."""
PEAKS_LIMITS = Limits(deadline_s=300.0, memory_bytes=2 * GIB, cpu_s=300, file_bytes=2 * GIB)
CHUNK = RATE * 60


def build(path: Path, facts: Facts, output: Path) -> Command:
    """The sound from the first picture on, as raw 16-bit samples, one channel. Raises Unsupported for a silent clip."""
    if not facts.has_sound:
        raise Unsupported("The clip has no sound.", hint="")
    length_s = (facts.duration_s or 0.0) + facts.picture_start_s + 1
    heard = graph.from_sample(graph.heard_from(graph.opened(path), RATE), round(facts.picture_start_s * RATE))
    options = {"ac": 1, "c:a": "pcm_s16le", "f": "s16le", "t": length_s}
    return graph.command([heard], output, [path], None, options)


async def make_peaks(source: Path, facts: Facts, output: Path) -> None:
    """Writes pairs of signed bytes (lowest, highest), PER_S a second. Raises Unsupported, BadMedia or TooLong."""
    raw = output.with_suffix(".raw")
    await run(build(source, facts, raw), limits=PEAKS_LIMITS)
    await asyncio.to_thread(_outline, raw, output)
    raw.unlink()


def _outline(raw: Path, output: Path) -> None:
    """A minute at a time: an hour's samples are not held at once."""
    step = RATE // PER_S
    with raw.open("rb") as file, output.open("wb") as to:
        while len(samples := np.fromfile(file, "<i2", CHUNK)):
            rows = np.pad(samples, (0, -len(samples) % step)).reshape(-1, step)
            to.write(np.stack([rows.min(1) >> 8, rows.max(1) >> 8], 1).astype(np.int8).tobytes())


def columns(path: Path, facts: Facts, block: Block) -> dict[str, list[int]]:
    """The block's outline in equal steps of its pictures: "low" and "high" from -128 to 127, at most COLUMNS each."""
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
