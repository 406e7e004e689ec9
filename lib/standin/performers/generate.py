"""Film from words, from a picture or from one picture to another: MAGI and PixVerse.

MAGI makes `num_frames`, PixVerse as many seconds as asked for (fast: five); the pictures are cropped to the shape. A
style of PixVerse is a look over all of it; without one a given picture is the first frame itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from PIL import Image, ImageOps

from lib.standin.performers import looks
from lib.standin.performers.backdrop import backdrop
from lib.standin.performers.film import Film
from lib.standin.performers.looks import Look, Palette
from lib.standin.performers.part import Part, Played
from lib.standin.performers.reel import Picture, Size, photo, shape_of
from lib.standin.performers.timeline import Anchor, Moving, Timeline

RATE = Fraction(24)  # MAGI's page counts 24 frames a second; PixVerse's says nothing
FAST_S = 5
FIELDS = ("image_url", "first_image_url", "last_image_url")
NEON = Palette((0.10, 0.02, 0.30), (0.25, 1.0, 0.95))
STYLES: Mapping[str, Look] = {
    "anime": looks.painted(0.9),
    "3d_animation": looks.toned(Palette((0.1, 0.1, 0.25), (1.0, 0.95, 0.85)), 0.5),
    "clay": looks.after(looks.painted(0.6), looks.toned(Palette((0.3, 0.15, 0.1), (1.0, 0.85, 0.7)), 0.6)),
    "comic": looks.sketched(0.9),
    "cyberpunk": looks.toned(NEON, 0.8),
}


def perform(part: Part) -> Played:
    """The clip; MAGI also says its seed."""
    given = [photo(part, name) for name in FIELDS if name in part.files]
    size, frames = _size(part, given), _frames(part)
    images = [_cropped(image, size) for image in given] or [backdrop(_words(part), part.seed, size.times(1.4))]
    timeline = _timeline([Moving(image, size, float(RATE), part.seed) for image in images], frames)
    style = STYLES.get(part.values.get("style") or "", _plain)
    part.log(f"{frames} frames at {RATE} fps, {size.width} x {size.height}")
    marked = all(part.marked(name) for name in FIELDS if name in part.files) and bool(given)
    with Film(part, size, RATE, marked=marked, frames=frames) as film:
        for frame in range(frames):
            film.show(style(timeline.at(frame)))
    is_magi = part.endpoint.startswith("fal-ai/magi")
    return Played({"video": film.path}, {"seed": part.seed} if is_magi else {})


def _frames(part: Part) -> int:
    if "num_frames" in part.values:
        return int(part.values["num_frames"])
    return round(int(part.values.get("duration", FAST_S)) * RATE)


def _size(part: Part, given: list[Image.Image]) -> Size:
    """The shape asked for; with "auto" that of the picture, and 16:9 without one."""
    ratio, short = part.values["aspect_ratio"], int(part.values["resolution"].removesuffix("p"))
    if ratio != "auto":
        return shape_of(ratio, short)
    return Size(given[0].width, given[0].height).with_short(short) if given else shape_of("16:9", short)


def _cropped(image: Image.Image, size: Size) -> Image.Image:
    """The middle of the picture in that shape, no smaller than it was."""
    scale = min(image.width / size.width, image.height / size.height)
    return ImageOps.fit(image, (round(size.width * scale), round(size.height * scale)), Image.Resampling.LANCZOS)


def _timeline(moving: list[Moving], frames: int) -> Timeline:
    first, *rest = moving
    return Timeline([Anchor(0, first), *(Anchor(frames - 1, last) for last in rest)])


def _words(part: Part) -> str:
    return str(part.values["prompt"])


def _plain(picture: Picture) -> Picture:
    return picture
