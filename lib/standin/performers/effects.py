"""Sound effects: waves, gusts and strokes made from the words, laid on the clip instead of its sound or over it.

The same words make the same sound; without any the seed decides.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from lib.standin.performers.lipsync import laid
from lib.standin.performers.part import Part, Played
from lib.standin.performers.reel import look, pictures
from lib.standin.performers.sound import RATE, Samples, samples_of

LOOP_S = 12.0
_PEAK = 0.5


def perform(part: Part) -> Played:
    """The clip with the sound, exactly as long as its pictures."""
    clip, words = look(part, "video_url"), part.values["prompt"].strip()
    frames = clip.frames or sum(1 for _ in pictures(clip, clip.size, rate=clip.resample))
    sound = effect(words or f"/{part.seed}", float(frames / clip.rate))
    own = samples_of(clip.path) if part.values.get("original_sound_switch") and clip.has_sound else None
    part.log(f"A sound effect for {words!r}" if words else "A random sound effect")
    return laid(part, clip, sound if own is None else mixed(sound, own))


def effect(words: str, length_s: float) -> Samples:
    """Stereo noise in three bands, each with strokes at times of its own."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big"))
    count = max(2, round(min(length_s, LOOP_S) * RATE))
    made = _band(rng, count) + _band(rng, count) + _band(rng, count)
    loud = made * (_PEAK / max(float(np.abs(made).max()), 1e-9))
    return np.asarray(_repeated(loud, round(length_s * RATE)), np.float32)


def mixed(one: Samples, other: Samples) -> Samples:
    """Both at once, as long as the first, never beyond full scale."""
    count = one.shape[1]
    both = one.copy()
    both[:, : min(count, other.shape[1])] += other[:, :count]
    return np.asarray(np.clip(both, -1, 1), np.float32)


def _band(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Noise around one pitch that swells and dies away a few times."""
    centre, width = np.exp(rng.uniform(np.log(120), np.log(5000))), rng.uniform(0.2, 0.9)
    hertz = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 1.0)
    shape = np.exp(-((np.log(hertz / centre) / width) ** 2))
    noise = np.fft.irfft(np.fft.rfft(rng.normal(size=(2, count))) * shape, n=count)
    at = np.arange(count) / RATE
    strokes = rng.uniform(0, max(count / RATE, 0.1), size=max(1, round(count / RATE * rng.uniform(0.6, 2.0))))
    fall = rng.uniform(0.15, 0.8)
    swell = sum(np.exp(-np.maximum(at - start, 0) / fall) * (at >= start) for start in strokes)
    return np.asarray(noise / max(float(np.abs(noise).max()), 1e-9) * (0.15 + swell))


def _repeated(sound: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Over and over until it is that long."""
    times = -(-count // sound.shape[1])
    return np.tile(sound, (1, times))[:, :count]
