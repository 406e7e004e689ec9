"""Parts of a clip in one result, all encoded anew: for what cannot be cut by copying."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg

from lib.media import graph
from lib.media.colour import as_seen
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.timing import rate_of, shown_at
from lib.media.trim import Span


def build(path: Path, facts: Facts, output: Path, parts: Sequence[Span], crf: int = graph.CRF) -> Command:
    """An MP4 of exactly those pictures (parts ascending) and the sound that belongs to them."""
    first = parts[0].first
    seek = graph.seek_s(first, facts)
    picture = graph.from_frame(graph.picture_of(graph.opened(path, seek)), first, facts, seek)
    inside = "+".join(f"between(n,{part.first - first},{part.end - first - 1})" for part in parts)
    # It stops reading after the last one; the pictures between the parts are decoded and dropped.
    picture = picture.filter("trim", end_frame=parts[-1].end - first).filter("select", inside)
    timing = {"fps_mode": "passthrough"}
    if facts.shown_at_s:
        picture = picture.filter("settb", "1/1000000").filter("setpts", f"PTS-STARTPTS-({_removed_s(facts, parts)})/TB")
    else:
        rate = rate_of(facts.fps or 25.0)
        picture, timing = graph.steady(picture, rate), graph.at_rate(rate)
    streams = [
        as_seen(graph.even(picture, facts), facts, facts.height),
        *([_sound(path, facts, parts)] if facts.has_sound else []),
    ]
    frames = sum(part.frames for part in parts)
    options = graph.h264(facts, crf) | timing | (graph.AAC if facts.has_sound else {})
    return graph.command(streams, output, [path], frames, options | graph.MP4 | graph.marked([facts]))


def _removed_s(facts: Facts, parts: Sequence[Span]) -> str:
    """The seconds that are gone before a picture, as an expression of its number N in the result."""
    expression, count, removed = "0", 0, Fraction(0)
    for earlier, later in pairwise(parts):
        count += earlier.frames
        removed += shown_at(later.first, facts) - shown_at(earlier.end, facts)
        expression = f"if(lt(N,{count}),{expression},{graph.seconds(removed)})"
    return expression


def _sound(path: Path, facts: Facts, parts: Sequence[Span]) -> Any:
    """The parts' sound, one after the other; each is as long as its pictures."""
    rate_hz = facts.sample_rate or graph.SOUND_RATE
    pieces = []
    for place, part in enumerate(parts, 1):
        seek = graph.seek_s(part.first, facts)
        source = graph.opened(path, seek, place=place)
        pieces.append(graph.cut_sound(source, facts, part.first, part.end, seek=seek, rate=rate_hz))
    if len(pieces) == 1:
        return pieces[0]
    # Counted anew: the pieces' own times may overlap by what one of them was padded.
    return ffmpeg.concat(*pieces, v=0, a=1).filter("asetpts", "N/SR/TB")
