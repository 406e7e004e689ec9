"""Prices, worked out by hand from the published figures."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from lib.catalog import operation
from lib.catalog.price import Estimate, Price, Unknown, money
from lib.media.facts import Facts

CLIP = Facts(kind="video", content_type="video/mp4", size_bytes=1, duration_s=5.04, fps=24, frames=121)
VOICE = Facts(kind="audio", content_type="audio/wav", size_bytes=1, duration_s=3.1)
V = {"video_url": "https://files.example/clip.mp4"}
A = {"audio_url": "https://files.example/voice.wav"}
P = {"prompt": "x"}
I = {"image_url": "https://files.example/picture.png"}  # noqa: E741


def price(id: str, values: Mapping[str, Any], **facts: Facts) -> Price:
    made_of = operation(id)
    return made_of.estimate(made_of.validate(values), facts)


EXACT = [
    ("fal-ai/lyra-2/zoom", {**I, **P, "num_frames": 81}, "0.10", "0.15"),
    ("fal-ai/lyra-2/zoom", {**I, **P, "num_frames": 81, "resolution": "720p"}, "0.20", "0.30"),
    ("fal-ai/lyra-2/zoom", {**I, **P, "num_frames": 81, "zoom_direction": "both"}, "0.20", "0.30"),
    ("fal-ai/luma-dream-machine/ray-2/modify", V, "0.50", "2.10"),
    ("fal-ai/luma-dream-machine/ray-2/image-to-video", P, "0.50", "0.50"),
    ("fal-ai/luma-dream-machine/ray-2/image-to-video", {**P, "resolution": "720p"}, "1.00", "1.00"),
    ("fal-ai/luma-dream-machine/ray-2/image-to-video", {**P, "resolution": "1080p"}, "2.00", "2.00"),
    ("fal-ai/wan-vace-14b", {**P, **V, "num_frames": 96, "resolution": "480p"}, "0.24", "0.24"),
    ("fal-ai/wan-vace-14b", {**P, **V, "num_frames": 96, "resolution": "580p"}, "0.36", "0.36"),
    # Counted at 16 fps, whatever rate is asked for.
    ("fal-ai/wan-vace-14b", {**P, **V, "num_frames": 160, "frames_per_second": 30}, "0.80", "0.80"),
    ("fal-ai/wan-vace-14b", {**P, **V, "match_input_num_frames": True}, "0.605", "0.64"),
    ("fal-ai/wan-vace-14b/pose", {**P, **V, "num_frames": 96}, "0.48", "0.48"),
    ("fal-ai/wan-vace-14b/reframe", {**V, "resolution": "480p"}, "0.3025", "0.32"),
    ("fal-ai/ltx-video-13b-distilled/multiconditioning", P, "0.04", "0.04"),
    ("fal-ai/magi/extend-video", {**P, **V}, "0.80", "0.80"),
    ("fal-ai/magi/extend-video", {**P, **V, "resolution": "480p"}, "0.40", "0.40"),
    # Both readings of 480p with one more unit (0.5 + 1 and 0.5 * 2, at $0.80) lie inside.
    ("fal-ai/magi/extend-video", {**P, **V, "resolution": "480p", "num_frames": 120}, "0.50", "1.20"),
    ("fal-ai/magi/extend-video", {**P, **V, "num_frames": 192, "num_inference_steps": 64}, "6.40", "16.00"),
    ("fal-ai/magi/extend-video", {**P, **V, "num_frames": 97}, "0.8083", "1.60"),
    ("fal-ai/magi/image-to-video", {**P, **I, "num_inference_steps": "32"}, "1.60", "1.60"),
    ("fal-ai/magi", {**P, "num_frames": 120}, "1.00", "1.60"),
    ("fal-ai/pixverse/sound-effects", V, "0.1008", "0.20"),
    ("fal-ai/pixverse/extend/fast", {**P, **V}, "0.40", "0.40"),
    ("fal-ai/pixverse/extend/fast", {**P, **V, "resolution": "360p"}, "0.30", "0.30"),
    ("fal-ai/pixverse/lipsync", {**V, **A}, "0.124", "0.24"),
    ("fal-ai/pixverse/lipsync", {**V, "text": "a" * 50}, "0.20", "0.48"),
    ("fal-ai/amt-interpolation", V, "0.1008", "0.42"),
    ("fal-ai/amt-interpolation", {**V, "output_fps": 121, "recursive_interpolation_passes": 0}, "0.02", "0.12"),
    ("fal-ai/ffmpeg-api/merge-audio-video", {**V, **A}, "0.00062", "0.0012"),
    ("fal-ai/ffmpeg-api/merge-audio-video", {**V, **A, "start_offset": 60}, "0.001008", "0.0128"),
]


@pytest.mark.parametrize(("id", "values", "low", "high"), EXACT)
def test_the_interval(id: str, values: Mapping[str, Any], low: str, high: str) -> None:
    """The interval is the one worked out by hand from the published figures."""
    found = price(id, values, video_url=CLIP, audio_url=VOICE)
    assert isinstance(found, Estimate)
    assert round(found.low_usd, 4) == round(Decimal(low), 4)
    assert round(found.high_usd, 4) == round(Decimal(high), 4)


def test_longer_flights_cost_between_the_two_tariffs() -> None:
    """161 frames: the older tariff for exactly these frames, the newer for two begun blocks."""
    found = price("fal-ai/lyra-2/zoom", {**I, **P, "num_frames": 161})
    assert isinstance(found, Estimate)
    assert found.low_usd == Decimal("0.10") * 161 / 81
    assert found.high_usd == Decimal("0.30")


@pytest.mark.parametrize(
    ("id", "values"),
    [
        ("fal-ai/luma-dream-machine/ray-2/modify", V),
        ("fal-ai/wan-vace-14b", {**P, **V, "match_input_num_frames": True}),
        ("fal-ai/wan-vace-14b/reframe", V),
        ("fal-ai/pixverse/lipsync", V),
        ("fal-ai/amt-interpolation", V),
        ("fal-ai/ffmpeg-api/merge-audio-video", {**V, **A}),
    ],
)
def test_a_price_by_length_is_unknown_until_the_file_is_chosen(id: str, values: Mapping[str, Any]) -> None:
    """Without the facts that matter the price is unknown, and the reason says what to choose."""
    found = price(id, values)
    assert isinstance(found, Unknown)
    assert "choose" in found.reason


def test_a_voice_of_unknown_length_leaves_the_price_unknown() -> None:
    """The result may last as long as the voice: without its length there is no upper end."""
    assert isinstance(price("fal-ai/pixverse/lipsync", {**V, **A}, video_url=CLIP), Unknown)


@pytest.mark.parametrize(
    "id",
    [
        "fal-ai/lyra-2/splat",
        "fal-ai/lynx",
        "fal-ai/video-upscaler",
        "fal-ai/fast-animatediff/turbo/video-to-video",
        "fal-ai/luma-dream-machine/ray-2",
        "fal-ai/luma-dream-machine/ray-2/reframe",
        "fal-ai/pixverse/extend",
        "fal-ai/pixverse/v4.5/transition",
    ],
)
def test_nothing_published_is_unknown_and_not_free(id: str) -> None:
    """No published price never becomes zero."""
    found = price(id, operation(id).example, video_url=CLIP)
    assert isinstance(found, Unknown)
    assert str(found) == "price unknown"


@pytest.mark.parametrize(
    "id",
    [
        "fal-ai/luma-dream-machine/ray-2/modify",
        "fal-ai/luma-dream-machine/ray-2/image-to-video",
        "fal-ai/amt-interpolation",
    ],
)
def test_third_party_figures_say_so(id: str) -> None:
    """A figure that no official page confirms is marked in its source."""
    found = price(id, operation(id).example, video_url=CLIP)
    assert isinstance(found, Estimate)
    assert "third-party" in found.source


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        ("0", "$0.00"),
        ("0.3", "$0.30"),
        ("12", "$12.00"),
        ("0.0011", "$0.0011"),
        ("0.024", "$0.024"),
        ("0.04", "$0.04"),
        ("1234.5", "$1234.50"),
        ("0.00002", "$0.00002"),
        ("1E+2", "$100.00"),
    ],
)
def test_money_shows_small_prices(usd: str, shown: str) -> None:
    """Two decimals, more where a small price needs them; a price above zero never looks free."""
    assert money(Decimal(usd)) == shown
