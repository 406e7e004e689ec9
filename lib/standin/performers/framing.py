"""A picture inside a larger one, which goes on softly from its edges."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lib.standin.performers.reel import Picture, Size


@dataclass(frozen=True, slots=True)
class Margins:
    """What is added on each side of a clip, as parts of its width and height."""

    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    below: float = 0.0

    def around(self, clip: Size) -> Size:
        """The size of the clip with what is added."""
        return Size.even(clip.width * (1 + self.left + self.right), clip.height * (1 + self.top + self.below))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a clip stands in a picture of that size; what would stand outside is cut off."""

    size: Size
    inner: Size
    left: int
    top: int

    @classmethod
    def of(cls, size: Size, clip: Size, margins: Margins, zoom: float = 0.0) -> Spot:
        """The clip and its margins as large as they fit in, in the middle, `zoom` times larger than that."""
        whole = margins.around(clip)
        factor = min(size.width / whole.width, size.height / whole.height) * (1 + zoom)
        left = (size.width - whole.width * factor) / 2 + clip.width * margins.left * factor
        top = (size.height - whole.height * factor) / 2 + clip.height * margins.top * factor
        return cls(size, clip.times(factor), round(left), round(top))

    def show(self, picture: Picture) -> Picture:
        """The whole picture (RGB) with that one of the clip, which has the inner size, in its place."""
        rows = slice(max(0, -self.top), self.size.height - self.top)
        columns = slice(max(0, -self.left), self.size.width - self.left)
        return framed(picture[rows, columns], self.size, (max(0, self.left), max(0, self.top)))


def inside(size: Size, given: Size, part: float) -> Size:
    """The largest size of the clip's shape that lies within that part of the picture."""
    factor = min(size.width * part / given.width, size.height * part / given.height)
    return Size.even(given.width * factor, given.height * factor)


def framed(
    picture: Picture, size: Size, at: tuple[int, int] | None = None, *, around: Picture | None = None
) -> Picture:
    """The picture (RGB) in a larger one, its left upper corner `at` that pixel, else in the middle.

    What lies around it is made from its edges, or is that of the picture `around`, which has the full size.
    """
    height, width = picture.shape[:2]
    if (width, height) == (size.width, size.height):
        return picture
    left, top = at or ((size.width - width) // 2, (size.height - height) // 2)
    right, below = size.width - width - left, size.height - height - top
    canvas = _continued(picture, size, (left, top, right, below)) if around is None else around.copy()
    reach = max(4, min(size.width, size.height) // 30)
    down, across = _ramp(height, reach, top > 0, below > 0), _ramp(width, reach, left > 0, right > 0)
    soft = (down[:, None] * across[None, :])[..., None]
    spot = canvas[top : top + height, left : left + width]
    spot[:] = (spot * (1 - soft) + picture * soft).astype(np.uint8)
    return np.asarray(canvas, np.uint8)


def _continued(picture: Picture, size: Size, margins: tuple[int, int, int, int]) -> Picture:
    """The picture mirrored at its edges and blurred, at that size."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (max(8, width // 6), max(8, height // 6)), interpolation=cv2.INTER_AREA)
    left, top, right, below = (margin // 6 + 1 for margin in margins)
    wide = cv2.copyMakeBorder(small, top, below, left, right, cv2.BORDER_REFLECT)
    wide = cv2.GaussianBlur(wide, (0, 0), max(1.0, small.shape[0] / 24))
    return np.asarray(cv2.resize(wide, (size.width, size.height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _ramp(count: int, reach: int, first: bool, last: bool) -> NDArray[np.float32]:
    """1 inside, falling to 0 at those of the two ends that are continued."""
    places = np.arange(count, dtype=np.float32) + 0.5
    from_first = places / reach if first else np.ones(count, np.float32)
    from_last = (count - places) / reach if last else np.ones(count, np.float32)
    return np.asarray(np.clip(np.minimum(from_first, from_last), 0, 1), np.float32)
