"""A camera that moves over a still picture, with a guess at what is near, so that near things pass by far ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lib.standin.performers.reel import Picture, Size, covering

Near = NDArray[np.float32]
"""Inverse depth of every pixel: 1 at the subject, less behind it, more before it."""

_FINER = 1.4  # the still is kept that much larger than the picture that is taken of it


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera is: sideways and up (in half picture heights), forward (1 touches the subject), turned (rad).

    `hold` keeps the subject's size while the camera moves forward, as a dolly zoom does.
    """

    x: float = 0.0
    y: float = 0.0
    forward: float = 0.0
    roll: float = 0.0
    hold: bool = False


Path = Callable[[float], Pose]
"""Progress from 0 to 1 -> the pose."""


def nearness(height: int, width: int) -> Near:
    """What a picture's composition suggests: the ground comes nearer below, the subject stands in the middle."""
    ys, xs = np.mgrid[0 : 1 : complex(height), -1 : 1 : complex(width)]
    subject = np.exp(-((xs / 0.5) ** 2) - ((ys - 0.58) / 0.42) ** 2)
    near = 0.62 + 0.28 * ys**1.6 + 0.30 * subject
    return np.asarray(near, np.float32)


class Still:
    """A picture that a camera can move over; `at(pose)` takes one of the given size."""

    def __init__(self, image: Image.Image, size: Size) -> None:
        self._size = size
        self._canvas = covering(image, size.times(_FINER))
        ys, xs = np.mgrid[-1 : 1 : complex(size.height), -1 : 1 : complex(size.width)]
        self._xs, self._ys = (xs * size.ratio).astype(np.float32), ys.astype(np.float32)
        self._near = nearness(size.height, size.width)
        self._side = self._near - 1

    def at(self, pose: Pose) -> Picture:
        scale = 1 - np.float32(pose.forward) * (self._side if pose.hold else self._near)
        xs = self._xs * scale + np.float32(pose.x) * self._side
        ys = self._ys * scale + np.float32(pose.y) * self._side
        if pose.roll:
            cos, sin = math.cos(pose.roll), math.sin(pose.roll)
            xs, ys = xs * cos - ys * sin, xs * sin + ys * cos
        height, width = self._canvas.shape[:2]
        spots = xs * np.float32((width - 1) / 2 / self._size.ratio), ys * np.float32((height - 1) / 2)
        spots[0][:] += np.float32((width - 1) / 2)
        spots[1][:] += np.float32((height - 1) / 2)
        taken = cv2.remap(self._canvas, *spots, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(taken, np.uint8)


def eased(part: float) -> float:
    """0 to 1, starting and ending at rest."""
    part = min(max(part, 0.0), 1.0)
    return part * part * (3 - 2 * part)


def lit(picture: Picture, part: float, amount: float = 0.1) -> Picture:
    """The RGB picture with a soft light that passes over it, once from side to side."""
    across = np.linspace(0, 1, picture.shape[1], dtype=np.float32)
    glow = np.exp(-(((across - (1.6 * part - 0.3)) / 0.28) ** 2)) * amount * 255
    warm = (glow[:, None] * np.array([1.0, 0.95, 0.8], np.float32)).astype(np.uint8)
    more = cv2.multiply(picture, np.ascontiguousarray(np.broadcast_to(warm, picture.shape)), scale=1 / 255)
    return np.asarray(cv2.add(picture, more), np.uint8)
