"""Comparing pictures and sounds in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 8
STRIP = 8 * BLOCK
QUIET = 1e-3  # below this loudness (full scale is 1) nothing can be found again
AS_GOOD = 0.98  # a shift must fit clearly better than none: sounds repeat themselves

Array = NDArray[Any]


def ssim(one: Array, other: Array) -> float:
    """Structural similarity of two grey pictures (8 bit), the mean over blocks of 8 x 8."""
    height, width = (min(a, b) for a, b in zip(one.shape, other.shape, strict=True))
    # In strips, so that little of it is in memory at a time.
    strips = [slice(top, min(top + STRIP, height)) for top in range(0, height - height % BLOCK or 1, STRIP)]
    likeness = [_likeness(one[strip, :width], other[strip, :width]) for strip in strips]
    return float(np.concatenate(likeness).mean())


def _likeness(one: Array, other: Array) -> Array:
    first, second = _blocks(one), _blocks(other)
    mean_a, mean_b = first.mean(1), second.mean(1)
    var_a, var_b = first.var(1), second.var(1)
    both = (first * second).mean(1) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    both_alike = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    alike: Array = both_alike / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return alike


def _blocks(picture: Array) -> Array:
    rows, columns = max(picture.shape[0] // BLOCK, 1), max(picture.shape[1] // BLOCK, 1)
    whole = picture[: rows * BLOCK, : columns * BLOCK].astype(np.float32)
    if whole.shape != (rows * BLOCK, columns * BLOCK):  # smaller than one block
        return whole.reshape(1, -1)
    return whole.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK * BLOCK)


def lag(made: Array, truth: Array, reach: int = 4096) -> int | None:
    """By how many samples `made` comes late against `truth`; None where it is too quiet to tell."""
    length = min(len(made), len(truth))
    if length < 2 * BLOCK or min(_loudness(made[:length]), _loudness(truth[:length])) < QUIET:
        return None
    reach, size = min(reach, length - 1), 2 * length
    spectrum = np.fft.rfft(made[:length], size) * np.conj(np.fft.rfft(truth[:length], size))
    found = np.fft.irfft(spectrum, size)
    shifts = np.concatenate([found[-reach:], found[: reach + 1]])
    if found[0] >= AS_GOOD * shifts.max():
        return 0
    return int(np.argmax(shifts)) - reach


def _loudness(sound: Array) -> float:
    return float(np.sqrt(np.mean(np.square(sound)))) if len(sound) else 0.0
