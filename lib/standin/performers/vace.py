"""Wan VACE: the clip in another look for depth and pose, parts of it replaced, or more picture around it.

The task is a field of the parent endpoint, and the last word of the ids of the others.

Frames: as many as the clip has where `match_input_num_frames` is set, else `num_frames`; rate likewise. A clip that is
too short runs back and forth. Without a clip a camera moves over the reference picture, or over a scene made up from
the prompt. Where a mask picture is given the mask clip is ignored; white is what is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from lib.standin.performers import looks
from lib.standin.performers.animate import Shot
from lib.standin.performers.animate import film as still_film
from lib.standin.performers.backdrop import backdrop
from lib.standin.performers.film import Film
from lib.standin.performers.flow import mixed
from lib.standin.performers.framing import Margins, Spot
from lib.standin.performers.looks import Look, Palette
from lib.standin.performers.part import Part, Played
from lib.standin.performers.reel import Clip, Picture, Size, arrays, covering, look, photo, pictures, shape_of
from lib.standin.performers.timeline import Anchor, Moving, Shelf, Timeline, swung

WIDER = 1.25  # how much more outpainting shows; the parent endpoint has no field for it (seed-notes 29)

Masks = Callable[[], Picture]
"""The next picture's mask: one channel, white where something is replaced."""


def task_of(part: Part) -> str:
    """ "depth", "pose", "inpainting", "outpainting" or "reframe"."""
    return str(part.values.get("task") or part.endpoint.rsplit("/", 1)[1])


def perform(part: Part) -> Played:
    path = _from_clip(part, look(part, "video_url")) if "video_url" in part.files else _from_still(part)
    return Played({"video": path}, {"prompt": part.values["prompt"], "seed": part.seed})


def _size(part: Part, given: Size) -> Size:
    short, ratio = int(part.values["resolution"].removesuffix("p")), part.values["aspect_ratio"]
    return given.with_short(short) if ratio == "auto" else shape_of(ratio, short)


def _from_still(part: Part) -> Path:
    rate, frames = Fraction(part.values["frames_per_second"]), part.values["num_frames"]
    size = _size(part, Size(16, 9).times(100))
    field = "ref_image_urls.0"
    image = photo(part, field) if field in part.files else backdrop(part.values["prompt"], part.seed, size.times(1.4))
    part.log("No clip is given: a camera moves over a still")
    timeline = Timeline([Anchor(0, Moving(image, size, float(rate), part.seed))])
    return still_film(Shot(part, field, size, rate, range(frames)), timeline)


def _from_clip(part: Part, clip: Clip) -> Path:
    values, margins, fitted = part.values, _margins(part), task_of(part) in {"outpainting", "reframe"}
    size = _size(part, margins.around(clip.size))
    spot = Spot.of(size, clip.size, margins, values.get("zoom_factor") or 0.0) if fitted else None
    rate = clip.rate if values["match_input_frames_per_second"] else Fraction(values["frames_per_second"])
    every = rate if rate != clip.rate else clip.resample
    inner = spot.inner if spot else size
    source = arrays(pictures(clip, inner, kind="rgb24", rate=every, cover=not fitted, threads=part.threads))
    count = None if values["match_input_num_frames"] else values["num_frames"]
    change = _change(part, size, rate, spot)
    part.log(f"Task {task_of(part)}: {count or clip.frames or 'all'} frames at {float(rate):g} fps")
    with Film(part, size, rate, marked=part.marked("video_url"), frames=count or clip.frames) as film:
        for picture in _counted(thinned(source, values.get("temporal_downsample_factor") or 0), count):
            film.show(change(picture))
    return film.path


def _margins(part: Part) -> Margins:
    """What outpainting adds: on the sides that are asked for, or everywhere where there is no field for it."""
    if task_of(part) != "outpainting":
        return Margins()
    if "expand_ratio" not in part.values:
        return Margins(*[(WIDER - 1) / 2] * 4)
    ratio = float(part.values["expand_ratio"])
    return Margins(*(ratio * bool(part.values[f"expand_{side}"]) for side in ("left", "right", "top", "bottom")))


def thinned(source: Iterator[Picture], skip: int) -> Iterator[Picture]:
    """As many pictures, but after each one that is kept `skip` are made up between it and the next that is kept."""
    kept = next(source, None)
    while kept is not None:
        after = list(islice(source, skip + 1))
        last = after[-1] if after else kept
        yield kept
        yield from (mixed(kept, last, step / len(after)) for step in range(1, len(after)))
        kept = last if after else None


def _counted(source: Iterator[Picture], count: int | None) -> Iterator[Picture]:
    """Exactly `count` pictures, running back and forth where there are fewer; all of them where it is None."""
    if count is None:
        yield from source
        return
    shelf = Shelf(())
    for picture in source:
        shelf.put(picture)
        yield picture
        if len(shelf) == count:
            return
    for index in range(len(shelf), count):
        yield shelf[swung(index, len(shelf))]


def _change(part: Part, size: Size, rate: Fraction, spot: Spot | None) -> Look:
    """What the task does to each picture, then the reference picture's colours."""
    palette = Palette.of(part.values["prompt"], part.seed)
    if spot is not None:
        chosen: Look = spot.show
    elif task_of(part) == "inpainting":
        chosen = _replaced(_masks(part, size, rate), looks.after(looks.painted(1.0), looks.toned(palette, 0.75)))
    else:
        chosen = {
            "depth": looks.after(looks.painted(0.75), looks.toned(palette, 0.3), looks.hazed(palette, 1.0)),
            "pose": looks.outlined(palette, 0.85),
        }[task_of(part)]
    if "ref_image_urls.0" not in part.files:
        return chosen
    example = np.asarray(photo(part, "ref_image_urls.0").resize((256, 256)))
    return looks.after(chosen, looks.recoloured(example, 0.7))


def _replaced(masks: Masks, change: Look) -> Look:
    """Only what the mask shows is changed, with a soft edge."""

    def look_(picture: Picture) -> Picture:
        cover = masks().astype(np.float32)[..., None] / 255
        return np.asarray(picture * (1 - cover) + change(picture) * cover, np.float32).astype(np.uint8)

    return look_


def _masks(part: Part, size: Size, rate: Fraction) -> Masks:
    """The mask picture, else the mask clip, else an oval in the middle."""
    if "mask_image_url" not in part.files and "mask_video_url" in part.files:
        clip = look(part, "mask_video_url")
        return _played(arrays(pictures(clip, size, kind="gray", rate=rate, cover=True, threads=part.threads)))
    if "mask_image_url" in part.files:
        still = looks.grey(covering(photo(part, "mask_image_url"), size))
    else:
        ys, xs = np.mgrid[-1 : 1 : complex(size.height), -1 : 1 : complex(size.width)]
        still = ((xs / 0.45) ** 2 + (ys / 0.6) ** 2 < 1).astype(np.uint8) * 255
    soft = _soft(still)
    return lambda: soft


def _played(masks: Iterator[Picture]) -> Masks:
    """One mask after the other; the last one stays."""
    last: list[Picture] = []

    def mask() -> Picture:
        found = next(masks, None)
        if found is not None:
            last[:] = [_soft(found)]
        return last[0]

    return mask


def _soft(mask: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(1.0, mask.shape[0] / 120)), np.uint8)
