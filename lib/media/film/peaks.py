"""The outline of a clip's sound: the lowest and highest sample of every hundredth of a second."""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from typing import Any

from lib.errors import Unsupported
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.film.blocks import Block
from lib.media.limits import GIB, Limits
from lib.media.run import run

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
    await asyncio.to_thread(_numbers().write, raw, output)
    raw.unlink()


def columns(path: Path, facts: Facts, block: Block) -> dict[str, list[int]]:
    """The block's outline in equal steps of its pictures: "low" and "high" from -128 to 127, at most COLUMNS each."""
    found: dict[str, list[int]] = _numbers().columns(path, facts, block)
    return found


def _numbers() -> Any:
    """What needs numpy, which would hold up the first page."""
    return importlib.import_module("lib.media.film.outline")
