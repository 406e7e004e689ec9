"""Which pictures of a clip are kept: spans, out of what a person asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.errors import InputError
from lib.media.facts import Facts
from lib.media.timing import frame_at, frames_of, moment, timecode


@dataclass(frozen=True, slots=True)
class Span:
    """The pictures from `first` up to, not including, `end`."""

    first: int
    end: int

    @property
    def frames(self) -> int:
        return self.end - self.first


def span(
    facts: Facts,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    start_frame: int | None = None,
    end_frame: int | None = None,
) -> Span:
    """The span that was asked for; a frame number wins over seconds, an end past the clip's means its end.

    Raises InputError, with the field, where nothing would be left.
    """
    frames = frames_of(facts)
    first = start_frame if start_frame is not None else frame_at(start_s or 0.0, facts)
    end = end_frame if end_frame is not None else frames if end_s is None else frame_at(end_s, facts)
    end = min(end, frames)
    if first >= frames:
        name = "start_s" if start_frame is None else "start_frame"
        raise _nothing(name, f"The clip ends at {facts.duration_s:.2f} s (picture {frames}).")
    if first >= end:
        name = "end_s" if end_frame is None else "end_frame"
        raise _nothing(name, "The end must come after the start.")
    return Span(first, end)


def part(facts: Facts, start: str, end: str | None = None) -> Span:
    """The span between two moments as people write them; without `end`, to the end of the clip.

    Raises InputError with the field "start" or "end".
    """
    first = _read("start", start, facts)
    last = frames_of(facts) if end is None else _read("end", end, facts)
    if first >= frames_of(facts):
        raise _nothing("start", f"The clip ends at {timecode(frames_of(facts), facts)}.")
    if first >= last:
        raise _nothing("end", "The end must come after the start.")
    return Span(first, last)


def without(facts: Facts, removed: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of a clip when those parts go."""
    left, at = list[Span](), 0
    for one in sorted(removed, key=lambda span: span.first):
        if one.first > at:
            left.append(Span(at, one.first))
        at = max(at, one.end)
    return (*left, Span(at, frames_of(facts))) if at < frames_of(facts) else tuple(left)


def _read(name: str, text: str, facts: Facts) -> int:
    try:
        return moment(text, facts)
    except InputError as error:
        raise InputError(error.message, hint=error.hint, fields={name: error.message}) from error


def _nothing(name: str, message: str) -> InputError:
    return InputError(f"Nothing would be left: {message}", hint="Choose another part.", fields={name: message})
