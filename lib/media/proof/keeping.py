"""Makes what a command describes, and hands it over only if it keeps the command's promise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.errors import BadMedia
from lib.media.command import Command
from lib.media.folder import private_folder
from lib.media.limits import Limits
from lib.media.progress import OnProgress
from lib.media.promise import Promise, Same
from lib.media.run import run
from lib.media.smart.child import child
from lib.media.smart.running import CUT_SHARE, Progress, Running
from lib.media.timing import shown_at


async def made(
    command: Command, *, on_progress: OnProgress | None = None, cancelled: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """Makes the command's output; gives what it says and, where it promised something, the proof.

    Raises a MediaError (BadMedia for a broken promise) or Cancelled, and leaves nothing then.
    """
    if command.promise is None:
        await run(command, on_progress=on_progress, cancelled=cancelled)
        return dict(command.said)
    running = Running(Progress(on_progress), cancelled, Limits())
    with private_folder(command.output.parent) as folder:
        moved = command.into(folder)
        await running.ffmpeg(moved, 0, CUT_SHARE)
        proof = await kept(command.promise, moved.output, running)
        moved.output.replace(command.output)
    running.progress(1.0)
    return {**command.said, "proof": proof}


async def kept(promise: Promise, output: Path, running: Running) -> dict[str, Any]:
    """The proof that the file keeps the promise. Raises BadMedia, with what is wrong, where it does not."""
    async with child(output.parent, running.limits) as one:
        proof = await one.ask(_request(promise, output), running.watch(CUT_SHARE, 1.0))
    if proof["faults"]:
        raise BadMedia(f"The result is not what it should be: {proof['faults'][0]}", hint="The file may be damaged.")
    return proof


def _request(promise: Promise, output: Path) -> dict[str, Any]:
    place = promise.place
    return {
        "do": "promise",
        "output": str(output),
        "times": promise.times,
        "end_s": promise.end_s,
        "size": promise.size,
        "samples": promise.samples,
        "sample_rate": promise.sample_rate,
        "clips": [{"path": str(path), "zero_s": facts.picture_start_s} for path, facts in promise.clips],
        "same": [_same(promise, one) for one in promise.same],
        "heard": [
            {"made_s": one.made_s, "source_s": one.source_s, "length_s": one.length_s, "clip": one.clip}
            for one in promise.heard
        ],
        "place": None if place is None else (place.left, place.top, place.width, place.height),
    }


def _same(promise: Promise, same: Same) -> dict[str, Any]:
    facts = promise.clips[same.clip][1]
    near = range(max(same.source - 1, 0), min(same.source + 2, facts.frames or 1))
    around = {number: float(shown_at(number, facts)) for number in near}
    return {"made": same.made, "clip": same.clip, "source": same.source, "around": around}
