"""The chains that are run while everything is killed, on media so small that the work is mostly waiting."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from lib.chain.model import Chain
from lib.media.binary import ffmpeg
from tests.durability.place import Place

EXTEND, LIPSYNC, UPSCALER = "fal-ai/pixverse/extend/fast", "fal-ai/pixverse/lipsync", "fal-ai/video-upscaler"
INTERPOLATION = "fal-ai/amt-interpolation"
VIDEO: dict[str, Any] = {"video": {"kind": "video"}}
PAID: list[dict[str, Any]] = [
    {
        "id": "extend",
        "operation": EXTEND,
        "input": {"video_url": "$inputs.video", "prompt": "it goes on", "resolution": "360p"},
    },
    {"id": "lipsync", "operation": LIPSYNC, "input": {"video_url": "$extend.video", "audio_url": "$inputs.voice"}},
    {"id": "upscale", "operation": UPSCALER, "input": {"video_url": "$lipsync.video", "scale": 2}},
]
TRIM = {"id": "trim", "operation": "cut/trim", "input": {"video_url": "$upscale.video", "end_frame": 4}}


def golden(*, cut: bool = False) -> Chain:
    """Extend, lip-sync, upscale; and a cut behind them. The quick stand-in gives the input again: nobody asks why."""
    inputs = VIDEO | {"voice": {"kind": "audio"}}
    return Chain.model_validate(
        {"name": "golden", "gates": "off", "inputs": inputs, "steps": [*PAID, TRIM] if cut else PAID}
    )


def gated() -> Chain:
    """Two paid steps; of the first one's take a person is asked."""
    first = {"id": "first", "operation": UPSCALER, "input": {"video_url": "$inputs.video", "scale": 2}}
    then = {"id": "then", "operation": UPSCALER, "input": {"video_url": "$first.video", "scale": 2}}
    return Chain.model_validate({"name": "gated", "gates": "ask", "inputs": VIDEO, "steps": [first, then]})


def single(operation: str = EXTEND) -> Chain:
    """One paid step on the clip."""
    known = next((step["input"] for step in PAID if step["operation"] == operation), {})
    audio = {"audio_url": "$inputs.voice"} if operation == LIPSYNC else {}
    step = {"id": "only", "operation": operation, "input": {**known, "video_url": "$inputs.video", **audio}}
    inputs = VIDEO | ({"voice": {"kind": "audio"}} if audio else {})
    return Chain.model_validate({"name": "single", "inputs": inputs, "steps": [step]})


def cutting() -> Chain:
    """One local step that keeps ffmpeg busy for seconds: with one key picture at its start, all has to be encoded."""
    trim = {"id": "trim", "operation": "cut/trim", "input": {"video_url": "$inputs.video", "start_s": 0.5}}
    return Chain.model_validate({"name": "cutting", "inputs": VIDEO, "steps": [trim]})


class Inputs:
    """The files of a place, made once: name of an input -> SHA-256."""

    def __init__(self, place: Place) -> None:
        self._place = place
        clip, voice = place.logs / "clip.mp4", place.logs / "voice.wav"
        _film(["-f", "lavfi", "-i", "testsrc=size=96x96:rate=8:duration=1"], clip)
        _film(["-f", "lavfi", "-i", "sine=frequency=440:duration=1"], voice)
        self._clip = place.studio.add_file(clip, "clip.mp4").sha256
        self._voice = place.studio.add_file(voice, "voice.wav").sha256

    def of(self, chain: Chain) -> dict[str, str]:
        """What `chain` is given."""
        return {name: self._voice if wanted.kind == "audio" else self._clip for name, wanted in chain.inputs.items()}

    def long_clip(self) -> dict[str, str]:
        """A clip that takes ffmpeg seconds to cut."""
        clip = self._place.logs / "long.mp4"
        _film(["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=24:duration=8", "-preset", "ultrafast"], clip)
        return {"video": self._place.studio.add_file(clip, "long.mp4").sha256}


def _film(source: list[str], to: Path) -> None:
    subprocess.run([str(ffmpeg()), "-v", "error", "-y", *source, str(to)], check=True)
