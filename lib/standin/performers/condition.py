"""LTX multi-conditioning: pictures and clips stand at the frames that were asked for, and dissolve into each other."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from typing import Any

from lib.standin.performers.animate import Shot, film
from lib.standin.performers.backdrop import backdrop
from lib.standin.performers.part import Part, Played, Refused
from lib.standin.performers.reel import Size, arrays, look, photo, pictures, shape_of
from lib.standin.performers.timeline import Anchor, Moving, Playing, Shelf, Source, Timeline

MOST_FRAMES = 1441  # the largest number on sibling pages (queue-protocol 7.4)
SHAPES = {"16:9": 16 / 9, "1:1": 1.0, "9:16": 9 / 16}


def perform(part: Part) -> Played:
    """`num_frames` at `frame_rate`; `reverse_video` plays them backwards."""
    values = part.values
    frames, rate = values["num_frames"], Fraction(values["frame_rate"])
    if not 1 <= frames <= MOST_FRAMES:
        raise Refused("num_frames", f"The number of frames must be between 1 and {MOST_FRAMES}.")
    names = [name for name in part.files if name.startswith(("images.", "videos."))]
    size = _size(part, names)
    timeline = Timeline(_anchors(part, names, size, rate))
    order = range(frames - 1, -1, -1) if values.get("reverse_video") else range(frames)
    path = film(Shot(part, names[0] if names else "", size, rate, order), timeline)
    return Played({"video": path}, {"prompt": values["prompt"], "seed": part.seed})


def _size(part: Part, names: list[str]) -> Size:
    """The size asked for; with "auto", the supported shape that is nearest to the first picture's or clip's."""
    ratio, short = part.values["aspect_ratio"], int(part.values["resolution"].removesuffix("p"))
    if ratio == "auto":
        given = _ratio(part, names[0]) if names else 16 / 9
        ratio = min(SHAPES, key=lambda shape: abs(SHAPES[shape] - given))
    return shape_of(ratio, short)


def _ratio(part: Part, name: str) -> float:
    if name.startswith("videos."):
        return look(part, name).size.ratio
    image = photo(part, name)
    return image.width / image.height


def _anchors(part: Part, names: list[str], size: Size, rate: Fraction) -> list[Anchor]:
    """Every picture and clip at its frame; without any, a scene made up from the prompt."""
    if not names:
        image = backdrop(part.values["prompt"], part.seed, size.times(1.4))
        return [Anchor(0, Moving(image, size, float(rate), part.seed))]
    found: dict[int, Source] = {}
    for name in names:
        item = _item(part, name)
        found[item["start_frame_num"]] = _source(part, name, item, size, rate)
    return [Anchor(frame, found[frame]) for frame in sorted(found)]


def _item(part: Part, name: str) -> dict[str, Any]:
    """The object that holds that file: "videos.0.video_url" is the first of `videos`."""
    field, index, _ = name.split(".")
    item: dict[str, Any] = part.values[field][int(index)]
    return item


def _source(part: Part, name: str, item: dict[str, Any], size: Size, rate: Fraction) -> Source:
    if name.startswith("images."):
        return Moving(photo(part, name), size, float(rate), part.seed)
    clip = look(part, name)
    most = item["max_num_frames"] if item.get("limit_num_frames") else MOST_FRAMES
    read_at = Fraction(item["target_fps"]) if item.get("resample_fps") else rate
    part.log(f"Reading the clip that begins at frame {item['start_frame_num']}")
    frames = pictures(clip, size, kind="rgb24", rate=read_at, cover=True, threads=part.threads)
    shelf = Shelf(islice(arrays(frames), min(most, part.values["num_frames"])))
    return Playing(shelf, backwards=bool(item.get("reverse_video")))
