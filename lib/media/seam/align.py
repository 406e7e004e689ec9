"""Which moment of a clip another one begins at, by pictures alone: whatever was done to colours, size or rate.

A position is counted in the clip's own pictures: at `frames` the other one goes on with the very next picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from lib.media.proof.measure import Array

PAIRS = 24  # pictures before the seam that are compared for a first guess
NEAR = 4  # of them, those by which the position is then made exact
SHORT = 0.2  # of the second clip's pictures: as far as one may begin before the first clip's end and still be new
ALIKE = 0.6  # correlation of pictures below which the second clip does not go on from the first
EXACT = 0.3  # of what changes from picture to picture, that equal ones may differ by
SLIP = 0.46  # of a picture, by which an exact position may seem off
FINE = 0.12  # the same where the rates differ, so that pictures lie between each other
UNSURE = 0.25  # of a picture: how uncertain the position may be
SLOW, SLOWLY = 0.5, 5  # pixels a picture below which motion is seen over so many pictures instead
CLUSTER = 400.0  # neighbours are found to move alike, right or wrong: so many count as one
STILL = 0.002  # square of the pixels that are found to move where nothing does
ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Alignment:
    """The second clip begins at `position` of the first, with `overlap` of its pictures in the first as well.

    `likeness` is how alike those pictures are (correlation), `why` is empty or says why nothing can be told.
    """

    position: float
    overlap: int
    likeness: float
    why: str = ""


def align(source: Array, extended: Array, ratio: float) -> Alignment:
    """`source` and `extended` are grey pictures of one size (count, rows, columns); a picture of the second lasts as
    long as `ratio` of the first.
    """
    position, likeness = _guess(_coarse(source), _coarse(extended), ratio)
    if likeness < ALIKE:
        return Alignment(position, 0, likeness, "The second clip does not go on from the end of the first.")
    left = 1.0
    for _ in range(ROUNDS):
        off, unsure, left = _refine(source, extended, position, ratio)
        if left <= EXACT and (ratio == 1 or abs(off) <= FINE):
            return _found(len(source), position, ratio, likeness)
        if left > EXACT and unsure > UNSURE:
            break
        if abs(off) <= (SLIP - unsure / 2 if ratio == 1 else FINE) or (position == len(source) and off > 0):
            return _found(len(source), position, ratio, likeness)
        step = round(off) or (1 if off > 0 else -1)
        position = min(position + (step if ratio == 1 else off), float(len(source)))
    if left <= EXACT:
        return _found(len(source), position, ratio, likeness)
    return Alignment(
        position, 0, likeness, "The pictures hardly move there, so nobody can tell where the clip goes on."
    )


def _found(frames: int, position: float, ratio: float, likeness: float) -> Alignment:
    return Alignment(position, max(int(np.ceil((frames - position) / ratio - SHORT)), 0), likeness)


def _coarse(pictures: Array) -> Array:
    """Rows of the means of 4 x 4 pixels."""
    count, rows, columns = pictures.shape
    means: Array = pictures.reshape(count, rows // 4, 4, columns // 4, 4).mean(axis=(2, 4)).reshape(count, -1)
    return means


def _guess(source: Array, extended: Array, ratio: float) -> tuple[float, float]:
    """The position at which the pictures up to the seam are most alike, and how alike they are."""
    alike = _standard(extended) @ _standard(source).T / source.shape[1]
    frames, best = len(source), (0.0, -1.0)
    step = 1.0 if ratio == 1 else 0.25
    for position in np.arange(frames - 1, -step / 2, -step):
        last = int((frames - 1 - position) / ratio + 1e-9)
        if last >= len(extended):
            break
        numbers = np.arange(max(last - PAIRS + 1, 0), last + 1)
        at = position + numbers * ratio
        low = np.clip(np.floor(at).astype(int), 0, frames - 1)
        part, high = at - low, np.minimum(low + 1, frames - 1)
        score = float((alike[numbers, low] * (1 - part) + alike[numbers, high] * part).mean())
        if score > best[1] + 1e-4:
            best = (float(position), score)
    return best


def _standard(pictures: Array) -> Array:
    centred = pictures - pictures.mean(axis=1, keepdims=True)
    standard: Array = centred / np.maximum(np.sqrt(np.square(centred).mean(axis=1, keepdims=True)), 1e-6)
    return standard


def _refine(source: Array, extended: Array, position: float, ratio: float) -> tuple[float, float, float]:
    """By how much the position is off, how uncertain that is, and what is left of a picture's own change.

    What moves in a picture of the second clip lies as far from where it is in the first one as it goes meanwhile.
    """
    frames = len(source)
    last = min(max(int((frames - 1 - position) / ratio + 1e-9), 0), len(extended) - 1)
    places = []
    for number in range(max(last - NEAR + 1, 0), last + 1):
        near = min(max(round(position + number * ratio), 1), frames - 1)
        places.append((near, number))
    near = places[-1][0]  # what hardly moves from one picture to the next is seen over several
    apart = SLOWLY if near >= SLOWLY and _size(flow(source[near - 1], source[near])) < SLOW else 1
    seen = [
        (flow(source[max(n - apart, 0)], source[n]) / apart, flow(source[n], extended[m]), position + m * ratio - n)
        for n, m in places
    ]
    square = max(sum(float(np.square(own).sum()) for own, _, _ in seen), 1e-9)
    off = sum(float(((far - by * own) * own).sum()) for own, far, by in seen) / square
    rest = sum(float(np.square(far - (off + by) * own).sum()) for own, far, by in seen) + STILL * source[0].size
    unsure = np.sqrt(rest / square * CLUSTER / (source[0].size * len(seen)))
    left = float(np.mean([_unlike(source[n], extended[m]) for n, m in places]))
    moved = float(np.mean([_unlike(source[n], source[n - 1]) for n, _ in places]))
    return off, float(unsure), left / max(moved, 1e-9)


def _size(moves: Array) -> float:
    return float(np.sqrt(np.square(moves).mean()))


def flow(one: Array, other: Array) -> Array:
    """How far everything moves from one picture to the other, in pixels across and down."""
    finder: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found: Array = finder.calc(_even(one), _even(other), None)
    return found


def _even(picture: Array) -> Array:
    """The picture in a usual brightness and contrast, whatever it has."""
    values = picture.astype(np.float32)
    scaled = (values - values.mean()) / max(float(values.std()), 1.0) * 50 + 128
    even: Array = np.clip(scaled, 0, 255).astype(np.uint8)
    return even


def _unlike(one: Array, other: Array) -> float:
    """What no curve of colours explains of the difference (mean of squares), in the first one's contrast."""
    first, second = one.ravel().astype(np.float64), other.ravel().astype(np.float64)
    curve = np.polyfit(second, first, 2) if second.std() > 1 else [0.0]
    return float(np.square(first - np.polyval(curve, second)).mean())
