"""Film from a still or from words: Lynx, and Luma from its first picture to its last."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image

from lib.standin.performers.backdrop import backdrop
from lib.standin.performers.film import Film
from lib.standin.performers.part import Part, Played
from lib.standin.performers.reel import Size, photo, shape_of
from lib.standin.performers.timeline import Anchor, Moving, Timeline

RAY_RATE = Fraction(24)  # what Luma's films have; no field says it
FIRST_SIZE, FIRST_LENGTH = "540p", "5s"  # of Luma's first version, which has no field for them


@dataclass(frozen=True, slots=True)
class Shot:
    """What is filmed: `field` holds the picture that may carry the mark already, `frames` says which in which order."""

    part: Part
    field: str
    size: Size
    rate: Fraction
    frames: range


def perform(part: Part) -> Played:
    """A camera that moves gently over the picture, as long and as large as the fields say."""
    values = {"resolution": FIRST_SIZE, "duration": FIRST_LENGTH, **part.values}
    size = shape_of(values["aspect_ratio"], int(values["resolution"].removesuffix("p")))
    if part.endpoint == "fal-ai/lynx":
        rate = Fraction(values["frames_per_second"])
        anchors = [Anchor(0, _moving(part, photo(part, "image_url"), size, rate))]
        shot = Shot(part, "image_url", size, rate, range(values["num_frames"]))
        return Played({"video": film(shot, Timeline(anchors))}, {"seed": part.seed})
    frames = round(int(values["duration"].removesuffix("s")) * RAY_RATE)
    first = "image_url" if "image_url" in part.files else "end_image_url"
    shot = Shot(part, first, size, RAY_RATE, range(frames))
    return Played({"video": film(shot, _ray(part, size, frames))}, {})


def film(shot: Shot, timeline: Timeline) -> Path:
    """The timeline's frames as a file."""
    part, size, frames = shot.part, shot.size, shot.frames
    part.log(f"{len(frames)} frames at {float(shot.rate):g} fps, {size.width} x {size.height}")
    with Film(part, size, shot.rate, marked=part.marked(shot.field), frames=len(frames)) as made:
        for frame in frames:
            made.show(timeline.at(frame))
    return made.path


def _ray(part: Part, size: Size, frames: int) -> Timeline:
    """First picture at the beginning, last one at the end; a loop comes back to where it began."""
    given = [name for name in ("image_url", "end_image_url") if name in part.files]
    images = [photo(part, name) for name in given] or [backdrop(part.values["prompt"], part.seed, size.times(1.4))]
    moving = [_moving(part, image, size, RAY_RATE) for image in images]
    if part.values.get("loop"):
        back = [Anchor(round(frames * 0.55), moving[1])] if len(moving) > 1 else []
        return Timeline([Anchor(0, moving[0]), *back, Anchor(frames, moving[0])])
    if len(moving) > 1:
        return Timeline([Anchor(0, moving[0]), Anchor(frames - 1, moving[1])])
    return Timeline([Anchor(frames - 1 if given == ["end_image_url"] else 0, moving[0])])


def _moving(part: Part, image: Image.Image, size: Size, rate: Fraction) -> Moving:
    return Moving(image, size, float(rate), part.seed)
