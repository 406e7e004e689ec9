"""The pictures of a seam: one clip fading into the next or into black, or black alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from lib.errors import Unsupported
from lib.media.join import Seam

Array = NDArray[Any]
FULL = 2  # libav's word for luma from 0 to 255


def pictures(seam: Seam, before: Iterable[Any], after: Iterable[Any]) -> Iterator[Any]:
    """The seam's pictures, from those of the clips that go into it: side by side where they cross, else in turn."""
    if seam.kind == "crossfade":
        pairs: Iterable[tuple[Any, Any]] = zip(before, after, strict=True)
    else:
        pairs = chain(((one, None) for one in before), ((None, one) for one in after))
    for number, (one, other) in enumerate(pairs):
        yield _mixed(one, other, *seam.shares(number))


def _mixed(before: Any, after: Any, share_before: float, share_after: float) -> Any:
    form = before or after
    mixed: Array = _black(form) * np.float32(1 - share_before - share_after)
    for frame, share in ((before, share_before), (after, share_after)):
        if share:
            mixed = mixed + _values(frame) * np.float32(share)
    made = av.VideoFrame.from_ndarray(np.rint(mixed).astype(_values(form).dtype), format=form.format.name)
    made.color_range, made.colorspace = form.color_range, form.colorspace
    made.color_primaries, made.color_trc = form.color_primaries, form.color_trc
    return made


def _values(frame: Any) -> Array:
    try:
        values: Array = frame.to_ndarray()
    except ValueError as error:
        raise Unsupported("Pictures of this form cannot be mixed as they are.", hint="") from error
    return values


def _black(form: Any) -> Array:
    """The values of a black picture of that form."""
    darkest = av.VideoFrame.from_ndarray(np.zeros((form.height, form.width, 3), np.uint8), format="rgb24")
    full = form.color_range == FULL
    return _values(darkest.reformat(format=form.format.name, dst_color_range=FULL if full else 1))
