"""What the probe alone shows to be wrong with a take: length, shape, size, rate, missing sound. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lib.media.facts import Facts
from lib.media.gates.defect import Defect, Expected
from lib.media.gates.rules import ASPECT_SHARE, DURATION_S, DURATION_SHARE, FPS_SHARE, SIZE_SHARE, Rule


def faults(facts: Facts, expected: Expected) -> Iterator[Defect]:
    """What is not as expected; what nobody expected is not judged."""
    yield from _length(facts, expected)
    yield from _shape(facts, expected)
    if facts.fps and expected.fps and (off := _off(facts.fps, expected.fps)) > FPS_SHARE.limit:
        said = f"It has {facts.fps:.4g} pictures a second in place of {expected.fps:.4g}."
        yield _defect("fps", said, off, FPS_SHARE)
    if expected.has_sound and not facts.has_sound:
        yield Defect("no_sound", "There is no sound.", None, 0, 1, "tracks of sound; there should be one")


def _length(facts: Facts, expected: Expected) -> Iterator[Defect]:
    is_s = facts.duration_s if facts.duration_s is not None else facts.audio_duration_s
    if is_s is None or not expected.duration_s:
        return
    off = _off(is_s, expected.duration_s)
    if off > DURATION_SHARE.limit and abs(is_s - expected.duration_s) > DURATION_S:
        said = f"It lasts {is_s:.2f} s in place of {expected.duration_s:.2f} s."
        yield _defect("duration", said, off, DURATION_SHARE)


def _shape(facts: Facts, expected: Expected) -> Iterator[Defect]:
    """The wrong shape, or the right one in another size."""
    if not facts.width or not facts.height:
        return
    if expected.shape and (off := _off(facts.width / facts.height, expected.shape)) > ASPECT_SHARE.limit:
        wanted = f"{expected.width} x {expected.height}" if expected.width else f"{expected.shape:.2f} to 1"
        said = f"It is {facts.width} x {facts.height}, which has not the shape of {wanted}."
        yield _defect("aspect", said, off, ASPECT_SHARE)
        return
    if not expected.width or not expected.height:
        return
    off = max(_off(facts.width, expected.width), _off(facts.height, expected.height))
    if off > SIZE_SHARE.limit:
        said = f"It is {facts.width} x {facts.height} in place of {expected.width} x {expected.height}."
        yield _defect("size", said, off, SIZE_SHARE)


def _off(measured: float, wanted: float) -> float:
    return abs(measured - wanted) / wanted


def _defect(kind: str, said: str, off: float, rule: Rule) -> Defect:
    return Defect(kind, said, None, round(off, 4), rule.limit, rule.source)  # type: ignore[arg-type]
