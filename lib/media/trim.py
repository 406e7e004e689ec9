"""A part of a clip, exact to the picture and the sample."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib.errors import InputError
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.timing import frame_at, frames_of, rate_of


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


def build(path: Path, facts: Facts, output: Path, part: Span) -> Command:
    """An MP4 of exactly those pictures and the sound that belongs to them, encoded anew."""
    seek = graph.seek_s(part.first, facts)
    source = graph.opened(path, seek)
    picture = graph.from_frame(graph.picture_of(source), part.first, facts, seek).filter("trim", end_frame=part.frames)
    timing = {"fps_mode": "passthrough"}
    if facts.shown_at_s:
        picture = picture.filter("setpts", "PTS-STARTPTS")
    else:
        rate = rate_of(facts.fps or 25.0)
        picture, timing = graph.steady(picture, rate), graph.at_rate(rate)
    streams = [graph.even(picture, facts)]
    if facts.has_sound:
        rate_hz = facts.sample_rate or graph.SOUND_RATE
        streams.append(graph.cut_sound(source, facts, part.first, part.end, seek=seek, rate=rate_hz))
    options = graph.H264 | timing | {"frames:v": part.frames} | (graph.AAC if facts.has_sound else {})
    return graph.command(streams, output, [path], part.frames, options | graph.MP4 | graph.marked([facts]))


def _nothing(name: str, message: str) -> InputError:
    return InputError(f"Nothing would be left: {message}", hint="Choose another part.", fields={name: message})
