"""What each endpoint takes of a clip: read off its own input, and the few rules that its fields cannot say.

What a document states or a field bounds is asked for, and beyond that only the step in which a model family counts its
pictures, which says of itself that no document states it. Where an endpoint states nothing, a clip is only given the
form that every endpoint reads: H.264 4:2:0 with AAC sound, even sides, square pixels, an even rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from pydantic import BaseModel

from lib.catalog import amt, animatediff, ffmpeg_api, ltx, luma, lyra, magi, pixverse, upscaler, wan
from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Endpoint
from lib.catalog.pixverse.extend import EXTEND, EXTEND_FAST
from lib.media.facts import CODECS, Facts
from lib.media.fit.rate import count, length_of, rate_in
from lib.media.fit.remake import Form
from lib.media.fit.size import even, shape
from lib.media.kept import lost


@dataclass(frozen=True, slots=True)
class Takes:
    """What an endpoint takes of a clip; None where it does not matter.

    Frames are `frames_step` n + 1 where there is a step. `short_side` is the largest that is of
    use. `why` gives the source of each rule that is set, by its name.
    """

    why: Mapping[str, str]
    fps: Fraction | None = None
    least_frames: int | None = None
    most_frames: int | None = None
    frames_step: int | None = None
    longest_s: float | None = None
    short_side: int | None = None


BEFORE_END = 32  # MAGI's document: "The default start frame is 32 frames before the end of the video"
USUAL = "not stated by fal, but usual for this family"


def spec(model: type[BaseModel], name: str) -> FieldSpec:
    """The field of that name, with its bounds and default."""
    return next(one for one in fields(model) if one.name == name)


def _lines(model: type[BaseModel]) -> int:
    """The largest of its resolutions: 720 for "480p" and "720p"."""
    return max(int(str(choice).removesuffix("p")) for choice in spec(model, "resolution").choices)


def _wan(model: type[BaseModel]) -> Takes:
    frames, rate = spec(model, "num_frames"), spec(model, "frames_per_second")
    assert frames.minimum is not None
    assert frames.maximum is not None
    return Takes(
        {
            "fps": f"the endpoint works at {rate.default} pictures a second unless told otherwise",
            "least_frames": f"“{frames.title}” is {frames.minimum:g} to {frames.maximum:g}",
            "most_frames": f"“{frames.title}” is {frames.minimum:g} to {frames.maximum:g}",
            "frames_step": f"Wan makes pictures in fours and one more, as 81; {USUAL}",
            "short_side": "the highest resolution is 720p",
        },
        fps=Fraction(rate.default), least_frames=int(frames.minimum), most_frames=int(frames.maximum), frames_step=4,
        short_side=_lines(model),
    )  # fmt: skip


def _magi() -> Takes:
    begin = spec(magi.ExtendVideoInput, "start_frame")
    return Takes(
        {
            "least_frames": f"“{begin.title}” is {BEFORE_END} frames before the end unless told otherwise, "
            "so there must be one more",
            "short_side": "the highest resolution is 720p",
        },
        least_frames=BEFORE_END + 1, short_side=_lines(magi.ExtendVideoInput),
    )  # fmt: skip


def _ltx() -> Takes:
    clip, frames = ltx.VideoConditioningInput, spec(ltx.MulticonditioningInput, "num_frames")
    assert frames.minimum is not None
    most, rate = spec(clip, "max_num_frames"), spec(clip, "target_fps")
    return Takes(
        {
            "fps": f"“{rate.title}” of a conditioning clip is {rate.default}",
            "least_frames": f"“{frames.title}” is at least {frames.minimum:g}",
            "most_frames": f"“{most.title}” of a conditioning clip is {most.default}",
            "frames_step": f"LTX makes pictures in eights and one more, as 121; {USUAL}",
            "short_side": "the highest resolution is 720p",
        },
        fps=Fraction(rate.default), least_frames=int(frames.minimum), most_frames=most.default,
        frames_step=8, short_side=_lines(ltx.MulticonditioningInput),
    )  # fmt: skip


def _lyra() -> Takes:
    most = spec(lyra.SplatInput, "max_frames")
    return Takes({"most_frames": f"“{most.title}” is {most.default}; more are ignored"}, most_frames=most.default)


def _animatediff() -> Takes:
    longest = spec(animatediff.VideoToVideoInput, "first_n_seconds")
    why = f"“{longest.title}” is {longest.default:g}; the rest is not used"
    return Takes({"longest_s": why}, longest_s=longest.default)


def _extend(model: type[BaseModel]) -> Takes:
    most = _lines(model)
    return Takes({"short_side": f"the highest resolution is {most}p"}, short_side=most)


ANYTHING = Takes({})
"""For endpoints whose documents state no limit on the clip."""

RULES: Mapping[str, Takes] = {
    **{one.id: _wan(one.input) for one in wan.FAMILY.operations},
    magi.FAMILY.operations[0].id: _magi(),
    ltx.FAMILY.operations[0].id: _ltx(),
    "fal-ai/lyra-2/splat": _lyra(),
    animatediff.FAMILY.operations[0].id: _animatediff(),
    **{one.id: _extend(one.input) for one in (EXTEND, EXTEND_FAST)},
}
_FAMILIES = (lyra, luma, wan, ltx, magi, pixverse, animatediff, upscaler, amt, ffmpeg_api)


def clip_endpoints() -> dict[str, Endpoint]:
    """The endpoints that take a clip, by id: those with a video field, also inside a list of objects."""
    every = (endpoint for family in _FAMILIES for endpoint in family.FAMILY.operations)
    return {endpoint.id: endpoint for endpoint in every if any(_takes_clip(one) for one in fields(endpoint.input))}


def _takes_clip(one: FieldSpec) -> bool:
    return one.media == "video" or any(map(_takes_clip, one.item))


def takes(endpoint: str) -> Takes:
    return RULES.get(endpoint, ANYTHING)


def fitting(facts: Facts, rule: Takes) -> tuple[Form, list[str]]:
    """The form in which the clip fits, and what that changes and why, in sentences."""
    said: list[str] = []
    own = rate_in(facts)
    rate = rule.fps or own
    if rate != own or facts.shown_at_s:
        why = rule.why.get("fps", "its rate varied, and endpoints count pictures")
        said.append(f"Rate: {float(own):.6g} to {float(rate):.6g} pictures a second ({why}).")
    is_frames = count(length_of(facts), rate)
    frames, name = _frames(is_frames, rate, rule)
    if frames != is_frames:
        how = "the last one is held" if frames > is_frames else "the end is cut off"
        said.append(f"Pictures: {is_frames} to {frames}, {how} ({rule.why[name]}).")
    size, why = _size(facts, rule)
    if size != (facts.width, facts.height):
        said.append(f"Size: {facts.width} x {facts.height} to {size[0]} x {size[1]} ({why}).")
    said += _coding(facts)
    return Form(rate=rate, frames=frames, size=size, how="crop", plain=True), said


def _frames(frames: int, rate: Fraction, rule: Takes) -> tuple[int, str]:
    """The nearest number that it takes, fewer rather than more, and the rule that decided last."""
    found, name = frames, ""
    longest = int(rule.longest_s * rate) if rule.longest_s else None
    for its_name, most in (("longest_s", longest), ("most_frames", rule.most_frames)):
        if most and found > most:
            found, name = most, its_name
    if rule.frames_step and (found - 1) % rule.frames_step:
        found, name = found - (found - 1) % rule.frames_step, "frames_step"
    if rule.least_frames and found < rule.least_frames:
        found, name = rule.least_frames, "least_frames"
    return found, name


def _size(facts: Facts, rule: Takes) -> tuple[tuple[int, int], str]:
    height = Fraction(facts.height or 2)
    width, why = height * shape(facts), "sides must be even and pixels square"
    if rule.short_side and min(width, height) > rule.short_side:
        smaller = rule.short_side / min(width, height)
        width, height, why = width * smaller, height * smaller, rule.why["short_side"]
    return (even(width), even(height)), why


def _coding(facts: Facts) -> Iterator[str]:
    if facts.video_codec != "h264":
        name = CODECS.get(facts.video_codec or "", facts.video_codec)
        yield f"Coding: {name} to H.264, which every endpoint reads."
    yield from lost(facts, plain=True)
    if facts.has_sound and facts.audio_codec != "aac":
        yield f"Sound: {CODECS.get(facts.audio_codec or '', facts.audio_codec)} to AAC."
    if facts.rotation:
        yield f"Turned by {facts.rotation} degrees in the picture itself, no longer by its metadata."
