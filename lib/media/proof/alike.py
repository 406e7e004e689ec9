"""How alike a result's picture is to the one that it should be: as it is, or where that was brought to another form.

Views are grey pictures, upright. Of a clip that was fitted they show brightness as a player does, whatever the colour
matrix and range, and lie where the clip lies in the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import av
import numpy as np

from lib.media.colour import matrix_of
from lib.media.proof.measure import Array, ssim
from lib.media.proof.sheet import CLEARLY, FAINTLY, Check, Seen

SHADES = 256
Fit = Mapping[str, Any]
"""{place: [left, top, width, height], size: [width, height]}: how a clip was fitted."""


def equal(one: Any, other: Any) -> bool:
    """Whether two decoded pictures are the same to the bit."""
    return bool(one.format.name == other.format.name and np.array_equal(_exact(one), _exact(other)))


def view(frame: Any, *, shown: bool = False, fit: Fit | None = None) -> Array:
    """The picture in grey, or brightness as it is `shown`; laid out as the clip was fitted."""
    if shown:
        matrix = matrix_of(int(frame.colorspace), frame.height)
        frame = frame.reformat(format="rgb24", src_colorspace=matrix, src_color_range=frame.color_range)
    grey: Array = np.rot90(frame.reformat(format="gray").to_ndarray(), round(frame.rotation / 90) % 4)
    return _laid(np.ascontiguousarray(grey), fit) if fit else grey


def judged(check: Check, views: Mapping[int, Array], made: Any, fit: Fit | None) -> Seen:
    """What the clip's picture and those beside it are to the result's."""
    whole = view(made, shown=check.fitted)
    inside = _inside(fit) if fit else (slice(None), slice(None))
    result = whole[inside]
    own, *others = (
        _levelled(one[inside], result) if check.toned else one[inside]
        for one in (views[check.source], *(other for number, other in views.items() if number != check.source))
    )
    likeness = ssim(own, result)
    clearly = CLEARLY if check.fitted else FAINTLY
    astray = any(ssim(one, result) > likeness + max((1 - ssim(one, own)) / 2, clearly) for one in others)
    return Seen(check, False, likeness, astray)


def mixed(check: Check, views: tuple[Array, Array | None], made: Any) -> Seen:
    """What the stated mix of two clips' pictures, or of one and black, is to the result's."""
    own, other = views
    mix = np.rint(own * check.share + (0 if other is None else other * (1 - check.share))).astype(np.uint8)
    result = view(made, shown=check.fitted)
    return Seen(check, False, ssim(_levelled(mix, result) if check.toned else mix, result))


def _exact(frame: Any) -> Array:
    if frame.width % 2 or frame.height % 2:  # a form that numpy has no shape for
        frame = frame.reformat(format="rgb48le")
    whole: Array = frame.to_ndarray()
    return whole


def _laid(grey: Array, fit: Fit) -> Array:
    """The picture at its place in one of the fit's size, over black."""
    (left, top, wide, high), (width, height) = fit["place"], fit["size"]
    if grey.shape != (high, wide):
        frame = av.VideoFrame.from_ndarray(grey, format="gray")
        grey = frame.reformat(width=wide, height=high, interpolation="BICUBIC").to_ndarray()
    laid = np.zeros((height, width), np.uint8)
    rows, columns = _inside(fit)
    laid[rows, columns] = grey[: rows.stop - top, : columns.stop - left]
    return laid


def _inside(fit: Fit) -> tuple[slice, slice]:
    """Where in the result the clip's picture lies."""
    (left, top, wide, high), (width, height) = fit["place"], fit["size"]
    return slice(top, min(top + high, height)), slice(left, min(left + wide, width))


def _levelled(one: Array, like: Array) -> Array:
    """The picture with the other's shades, in the order of its own: what any change of brightness alone would give."""
    shares = [np.cumsum(np.bincount(each.ravel(), minlength=SHADES)) / each.size for each in (one, like)]
    levelled: Array = np.rint(np.interp(shares[0], shares[1], np.arange(SHADES))).astype(np.uint8)
    return levelled[one]
