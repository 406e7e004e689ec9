"""Looks: what a restyled picture is made with. Each takes RGB and gives RGB of the same size."""

from __future__ import annotations

import colorsys
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lib.standin.performers.camera import nearness
from lib.standin.performers.reel import Picture

Look = Callable[[Picture], Picture]
Table = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Palette:
    """A dark and a light colour (RGB, 0 to 1) that words stand for: the same words, the same colours."""

    dark: tuple[float, float, float]
    light: tuple[float, float, float]

    @classmethod
    def of(cls, words: str, seed: int) -> Palette:
        digest = hashlib.sha256(f"{words}/{seed}".encode()).digest()
        hue = digest[0] / 256
        return cls(colorsys.hsv_to_rgb(hue, 0.75, 0.22), colorsys.hsv_to_rgb((hue + 0.45) % 1, 0.28, 1.0))

    def table(self) -> Table:
        """Luma -> RGB, from the dark colour through the middle to the light one."""
        ramp = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
        shade, light = np.array(self.dark, np.float32), np.array(self.light, np.float32)
        table = shade * (1 - ramp) ** 1.2 * 0.9 + light * ramp**0.9
        return np.asarray(np.clip(table * 255, 0, 255), np.uint8)


def over(under: Picture, above: Picture, part: float) -> Picture:
    return np.asarray(cv2.addWeighted(under, 1 - part, above, part, 0), np.uint8)


def grey(picture: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def toned(palette: Palette, part: float) -> Look:
    """Shadows and lights drawn towards two colours."""
    table = palette.table()
    return lambda picture: over(picture, table[grey(picture)], part)


def painted(part: float) -> Look:
    """Flat colours with drawn outlines, as in a cel animation."""
    levels = np.asarray(np.clip((np.arange(256) // 26) * 26 + 20, 0, 255), np.uint8)

    def look(picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        small = cv2.resize(picture, (max(8, width // 2), max(8, height // 2)), interpolation=cv2.INTER_AREA)
        small = cv2.bilateralFilter(small, 7, 48, 7)
        flat = cv2.cvtColor(cv2.resize(small, (width, height)), cv2.COLOR_RGB2HSV)
        flat[..., 2] = cv2.addWeighted(flat[..., 2], 0.55, levels[flat[..., 2]], 0.45, 0)
        flat[..., 1] = np.clip(flat[..., 1] * 1.35, 0, 255).astype(np.uint8)
        cel = cv2.cvtColor(flat, cv2.COLOR_HSV2RGB)
        ink = 255 - (_lines(picture) * 0.8).astype(np.uint8)
        drawn = cv2.multiply(cel, np.repeat(ink[..., None], 3, 2), scale=1 / 255)
        return over(picture, np.asarray(drawn, np.uint8), part)

    return look


def sketched(part: float) -> Look:
    """Pencil on warm paper."""
    paper = np.array([1.0, 0.97, 0.9], np.float32)

    def look(picture: Picture) -> Picture:
        light = grey(picture)
        soft = cv2.GaussianBlur(255 - light, (0, 0), max(2.0, light.shape[0] / 60))
        pencil = cv2.divide(light, np.maximum(255 - soft, 1), scale=250).astype(np.float32) / 255
        drawn = (np.clip(pencil, 0, 1) ** 1.8)[..., None] * paper * 255
        return over(picture, drawn.astype(np.uint8), part)

    return look


def outlined(palette: Palette, part: float) -> Look:
    """Bright outlines on a dark ground, the shapes only just seen."""
    table = palette.table()

    def look(picture: Picture) -> Picture:
        lines = _lines(picture)
        glow = cv2.GaussianBlur(lines, (0, 0), max(1.5, lines.shape[0] / 90))
        ground = (table[grey(picture)] * 0.38).astype(np.float32)
        light = np.array(palette.light, np.float32) * (lines[..., None] * 0.95 + glow[..., None] * 0.7)
        return over(picture, np.clip(ground + light, 0, 255).astype(np.uint8), part)

    return look


def pixelled(palette: Palette, blocks: int = 72) -> Look:
    """Large pixels in few colours."""
    table = palette.table()

    def look(picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        step = max(1, min(height, width) // blocks)
        small = cv2.resize(picture, (max(1, width // step), max(1, height // step)), interpolation=cv2.INTER_AREA)
        coarse = np.asarray(small, np.uint8)
        coarse = over(coarse, table[grey(coarse)], 0.35)
        few = ((coarse.astype(np.int16) + 18) // 36 * 36).clip(0, 255).astype(np.uint8)
        return np.asarray(cv2.resize(few, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)

    return look


def hazed(palette: Palette, part: float) -> Look:
    """What is far fades into a coloured haze, what is near stays clear and warm."""
    light = np.array(palette.light, np.float32) * 255
    veils: dict[tuple[int, ...], NDArray[np.float32]] = {}

    def look(picture: Picture) -> Picture:
        shape = picture.shape[:2]
        if shape not in veils:
            veils[shape] = np.clip((1.02 - nearness(*shape)) * 2.0, 0, 0.8)[..., None] * part
        return np.asarray(picture * (1 - veils[shape]) + light * veils[shape], np.float32).astype(np.uint8)

    return look


def recoloured(example: Picture, part: float) -> Look:
    """The colours of an example: mean and spread of each channel in Lab carried over."""
    wanted = _spread(cv2.cvtColor(example, cv2.COLOR_RGB2LAB))
    first: list[NDArray[np.float32]] = []  # of the first picture, so that the colours do not pump

    def look(picture: Picture) -> Picture:
        lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
        first.append(_spread(lab)) if not first else None
        mean, spread = first[0]
        moved = (lab - mean) * np.clip(wanted[1] / np.maximum(spread, 1), 0.5, 2.0) + wanted[0]
        made = cv2.cvtColor(np.clip(moved, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
        return over(picture, np.asarray(made, np.uint8), part)

    return look


def after(*looks: Look) -> Look:
    """One look after the other."""

    def look(picture: Picture) -> Picture:
        for one in looks:
            picture = one(picture)
        return picture

    return look


def _spread(lab: NDArray[np.generic]) -> NDArray[np.float32]:
    return np.array([lab.mean(axis=(0, 1)), lab.std(axis=(0, 1))], np.float32)


def _lines(picture: Picture) -> Picture:
    """Where outlines are, 0 to 255: the difference of a narrow and a wide blur."""
    light = grey(picture).astype(np.float32)
    wide = max(1.0, light.shape[0] / 300)
    edge = cv2.GaussianBlur(light, (0, 0), wide * 1.8) - cv2.GaussianBlur(light, (0, 0), wide)
    return np.asarray(np.clip((edge - 2.0) * 20, 0, 255), np.uint8)
