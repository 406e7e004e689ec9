"""A decoded picture as a player shows it: turned, with square pixels, in the colours of a usual screen."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import Any

import av
import numpy as np
from av.sidedata.sidedata import Type

from lib.media.limits import MAX_PIXELS
from lib.media.proof.measure import Array

UNKNOWN = 2  # matrix (ISO 23091-2)
PQ, HLG = 16, 18  # transfers
WIDE = (9, 11, 12)  # primaries: BT.2020, P3
CAREFUL = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"  # a still is looked at longer than a film
HD_WIDTH, SD_HEIGHT = 1280, 576
UPRIGHT = (1, 0, 0, 1)


def as_shown(frame: Any, aspect: Any = None, fit: tuple[int, int] | None = None) -> Array:
    """Rows of 8 bit RGB pixels, or RGBA where some can be seen through; `aspect` is that of the clip's pixels.

    With `fit` it is made smaller, so that it just fits into that many pixels across and down.
    """
    turn = turned(frame)
    width, height = square(frame.width, frame.height, aspect)
    if fit is not None:
        across, down = fit if not lies(turn) else fit[::-1]
        scale = min(across / width, down / height, 1)
        width, height = max(round(width * scale), 1), max(round(height * scale), 1)
    pixels = _rgb(frame, width, height)
    return np.ascontiguousarray(placed(pixels, turn))


def square(width: int, height: int, aspect: Any) -> tuple[int, int]:
    """The size with square pixels that loses none of them: the shorter side of a pixel is stretched, as players do."""
    ratio = float(aspect or 1) or 1.0
    wide, high = round(width * max(ratio, 1)), round(height * max(1 / ratio, 1))
    return (wide, high) if wide * high <= MAX_PIXELS else (width, height)


def turned(frame: Any) -> tuple[int, int, int, int]:
    """The clip's display matrix as signs: where a step across and a step down in the coded picture lead."""
    data = frame.side_data.get(Type.DISPLAYMATRIX)
    if data is None:
        return UPRIGHT
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(data)[:36])
    steep = abs(b) > abs(a)  # turns by other angles than quarters are not shown
    return (0, _sign(b), _sign(c), 0) if steep else (_sign(a), 0, 0, _sign(d))


def _sign(number: int) -> int:
    return -1 if number < 0 else 1


def lies(turn: tuple[int, int, int, int]) -> bool:
    """Whether width and height change places."""
    return turn[0] == 0


def placed(pixels: Array, turn: tuple[int, int, int, int]) -> Array:
    """The coded picture's rows as they are shown."""
    if lies(turn):
        pixels = pixels.swapaxes(0, 1)
    across, down = (turn[2], turn[1]) if lies(turn) else (turn[0], turn[3])
    return pixels[::down, ::across]


def _rgb(frame: Any, width: int, height: int) -> Array:
    see_through = has_alpha(frame)
    if is_brought_in(frame):
        from lib.media.stills.colour import brought_in  # noqa: PLC0415 - its tables take a moment

        return brought_in(_scaled(frame, width, height, "rgba64le" if see_through else "rgb48le"), frame)
    pixels = _scaled(frame, width, height, "rgba" if see_through else "rgb24")
    return pixels[..., :3] if see_through and bool((pixels[..., 3] == 255).all()) else pixels


def _scaled(frame: Any, width: int, height: int, form: str) -> Array:
    graph = av.filter.Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
    steps = [
        source,
        graph.add("scale", f"w={width}:h={height}:{CAREFUL}:in_color_matrix={matrix_of(frame)}:out_range=pc"),
        graph.add("format", form),
        graph.add("buffersink"),
    ]
    for step, following in pairwise(steps):
        step.link_to(following)
    graph.configure()
    graph.push(frame)
    pixels: Array = graph.pull().to_ndarray()
    return pixels


def is_brought_in(frame: Any) -> bool:
    """Whether its colours are changed to those of a usual screen."""
    return frame.color_trc in (PQ, HLG) or frame.color_primaries in WIDE


def has_alpha(frame: Any) -> bool:
    """Whether its form can say that some of it can be seen through."""
    return any(part.is_alpha for part in frame.format.components) or frame.format.name == "pal8"


def matrix_of(frame: Any) -> str:
    """The clip's own, and where it names none what its size makes likely."""
    if frame.colorspace != UNKNOWN:
        return "auto"
    return "bt709" if frame.width >= HD_WIDTH or frame.height > SD_HEIGHT else "bt601"
