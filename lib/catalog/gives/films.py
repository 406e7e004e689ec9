"""What the endpoints will give that make a clip from words or pictures: rules read from their documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lib.catalog.expected import Between, Expected, filmed, just

Files = Mapping[str, Expected]
Size = tuple[Between, Between]
Rule = Callable[[Any, Files], dict[str, Expected]]
"""(validated input, its files by path) -> what each output field will hold."""

USUAL_FPS = Between(16, 30)
"""Where no page states a rate; hosted models make 16 to 30 pictures a second."""
RATE = {"fps": "no page states the rate; hosted models make 16 to 30 pictures a second"}
SHAPES = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0, "4:3": 4 / 3, "3:4": 3 / 4, "21:9": 21 / 9, "9:21": 9 / 21}
MAGI_FPS = 24
"""Its pages count 24 pictures as a second."""
ZOOM = "fal-ai/lyra-2/zoom"


def sides(rule: str) -> dict[str, str]:
    return {"width": rule, "height": rule}


SHORT = sides("the resolution is read as the length of the short side")


def even(side: float) -> float:
    return float(max(round(side / 2) * 2, 2))


def sized(resolution: str, ratio: float | None) -> Size | None:
    """ "720p" in that shape (width by height): its short side has 720 pixels."""
    if ratio is None or not resolution.endswith("p"):
        return None
    short = int(resolution.removesuffix("p"))
    return just(even(short * max(ratio, 1.0))), just(even(short * max(1 / ratio, 1.0)))


def shaped(made: Any, given: Expected | None = None) -> Size | None:
    """The size of an endpoint with resolution and shape; "auto" is the shape of what is given."""
    own = given.ratio.low if given is not None and given.ratio is not None else None
    return sized(made.resolution, SHAPES.get(made.aspect_ratio, own))


def zoom(made: Any, files: Files) -> dict[str, Expected]:
    long, short = (832, 480) if made.resolution == "480p" else (1280, 720)
    ratio = files["image_url"].ratio if "image_url" in files else None
    wide, high = (long, short) if ratio is None or ratio.low >= 1 else (short, long)
    count = made.num_frames
    frames = Between(2 * count - 1, 2 * count) if made.zoom_direction == "both" else just(count)
    clip = filmed(
        "document 001: num_frames for each direction, at frames_per_second", frames=frames,
        fps=just(made.frames_per_second), size=(just(wide), just(high)) if ratio else None, sound=False,
        made_by=ZOOM, why=sides("document 001: 480p is 480x832 and 720p 720x1280, as the picture lies"),
    )  # fmt: skip
    return {"video": clip}


def lynx(made: Any, files: Files) -> dict[str, Expected]:
    clip = filmed(
        "document 002: num_frames at frames_per_second", frames=just(made.num_frames),
        fps=just(made.frames_per_second), size=shaped(made), sound=False, made_by="fal-ai/lynx", why=SHORT,
    )  # fmt: skip
    return {"video": clip}


def ray(made: Any, files: Files) -> dict[str, Expected]:
    clip = filmed(
        "document 004: as long as the field duration says", duration_s=just(int(made.duration.removesuffix("s"))),
        fps=USUAL_FPS, size=shaped(made), sound=False, made_by="luma", why=SHORT | RATE,
    )  # fmt: skip
    return {"video": clip}


def first_luma(made: Any, files: Files) -> dict[str, Expected]:
    return {"video": filmed("the document has no field for size or length", sound=False, made_by="luma")}


def pixverse(made: Any, files: Files) -> dict[str, Expected]:
    length_s = int(getattr(made, "duration", 5))
    source = "document 003, page 5: as long as the field duration says, in fast mode 5 s"
    clip = filmed(
        source, duration_s=just(length_s), fps=USUAL_FPS, size=shaped(made), sound=False, made_by="pixverse",
        why=SHORT | RATE,
    )  # fmt: skip
    return {"video": clip}


def magi(made: Any, files: Files) -> dict[str, Expected]:
    clip = filmed(
        "document 003, page 4: num_frames, of which 24 count as a second", frames=just(made.num_frames),
        fps=just(MAGI_FPS), size=shaped(made, files.get("image_url")), sound=False, made_by="magi", why=SHORT,
    )  # fmt: skip
    return {"video": clip}


def ltx(made: Any, files: Files) -> dict[str, Expected]:
    clip = filmed(
        "document 003, page 3: num_frames at frame_rate", frames=just(made.num_frames), fps=just(made.frame_rate),
        size=shaped(made), sound=False, made_by="ltx", why=SHORT,
    )  # fmt: skip
    return {"video": clip}


def between_pictures(made: Any, files: Files) -> dict[str, Expected]:
    """AMT over single pictures: each pass puts one between any two."""
    count, times = len(made.frames), 1 << min(made.recursive_interpolation_passes, 30)
    frames = Between((count - 1) * times + 1, count * times)
    clip = filmed(
        "document 003, page 10: each pass puts a picture between any two, shown at output_fps", frames=frames,
        fps=just(made.output_fps), sound=False,
    )  # fmt: skip
    return {"video": clip}


RULES: Mapping[str, Rule] = {
    ZOOM: zoom,
    "fal-ai/lynx": lynx,
    "fal-ai/luma-dream-machine/ray-2/image-to-video": ray,
    "fal-ai/luma-dream-machine/ray-2": ray,
    "fal-ai/luma-dream-machine": first_luma,
    "fal-ai/luma-dream-machine/image-to-video": first_luma,
    "fal-ai/pixverse/v4.5/text-to-video": pixverse,
    "fal-ai/pixverse/v4.5/text-to-video/fast": pixverse,
    "fal-ai/pixverse/v4.5/image-to-video": pixverse,
    "fal-ai/pixverse/v4.5/image-to-video/fast": pixverse,
    "fal-ai/pixverse/v3.5/image-to-video": pixverse,
    "fal-ai/pixverse/v3.5/image-to-video/fast": pixverse,
    "fal-ai/pixverse/v4.5/transition": pixverse,
    "fal-ai/magi": magi,
    "fal-ai/magi/image-to-video": magi,
    "fal-ai/ltx-video-13b-distilled/multiconditioning": ltx,
    "fal-ai/amt-interpolation/frame-interpolation": between_pictures,
}
