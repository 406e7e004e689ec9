"""Film from stills and clips that stand at given frames: each keeps moving, and dissolves into the next."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lib.standin.performers.camera import Pose, Still, lit
from lib.standin.performers.flow import mixed
from lib.standin.performers.reel import Picture, Size

_DISSOLVE = 0.4  # of the way from one anchor to the next
_PUSH_PER_S = 0.035
_MOST_PUSH = 0.4


class Source(Protocol):
    """Something that has a picture at every frame, `offset` counted from its anchor (negative before it)."""

    def at(self, offset: float) -> Picture: ...


class Moving:
    """A still under a slow camera and a passing light; at its anchor it is the still itself."""

    def __init__(self, image: Image.Image, size: Size, rate: float, seed: int, *, pace: float = 1.0) -> None:
        rng = random.Random(seed)
        self._still, self._rate, self._pace = Still(image, size), rate, pace
        self._side, self._lift = rng.choice((-1, 1)) * rng.uniform(0.05, 0.09), rng.uniform(-0.03, 0.03)
        self._light_s = rng.uniform(4.0, 6.0)

    def at(self, offset: float) -> Picture:
        seconds = abs(offset) / self._rate * self._pace
        push = _MOST_PUSH * (1 - np.exp(-seconds * _PUSH_PER_S / _MOST_PUSH))
        pose = Pose(self._side * seconds, self._lift * seconds, float(push))
        return lit(self._still.at(pose), (seconds / self._light_s) % 1.0) if seconds else self._still.at(pose)


class Shelf:
    """Pictures (RGB) kept small, to be had again in any order."""

    def __init__(self, pictures: Iterable[Picture]) -> None:
        self._kept: list[NDArray[np.uint8]] = []
        for picture in pictures:
            self.put(picture)

    def put(self, picture: Picture) -> None:
        """Adds it at the end."""
        code = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
        self._kept.append(np.asarray(code, np.uint8))

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, index: int) -> Picture:
        found = cv2.imdecode(self._kept[index], cv2.IMREAD_COLOR)
        assert found is not None
        return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)


class Playing:
    """A clip from its anchor on; where it is over, its motion runs back and forth."""

    def __init__(self, shelf: Shelf, *, backwards: bool = False) -> None:
        self._shelf, self._backwards = shelf, backwards

    def at(self, offset: float) -> Picture:
        index = swung(round(offset), len(self._shelf))
        return self._shelf[len(self._shelf) - 1 - index if self._backwards else index]


def swung(index: int, count: int) -> int:
    """The index running forth and back over `count` pictures."""
    period = max(1, 2 * count - 2)
    index %= period
    return index if index < count else period - index


@dataclass(frozen=True, slots=True)
class Anchor:
    """A source whose own picture stands at that frame."""

    frame: int
    source: Source


@dataclass(frozen=True, slots=True)
class Timeline:
    """Anchors in order of their frames; `at(frame)` is the film's picture there."""

    anchors: Sequence[Anchor]

    def at(self, frame: int) -> Picture:
        after = bisect_right([anchor.frame for anchor in self.anchors], frame)
        left = self.anchors[max(after - 1, 0)]
        if after in {0, len(self.anchors)}:
            return left.source.at(frame - left.frame)
        right = self.anchors[after]
        way = (frame - left.frame) / (right.frame - left.frame)
        part = min(max((way - 0.5) / _DISSOLVE + 0.5, 0.0), 1.0)
        part = part * part * (3 - 2 * part)
        if part in {0.0, 1.0}:
            chosen = left if part == 0 else right
            return chosen.source.at(frame - chosen.frame)
        return mixed(left.source.at(frame - left.frame), right.source.at(frame - right.frame), part)
