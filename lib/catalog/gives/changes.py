"""What the endpoints will give that change a clip, or put sound on it: rules read from their documents."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lib.catalog.expected import Between, Expected, filmed, just
from lib.catalog.gives.films import MAGI_FPS, RATE, SHORT, USUAL_FPS, Files, Rule, even, shaped, sides, sized
from lib.catalog.wan.shared import NUM_FRAMES_LIMIT

UNKNOWN = Expected(kind="video")
SAME = "taken to stay as it is in the clip; no page says otherwise"
MAGI_BACK = 32
LETTERS_A_SECOND = (25, 10)


def extend(made: Any, files: Files) -> dict[str, Expected]:
    """PixVerse: five or eight seconds more, after the clip or alone; which of them is nowhere said."""
    clip, more_s = files.get("video_url", UNKNOWN), int(getattr(made, "duration", 5))
    length_s = Between(more_s, clip.duration_s.high + more_s) if clip.duration_s else None
    ratio = clip.ratio.low if clip.ratio else None
    made_clip = filmed(
        f"{more_s} s more, after the clip or alone: no page says which", duration_s=length_s, fps=_rate(clip),
        size=sized(made.resolution, ratio), made_by="pixverse", why=SHORT | RATE,
    )  # fmt: skip
    return {"video": made_clip}


def magi_extend(made: Any, files: Files) -> dict[str, Expected]:
    clip = files.get("video_url", UNKNOWN)
    start = None
    if made.start_frame is not None:
        start = just(made.start_frame)
    elif clip.frames is not None:
        start = clip.frames.to(lambda frames: max(frames - MAGI_BACK, 0))
    rate = just(MAGI_FPS) | clip.fps if clip.fps else None
    made_clip = filmed(
        "document 003, page 4: the clip up to start_frame, then num_frames", fps=rate,
        frames=start.to(lambda frames: frames + made.num_frames) if start else None, size=shaped(made, clip),
        made_by="magi", why=SHORT,
    )  # fmt: skip
    return {"video": made_clip}


def vace(made: Any, files: Files) -> dict[str, Expected]:
    """Wan VACE: count and rate of the clip where they are matched, else those of the fields."""
    clip = files.get("video_url", UNKNOWN)
    frames = clip.frames if made.match_input_num_frames else just(made.num_frames)
    if frames is not None and frames.high > NUM_FRAMES_LIMIT:  # whether a longer clip is cut at the limit is not said
        frames = Between(min(frames.low, NUM_FRAMES_LIMIT), frames.high)
    rate = clip.fps if made.match_input_frames_per_second else just(made.frames_per_second)
    made_clip = filmed(
        "document 003, page 2: num_frames at frames_per_second, or those of the clip where they are matched",
        frames=frames, fps=rate, size=_vace_size(made, clip), made_by="wan", why=SHORT,
    )  # fmt: skip
    return {"video": made_clip}


def _vace_size(made: Any, clip: Expected) -> tuple[Between, Between] | None:
    """With "auto", outpainting shows more than the clip; how it is fitted is not said."""
    wider = getattr(made, "task", "") == "outpainting" or hasattr(made, "expand_ratio")
    return shaped(made, None if wider else clip)


def modify(made: Any, files: Files) -> dict[str, Expected]:
    clip = files.get("video_url", UNKNOWN)
    made_clip = filmed(
        "taken to last as long as the clip; no page says otherwise", duration_s=clip.duration_s, fps=_rate(clip),
        made_by="luma", why=RATE,
    )  # fmt: skip
    return {"video": made_clip}


def upscale(made: Any, files: Files) -> dict[str, Expected]:
    clip = files.get("video_url", UNKNOWN)
    larger = [side.to(lambda one: even(one * made.scale)) if side else None for side in (clip.width, clip.height)]
    size = (larger[0], larger[1]) if larger[0] and larger[1] else None
    return {"video": _kept(clip, "document 003, page 9: scale times as wide and high", size=size)}


def interpolate(made: Any, files: Files) -> dict[str, Expected]:
    """AMT: each pass doubles the pictures, which are then shown at `output_fps`."""
    clip, times = files.get("video_url", UNKNOWN), 1 << min(made.recursive_interpolation_passes, 30)
    frames = Between((clip.frames.low - 1) * times + 1, clip.frames.high * times) if clip.frames else None
    made_clip = filmed(
        "document 003, page 10: each pass doubles the pictures, shown at output_fps", frames=frames,
        fps=just(made.output_fps), size=_size(clip), made_by=clip.made_by, why=sides(SAME),
    )  # fmt: skip
    return {"video": made_clip}


def animate(made: Any, files: Files) -> dict[str, Expected]:
    clip = files.get("video_url", UNKNOWN)
    length_s = clip.duration_s.to(lambda lasts: min(lasts, made.first_n_seconds)) if clip.duration_s else None
    if length_s is None:
        return {"video": filmed("", fps=just(made.fps), sound=False, made_by="animatediff")}
    count = Between(max(length_s.low * made.fps - 1, 1), length_s.high * made.fps + 1)
    made_clip = filmed(
        "document 003, page 8: the first seconds, taken out at fps", frames=count.to(round), fps=just(made.fps),
        sound=False, made_by="animatediff",
    )  # fmt: skip
    return {"video": made_clip}


def lipsync(made: Any, files: Files) -> dict[str, Expected]:
    """As long as the picture or as the voice: no page says which, as with its price."""
    clip = files.get("video_url", UNKNOWN)
    said = [clip.duration_s]
    if made.audio_url:
        said.append(_until_a_picture_ends(files["audio_url"].duration_s, clip) if "audio_url" in files else None)
    elif made.text:
        fast, slow = LETTERS_A_SECOND
        said.append(_until_a_picture_ends(Between(len(made.text) / fast, len(made.text) / slow), clip))
    silent = not made.audio_url and not made.text
    source = "as long as the picture or as the voice: no page says which"
    kept = _kept(clip, source, length_s=_span(said), size=_size(clip))
    return {"video": replace(kept, has_sound=clip.has_sound if silent else True)}


def sound_effects(made: Any, files: Files) -> dict[str, Expected]:
    clip = files.get("video_url", UNKNOWN)
    return {"video": replace(_kept(clip, SAME, size=_size(clip)), has_sound=True)}


def merge(made: Any, files: Files) -> dict[str, Expected]:
    clip, sound = files.get("video_url", UNKNOWN), files.get("audio_url", UNKNOWN)
    offset_s = made.start_offset or 0
    ends_s = sound.duration_s.to(lambda lasts: max(lasts + offset_s, 0)) if sound.duration_s else None
    source = "as long as the picture or as the sound: no page says which"
    kept = _kept(clip, source, length_s=_span([clip.duration_s, ends_s]), size=_size(clip))
    return {"video": replace(kept, has_sound=True)}


def compose(made: Any, files: Files) -> dict[str, Expected]:
    ends = [keyframe.timestamp + keyframe.duration for track in made.tracks for keyframe in track.keyframes]
    length_s = just(max(ends) / 1000) if ends else None
    source = "document 003, page 6: until the last keyframe ends"
    return {"video_url": filmed(source, duration_s=length_s), "thumbnail_url": Expected(kind="image")}


def extract_frame(made: Any, files: Files) -> dict[str, Expected]:
    clip = files.get("video_url", UNKNOWN)
    return {"images": Expected(kind="image", width=clip.width, height=clip.height)}


def loudnorm(made: Any, files: Files) -> dict[str, Expected]:
    sound = files.get("audio_url")
    return {"audio": Expected(kind="audio", has_sound=True, duration_s=sound.duration_s if sound else None)}


def _kept(
    clip: Expected, source: str, *, length_s: Between | None = None, size: tuple[Between, Between] | None = None
) -> Expected:
    """The clip with its own rate, and its own length unless another is given."""
    same = length_s is None or length_s == clip.duration_s
    return filmed(
        source, duration_s=clip.duration_s if same else length_s, frames=clip.frames if same else None, fps=clip.fps,
        size=size, made_by=clip.made_by,
    )  # fmt: skip


def _until_a_picture_ends(length_s: Between | None, clip: Expected) -> Between | None:
    """That length, or up to a picture more."""
    if length_s is None or clip.fps is None:
        return length_s
    fps = clip.fps.low
    return Between(length_s.low, round(math.ceil(length_s.high * fps - 0.001) / fps, 6))


def _rate(clip: Expected) -> Between:
    return USUAL_FPS | clip.fps if clip.fps else USUAL_FPS


def _size(clip: Expected) -> tuple[Between, Between] | None:
    return (clip.width, clip.height) if clip.width and clip.height else None


def _span(lengths_s: list[Between | None]) -> Between | None:
    """From the shortest to the longest; unknown where one of them is."""
    known = [one for one in lengths_s if one is not None]
    if len(known) < len(lengths_s):
        return None
    return Between(min(one.low for one in known), max(one.high for one in known))


RULES: Mapping[str, Rule] = {
    "fal-ai/pixverse/extend/fast": extend,
    "fal-ai/pixverse/extend": extend,
    "fal-ai/magi/extend-video": magi_extend,
    "fal-ai/wan-vace-14b": vace,
    "fal-ai/wan-vace-14b/depth": vace,
    "fal-ai/wan-vace-14b/pose": vace,
    "fal-ai/wan-vace-14b/inpainting": vace,
    "fal-ai/wan-vace-14b/outpainting": vace,
    "fal-ai/wan-vace-14b/reframe": vace,
    "fal-ai/luma-dream-machine/ray-2/modify": modify,
    "fal-ai/luma-dream-machine/ray-2/reframe": modify,
    "fal-ai/video-upscaler": upscale,
    "fal-ai/amt-interpolation": interpolate,
    "fal-ai/fast-animatediff/turbo/video-to-video": animate,
    "fal-ai/pixverse/lipsync": lipsync,
    "fal-ai/pixverse/sound-effects": sound_effects,
    "fal-ai/ffmpeg-api/merge-audio-video": merge,
    "fal-ai/ffmpeg-api/compose": compose,
    "fal-ai/ffmpeg-api/extract-frame": extract_frame,
    "fal-ai/ffmpeg-api/loudnorm": loudnorm,
}
