"""What the hosted models refuse across fields, read from their documents apart from the catalog's own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lib.standin.detail import Problem, problem_at


def _vace(made: Any) -> Iterator[Problem]:
    # The document's example sends an empty video_url with the depth task; without any picture there is nothing to see.
    if not made.video_url and not getattr(made, "ref_image_urls", None):
        yield problem_at("video_url", f"Required for {made.task} task", "missing", made.video_url)
    if made.task == "inpainting" and not (made.mask_video_url or made.mask_image_url):
        yield problem_at("mask_video_url", "Required for inpainting", "missing", made.mask_video_url)


def _upscaler(made: Any) -> Iterator[Problem]:
    if made.scale <= 0:
        yield problem_at("scale", "Input should be greater than 0", "greater_than", made.scale, gt=0)


def _reframe(made: Any) -> Iterator[Problem]:
    for start, end in (("x_start", "x_end"), ("y_start", "y_end")):
        first, last = getattr(made, start), getattr(made, end)
        if first is not None and last is not None and 0 <= last <= first:
            yield problem_at(end, f"Input should be greater than {start}", "greater_than", last, gt=first)


def _full_hd(made: Any) -> Iterator[Problem]:
    if made.resolution == "1080p" and made.duration != "5":
        yield problem_at("duration", "1080p videos are limited to 5 seconds", "value_error", made.duration)


def _frames(made: Any) -> Iterator[Problem]:
    if len(made.frames) < 2:
        yield problem_at("frames", "At least two frames are needed", "too_short", len(made.frames), min_length=2)
    for at, frame in enumerate(made.frames):
        if not frame.url:
            yield _empty(f"frames.{at}.url")


def _compose(made: Any) -> Iterator[Problem]:
    keyframes = [(at, place, one) for at, track in enumerate(made.tracks) for place, one in enumerate(track.keyframes)]
    if not keyframes:
        yield problem_at("tracks", "There is nothing to compose", "too_short", [], min_length=1)
    for at, track in enumerate(made.tracks):
        if track.type not in {"video", "audio", "image"}:
            yield problem_at(f"tracks.{at}.type", "Unknown type of track", "value_error", track.type)
    for at, place, keyframe in keyframes:
        path = f"tracks.{at}.keyframes.{place}"
        if keyframe.duration <= 0:
            yield problem_at(
                f"{path}.duration", "Input should be greater than 0", "greater_than", keyframe.duration, gt=0
            )
        if not keyframe.url:
            yield _empty(f"{path}.url")


def _loudnorm(made: Any) -> Iterator[Problem]:
    for name in ("measured_i", "measured_lra", "measured_tp", "measured_thresh") if made.linear else ():
        if getattr(made, name) is None:
            yield problem_at(name, "Required for linear mode", "missing")


def _empty(path: str) -> Problem:
    return problem_at(path, "Failed to download the file. The address is empty.", "file_download_error", "")


SPECIAL: Mapping[str, Callable[[Any], Iterator[Problem]]] = {
    "fal-ai/wan-vace-14b": _vace,
    "fal-ai/video-upscaler": _upscaler,
    "fal-ai/luma-dream-machine/ray-2/reframe": _reframe,
    "fal-ai/amt-interpolation/frame-interpolation": _frames,
    "fal-ai/ffmpeg-api/compose": _compose,
    "fal-ai/ffmpeg-api/loudnorm": _loudnorm,
    "fal-ai/pixverse/extend": _full_hd,
    "fal-ai/pixverse/v4.5/text-to-video": _full_hd,
    "fal-ai/pixverse/v4.5/image-to-video": _full_hd,
    "fal-ai/pixverse/v3.5/image-to-video": _full_hd,
}
