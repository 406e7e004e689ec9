"""Which pictures of a clip: by number, or by what is in them (inside a limited child)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from av.video.reformatter import Interpolation

from lib.errors import BadMedia
from lib.media.proof.measure import Array
from lib.media.stills.clock import Clock
from lib.media.stills.reader import Reader

SCENE_WIDTH = 160  # pictures that small are enough to tell scenes apart, and hide grain
SHARP_WIDTH = 960  # finer than that, grain counts as sharpness


class Chosen(NamedTuple):
    """A decoded picture with its number, and others that are shown before and after it, where those were at hand."""

    number: int
    frame: Any
    before: Any = None
    after: Any = None


class Clip:
    """A clip's pictures by their numbers."""

    def __init__(self, reader: Reader, clock: Clock, zero_s: float) -> None:
        self.reader, self.clock = reader, clock
        self.zero_s = reader.start_s + zero_s

    def numbered(self, numbers: list[int]) -> Iterator[Chosen]:
        """Those pictures with the ones beside them; ascending numbers are read on where that is shorter."""
        for number in numbers:
            chosen = self.alone(number)
            yield chosen._replace(before=self.reader.before, after=self.reader.following())

    def alone(self, number: int) -> Chosen:
        """That picture. Raises BadMedia where it cannot be found."""
        frame = self.reader.picture(self.zero_s + self.clock.at_s(number), self._slack_s(number))
        if self.number(frame) != number:
            raise BadMedia(f"Picture {number} of the clip cannot be found.", hint="The clip is damaged.")
        return Chosen(number, frame)

    def stretch(self, first: int, end: int) -> Iterator[Chosen]:
        """All pictures from `first` up to, not including, `end`, with the ones beside them."""
        before: Any = None
        for frame in self.reader.onward_from(self.zero_s + self.clock.at_s(first), self._slack_s(first)):
            number = self.number(frame)
            if number >= end:
                return
            yield Chosen(number, frame, self.reader.before if before is None else before, self.reader.following())
            before = frame

    def keys(self, first: int, end: int) -> list[int]:
        """The numbers of the shown key pictures in there, from packets alone."""
        with Reader(self.reader.path, self.reader.told) as reader:
            shown = (one for one in reader.packets() if one.is_keyframe and not one.is_discard and one.pts is not None)
            times = sorted(float(packet.pts * reader.stream.time_base) - self.zero_s for packet in shown)
        numbers = (self.clock.number(time_s) for time_s in times if time_s > -1 / self.clock.rate)
        return [number for number in dict.fromkeys(numbers) if first <= number < end]

    def key_before(self, number: int, earliest: int) -> Chosen | None:
        """The key picture that a seek to that picture leads to, if it is not before picture `earliest`."""
        frame = self.reader.key_picture(self.zero_s + self.clock.at_s(number) + self._slack_s(number))
        found = self.number(frame) if frame is not None and frame.time >= self.zero_s - self._slack_s(0) else -1
        return Chosen(found, frame) if max(earliest, 0) <= found <= number else None

    def number(self, frame: Any) -> int:
        """Which picture it is, by the time that the decoder gave it."""
        return self.clock.number(frame.time - self.zero_s)

    def _slack_s(self, number: int) -> float:
        return self.clock.slack_s(number)


def scenes(pictures: Iterator[Chosen], threshold: float) -> Iterator[Chosen]:
    """The first picture of each scene. A scene begins where `change` is above `threshold`."""
    before, moved = None, 0.0
    for chosen in pictures:
        grey = _grey(chosen.frame, SCENE_WIDTH).astype(np.int16)
        if before is None or before.shape != grey.shape:
            yield chosen
        else:
            now = _difference(before, grey)
            if change(now, moved) > threshold:
                yield chosen
            moved = now
        before = grey


def change(difference: float, difference_before: float) -> float:
    """How much like a cut that is, 0 to 100: a jump in what changes from picture to picture (ffmpeg's scdet)."""
    return min(difference, abs(difference - difference_before))


def _difference(one: Array, other: Array) -> float:
    return float(np.abs(one - other).mean()) * 100 / 255


def sharpest(pictures: Iterator[Chosen]) -> Iterator[Chosen]:
    """The one with the most detail: the variance of its luma's Laplacian is the largest."""
    best: tuple[float, Chosen] | None = None
    for chosen in pictures:
        detail = _detail(_grey(chosen.frame, SHARP_WIDTH).astype(np.int16))
        if best is None or detail > best[0]:
            best = detail, chosen
    if best is not None:
        yield best[1]


def _detail(grey: Array) -> float:
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((around - 4 * grey[1:-1, 1:-1]).var()) if around.size else 0.0


def _grey(frame: Any, width: int) -> Array:
    scale = min(width / frame.width, 1)
    across, down = (max(round(side * scale), 1) for side in (frame.width, frame.height))
    grey: Array = frame.reformat(across, down, "gray", interpolation=Interpolation.AREA).to_ndarray()
    return grey
