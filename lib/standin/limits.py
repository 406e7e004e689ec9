"""What the hosted models refuse beyond types, read from their documents apart from the catalog's own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lib.catalog.fields import Input
from lib.media.facts import Facts
from lib.standin.detail import Problem, problem_at

Bounds = tuple[float | None, float | None]

# (lowest, highest), both allowed. Documents 000 to 004 where they state a bound, else queue-protocol 7.4.
BOUNDS: Mapping[str, Mapping[str, Bounds]] = {
    "fal-ai/wan-vace-14b": {"num_frames": (81, 241), "frames_per_second": (5, 30)},
    "fal-ai/magi/extend-video": {"num_frames": (96, 192), "start_frame": (0, None)},
    "fal-ai/lynx": {"num_frames": (9, 100), "frames_per_second": (5, 30)},
    "fal-ai/lyra-2/zoom": {
        "zoom_in_strength": (0, 2),
        "zoom_out_strength": (0, 3),
        "guidance_scale": (1, 15),
        "num_inference_steps": (1, 100),
        "frames_per_second": (8, 24),
    },
    "fal-ai/ltx-video-13b-distilled/multiconditioning": {"num_frames": (9, 1441), "frame_rate": (1, None)},
    "fal-ai/amt-interpolation": {"output_fps": (1, None), "recursive_interpolation_passes": (0, None)},
    "fal-ai/fast-animatediff/turbo/video-to-video": {"fps": (1, None), "first_n_seconds": (1, None)},
}

# Files without which the model has nothing to work on; an empty string is no file.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "fal-ai/lyra-2/zoom": ("image_url",),
    "fal-ai/lyra-2/splat": ("video_url",),
    "fal-ai/lynx": ("image_url",),
    "fal-ai/luma-dream-machine/ray-2/modify": ("video_url",),
    "fal-ai/magi/extend-video": ("video_url",),
    "fal-ai/pixverse/lipsync": ("video_url",),
    "fal-ai/pixverse/extend/fast": ("video_url",),
    "fal-ai/fast-animatediff/turbo/video-to-video": ("video_url",),
    "fal-ai/video-upscaler": ("video_url",),
    "fal-ai/amt-interpolation": ("video_url",),
    "fal-ai/ffmpeg-api/merge-audio-video": ("video_url", "audio_url"),
}


def check_values(endpoint: str, made: Input) -> list[Problem]:
    """What is wrong with the values alone."""
    found = [*_outside(endpoint, made), *_absent(endpoint, made)]
    special = _SPECIAL.get(endpoint)
    return found + (list(special(made)) if special else [])


def check_media(endpoint: str, made: Input, facts: Mapping[str, Facts]) -> list[Problem]:
    """What is wrong with the values in view of the files."""
    if endpoint != "fal-ai/magi/extend-video":
        return []
    frames, start = facts["video_url"].frames, getattr(made, "start_frame", None)
    if frames is None or start is None or start <= frames:
        return []
    message = f"The video has only {frames} frames."
    return [problem_at("start_frame", message, "less_than_equal", start, le=frames)]


def _outside(endpoint: str, made: Input) -> Iterator[Problem]:
    for name, bounds in BOUNDS.get(endpoint, {}).items():
        yield from _bounded(name, getattr(made, name, None), bounds)


def _bounded(path: str, value: Any, bounds: Bounds) -> Iterator[Problem]:
    low, high = bounds
    if value is None:
        return
    if low is not None and value < low:
        yield problem_at(path, f"Input should be greater than or equal to {low:g}", "greater_than_equal", value, ge=low)
    if high is not None and value > high:
        yield problem_at(path, f"Input should be less than or equal to {high:g}", "less_than_equal", value, le=high)


def _absent(endpoint: str, made: Input) -> Iterator[Problem]:
    for name in NEEDED.get(endpoint, ()):
        if not getattr(made, name, None):
            yield problem_at(name, "Failed to download the file. The address is empty.", "file_download_error", "")


def _vace(made: Any) -> Iterator[Problem]:
    # The document's example sends an empty video_url with the depth task; without any picture there is nothing to see.
    if not made.video_url and not getattr(made, "ref_image_urls", None):
        yield problem_at("video_url", f"Required for {made.task} task", "missing", made.video_url)
    if made.task == "inpainting" and not (made.mask_video_url or made.mask_image_url):
        yield problem_at("mask_video_url", "Required for inpainting", "missing", made.mask_video_url)


def _ltx(made: Any) -> Iterator[Problem]:
    for group in ("images", "videos"):
        for at, item in enumerate(getattr(made, group, None) or []):
            yield from _condition(f"{group}.{at}", item, made.num_frames)


def _condition(path: str, item: Any, num_frames: int) -> Iterator[Problem]:
    start = item.start_frame_num
    yield from _bounded(f"{path}.strength", item.strength, (0, 1))
    yield from _bounded(f"{path}.start_frame_num", start, (0, num_frames - 1))
    if start % 8:
        message = "Input should be a multiple of 8"
        yield problem_at(f"{path}.start_frame_num", message, "multiple_of", start, multiple_of=8)


def _upscaler(made: Any) -> Iterator[Problem]:
    if made.scale <= 0:
        yield problem_at("scale", "Input should be greater than 0", "greater_than", made.scale, gt=0)


_SPECIAL: Mapping[str, Callable[[Any], Iterator[Problem]]] = {
    "fal-ai/wan-vace-14b": _vace,
    "fal-ai/ltx-video-13b-distilled/multiconditioning": _ltx,
    "fal-ai/video-upscaler": _upscaler,
}
