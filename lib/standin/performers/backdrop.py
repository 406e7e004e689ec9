"""A picture where none is given: hills under a sky, their colours and shapes taken from the words and the seed."""

from __future__ import annotations

import colorsys
import hashlib
import random

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lib.standin.performers.reel import Size

_RIDGES = 5

Floats = NDArray[np.float32]


def backdrop(words: str, seed: int, size: Size) -> Image.Image:
    """The same words and seed give the same picture."""
    rng = random.Random(f"{hashlib.sha256(words.encode()).hexdigest()}/{seed}")
    hue, width, height = rng.random(), size.width, size.height
    ys = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    high, low = _colour(hue, 0.45, 0.55), _colour(hue + 0.09, 0.35, 0.98)
    picture = np.broadcast_to(high * (1 - ys) + low * ys, (height, width, 3)).copy()
    _sun(picture, rng, _colour(hue + 0.12, 0.15, 1.0))
    for ridge in range(_RIDGES):
        near = ridge / (_RIDGES - 1)
        line = height * (0.48 + 0.36 * near) - height * (0.05 + 0.07 * near) * _waves(width, rng, 1.5 + 2 * near)
        colour = _colour(hue + 0.04 - 0.1 * near, 0.25 + 0.45 * near, 0.78 - 0.6 * near)
        depth = np.clip(np.arange(height)[:, None] - line[None, :], 0, 1)[..., None]
        picture = picture * (1 - depth) + colour * depth
    grain = np.random.default_rng(rng.randrange(2**32)).normal(0, 2.0, (height, width, 1))
    return Image.fromarray(np.clip(picture + grain, 0, 255).astype(np.uint8))


def _colour(hue: float, saturation: float, value: float) -> Floats:
    return np.array(colorsys.hsv_to_rgb(hue % 1, saturation, value), np.float32) * 255


def _sun(picture: Floats, rng: random.Random, colour: Floats) -> None:
    height, width = picture.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    away = np.hypot(xs - width * rng.uniform(0.25, 0.75), ys - height * rng.uniform(0.2, 0.4)) / min(width, height)
    glow = np.clip((0.075 - away) * min(width, height) / 2, 0, 1) + 0.55 * np.exp(-((away / 0.28) ** 2))
    picture += (colour - picture) * np.clip(glow, 0, 1)[..., None]


def _waves(width: int, rng: random.Random, pace: float) -> Floats:
    xs = np.linspace(0, 1, width, dtype=np.float32)
    tones = [(rng.uniform(0, 6.28), 2**octave * pace, 0.5**octave) for octave in range(6)]
    return np.asarray(sum(np.sin(6.28 * xs * pitch + phase) * gain for phase, pitch, gain in tones))
