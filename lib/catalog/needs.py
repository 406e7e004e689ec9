"""What operations ask of their files beyond types: one table of limits, each with its source. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.catalog import wan
from lib.catalog.expected import Between, just
from lib.catalog.form import fields
from lib.catalog.gives.films import SHAPES
from lib.catalog.need import Bound, Files, Measure, Missed, Need, judged
from lib.media.limits import MAX_PIXELS

CLOSE_S = 0.25
"""Sound and picture that differ by less are taken to fit."""
CLOSE_SHAPE = 0.03


def missed(operation: str, made: Any, files: Files) -> list[Missed]:
    """The needs of that operation which these values and files do not meet."""
    found = (judged(need, made, files) for need in NEEDS.get(operation, ()) if need.when(made))
    return [one for one in found if one is not None]


def _of(path: str, fact: str) -> Measure:
    """That fact of the file at that path."""
    return lambda made, files: getattr(files[path], fact) if path in files else None


def _number(value: float) -> Bound:
    return lambda made, files: value


def _set(name: str) -> Bound:
    """The value of that field; None where it is left open."""
    return lambda made, files: getattr(made, name)


def _at_rate(made: Any, files: Files) -> Between | None:
    """How many pictures the clip has at the rate that is asked for."""
    clip = files.get("video_url")
    if clip is None or made.match_input_frames_per_second or clip.duration_s is None:
        return clip.frames if clip else None
    rate = made.frames_per_second
    return clip.duration_s.to(lambda lasts: float(round(lasts * rate)))


def _sound_past(made: Any, files: Files) -> Between | None:
    """By how many seconds the sound outlasts the picture."""
    picture, sound = (files[name].duration_s if name in files else None for name in ("video_url", "audio_url"))
    if picture is None or sound is None:
        return None
    starts_s = getattr(made, "start_offset", None) or 0.0
    past = Between(sound.low + starts_s - picture.high, sound.high + starts_s - picture.low)
    return past.to(lambda seconds: max(seconds, 0.0))


def _shape(made: Any, files: Files) -> Between | None:
    """The clip's shape as a part of the wanted one; 1 where they are the same."""
    wanted, clip = SHAPES.get(made.aspect_ratio), files.get("video_url")
    ratio = clip.ratio if clip else None
    return just(ratio.low / wanted) if ratio and wanted else None


def _pictures(made: Any, files: Files) -> float | None:
    """How many pictures the clip has, at most."""
    clip = files.get("video_url")
    return clip.frames.high if clip and clip.frames else None


def _past_units(made: Any, files: Files) -> Between:
    """How many pictures there are beyond MAGI's last full billing unit."""
    return just((made.num_frames - 96) % 24)


def _enlarged(made: Any, files: Files) -> Between | None:
    clip = files.get("video_url")
    if clip is None or clip.width is None or clip.height is None:
        return None
    times = made.scale**2
    return Between(clip.width.low * clip.height.low * times, clip.width.high * clip.height.high * times)


def _field(model: Any, name: str) -> tuple[float, float]:
    """The bounds of that field."""
    spec = next(one for one in fields(model) if one.name == name)
    assert spec.minimum is not None
    assert spec.maximum is not None
    return spec.minimum, spec.maximum


_WAN_SOURCE = "document 003, page 2"
_FRAMES, _RATES = (_field(wan.FAMILY.operations[0].input, name) for name in ("num_frames", "frames_per_second"))
_WAN = (
    Need(
        rule="frames", field="video_url", level="error", measured=_of("video_url", "frames"),
        least=_number(_FRAMES[0]), most=_number(_FRAMES[1]), when=lambda made: bool(made.match_input_num_frames),
        said="The clip has {have} pictures, and as many shall be made: {least} to {most} are possible.",
        hint="Make the clip fit, or let num_frames decide.",
        source=f"{_WAN_SOURCE}: num_frames must be between 81 to 241 (inclusive)",
    ),
    Need(
        rule="rate", field="video_url", level="error", measured=_of("video_url", "fps"),
        least=_number(_RATES[0]), most=_number(_RATES[1]), slack=0.01,
        when=lambda made: bool(made.match_input_frames_per_second),
        said="The clip has {have} pictures a second, and as many shall be made: {least} to {most} are possible.",
        hint="Bring the clip to another rate, or let frames_per_second decide.",
        source=f"{_WAN_SOURCE}: frames_per_second must be between 5 to 30",
    ),
    Need(
        rule="too-few", field="video_url", level="warning", measured=_at_rate, least=_set("num_frames"), slack=1,
        when=lambda made: not made.match_input_num_frames,
        said="{least} pictures shall be made after a clip of {have}: nothing leads the rest.",
        hint="Make the clip longer.", source=f"{_WAN_SOURCE}: num_frames decides how many are made",
    ),
    Need(
        rule="too-many", field="video_url", level="note", measured=_at_rate, most=_set("num_frames"), slack=1,
        when=lambda made: not made.match_input_num_frames,
        said="{most} pictures will be made after a clip of {have}.",
        hint="Raise num_frames, or trim the clip to what you want of it.",
        source=f"{_WAN_SOURCE}: num_frames decides how many are made",
    ),
)  # fmt: skip


def _shape_need(source: str) -> Need:
    return Need(
        rule="shape", field="video_url", level="warning", measured=_shape, least=_number(1), most=_number(1),
        slack=CLOSE_SHAPE, said="The clip has another shape than the result: what is too much is cut off.",
        hint="Crop it yourself where it matters, or choose the shape of the clip.", source=source,
    )  # fmt: skip


def _sound_need(source: str) -> Need:
    return Need(
        rule="sound-longer", field="audio_url", level="warning", measured=_sound_past, most=_number(0), slack=CLOSE_S,
        said="The sound goes on for {have} s after the picture has ended.",
        hint="Make the picture longer, or the sound shorter.", source=source,
    )  # fmt: skip


_WAN_SHAPE = _shape_need(f"{_WAN_SOURCE}: aspect_ratio of the generated video; what happens to another is not said")
_MAGI = (
    Need(
        rule="prefix", field="video_url", level="error", measured=_of("video_url", "frames"), least=_number(33),
        when=lambda made: made.start_frame is None,
        said="The clip has {have} pictures; it goes on from 32 before the end, so it needs {least}.",
        hint="Make the clip longer, or choose the start frame.",
        source="document 003, page 4: the default start frame is 32 frames before the end of the video",
    ),
    Need(
        rule="start", field="start_frame", level="error", measured=lambda made, files: just(made.start_frame),
        most=_pictures,
        when=lambda made: made.start_frame is not None,
        said="The clip has only {most} pictures; it cannot go on from number {have}.",
        hint="Choose an earlier one, or leave it open.",
        source="document 003, page 4: the final video contains the frames up until this number",
    ),
    Need(
        rule="units", field="num_frames", level="warning", measured=_past_units, most=_number(0),
        said="This is paid like the next full step of 24 beyond 96, which would be longer.",
        hint="Take 96, 120, 144, 168 or 192.",
        source="document 003, page 4: each additional 24 frames beyond 96 is one more billing unit",
    ),
    _shape_need("document 003, page 4: a video of another aspect ratio is resized and center cropped"),
)  # fmt: skip
_MAGI_UNITS = (_MAGI[2],)
_LYRA = (
    Need(
        rule="beyond", field="video_url", level="warning", measured=_of("video_url", "frames"),
        most=_set("max_frames"), said="The clip has {have} pictures; those beyond {most} are ignored.",
        hint="Raise max_frames, or trim the clip.", source="document 000: additional frames are ignored",
    ),
)  # fmt: skip
_ANIMATEDIFF = (
    Need(
        rule="seconds", field="video_url", level="warning", measured=_of("video_url", "duration_s"),
        most=_set("first_n_seconds"), slack=CLOSE_S, said="The clip lasts {have} s; only its first {most} s are used.",
        hint="Raise first_n_seconds, or trim the clip.",
        source="document 003, page 8: the first N number of seconds of video to animate",
    ),
)  # fmt: skip
_UPSCALER = (
    Need(
        rule="pixels", field="scale", level="error", measured=_enlarged, most=_number(MAX_PIXELS),
        said="The result would have {have} pixels; {most} are the most that can be opened here.",
        hint="Choose a smaller scale, or make the clip smaller before.",
        source="Dailies opens pictures of up to 16.7 million pixels",
    ),
)  # fmt: skip

NEEDS: Mapping[str, tuple[Need, ...]] = {
    **{f"fal-ai/wan-vace-14b{task}": (*_WAN, _WAN_SHAPE) for task in ("", "/depth", "/pose", "/inpainting")},
    **{f"fal-ai/wan-vace-14b{task}": _WAN for task in ("/outpainting", "/reframe")},
    "fal-ai/magi/extend-video": _MAGI,
    "fal-ai/magi": _MAGI_UNITS,
    "fal-ai/magi/image-to-video": _MAGI_UNITS,
    "fal-ai/lyra-2/splat": _LYRA,
    "fal-ai/fast-animatediff/turbo/video-to-video": _ANIMATEDIFF,
    "fal-ai/video-upscaler": _UPSCALER,
    "fal-ai/pixverse/lipsync": (_sound_need("document 003, page 5: whether the result lasts as long is not said"),),
    "fal-ai/ffmpeg-api/merge-audio-video": (
        _sound_need("document 003, page 6: whether the result lasts as long is not said"),
    ),
}
