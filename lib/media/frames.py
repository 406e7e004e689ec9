"""Which pictures of a clip: by place, number or time; and one of them by ffmpeg alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from lib.errors import InputError
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.timing import frame_at, frames_of
from lib.media.trim import Span

Which = Literal["first", "last", "number", "time"]
MOST = 500
"""Pictures that one cut gives at most."""
PNG: dict[str, Any] = {"c:v": "png", "pix_fmt": "rgb24"}
JPEG: dict[str, Any] = {"c:v": "mjpeg", "pix_fmt": "yuvj420p", "q:v": 2}


def pick(facts: Facts, which: Which, *, number: int | None = None, time_s: float | None = None) -> int:
    """The number of the picture; "last" is the last one shown. Raises InputError where the clip has no such one."""
    frames = frames_of(facts)
    if which == "first":
        return 0
    if which == "last":
        return frames - 1
    field = "frame" if which == "number" else "time_s"
    wanted = (number or 0) if which == "number" else frame_at(time_s or 0.0, facts)
    if 0 <= wanted < frames:
        return wanted
    message = f"The clip has pictures 0 to {frames - 1} ({facts.duration_s:.2f} s)."
    raise InputError(f"There is no such picture. {message}", hint="Choose an earlier one.", fields={field: message})


def every(part: Span, step: int) -> tuple[int, ...]:
    """The first picture of the part and every `step`-th after it. Raises InputError where that is too many."""
    found = range(part.first, part.end, step)
    if len(found) <= MOST:
        return tuple(found)
    least = -(-part.frames // MOST)
    message = f"This would be {len(found)} pictures; {MOST} are the most at a time."
    hint = f"Take a shorter part, or one in {least} pictures or fewer."
    raise InputError(message, hint=hint, fields={"every": message})


def spread(part: Span, count: int, field: str = "count") -> tuple[int, ...]:
    """`count` pictures, each in the middle of one of as many equal parts. Raises InputError where there are fewer."""
    if count > part.frames:
        message = f"That part of the clip has only {part.frames} pictures."
        raise InputError(message, hint="Choose fewer, or a longer part.", fields={field: message})
    return tuple(part.first + (2 * place + 1) * part.frames // (2 * count) for place in range(count))


def build(path: Path, facts: Facts, output: Path, frame: int) -> Command:
    """Picture number `frame` as PNG or, where the output's name says so, JPEG."""
    seek = graph.seek_s(frame, facts)
    picture = graph.from_frame(graph.picture_of(graph.opened(path, seek)), frame, facts, seek)
    # Full chroma, as an enlarged or continued picture would show the difference.
    picture = picture.filter("scale", flags="bicubic+accurate_rnd+full_chroma_int+full_chroma_inp")
    coding = JPEG if output.suffix in (".jpg", ".jpeg") else PNG
    options = coding | {"frames:v": 1, "update": 1, "fps_mode": "passthrough", "f": "image2"}
    return graph.command([picture], output, [path], 1, options | graph.marked([facts]))
