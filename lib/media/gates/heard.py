"""Listens to a take, inside a limited child: whether it sounds, is not overdriven, and is in step with its input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lib.media.gates.defect import Defect
from lib.media.gates.rules import CLIPPING_SHARE, MUTED_S, OUT_OF_STEP_S, SILENCE_DB
from lib.media.proof.measure import Array
from lib.media.proof.peek import heard, opened, start_s

RATE = 16_000
LONGEST_S = 120.0  # of sound that is listened to
WINDOW = RATE // 20
FULL = 0.985  # of full scale; coding moves clipped tops that far
SOUNDS_DB = -45.0  # what is surely meant to be heard
GONE_DB = -75.0
WINDOW_S = 4.0  # of sound at the beginning, and at the end, that is looked for in the input's
REACH_S = 1.0
SAME_SOUND = 0.5  # correlation from which on it is the input's own sound
AS_GOOD = 0.98  # a shift must fit clearly better than none: sounds repeat themselves
LEAST_UNDER = 0.25  # of the energy must lie under the piece for the two to be compared


def listen(path: str, zero_s: float, length_s: float) -> Array:
    """The sound from the first picture on, mixed to one channel."""
    with opened(path) as container:
        return heard(container, start_s(container) + zero_s, min(length_s, LONGEST_S), RATE)


def levels_db(sound: Array) -> Array:
    """How loud each twentieth of a second is."""
    whole = sound[: len(sound) // WINDOW * WINDOW].reshape(-1, WINDOW)
    levels: Array = 20 * np.log10(np.sqrt(np.square(whole).mean(axis=1)) + 1e-9)
    return levels


def faults(sound: Array, given: Array | None, *, wanted: bool) -> Iterator[Defect]:
    """What is wrong with it; `given` is the input's sound, `wanted` says that there should be one."""
    levels = levels_db(sound)
    loudest = float(levels.max()) if len(levels) else -180.0
    known = levels_db(given) if given is not None else None
    if loudest <= SILENCE_DB.limit:
        if wanted or (known is not None and len(known) and known.max() > SOUNDS_DB):
            yield Defect(
                "silence", "There is a sound track, but nothing can be heard in it.", None, round(loudest, 1),
                SILENCE_DB.limit, SILENCE_DB.source,
            )  # fmt: skip
        return
    if known is not None and given is not None and _lags(sound, given):
        yield from _muted(levels, known)
    yield from _clipped(sound, given)
    if given is not None:
        yield from _out_of_step(sound, given)


def _muted(levels: Array, known: Array) -> Iterator[Defect]:
    """Where it falls silent although the sound that was given goes on."""
    length = min(len(levels), len(known))
    gone = (levels[:length] < GONE_DB) & (known[:length] > SOUNDS_DB)
    begin, longest = _longest(gone)
    if longest / 20 > MUTED_S.limit:
        said = f"From {begin / 20:.1f} s on nothing is heard for {longest / 20:.1f} s, where the input sounds."
        yield Defect("silence", said, begin / 20, longest / 20, MUTED_S.limit, MUTED_S.source)


def _longest(flags: Array) -> tuple[int, int]:
    """Where the longest run of true ones begins, and its length."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    runs = [(int(end - begin), int(begin)) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    length, begin = max(runs, key=lambda run: run[0], default=(0, 0))
    return begin, length


def _clipped(sound: Array, given: Array | None) -> Iterator[Defect]:
    share = _full_share(sound)
    limit = max(CLIPPING_SHARE.limit, 2 * _full_share(given) if given is not None else 0.0)
    if share > limit:
        at_s = float(np.argmax(np.abs(sound) >= FULL)) / RATE
        said = f"The sound is overdriven: {share:.1%} of it is at full scale."
        yield Defect("clipping", said, at_s, round(share, 4), CLIPPING_SHARE.limit, CLIPPING_SHARE.source)


def _full_share(sound: Array) -> float:
    return float((np.abs(sound) >= FULL).mean()) if len(sound) else 0.0


def _out_of_step(sound: Array, given: Array) -> Iterator[Defect]:
    late_s = max(_lags(sound, given), key=abs, default=0.0)
    if abs(late_s) > OUT_OF_STEP_S.limit:
        way = "late" if late_s > 0 else "early"
        said = f"The sound comes {abs(late_s) * 1000:.0f} ms {way} against the input's."
        yield Defect("out_of_step", said, 0.0, round(late_s, 4), OUT_OF_STEP_S.limit, OUT_OF_STEP_S.source)


def _lags(sound: Array, given: Array) -> list[float]:
    """By how much it comes late at the beginning and at the end; nothing where it is not the input's own sound."""
    length = min(len(sound), len(given))
    window = min(int(WINDOW_S * RATE), length)
    lags = (_lag(sound[at : at + window], given, at) for at in sorted({0, length - window}) if window)
    return [lag for lag in lags if lag is not None]


def _lag(piece: Array, given: Array, at: int) -> float | None:
    """By how many seconds the piece comes late against the same moment of the input; None where it is another sound."""
    reach = int(REACH_S * RATE)
    truth = np.pad(given, (reach, reach))[at : at + len(piece) + 2 * reach]
    size = len(piece) + len(truth)
    shifts = np.arange(min(2 * reach + 1, len(truth)))
    found = np.fft.irfft(np.fft.rfft(truth, size) * np.conj(np.fft.rfft(piece, size)), size)[: len(shifts)]
    energy = np.concatenate([[0.0], np.cumsum(np.square(truth, dtype=np.float64))])
    under = energy[np.minimum(shifts + len(piece), len(truth))] - energy[shifts]
    own = float(np.square(piece, dtype=np.float64).sum())
    likeness = found / np.sqrt(np.maximum(under, own * LEAST_UNDER) * own + 1e-12)
    best = int(np.argmax(likeness))
    if likeness[best] < SAME_SOUND:
        return None
    return 0.0 if likeness[reach] >= AS_GOOD * likeness[best] else (reach - best) / RATE


def heard_of(request: dict[str, Any] | None, length_s: float) -> Array | None:
    """The sound of a file that the request speaks of; None where it has none."""
    if request is None or not request["has_sound"]:
        return None
    return listen(request["path"], request["zero_s"], min(length_s, request["sound_s"]))
