"""Single pictures: the first, the middle or the last frame of a clip, as a PNG."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lib.standin.mark import Badge, comment
from lib.standin.performers.film import plane_of
from lib.standin.performers.part import Part, Played, Refused
from lib.standin.performers.reel import NOT_A_VIDEO, Clip, look, pictures


def perform(part: Part) -> Played:
    """That frame, in the size of the clip."""
    which = part.values["frame_type"]
    frame = frame_at(look(part, "video_url"), which, part.threads)
    return Played({"images.0": still(part, frame, f"{which}.png", marked=part.marked("video_url"))}, {})


def frame_at(clip: Clip, which: str, threads: int = 2) -> av.VideoFrame:
    """The "first", "middle" or "last" frame, found by decoding: what a file says of its own length may be wrong."""
    count = 1 if which == "first" else sum(1 for _ in _frames(clip, threads))
    wanted = {"first": 0, "middle": count // 2, "last": count - 1}[which]
    found = next((frame for index, frame in enumerate(_frames(clip, threads)) if index == wanted), None)
    if found is None:
        raise Refused(clip.field, NOT_A_VIDEO)
    return found


def _frames(clip: Clip, threads: int) -> Iterator[av.VideoFrame]:
    return pictures(clip, clip.size, threads=threads)


def still(part: Part, frame: av.VideoFrame, name: str, *, marked: bool) -> Path:
    """The 4:2:0 frame as a PNG that says what it is, with the badge unless it is `marked` already."""
    if not marked:
        frame.make_writable()
        Badge.of(frame.width, frame.height).draw(*(plane_of(frame, index) for index in range(3)))
    words = PngInfo()
    words.add_text("comment", comment(part.endpoint))
    path = part.folder / name
    Image.fromarray(frame.to_ndarray(format="rgb24")).save(path, pnginfo=words)
    return path
