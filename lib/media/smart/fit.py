"""One clip encoded so that its pictures can follow those of another, without its sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from lib.media import graph
from lib.media.colour import colours_of, mapped, numbers_of, scaling, toned
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.fit.rate import resampled
from lib.media.fit.size import placed
from lib.media.kept import PLAIN, form_of, is_deep
from lib.media.promise import Place
from lib.media.timing import frames_of, rate_of

ENCODERS: dict[str, dict[str, Any]] = {
    "libx264": graph.H264,
    "libvpx-vp9": {"c:v": "libvpx-vp9", "crf": 18, "b:v": 0, "deadline": "realtime", "cpu-used": 5, "threads": 2},
    "libsvtav1": {"c:v": "libsvtav1", "preset": 9, "crf": 18, "svtav1-params": "lp=2"},
}
LEAST_TIMESCALE = 10_000


@dataclass(frozen=True, slots=True)
class Form:
    """What a clip is brought to: size, rate and depth of `target`, in that encoder's coding.

    `colour` is primaries, transfer, matrix and full range, as numbers; `number` is what H.264's parameter sets get.
    """

    target: Facts
    encoder: str
    timescale: int
    profile: str
    number: int
    colour: tuple[int, ...] = (2, 2, 2, 0)


def build(path: Path, facts: Facts, form: Form, output: Path, keys: Sequence[int] = ()) -> Command:
    """An MP4 of the clip's pictures in that form, with key pictures at those numbers."""
    rate, length = rate_of(form.target.fps or 25.0), frames_at(facts, form.target)
    stream = resampled(graph.picture_of(graph.opened(path)), facts, rate, length)
    stream = _fitted(stream, facts, form)
    options = ENCODERS[form.encoder] | graph.at_rate(rate) | {"pix_fmt": form.target.pixel_format, "frames:v": length}
    if form.encoder == "libx264":
        options |= {"profile:v": form.profile, "x264-params": f"sps-id={form.number}"}
        options |= graph.few(form.target.width, form.target.height)
    if keys:
        options |= {"force_key_frames": "expr:" + "+".join(f"eq(n,{key})" for key in keys)}
    wrapped = {"video_track_timescale": form.timescale, "f": "mp4"}
    return graph.command([stream], output, [path], length, options | wrapped)


def plain(target: Facts) -> Form:
    """H.264 of that size (even), rate and depth: what every clip can be brought to."""
    width, height = graph.even_size(target)
    even = {"width": width, "height": height, "pixel_format": form_of(target)}
    steady = target.model_copy(update={**even, "shown_at_s": (), "rotation": 0})
    timescale = rate_of(target.fps or 25.0).numerator
    while timescale < LEAST_TIMESCALE:
        timescale *= 2
    return Form(steady, "libx264", timescale, "high10" if is_deep(target) else "high", 0, numbers_of(target))


def frames_at(facts: Facts, target: Facts) -> int:
    """How many pictures the clip has once it runs at the target's rate."""
    rate = rate_of(target.fps or 25.0)
    if not facts.shown_at_s and rate_of(facts.fps or 25.0) == rate:
        return frames_of(facts)
    frames_of(facts)
    return max(round(Fraction(facts.duration_s or 0) * rate), 1)


def place(facts: Facts, target: Facts) -> Place:
    """Where the clip's whole picture lies in one of the target's size: as it is, or as large as fits, between bars."""
    size = (target.width or 2, target.height or 2)
    if (facts.sample_aspect or "1:1") == (target.sample_aspect or "1:1"):
        if size in ((facts.width, facts.height), graph.even_size(facts)):
            return Place(0, 0, facts.width or 2, facts.height or 2)
        facts = facts.model_copy(update={"sample_aspect": None})
    return placed(facts, size, "letterbox")


def tones(facts: Facts, form: Form) -> bool:
    """Whether its pictures get another brightness, as between HDR and the usual range."""
    return toned(colours_of(facts), colours_of(form.target, form.colour))


def _fitted(stream: Any, facts: Facts, form: Form) -> Any:
    size, lies = (form.target.width or 2, form.target.height or 2), place(facts, form.target)
    own, wanted = colours_of(facts), colours_of(form.target, form.colour)
    told = {"out_range": wanted.range} if toned(own, wanted) else scaling(own, wanted)
    stream = stream.filter("scale", lies.width, lies.height, flags="bicubic", **told)
    if lies.width > size[0] or lies.height > size[1]:
        stream = graph.even(stream, facts)
    elif (lies.width, lies.height) != size:
        stream = stream.filter("pad", *size, lies.left, lies.top)
    if toned(own, wanted):
        stream = mapped(stream, own, wanted, form.target.pixel_format or PLAIN)
    # Clips in one track must say the same of their colours, or their parameter sets would differ.
    primaries, transfer, matrix, full = form.colour
    tags = {"color_primaries": primaries, "color_trc": transfer, "colorspace": matrix, "range": 2 if full else 1}
    return stream.filter("setsar", 1).filter("setparams", **tags)
