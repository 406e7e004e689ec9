"""The small "rehearsal" badge in the corner of what the stand-in makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lib.media.mark import REHEARSAL_MARK

FONT = Path(__file__).resolve().parents[1] / "assets" / "fonts" / "DejaVuSans.ttf"
WORD = "rehearsal"
SMALLEST_TEXT = 9  # pixels; below that the word cannot be read
SHADE, INK = 24, 235  # luma of the pill and of the word
_FINE = 4  # drawn that many times larger, then reduced: smooth edges at any size

Plane = NDArray[np.uint8]


def comment(endpoint: str) -> str:
    """What a file's own metadata says of it."""
    return f"{REHEARSAL_MARK} {endpoint}"


@dataclass(frozen=True, slots=True)
class Badge:
    """The badge for pictures of one size: where it lies, its luma, and how far it covers (0 to 1)."""

    left: int
    top: int
    luma: NDArray[np.float32]
    cover: NDArray[np.float32]

    @classmethod
    def of(cls, width: int, height: int) -> Badge:
        """A pill in the upper right corner, where neither players nor subtitles lie."""
        text = max(SMALLEST_TEXT, round(min(width, height) * 0.034))
        pill, ink = _drawn(text)
        margin = max(2, round(text * 0.7)) & ~1
        left = max(0, width - pill.shape[1] - margin) & ~1
        pill, ink = pill[:height, : width - left], ink[:height, : width - left]
        cover = 1 - (1 - 0.5 * pill) * (1 - 0.95 * ink)
        luma = SHADE + (INK - SHADE) * np.divide(ink * 0.95, cover, out=np.zeros_like(cover), where=cover > 0)
        top = min(margin, height - pill.shape[0]) & ~1
        return cls(left, top, luma, cover)

    def draw(self, luma: Plane, blue: Plane, red: Plane) -> None:
        """Draws it into the three planes of a 4:2:0 picture."""
        height, width = self.cover.shape
        _blend(luma[self.top : self.top + height, self.left : self.left + width], self.luma, self.cover)
        half = self.cover[::2, ::2]
        top, left = self.top // 2, self.left // 2
        for plane in (blue, red):
            _blend(plane[top : top + half.shape[0], left : left + half.shape[1]], np.float32(128), half)


def _blend(under: Plane, over: NDArray[np.float32] | np.float32, cover: NDArray[np.float32]) -> None:
    under[:] = (under * (1 - cover) + over * cover + 0.5).astype(np.uint8)


def _drawn(text: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far the pill and the word cover each pixel."""
    font = ImageFont.truetype(str(FONT), text * _FINE)
    left, _, right, _ = font.getbbox(WORD)
    ascent, descent = font.getmetrics()
    width = (round((right - left) / _FINE + text * 1.1) + 1) & ~1
    height = (round(text * 1.5) + 1) & ~1
    size = (width * _FINE, height * _FINE)
    pill, ink = Image.new("L", size, 0), Image.new("L", size, 0)
    ImageDraw.Draw(pill).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius=size[1] // 2, fill=255)
    middle = (size[1] - (ascent + descent)) // 2 - round(text * _FINE * 0.02)
    ImageDraw.Draw(ink).text(((size[0] - right + left) // 2 - left, middle), WORD, font=font, fill=255)
    small = (width, height)
    return _covered(pill, small), _covered(ink, small)


def _covered(image: Image.Image, size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(image.resize(size, Image.Resampling.BOX), np.float32) / np.float32(255)
