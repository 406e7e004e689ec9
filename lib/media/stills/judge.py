"""Judges written pictures inside a limited child: each is read back and compared with the clip's own around it.

The clip's pictures are taken here straight from the decoder's luma, not by the way that made the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation
from PIL import Image

from lib.errors import BadMedia
from lib.media.proof.measure import Array, ssim
from lib.media.stills.choose import Chosen
from lib.media.stills.shown import has_alpha, is_brought_in, lies, matrix_of, placed, turned

ACROSS = 640  # enough to tell pictures apart, whatever JPEG lost of their grain
BT601, BT709, BT2020 = (0.299, 0.587, 0.114), (0.2126, 0.7152, 0.0722), (0.2627, 0.678, 0.0593)
LUMA = {1: BT709, 9: BT2020, 10: BT2020}  # by matrix (ISO 23091-2); others are as BT.601 or near it
WHITE = 255  # what is behind pictures that can be seen through
Box = tuple[int, int, int, int]
"""Left, top, width and height."""
Likeness = tuple[float, float]
"""To its own picture, and to the neighbour that it is most like (0 without)."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A picture of the clip as it should be seen: its luma, of what colours that is made, and whether they change."""

    grey: Array
    luma: tuple[float, float, float]
    brought_in: bool


def truth(frame: Any, size: tuple[int, int], ground: int = WHITE) -> Truth:
    """The picture at that size, as shown in front of that grey."""
    turn = turned(frame)
    width, height = size[::-1] if lies(turn) else size
    luma = _luma_of(frame)
    if has_alpha(frame):
        rgba = frame.reformat(width, height, "rgba", interpolation=Interpolation.BICUBIC).to_ndarray()
        grey, luma = grey_of(rgba, BT601, ground), BT601
    else:
        grey = frame.reformat(width, height, "gray", interpolation=Interpolation.BICUBIC).to_ndarray()
    return Truth(np.ascontiguousarray(placed(grey, turn)), luma, is_brought_in(frame))


def judged(path: Path, size: tuple[int, int], chosen: Chosen) -> Likeness:
    """How like the file is to the picture that it was made of. Raises BadMedia where it has another size."""
    made, small = read_back(path, size), _small(size)
    others = [truth(frame, small) for frame in (chosen.before, chosen.after) if frame is not None]
    return likeness(made, truth(chosen.frame, small), others)


def judged_cells(path: Path, size: tuple[int, int], boxes: Sequence[Box], own: Sequence[Truth]) -> list[Likeness]:
    """The same for each box of a sheet; the neighbours of a picture are the ones beside it there."""
    whole, found = read_back(path, size), []
    for place, (left, top, width, height) in enumerate(boxes):
        cell = whole[top : top + height, left : left + width]
        beside = [own[at] for at in (place - 1, place + 1) if 0 <= at < len(own)]
        found.append(likeness(cell, own[place], [one for one in beside if one.grey.shape == own[place].grey.shape]))
    return found


def read_back(path: Path, size: tuple[int, int]) -> Array:
    """What a reader that is not ours finds in the file."""
    with Image.open(path) as image:
        if image.size != size:
            raise BadMedia("The picture was not written as it should be.", hint="Start it again.")
        return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def likeness(made: Array, own: Truth, others: Iterable[Truth]) -> Likeness:
    high, wide = own.grey.shape
    grey = _resized(grey_of(made, BT709 if own.brought_in else own.luma), (wide, high))
    return _like(own, grey), max((_like(other, grey) for other in others), default=0.0)


def _like(one: Truth, grey: Array) -> float:
    """Where colours were brought to a usual screen, the tones may have changed, but not their order."""
    return ssim(_toned(one.grey, grey) if one.brought_in else one.grey, grey)


def _toned(grey: Array, made: Array) -> Array:
    """The clip's picture with the tone curve that brings it nearest to the made one."""
    counts = np.bincount(grey.ravel(), minlength=256)
    sums = np.bincount(grey.ravel(), made.ravel().astype(np.float64), minlength=256)
    known = np.flatnonzero(counts)
    curve = np.interp(np.arange(256), known, np.maximum.accumulate(sums[known] / counts[known]))
    return np.rint(curve).astype(np.uint8)[grey]


def grey_of(pixels: Array, luma: tuple[float, float, float], ground: int = WHITE) -> Array:
    """The luma of RGB(A) pixels, in front of that grey where they can be seen through."""
    weighed: Array = pixels[..., :3].astype(np.float32) @ np.array(luma, np.float32)
    if pixels.shape[2] == 4:
        share: Array = pixels[..., 3].astype(np.float32) / np.float32(WHITE)
        weighed = weighed * share + ground * (1 - share)
    return np.rint(weighed).clip(0, WHITE).astype(np.uint8)


def _resized(grey: Array, size: tuple[int, int]) -> Array:
    if grey.shape == size[::-1]:
        return grey
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(grey), format="gray")
    small: Array = frame.reformat(*size, interpolation=Interpolation.BICUBIC).to_ndarray()
    return small


def _small(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(ACROSS / max(size), 1)
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def _luma_of(frame: Any) -> tuple[float, float, float]:
    if frame.format.is_rgb:  # its grey is made here, by the usual rule
        return BT601
    return BT709 if matrix_of(frame) == "bt709" else LUMA.get(frame.colorspace, BT601)
