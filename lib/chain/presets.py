"""Chains that come with Dailies, each with samples ready to press."""

from __future__ import annotations

from typing import Any

from lib.chain.model import Chain
from lib.errors import NotFound

PIX, LUMA = "fal-ai/pixverse", "fal-ai/luma-dream-machine"
CLIP = {"kind": "video", "sample": "bunny.mp4"}
VOICE = {"kind": "audio", "sample": "speech.wav"}
STILL = {"kind": "image", "sample": "portrait.jpg"}


def _step(id: str, operation: str, input: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": id, "operation": operation, "input": input, **more}


def _extend(id: str, source: str, prompt: str) -> dict[str, Any]:
    return _step(id, f"{PIX}/extend/fast", {"video_url": source, "prompt": prompt, "resolution": "360p"})


_PRESETS: dict[str, dict[str, Any]] = {
    "extend-lipsync-upscale": {
        "name": "extend, lip-sync, upscale",
        "inputs": {"video": CLIP, "voice": VOICE},
        "steps": [
            _extend("extend", "$inputs.video", "the rabbit looks up"),
            _step("lipsync", f"{PIX}/lipsync", {"video_url": "$extend.video", "audio_url": "$inputs.voice"}),
            _step("upscale", "fal-ai/video-upscaler", {"video_url": "$lipsync.video", "scale": 2}),
        ],
    },
    "still-to-scene": {
        "name": "a still becomes a scene to explore",
        "inputs": {"image": STILL},
        "steps": [
            _step("zoom", "fal-ai/lyra-2/zoom", {"image_url": "$inputs.image", "prompt": "slowly into the picture"}),
            _step("splat", "fal-ai/lyra-2/splat", {"video_url": "$zoom.video"}),
        ],
    },
    "still-animated-modified-smooth": {
        "name": "a still, animated, restyled, made smooth",
        "inputs": {"image": STILL},
        "steps": [
            _step(
                "animate", f"{LUMA}/ray-2/image-to-video",
                {"image_url": "$inputs.image", "prompt": "she turns her head and smiles"},
            ),
            _step("modify", f"{LUMA}/ray-2/modify", {"video_url": "$animate.video", "mode": "flex_2"}),
            _step("smooth", "fal-ai/amt-interpolation", {"video_url": "$modify.video", "output_fps": 48}),
        ],
    },
    "talking-clip-from-text": {
        "name": "a clip that says a text",
        "inputs": {"video": CLIP},
        "steps": [
            _step("speak", f"{PIX}/lipsync", {"video_url": "$inputs.video", "text": "Hello, and welcome to the show."}),
            _step("upscale", "fal-ai/video-upscaler", {"video_url": "$speak.video", "scale": 2}),
        ],
    },
    "long-take": {
        "name": "one long take, extended three times",
        "inputs": {"video": CLIP},
        "steps": [
            _extend("first", "$inputs.video", "the rabbit looks up"),
            _extend("second", "$first.video", "it sniffs the air"),
            _extend("third", "$second.video", "it hops away"),
        ],
    },
    "before-after": {
        "name": "before and after, in one reel",
        "inputs": {"video": CLIP},
        "steps": [
            _step("modify", f"{LUMA}/ray-2/modify", {"video_url": "$inputs.video", "mode": "reimagine_1"}),
            _step(
                "reel", "cut/join",
                {"video_urls": ["$inputs.video", "$modify.video"], "transition": "crossfade", "transition_s": 0.5},
            ),
        ],
    },
    "six-seeds": {
        "name": "six seeds and their contact sheet",
        "inputs": {"image": STILL},
        "steps": [
            _step(
                "animate", f"{PIX}/v4.5/image-to-video",
                {"image_url": "$inputs.image", "prompt": "she turns her head and smiles", "resolution": "360p"},
                sweep={"seed": [1, 2, 3, 4, 5, 6]},
            ),
            _step("all", "cut/join", {"video_urls": ["$animate.video"]}),
            _step("sheet", "cut/sheet", {"video_url": "$all.video"}),
        ],
    },
}  # fmt: skip

NAMES: tuple[str, ...] = tuple(_PRESETS)


def preset(name: str) -> Chain:
    """The chain of that name. Raises NotFound."""
    if name not in _PRESETS:
        raise NotFound(f"There is no preset {name!r}.", hint=f"There are: {', '.join(NAMES)}.")
    return Chain.model_validate(_PRESETS[name])
