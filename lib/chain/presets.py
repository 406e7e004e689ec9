"""Chains that come with Dailies, each with samples ready to press."""

from __future__ import annotations

from typing import Any

from lib.chain.model import Chain
from lib.errors import NotFound

_PRESETS: dict[str, dict[str, Any]] = {
    "extend-lipsync-upscale": {
        "dailies": 1,
        "name": "extend, lip-sync, upscale",
        "inputs": {
            "video": {"kind": "video", "sample": "bunny.mp4"},
            "voice": {"kind": "audio", "sample": "speech.wav"},
        },
        "steps": [
            {
                "id": "extend",
                "operation": "fal-ai/pixverse/extend/fast",
                "input": {"video_url": "$inputs.video", "prompt": "the rabbit looks up", "resolution": "360p"},
            },
            {
                "id": "lipsync",
                "operation": "fal-ai/pixverse/lipsync",
                "input": {"video_url": "$extend.video", "audio_url": "$inputs.voice"},
            },
            {
                "id": "upscale",
                "operation": "fal-ai/video-upscaler",
                "input": {"video_url": "$lipsync.video", "scale": 2},
            },
        ],
    },
}

NAMES: tuple[str, ...] = tuple(_PRESETS)


def preset(name: str) -> Chain:
    """The chain of that name. Raises NotFound."""
    if name not in _PRESETS:
        raise NotFound(f"There is no preset {name!r}.", hint=f"There are: {', '.join(NAMES)}.")
    return Chain.model_validate(_PRESETS[name])
