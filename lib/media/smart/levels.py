"""Making sound louder or softer, fading it, and mixing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def leveled(frames: Iterator[Any], gain: float, levels: tuple[float, float], length: int) -> Iterator[Array]:
    """The samples of the frames, `length` in all, on a way from one level to the other that keeps loudness even where
    one sound goes as another comes.
    """
    done, (begin, end) = 0, levels
    for frame in frames:
        places = (done + np.arange(frame.samples, dtype=np.float32)) / max(length, 1)
        ramp = np.sin(np.pi / 2 * (begin + (end - begin) * places)) * gain
        done += frame.samples
        yield np.clip(frame.to_ndarray() * ramp, -1, 1).astype(np.float32)


def summed(voices: Sequence[Iterator[Array]]) -> Iterator[Array]:
    """All of them at once."""
    whole = [np.concatenate(list(voice), axis=1) for voice in voices]
    yield np.ascontiguousarray(np.clip(np.sum(whole, axis=0), -1, 1), dtype=np.float32)
