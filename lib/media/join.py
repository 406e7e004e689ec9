"""Clips one after the other, in the size and rate of the first."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import ffmpeg

from lib.errors import InputError
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.timing import frames_of, rate_of

Clip = tuple[Path, Facts]


def build(clips: Sequence[Clip], output: Path) -> Command:
    """An MP4 of all clips, encoded anew: each clip's sound is cut or padded to its pictures, so nothing drifts.

    A clip of another shape is fitted into the first one's with black bars; a silent one gets silence.
    """
    if not clips:
        raise InputError("There is nothing to join.", hint="Choose at least one clip.")
    first = clips[0][1]
    rate = rate_of(first.fps or 25.0)
    lengths = [_frames_at(facts, rate) for _, facts in clips]
    loud = any(facts.has_sound for _, facts in clips)
    borders = [round(Fraction(frame) / rate * graph.SOUND_RATE) for frame in accumulate(lengths, initial=0)]
    parts: list[Any] = []
    for place, ((path, facts), length, (begin, end)) in enumerate(zip(clips, lengths, pairwise(borders), strict=True)):
        source = graph.opened(path, place=place)
        parts.append(_fitted(_picture(graph.picture_of(source), facts, rate, length), facts, first))
        if loud:
            parts.append(
                _sound(graph.sound_of(source, facts) if facts.has_sound else graph.silence(place), end - begin)
            )
    joined = ffmpeg.concat(*parts, v=1, a=int(loud)).node
    options = graph.H264 | graph.at_rate(rate) | (graph.AAC if loud else {}) | {"frames:v": sum(lengths)}
    marks = graph.marked(facts for _, facts in clips)
    streams = [joined[number] for number in range(1 + loud)]
    return graph.command(streams, output, [path for path, _ in clips], sum(lengths), options | graph.MP4 | marks)


def _frames_at(facts: Facts, rate: Fraction) -> int:
    """How many pictures the clip has once it runs at `rate`."""
    if not facts.shown_at_s and rate_of(facts.fps or 25.0) == rate:
        return frames_of(facts)
    frames_of(facts)
    return max(round(Fraction(facts.duration_s or 0) * rate), 1)


def _picture(stream: Any, facts: Facts, rate: Fraction, length: int) -> Any:
    """Exactly `length` pictures at the target's rate (rate before size: fewer pictures to scale)."""
    if facts.shown_at_s or rate_of(facts.fps or 25.0) != rate:
        stream = stream.filter("setpts", "PTS-STARTPTS").filter("fps", f"{rate.numerator}/{rate.denominator}")
    # The last picture is held where resampling lost it.
    stream = stream.filter("tpad", stop_mode="clone", stop=-1).filter("trim", end_frame=length)
    return graph.steady(stream, rate)


def _fitted(stream: Any, facts: Facts, first: Facts) -> Any:
    width, height = graph.even_size(first)
    if (facts.width, facts.height) == (first.width, first.height):
        fitted = graph.even(stream, facts)
    else:
        scaled = stream.filter("scale", width, height, force_original_aspect_ratio="decrease", flags="bicubic")
        fitted = scaled.filter("pad", width, height, "(ow-iw)/2", "(oh-ih)/2")
    return fitted.filter("setsar", 1).filter("format", "yuv420p")


def _sound(heard: Any, length: int) -> Any:
    return graph.exactly(heard.filter("aformat", sample_fmts="fltp", channel_layouts="stereo"), length)
