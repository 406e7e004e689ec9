"""The stand-in's performers, seen from its server: one child process per performance, real media from the real input.

The server itself loads no numpy, OpenCV or PyAV: a performance runs in `lib.standin.performers.child`, on the leash of
`lib.media.leash`, so it blocks nothing, dies with the stand-in, and gives its memory back when it is over.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from lib.catalog.fields import Input
from lib.errors import DailiesError, InputError, MediaError, NoSpace, TooLong
from lib.media.children import child, tail
from lib.media.facts import Facts
from lib.media.limits import GIB, Limits

ROOT = Path(__file__).resolve().parents[2]
LIMITS = Limits(deadline_s=1800.0, memory_bytes=6 * GIB, cpu_s=3600)


@dataclass(frozen=True, slots=True)
class Task:
    """What to perform: `files` maps a field's path ("images.0.image_url") to a local file, `facts` likewise.

    `variant` holds settings of the stand-in that no model has: {"extend": "continuation"} makes the extend endpoints
    answer with the new part alone. `folder` is private to the performance and exists.
    """

    endpoint: str
    made: Input
    files: Mapping[str, Path]
    facts: Mapping[str, Facts]
    folder: Path
    seed: int
    log: Callable[[str], None]
    threads: int = 2
    variant: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Made:
    """What came of it: output field -> file in the task's folder, the other output fields, and the files' types.

    A field may be a path ("images.0"); one that ends in "_url" is answered with the address alone.
    """

    files: dict[str, Path]
    values: dict[str, Any] = field(default_factory=dict)
    content_types: dict[str, str] = field(default_factory=dict)


Performer = Callable[[Task], Awaitable[Made]]


async def perform(module: str, task: Task) -> Made:
    """Runs `lib.standin.performers.<module>` on the task in a child.

    Raises InputError (with the field) for what the model would refuse, else a MediaError. Cancelling it kills the
    child at once.
    """
    script = task.folder / "task.json"
    script.write_text(json.dumps(_script(module, task)), encoding="utf-8")
    argv = [sys.executable, "-m", "lib.standin.performers.child", str(script)]
    try:
        async with asyncio.timeout(LIMITS.deadline_s), child(argv, LIMITS, ROOT) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            stderr = asyncio.create_task(tail(process.stderr))
            last = await _listen(process.stdout, task.log)
            return _made(last, await process.wait(), await stderr)
    except TimeoutError as error:
        raise TooLong(
            f"The rehearsal was not finished after {LIMITS.deadline_s:g} s.", hint="Use a shorter clip."
        ) from error


def _script(module: str, task: Task) -> dict[str, Any]:
    return {
        "module": module,
        "endpoint": task.endpoint,
        "values": task.made.model_dump(mode="json"),
        "files": {name: str(path) for name, path in task.files.items()},
        "rehearsal": {name: facts.rehearsal for name, facts in task.facts.items()},
        "folder": str(task.folder),
        "seed": task.seed,
        "threads": task.threads,
        "variant": dict(task.variant),
    }


async def _listen(stream: asyncio.StreamReader, log: Callable[[str], None]) -> dict[str, Any]:
    """Passes the child's log lines on; gives its last word ({"made": ...} or {"error": ...}; {} if it had none)."""
    last: dict[str, Any] = {}
    async for line in stream:
        word = json.loads(line)
        if "log" in word:
            log(word["log"])
        else:
            last = word
    return last


def _made(last: Mapping[str, Any], code: int, stderr: str) -> Made:
    if "made" in last:
        made = last["made"]
        files = {name: Path(path) for name, path in made["files"].items()}
        return Made(files, made["values"], {name: CONTENT_TYPES[path.suffix] for name, path in files.items()})
    raise _failure(last.get("error", {}), code, stderr)


def _failure(error: Mapping[str, Any], code: int, stderr: str) -> DailiesError:
    if error.get("kind") == "refused":
        name, message = error["field"], error["message"]
        return InputError(f"{name}: {message}", hint="Correct the marked fields.", fields={name: message})
    if error.get("kind") == "full":
        return NoSpace("The disk is full.", hint="Free some space, then start this step again.", stderr=stderr)
    if code < 0:
        message = f"The rehearsal was stopped by the system (signal {-code})."
    else:
        lines = stderr.strip().splitlines()
        message = f"The rehearsal failed: {lines[-1] if lines else f'code {code}, no message'}"
    return MediaError(message, hint="Try it with another clip.", code=code, stderr=stderr)


CONTENT_TYPES: Mapping[str, str] = {
    ".mp4": "video/mp4",
    ".ply": "model/ply",
    ".png": "image/png",
    ".wav": "audio/wav",
}

MODULES: Mapping[str, str] = {
    "fal-ai/pixverse/extend/fast": "extend",
    "fal-ai/pixverse/extend": "extend",
    "fal-ai/magi/extend-video": "extend",
    "fal-ai/magi": "generate",
    "fal-ai/magi/image-to-video": "generate",
    "fal-ai/pixverse/v4.5/text-to-video": "generate",
    "fal-ai/pixverse/v4.5/text-to-video/fast": "generate",
    "fal-ai/pixverse/v4.5/image-to-video": "generate",
    "fal-ai/pixverse/v4.5/image-to-video/fast": "generate",
    "fal-ai/pixverse/v3.5/image-to-video": "generate",
    "fal-ai/pixverse/v3.5/image-to-video/fast": "generate",
    "fal-ai/pixverse/v4.5/transition": "generate",
    "fal-ai/pixverse/sound-effects": "effects",
    "fal-ai/pixverse/lipsync": "lipsync",
    "fal-ai/ffmpeg-api/merge-audio-video": "lipsync",
    "fal-ai/video-upscaler": "upscale",
    "fal-ai/ffmpeg-api/compose": "compose",
    "fal-ai/ffmpeg-api/extract-frame": "stills",
    "fal-ai/ffmpeg-api/loudnorm": "loudnorm",
    "fal-ai/ffmpeg-api/metadata": "metadata",
    "fal-ai/amt-interpolation": "interpolate",
    "fal-ai/amt-interpolation/frame-interpolation": "interpolate",
    "fal-ai/lyra-2/zoom": "zoom",
    "fal-ai/lyra-2/splat": "splat",
    "fal-ai/lynx": "animate",
    "fal-ai/luma-dream-machine/ray-2/image-to-video": "animate",
    "fal-ai/luma-dream-machine/ray-2": "animate",
    "fal-ai/luma-dream-machine": "animate",
    "fal-ai/luma-dream-machine/image-to-video": "animate",
    "fal-ai/luma-dream-machine/ray-2/reframe": "reframe",
    "fal-ai/ltx-video-13b-distilled/multiconditioning": "condition",
    "fal-ai/luma-dream-machine/ray-2/modify": "restyle",
    "fal-ai/wan-vace-14b": "vace",
    "fal-ai/wan-vace-14b/depth": "vace",
    "fal-ai/wan-vace-14b/pose": "vace",
    "fal-ai/wan-vace-14b/inpainting": "vace",
    "fal-ai/wan-vace-14b/outpainting": "vace",
    "fal-ai/wan-vace-14b/reframe": "vace",
    "fal-ai/fast-animatediff/turbo/video-to-video": "restyle",
}
"""Endpoint -> its module in `lib.standin.performers`."""

GUEST_PERFORMER: Performer = partial(perform, "guest")
"""For models that are in no catalog: it makes what their output says."""

PERFORMERS: Mapping[str, Performer] = {name: partial(perform, module) for name, module in MODULES.items()}
