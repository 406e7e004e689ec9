"""What the stand-in bills: rates from queue-protocol 7.3, written apart from the catalog's estimates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from lib.standin.outcome import Charge

Rate = Callable[[Any, float], Charge]
"""(validated input, seconds of the output) -> what it costs."""


def charge(endpoint: str, made: Any, output_s: float, frames: int | None = None) -> Charge:
    """Units and dollars of one success; one unit and no dollars where no rate is published.

    `frames` of the output count where a page has 16 of them for a second, whatever their rate.
    """
    rate = RATES.get(endpoint)
    if rate is _vace and frames is not None:
        output_s = frames / 16
    return Charge(1.0, None) if rate is None else rate(made, output_s)


def catalogue_price(endpoint: str) -> tuple[float | None, str]:
    """(unit price in dollars, unit) as the platform lists them."""
    return UNIT_PRICES.get(endpoint, (None, "requests"))


def _charge(units: float | Decimal, unit_usd: str) -> Charge:
    exact = Decimal(str(units))
    return Charge(float(exact), exact * Decimal(unit_usd))


def _zoom(made: Any, output_s: float) -> Charge:
    frames = made.num_frames * (2 if made.zoom_direction == "both" else 1)
    return _charge(math.ceil(frames / 81), "0.30" if made.resolution == "720p" else "0.15")


def _modify(made: Any, output_s: float) -> Charge:
    return _charge(math.ceil(output_s), "0.35")


def _image_to_video(made: Any, output_s: float) -> Charge:
    larger = {"540p": 1, "720p": 2, "1080p": 4}[made.resolution]
    longer = 2 if made.duration == "9s" else 1
    return _charge(larger * longer, "0.50")


def _vace(made: Any, output_s: float) -> Charge:
    # Published for the pose and depth siblings; seconds are counted at 16 frames each.
    frames = output_s * 16 if made.match_input_num_frames else made.num_frames
    usd = {"480p": "0.04", "580p": "0.06", "720p": "0.08"}.get(made.resolution, "0.08")
    return _charge(Decimal(str(round(frames / 16, 4))), usd)


def _ltx(made: Any, output_s: float) -> Charge:
    return _charge(2 if getattr(made, "enable_detail_pass", False) else 1, "0.04")


def _magi(made: Any, output_s: float) -> Charge:
    # Four base units of one second each, one more for each further 24 frames (the sibling's page).
    seconds = 4 + max(0, math.ceil((made.num_frames - 96) / 24))
    half = Decimal("0.5") if made.resolution == "480p" else Decimal(1)
    steps = {"32": 2, "64": 4}.get(str(made.num_inference_steps), 1)
    return _charge(seconds * half * steps, "0.20")


def _lipsync(made: Any, output_s: float) -> Charge:
    seconds = math.ceil(output_s)
    hundreds = 0 if made.audio_url else math.ceil(len(made.text or "") / 100)
    return Charge(float(seconds), Decimal("0.04") * seconds + Decimal("0.24") * hundreds)


def _extend_fast(made: Any, output_s: float) -> Charge:
    return _charge(1, "0.40" if made.resolution == "720p" else "0.30")


def _sound_effects(made: Any, output_s: float) -> Charge:
    return _charge(math.ceil(round(output_s / 5, 3)), "0.10")


def _merge(made: Any, output_s: float) -> Charge:
    return _charge(Decimal(str(round(output_s, 3))), "0.0002")


def _amt(made: Any, output_s: float) -> Charge:
    return _charge(Decimal(str(round(output_s, 3))), "0.02")


RATES: Mapping[str, Rate] = {
    "fal-ai/lyra-2/zoom": _zoom,
    "fal-ai/luma-dream-machine/ray-2/modify": _modify,
    "fal-ai/luma-dream-machine/ray-2/image-to-video": _image_to_video,
    "fal-ai/wan-vace-14b": _vace,
    "fal-ai/wan-vace-14b/depth": _vace,
    "fal-ai/wan-vace-14b/pose": _vace,
    "fal-ai/wan-vace-14b/inpainting": _vace,
    "fal-ai/wan-vace-14b/outpainting": _vace,
    "fal-ai/wan-vace-14b/reframe": _vace,
    "fal-ai/ltx-video-13b-distilled/multiconditioning": _ltx,
    "fal-ai/magi/extend-video": _magi,
    "fal-ai/magi/image-to-video": _magi,
    "fal-ai/magi": _magi,
    "fal-ai/pixverse/lipsync": _lipsync,
    "fal-ai/pixverse/extend/fast": _extend_fast,
    "fal-ai/pixverse/sound-effects": _sound_effects,
    "fal-ai/ffmpeg-api/merge-audio-video": _merge,
    "fal-ai/amt-interpolation": _amt,
}

UNIT_PRICES: Mapping[str, tuple[float, str]] = {
    "fal-ai/lyra-2/zoom": (0.15, "81 frames"),
    "fal-ai/luma-dream-machine/ray-2/modify": (0.35, "seconds"),
    "fal-ai/luma-dream-machine/ray-2/image-to-video": (0.5, "videos"),
    "fal-ai/wan-vace-14b": (0.08, "seconds"),
    "fal-ai/wan-vace-14b/depth": (0.08, "seconds"),
    "fal-ai/wan-vace-14b/pose": (0.08, "seconds"),
    "fal-ai/ltx-video-13b-distilled/multiconditioning": (0.04, "videos"),
    "fal-ai/magi/extend-video": (0.2, "seconds"),
    "fal-ai/magi/image-to-video": (0.2, "seconds"),
    "fal-ai/magi": (0.2, "seconds"),
    "fal-ai/pixverse/lipsync": (0.04, "seconds"),
    "fal-ai/pixverse/extend/fast": (0.4, "videos"),
    "fal-ai/pixverse/sound-effects": (0.1, "5 seconds"),
    "fal-ai/ffmpeg-api/merge-audio-video": (0.0002, "seconds"),
    "fal-ai/amt-interpolation": (0.02, "seconds"),
}
