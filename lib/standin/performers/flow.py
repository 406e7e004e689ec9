"""Motion between pictures: dense optical flow, its continuation past the last picture, and what lies between two."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lib.standin.performers.film import split
from lib.standin.performers.reel import Picture

Field = NDArray[np.float32]
"""(height, width, 2): for every pixel a displacement, or a place, in pixels."""

_TEAR = 0.012  # of the longer side: so far a thing may move by itself before stretching shows
_CUT = 24.0  # mean difference of luma after warping: these two pictures show different scenes


def flow(before: Picture, after: Picture, scale: float = 0.5) -> Field:
    """Where each pixel of `before` (luma) has gone in `after`; measured at `scale`, given at full size."""
    small = [cv2.resize(luma, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for luma in (before, after)]
    still = np.zeros((*small[0].shape[:2], 2), np.float32)
    if min(small[0].shape) < 16:  # too small for the pyramid of the method
        return enlarged(still, before.shape)
    found = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(small[0], small[1], still)
    return enlarged(np.asarray(found, np.float32), before.shape)


def enlarged(field: Field, shape: tuple[int, ...]) -> Field:
    """The field at another size, its displacements in the new pixels."""
    height, width = shape[:2]
    factor = np.array([width / field.shape[1], height / field.shape[0]], np.float32)
    return np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR) * factor, np.float32)


def places(shape: tuple[int, ...]) -> Field:
    """Each pixel's own place."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return np.dstack([xs, ys])


def taken(picture: Picture, at: Field) -> Picture:
    """The 4:2:0 picture whose every pixel is taken from that place."""
    made = np.empty_like(picture)
    half = np.asarray(cv2.resize(at, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) / 2 - 0.25, np.float32)
    for plane, out, spots in zip(split(picture), split(made), (at, half, half), strict=True):
        out[:] = _remapped(plane, spots, cv2.INTER_CUBIC)
    return made


def _remapped(source: NDArray[Any], at: NDArray[Any], how: int = cv2.INTER_LINEAR) -> NDArray[Any]:
    spots = np.ascontiguousarray(at, np.float32)
    made = cv2.remap(source, spots[..., 0], spots[..., 1], how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(made)


@dataclass(frozen=True, slots=True)
class Onward:
    """A picture whose motion goes on: `after(k)` shows it k pictures later, for 0 <= k <= `reach`."""

    picture: Picture
    steps: tuple[Field, ...]
    reach: float

    @classmethod
    def of(cls, before: Picture, last: Picture, span: int, least: float, most: float) -> Onward:
        """`before` was `span` pictures earlier. The reach lies between `least` and `most` pictures.

        A camera's motion may go on for long. What moves by itself may not: carried far, it is torn. So the reach ends
        where it would be, and what is still too fast for the least reach is slowed down.
        """
        luma, earlier = split(last)[0], split(before)[0]
        back = np.asarray(flow(luma, earlier) / span, np.float32)
        if _differs(earlier, luma, np.asarray(back * span, np.float32)):
            back = np.zeros_like(back)
        small = enlarged(back, (max(2, luma.shape[0] // 2), max(2, luma.shape[1] // 2)))
        small = np.asarray(cv2.GaussianBlur(small, (0, 0), max(small.shape) / 160), np.float32)
        camera = _steady(small)
        own = small - camera
        pace = float(np.percentile(np.hypot(own[..., 0], own[..., 1]), 99.5)) + 1e-6
        room = _TEAR * max(small.shape)
        reach = min(max(room / pace, least), most)
        kept = camera + own * min(1.0, room / (pace * reach))
        return cls(last, tuple(_along(np.asarray(kept, np.float32), math.ceil(reach))), reach)

    def after(self, pictures: float) -> Picture:
        whole = min(int(pictures), len(self.steps) - 2)
        part = pictures - whole
        moved = self.steps[whole] * (1 - part) + self.steps[whole + 1] * part
        luma = split(self.picture)[0]
        return taken(self.picture, places(luma.shape) + enlarged(np.asarray(moved, np.float32), luma.shape))


def _steady(field: Field) -> Field:
    """The part of a field that is a camera's: its best affine fit, what moves by itself left out of it."""
    at = places(field.shape)
    spots = np.dstack([at, np.ones(field.shape[:2], np.float32)])[::4, ::4].reshape(-1, 3)
    moves = field[::4, ::4].reshape(-1, 2)
    weight = np.ones((len(moves), 1), np.float32)
    for _ in range(4):
        fit = np.linalg.lstsq(spots * weight, moves * weight, rcond=None)[0]
        weight = 1 / np.sqrt(0.25 + np.hypot(*(moves - spots @ fit).T))[:, None]
    return np.asarray(np.dstack([at, np.ones(field.shape[:2], np.float32)]) @ fit, np.float32)


def _along(back: Field, reach: int) -> list[Field]:
    """Displacements after 0, 1, 2, ... steps along the field."""
    here = places(back.shape)
    steps = [np.zeros_like(back)]
    for _ in range(reach + 1):
        steps.append(steps[-1] + _remapped(back, here + steps[-1]))
    return steps


def _differs(one: Picture, other: Picture, back: Field) -> bool:
    """Whether `one` cannot be moved onto `other`: a cut lies between them."""
    moved = _remapped(one, places(one.shape) + back)
    return float(np.mean(cv2.absdiff(moved, other))) > _CUT


class Scenes:
    """Notices where one scene ends and another begins, picture by picture."""

    def __init__(self) -> None:
        self._before: Picture | None = None

    def cut(self, picture: Picture) -> bool:
        """Whether this picture does not go on from the one before."""
        small = np.asarray(cv2.resize(split(picture)[0], (32, 18), interpolation=cv2.INTER_AREA), np.uint8)
        before, self._before = self._before, small
        return before is not None and float(np.mean(cv2.absdiff(before, small))) > _CUT


def mixed(one: Picture, other: Picture, part: float) -> Picture:
    """A plain blend: 0 is the one, 1 the other."""
    if part <= 0 or part >= 1:
        return one if part <= 0 else other
    return np.asarray(cv2.addWeighted(one, 1 - part, other, part, 0), np.uint8)


class Between:
    """What lies between two pictures, at any part of the way."""

    def __init__(self, one: Picture, other: Picture) -> None:
        self._one, self._other = one, other
        first, second = split(one)[0], split(other)[0]
        self._there, self._back = flow(first, second), flow(second, first)
        self._cut = _differs(first, second, self._back)
        self._places = places(first.shape)

    def at(self, part: float) -> Picture:
        """Both pictures warped to that moment and blended; at a cut, the nearer one."""
        if self._cut:
            return self._one if part < 0.5 else self._other
        near = taken(self._one, self._places - self._there * part)
        far = taken(self._other, self._places - self._back * (1 - part))
        return mixed(near, far, part)
