"""Looks at every picture of a clip once, inside a limited child, and keeps a few numbers of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation

from lib.media.gates.tear import Tears
from lib.media.proof.measure import Array
from lib.media.proof.peek import opened, track
from lib.media.stills.reader import Told

WIDE = 160  # pictures that small are enough to judge whole ones, and hide grain
BLOCK = 8
KEPT = 600  # pictures that are kept for comparing, evenly over the clip
GRID = (12, 20)  # parts down and across, of which the means are kept
FINER = 3  # so many pixels of a part each way; scaling decides what falls into which
STILL = 1.6  # levels of 255 by which no block may differ from a picture that stands still: encoders drift that far
SETTLING, SETTLED = 2.5, 5.0  # levels that an encoder mends of a picture that is held: at once, and in all
BLACK_LEVEL = 28  # of luma (16 is black) that nine of ten pixels stay under in a black picture
GREENS = ((84, 89, 78), (99, 68, 62))  # what nothing becomes as luma and chroma, by way of RGB in BT.601 and BT.709
NEAR_GREEN = 10
FLAT = 5.0  # levels between neighbours: leaves and grass are green as well, but never that even


@dataclass(slots=True)
class Watched:
    """What was seen of a clip: a row for each picture, and the `kept` ones in parts (`_grid`).

    `moved` is by how much the block that changed most differs from the picture before. The clip stands still from
    picture `still_from` on, and from `held_from` on but for what an encoder still mends in such a picture. `broken`
    counts what could not be decoded; `shape` is width by height.
    """

    times_s: list[float] = field(default_factory=list)
    means: list[tuple[float, float, float]] = field(default_factory=list)
    brights: list[float] = field(default_factory=list)
    greens: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    torn: list[int] = field(default_factory=list)
    still_from: int = 0
    held_from: int = 0
    broken: int = 0
    shape: float = 1.0
    kept: dict[int, Array] = field(default_factory=dict)

    def black(self) -> Array:
        """Which pictures are black."""
        return np.array(self.brights) <= BLACK_LEVEL

    def end_s(self) -> float:
        """When the last picture ends, by the pace of the others."""
        count = len(self.times_s)
        return self.times_s[-1] * count / (count - 1) if count > 1 else self.times_s[-1] if count else 0.0


def watched(path: str, frames: int, told: Told = lambda _: None) -> Watched:
    """What there is to see in the clip, of which the probe counted `frames`."""
    found, tears = Watched(), Tears()
    every = max(-(-frames // KEPT), 1)
    anchor: Array | None = None
    held: Array | None = None
    before: Array | None = None
    start_s: float | None = None
    for frame in _decoded(path, found, told):
        number, small = len(found.times_s), _small(frame)
        found.shape = frame.width / frame.height
        start_s = frame.time if start_s is None else start_s
        found.times_s.append(frame.time - start_s)
        _note(found, small)
        same_size = before is not None and before.shape == small.shape
        found.moved.append(block_change(before, small) if before is not None and same_size else 0.0)
        if anchor is None or anchor.shape != small.shape or block_change(anchor, small) > STILL:
            anchor, found.still_from = small, number
        if (
            held is None
            or held.shape != small.shape
            or found.moved[-1] > SETTLING
            or block_change(held, small) > SETTLED
        ):
            held, found.held_from = small, number
        tears.see(number, small[0])
        if number % every == 0:
            found.kept[number] = _grid(frame)
        before = small
    found.torn = tears.found()
    return found


def block_change(one: Array, other: Array) -> float:
    """By how many levels of luma the block that differs most does (its mean)."""
    return float(block_means(np.abs(one[0] - other[0])).max())


def block_means(values: Array) -> Array:
    """The means of blocks of 8 x 8; what is left over at the edges counts with its neighbours."""
    rows, columns = (max(side // BLOCK, 1) for side in values.shape)
    high, wide = (values.shape[0] // rows, values.shape[1] // columns)
    whole = values[: rows * high, : columns * wide]
    means: Array = whole.reshape(rows, high, columns, wide).mean(axis=(1, 3))
    return means


def _grid(frame: Any) -> Array:
    """The means of (luma, blue, red) over GRID, so that pictures of any size can be compared."""
    down, across = (cells * FINER for cells in GRID)
    means: Array = _planes(frame, across, down).reshape(3, GRID[0], FINER, GRID[1], FINER).mean(axis=(2, 4))
    return means


def _decoded(path: str, found: Watched, told: Told) -> Iterator[Any]:
    """Every picture that comes out whole or not; what the decoder complains of is counted."""
    with opened(path) as container:
        stream = track(container, "video")
        stream.codec_context.options = stream.codec_context.options | {"err_detect": "explode"}
        for packet in container.demux(stream):
            told(packet.size)
            try:
                pictures = packet.decode()
            except av.error.FFmpegError:
                found.broken += 1
                continue
            for frame in pictures:
                found.broken += bool(frame.is_corrupt)
                if frame.time is not None:
                    yield frame


def _small(frame: Any) -> Array:
    """(luma, blue, red), at most WIDE pixels across or down."""
    scale = min(WIDE / max(frame.width, frame.height), 1)
    across, down = (max(round(side * scale), BLOCK) for side in (frame.width, frame.height))
    return _planes(frame, across, down)


def _planes(frame: Any, across: int, down: int) -> Array:
    made = frame.reformat(across, down, "yuv444p", interpolation=Interpolation.AREA, dst_color_range=1)
    planes: Array = made.to_ndarray().reshape(3, down, across).astype(np.float32)
    return planes


def _note(found: Watched, small: Array) -> None:
    luma, blue, red = small
    found.means.append((float(luma.mean()), float(blue.mean()), float(red.mean())))
    found.brights.append(float(np.percentile(luma, 90)))
    found.greens.append(_green(luma, blue, red))


def _green(luma: Array, blue: Array, red: Array) -> float:
    """The share of the picture in which nothing was written."""
    empty = (luma < 60) & (blue < 48) & (red < 48)
    for y, u, v in GREENS:
        empty |= (np.abs(luma - y) < NEAR_GREEN) & (np.abs(blue - u) < NEAR_GREEN) & (np.abs(red - v) < NEAR_GREEN)
    steps = np.abs(np.diff(luma, axis=1, prepend=luma[:, :1])) + np.abs(np.diff(luma, axis=0, prepend=luma[:1]))
    return float((empty & (steps < FLAT)).mean())
