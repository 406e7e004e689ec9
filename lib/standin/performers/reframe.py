"""Luma reframe: the clip in another shape, whole or in part, with new picture around it; time and sound stay.

`x_start` to `y_end` are the part of the clip that is kept, in its pixels; the grid position is where that part stands
in the new picture, else its middle. A first frame picture is what surrounds it, else its own edges go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from lib.standin.performers.film import Film
from lib.standin.performers.framing import framed, inside
from lib.standin.performers.part import Part, Played, Refused
from lib.standin.performers.reel import Picture, Size, arrays, covering, look, photo, pictures, shape_of
from lib.standin.performers.sound import samples_of


def perform(part: Part) -> Played:
    """The short side stays as long as the clip's."""
    clip, values = look(part, "video_url"), part.values
    size = shape_of(values["aspect_ratio"], clip.size.short)
    rows, columns = _kept(values, "y", clip.size.height), _kept(values, "x", clip.size.width)
    inner = inside(size, Size(columns.stop - columns.start, rows.stop - rows.start), 1.0)
    at = _place(values, size, inner)
    around = covering(photo(part, "image_url"), size) if "image_url" in part.files else None
    part.log(f"Reframing to {size.width} x {size.height}")
    film = Film(
        part, size, clip.rate, marked=part.marked("video_url"), frames=clip.frames,
        sound=samples_of(clip.path) if clip.has_sound else None,
    )  # fmt: skip
    with film:
        for picture in arrays(pictures(clip, clip.size, kind="rgb24", rate=clip.resample, threads=part.threads)):
            film.show(framed(_sized(picture[rows, columns], inner), size, at, around=around))
    return Played({"video": film.path}, {})


def _kept(values: Mapping[str, Any], axis: str, length: int) -> slice:
    """What is kept of the clip along that axis. Raises Refused where nothing is."""
    given = values.get(f"{axis}_start"), values.get(f"{axis}_end")
    start, end = given[0] or 0, length if given[1] is None else min(given[1], length)
    if end - start < 2:
        raise Refused(f"{axis}_start", f"Nothing is left: the video is {length} pixels long in this direction.")
    return slice(start, end)


def _place(values: Mapping[str, Any], size: Size, inner: Size) -> tuple[int, int]:
    """Left and top, as far as the picture stays inside."""
    room = size.width - inner.width, size.height - inner.height
    asked = values.get("grid_position_x"), values.get("grid_position_y")
    left, top = (most // 2 if at is None else min(max(at, 0), most) for at, most in zip(asked, room, strict=True))
    return left, top


def _sized(picture: Picture, size: Size) -> Picture:
    if picture.shape[:2] == (size.height, size.width):
        return picture
    return np.asarray(cv2.resize(picture, (size.width, size.height), interpolation=cv2.INTER_CUBIC), np.uint8)
