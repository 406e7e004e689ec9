"""Chains for tests, and the facts of files that need not exist."""

from __future__ import annotations

from typing import Any

from lib.chain.flow import Known
from lib.chain.model import Chain, make_chain
from lib.media.facts import Facts

WAN, PIX, MAGI, RAY = "fal-ai/wan-vace-14b", "fal-ai/pixverse", "fal-ai/magi", "fal-ai/luma-dream-machine/ray-2"
ZOOM, SPLAT, UP = "fal-ai/lyra-2/zoom", "fal-ai/lyra-2/splat", "fal-ai/video-upscaler"
AMT, LTX = "fal-ai/amt-interpolation", "fal-ai/ltx-video-13b-distilled/multiconditioning"
ANIMATE, MERGE = "fal-ai/fast-animatediff/turbo/video-to-video", "fal-ai/ffmpeg-api/merge-audio-video"
INPUTS = {"video": "video", "other": "video", "voice": "audio", "image": "image"}
SHA = "0" * 64
Row = tuple[str, str, dict[str, Any]]
"""(id, operation, input) of a step."""


def clip(frames: int = 120, fps: float = 24, width: int = 1280, height: int = 720, **more: Any) -> Facts:
    about: dict[str, Any] = {
        "kind": "video", "content_type": "video/mp4", "size_bytes": 1_000_000, "video_codec": "h264",
        "container": "mov,mp4,m4a,3gp,3g2,mj2", "pixel_format": "yuv420p", "audio_codec": "aac", "frames": frames,
        "fps": float(fps), "duration_s": round(frames / fps, 6), "width": width, "height": height,
        "audio_duration_s": round(frames / fps, 6),
    }  # fmt: skip
    return Facts(**about | more)


def voice(seconds: float = 4.0) -> Facts:
    return Facts(
        kind="audio", content_type="audio/wav", size_bytes=100_000, audio_codec="pcm_s16le", duration_s=seconds,
        audio_duration_s=seconds, sample_rate=48_000, channels=1,
    )  # fmt: skip


def still(width: int = 1280, height: int = 720) -> Facts:
    return Facts(kind="image", content_type="image/png", size_bytes=100_000, width=width, height=height)


def chain_of(*steps: Row) -> Chain:
    """A chain whose inputs are those of `known`."""
    inputs = {name: {"kind": kind, "asset": SHA} for name, kind in INPUTS.items()}
    listed = [{"id": name, "operation": made, "input": given} for name, made, given in steps]
    return make_chain({"inputs": inputs, "steps": listed})


def known(
    video: Facts | None = None, other: Facts | None = None, sound: Facts | None = None, image: Facts | None = None
) -> Known:
    return Known(
        {"video": video or clip(), "other": other or clip(), "voice": sound or voice(), "image": image or still()}
    )
