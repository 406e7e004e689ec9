"""What the hosted models refuse beyond types, read from their documents apart from the catalog's own rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lib.catalog.fields import Input, leaves
from lib.media.facts import Facts
from lib.standin.across import SPECIAL
from lib.standin.detail import Problem, problem_at


class Bounds(NamedTuple):
    """The lowest and the highest value, both allowed, and the number that a value must be a multiple of."""

    low: float | None = None
    high: float | None = None
    multiple_of: int | None = None


_SOME, _NONE_BELOW_0 = Bounds(1), Bounds(0)
"""Values below these cannot mean anything (no frames at all), although no page says so."""
_START = Bounds(0, multiple_of=8)
_AMT = {"output_fps": _SOME, "recursive_interpolation_passes": _NONE_BELOW_0}
_WAN = {"num_frames": Bounds(81, 241), "frames_per_second": Bounds(5, 30), "num_inference_steps": _SOME}

# By field path, "*" being every item of a list. Documents 000 to 004 where they state a bound, else queue-protocol 7.4.
# What only a rehearsal cannot do (more passes, pictures beyond 4K) is refused by the performers, who say so.
BOUNDS: Mapping[str, Mapping[str, Bounds]] = {
    "fal-ai/wan-vace-14b": _WAN,
    "fal-ai/wan-vace-14b/depth": _WAN,
    "fal-ai/wan-vace-14b/pose": _WAN,
    "fal-ai/wan-vace-14b/inpainting": _WAN,
    "fal-ai/wan-vace-14b/outpainting": _WAN | {"expand_ratio": Bounds(0, 1)},
    "fal-ai/wan-vace-14b/reframe": _WAN | {"zoom_factor": _NONE_BELOW_0, "temporal_downsample_factor": _NONE_BELOW_0},
    "fal-ai/luma-dream-machine/ray-2/reframe": dict.fromkeys(("x_start", "x_end", "y_start", "y_end"), _NONE_BELOW_0),
    "fal-ai/magi": {"num_frames": Bounds(96, 192)},
    "fal-ai/magi/image-to-video": {"num_frames": Bounds(96, 192)},
    "fal-ai/magi/extend-video": {"num_frames": Bounds(96, 192), "start_frame": _NONE_BELOW_0},
    "fal-ai/lynx": {
        "num_frames": Bounds(9, 100),
        "frames_per_second": Bounds(5, 30),
        "num_inference_steps": _SOME,
    },
    "fal-ai/lyra-2/zoom": {
        "zoom_in_strength": Bounds(0, 2),
        "zoom_out_strength": Bounds(0, 3),
        "guidance_scale": Bounds(1, 15),
        "num_inference_steps": Bounds(1, 100),
        "frames_per_second": Bounds(8, 24),
    },
    "fal-ai/lyra-2/splat": {
        "max_frames": _SOME,
        "da3_max_frames": _SOME,
        "gs_down_ratio": _SOME,
        "render_chunk_size": _SOME,
    },
    "fal-ai/ltx-video-13b-distilled/multiconditioning": {
        "num_frames": Bounds(9, 1441),
        "frame_rate": _SOME,
        "first_pass_num_inference_steps": _SOME,
        "second_pass_num_inference_steps": _SOME,
        "first_pass_skip_final_steps": _NONE_BELOW_0,
        "second_pass_skip_initial_steps": _NONE_BELOW_0,
        "constant_rate_factor": _NONE_BELOW_0,
        "images.*.strength": Bounds(0, 1),
        "images.*.start_frame_num": _START,
        "videos.*.start_frame_num": _START,
        "videos.*.max_num_frames": _SOME,
        "videos.*.target_fps": _SOME,
    },
    "fal-ai/amt-interpolation": _AMT,
    "fal-ai/amt-interpolation/frame-interpolation": _AMT,
    "fal-ai/ffmpeg-api/compose": {"tracks.*.keyframes.*.timestamp": _NONE_BELOW_0},
    # What FFmpeg's filter of that name takes.
    "fal-ai/ffmpeg-api/loudnorm": {
        "integrated_loudness": Bounds(-70, -5),
        "true_peak": Bounds(-9, 0),
        "loudness_range": Bounds(1, 50),
        "offset": Bounds(-99, 99),
        "measured_i": Bounds(-99, 0),
        "measured_lra": Bounds(0, 99),
        "measured_tp": Bounds(-99, 99),
        "measured_thresh": Bounds(-99, 0),
    },
    "fal-ai/fast-animatediff/turbo/video-to-video": {
        "fps": _SOME,
        "first_n_seconds": _SOME,
        "num_inference_steps": _SOME,
    },
}

# Files without which the model has nothing to work on; an empty string is no file.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "fal-ai/lyra-2/zoom": ("image_url",),
    "fal-ai/lyra-2/splat": ("video_url",),
    "fal-ai/lynx": ("image_url",),
    "fal-ai/luma-dream-machine/ray-2/modify": ("video_url",),
    "fal-ai/luma-dream-machine/ray-2/reframe": ("video_url",),
    "fal-ai/luma-dream-machine/image-to-video": ("image_url",),
    "fal-ai/wan-vace-14b/depth": ("video_url",),
    "fal-ai/wan-vace-14b/pose": ("video_url",),
    "fal-ai/wan-vace-14b/inpainting": ("video_url", "mask_video_url"),
    "fal-ai/wan-vace-14b/outpainting": ("video_url",),
    "fal-ai/wan-vace-14b/reframe": ("video_url",),
    "fal-ai/magi/extend-video": ("video_url",),
    "fal-ai/pixverse/lipsync": ("video_url",),
    "fal-ai/magi/image-to-video": ("image_url",),
    "fal-ai/pixverse/extend/fast": ("video_url",),
    "fal-ai/pixverse/extend": ("video_url",),
    "fal-ai/pixverse/v4.5/image-to-video": ("image_url",),
    "fal-ai/pixverse/v4.5/image-to-video/fast": ("image_url",),
    "fal-ai/pixverse/v3.5/image-to-video": ("image_url",),
    "fal-ai/pixverse/v3.5/image-to-video/fast": ("image_url",),
    "fal-ai/pixverse/v4.5/transition": ("first_image_url", "last_image_url"),
    "fal-ai/pixverse/sound-effects": ("video_url",),
    "fal-ai/fast-animatediff/turbo/video-to-video": ("video_url",),
    "fal-ai/video-upscaler": ("video_url",),
    "fal-ai/amt-interpolation": ("video_url",),
    "fal-ai/ffmpeg-api/merge-audio-video": ("video_url", "audio_url"),
    "fal-ai/ffmpeg-api/extract-frame": ("video_url",),
    "fal-ai/ffmpeg-api/loudnorm": ("audio_url",),
    "fal-ai/ffmpeg-api/metadata": ("media_url",),
}


def check_values(endpoint: str, made: Input) -> list[Problem]:
    """What is wrong with the values alone."""
    found = [*_outside(endpoint, made), *_absent(endpoint, made)]
    special = SPECIAL.get(endpoint)
    return found + (list(special(made)) if special else [])


def check_media(endpoint: str, made: Input, facts: Mapping[str, Facts]) -> list[Problem]:
    """What is wrong with the values in view of the files."""
    clip = facts.get("video_url")
    if clip is None:
        return []
    if endpoint == "fal-ai/magi/extend-video":
        return list(_prefix(made, clip))
    return list(_matched(made, clip)) if endpoint.startswith("fal-ai/wan-vace-14b") else []


def _prefix(made: Any, clip: Facts) -> Iterator[Problem]:
    """Document 003, page 4: it goes on from `start_frame`, else from 32 frames before the end."""
    if clip.frames is None:
        return
    if made.start_frame is None and clip.frames <= 32:
        message = f"The video has only {clip.frames} frames; there is no start frame 32 before its end."
        yield problem_at("video_url", message, "video_duration_too_short", clip.duration_s, min_duration=_at(33, clip))
    elif made.start_frame is not None and made.start_frame > clip.frames:
        message = f"The video has only {clip.frames} frames."
        yield problem_at("start_frame", message, "less_than_equal", made.start_frame, le=clip.frames)


def _at(frames: int, clip: Facts) -> float | None:
    """When that many frames have been shown."""
    return round(frames / clip.fps, 3) if clip.fps else None


def _matched(made: Any, clip: Facts) -> Iterator[Problem]:
    """Document 003, page 2: 81 to 241 frames at 5 to 30 a second, also where both follow the input video."""
    asked = ((made.match_input_num_frames, clip.frames, "num_frames", 81, 241),
             (made.match_input_frames_per_second, clip.fps, "frames_per_second", 5, 30))  # fmt: skip
    for is_matched, value, name, low, high in asked:
        if is_matched and value is not None and not low <= round(value, 1) <= high:
            message = f"The video's {name} is {value:g}; it must be between {low} and {high}."
            kind = "greater_than_equal" if value < low else "less_than_equal"
            yield problem_at("video_url", message, kind, value, ge=low, le=high)


def _outside(endpoint: str, made: Input) -> Iterator[Problem]:
    bounds = BOUNDS.get(endpoint, {})
    for path, _, value in leaves(made):
        of = bounds.get(re.sub(r"\.\d+", ".*", path))
        if of is not None and value is not None:
            yield from _bounded(path, value, of)


def _bounded(path: str, value: Any, bounds: Bounds) -> Iterator[Problem]:
    low, high, step = bounds
    if low is not None and value < low:
        yield problem_at(path, f"Input should be greater than or equal to {low:g}", "greater_than_equal", value, ge=low)
    if high is not None and value > high:
        yield problem_at(path, f"Input should be less than or equal to {high:g}", "less_than_equal", value, le=high)
    if step is not None and value % step:
        yield problem_at(path, f"Input should be a multiple of {step}", "multiple_of", value, multiple_of=step)


def _absent(endpoint: str, made: Input) -> Iterator[Problem]:
    for name in NEEDED.get(endpoint, ()):
        if not getattr(made, name, None):
            yield problem_at(name, "Failed to download the file. The address is empty.", "file_download_error", "")
