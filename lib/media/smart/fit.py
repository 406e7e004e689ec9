"""One clip encoded so that its pictures can follow those of another, without its sound."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.timing import frames_of, rate_of

ENCODERS: dict[str, dict[str, Any]] = {
    "libx264": graph.H264,
    "libvpx-vp9": {"c:v": "libvpx-vp9", "crf": 18, "b:v": 0, "deadline": "realtime", "cpu-used": 5, "threads": 2},
    "libsvtav1": {"c:v": "libsvtav1", "preset": 9, "crf": 18, "svtav1-params": "lp=2"},
}


def build(
    path: Path, facts: Facts, target: Facts, output: Path, encoder: str, *, timescale: int, profile: str, number: int
) -> Command:
    """An MP4 in the size, rate and coding of `target`; `number` is what its H.264 parameter sets are called."""
    rate, length = rate_of(target.fps or 25.0), frames_at(facts, target)
    stream = graph.picture_of(graph.opened(path))
    if facts.shown_at_s or rate_of(facts.fps or 25.0) != rate:
        stream = stream.filter("setpts", "PTS-STARTPTS").filter("fps", f"{rate.numerator}/{rate.denominator}")
    # The last picture is held where resampling lost it.
    stream = stream.filter("tpad", stop_mode="clone", stop=-1).filter("trim", end_frame=length)
    stream = graph.steady(_fitted(stream, facts, target), rate)
    options = ENCODERS[encoder] | graph.at_rate(rate) | {"pix_fmt": target.pixel_format, "frames:v": length}
    if encoder == "libx264":
        options |= {"profile:v": profile, "x264-params": f"sps-id={number}"}
    return graph.command([stream], output, [path], length, options | {"video_track_timescale": timescale, "f": "mp4"})


def frames_at(facts: Facts, target: Facts) -> int:
    """How many pictures the clip has once it runs at the target's rate."""
    rate = rate_of(target.fps or 25.0)
    if not facts.shown_at_s and rate_of(facts.fps or 25.0) == rate:
        return frames_of(facts)
    frames_of(facts)
    return max(round(Fraction(facts.duration_s or 0) * rate), 1)


def _fitted(stream: Any, facts: Facts, target: Facts) -> Any:
    width, height = target.width or 2, target.height or 2
    if (facts.width, facts.height) == (width, height):
        return stream.filter("setsar", 1)
    scaled = stream.filter("scale", width, height, force_original_aspect_ratio="decrease", flags="bicubic")
    return scaled.filter("pad", width, height, "(ow-iw)/2", "(oh-ih)/2").filter("setsar", 1)
