"""What is wrong with a file that can be read all the same, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from statistics import median_low
from typing import Any

from lib.media.packets import Span

LONG_S = 2.0  # a picture that stands that long, and MANY times longer than most, is told
MANY = 10
HOLE_S = 0.1
APART_S = 0.5  # by how much sound and picture may differ in length before it is told
ESTIMATED = ("aac", "mp3", "mpegts")  # containers whose length is a guess until all is read
PACKET_SIZES = (188, 192, 204)  # of an MPEG transport stream, by its kind


def faults(container: Any, size: int, video: tuple[Any, Span] | None, audio: tuple[Any, Span] | None) -> list[str]:
    """What the container and the packets of its tracks (stream and span each) show to be wrong."""
    found = list(_of_container(container, size, [track for track in (video, audio) if track]))
    if video:
        found += _of_pictures(*video)
    if audio:
        found += _of_sound(*audio)
    if video and audio and video[1].starts and audio[1].starts:
        found += _of_both(_ends_s(*video), _ends_s(*audio))
    return found


def _of_container(container: Any, size: int, tracks: list[tuple[Any, Span]]) -> Iterator[str]:
    name = container.format.name
    stated_s = (container.duration or 0) / 1_000_000
    if not stated_s and name != "gif":
        yield "The file does not say how long it is."
    begin_s = (container.start_time or 0) / 1_000_000
    last_s = max((_ends_s(*track)[1] for track in tracks), default=0.0) - begin_s
    if name not in ESTIMATED and stated_s - last_s > max(APART_S, stated_s / 50):
        yield f"The file says that it is {stated_s:.1f} s long, but ends after {max(last_s, 0.0):.1f} s."
    if name == "mpegts" and all(size % length for length in PACKET_SIZES):
        yield "The file ends in the middle of a packet: its end is missing."


def _of_pictures(stream: Any, span: Span) -> Iterator[str]:
    yield from _of_packets("Pictures", stream, span)
    if span.opens is False:
        yield "The first picture needs others that are missing; the clip was cut out of a longer one."
    starts = sorted(span.starts)
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    if not gaps:
        return
    longest = max(gaps)
    if longest * stream.time_base >= LONG_S and longest > MANY * median_low(gaps):
        at = starts[gaps.index(longest)] - starts[0]
        yield f"One picture stands still for {_seconds(longest, stream)}, {_seconds(at, stream)} after the first."
    if same := gaps.count(0):
        yield f"{same} {'picture has' if same == 1 else 'pictures have'} the time of another one."


def _of_sound(stream: Any, span: Span) -> Iterator[str]:
    yield from _of_packets("Pieces of sound", stream, span)
    at, length = span.hole
    if length * stream.time_base >= HOLE_S:
        yield f"The sound has a hole of {_seconds(length, stream)}, {_seconds(at - span.starts[0], stream)} in."


def _of_packets(what: str, stream: Any, span: Span) -> Iterator[str]:
    if span.untimed:
        yield f"{what} carry no time ({span.untimed} of {len(span.starts)})."
    if span.damaged:
        yield f"{what} are damaged ({span.damaged} of {len(span.starts)})."
    if span.back is not None:
        yield f"{what} come with times that jump back, to {_seconds(span.back, stream)}."


def _of_both(picture_s: tuple[float, float], sound_s: tuple[float, float]) -> Iterator[str]:
    for word, late in (("begins", sound_s[0] - picture_s[0]), ("ends", sound_s[1] - picture_s[1])):
        if abs(late) > APART_S:
            yield f"The sound {word} {abs(late):.1f} s {'after' if late > 0 else 'before'} the picture."


def _ends_s(stream: Any, span: Span) -> tuple[float, float]:
    return float(min(span.starts, default=0) * stream.time_base), float(span.end * stream.time_base)


def _seconds(ticks: int, stream: Any) -> str:
    return f"{float(ticks * stream.time_base):.1f} s"
