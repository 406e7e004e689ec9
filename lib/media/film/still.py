"""One small picture of a clip, found as the cuts find it, so that it is the picture they keep or remove."""

from __future__ import annotations

from pathlib import Path

from lib.errors import InputError
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.frames import JPEG
from lib.media.limits import GIB, Limits
from lib.media.run import run
from lib.media.timing import frames_of

HEIGHT = 270
STILL_LIMITS = Limits(deadline_s=60.0, memory_bytes=3 * GIB, cpu_s=90, file_bytes=16 * 2**20)


def build(path: Path, facts: Facts, output: Path, frame: int) -> Command:
    """Picture number `frame` as a JPEG at most HEIGHT high. Raises InputError where the clip has no such one."""
    frames = frames_of(facts)
    if not 0 <= frame < frames:
        message = f"The clip has pictures 0 to {frames - 1}."
        raise InputError("There is no such picture.", hint=message, fields={"frame": message})
    seek = graph.seek_s(frame, facts)
    picture = graph.from_frame(graph.picture_of(graph.opened(path, seek)), frame, facts, seek)
    # In shown pixels: a clip whose own are not square is drawn as a player shows it.
    picture = picture.filter("scale", f"trunc(iw*sar*min(1,{HEIGHT}/ih)/2)*2", f"trunc(min(ih,{HEIGHT})/2)*2")
    picture = picture.filter("setsar", 1)
    options = JPEG | {"q:v": 4, "frames:v": 1, "update": 1, "fps_mode": "passthrough", "f": "image2"}
    return graph.command([picture], output, [path], 1, options)


async def make_still(source: Path, facts: Facts, output: Path, frame: int) -> None:
    """Writes it. Raises InputError, BadMedia or TooLong."""
    await run(build(source, facts, output, frame), limits=STILL_LIMITS)
