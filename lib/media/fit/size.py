"""Pictures at another size: scaled and cropped, scaled with bars, or stretched. Sides are even and pixels square."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from lib.errors import InputError
from lib.media.facts import Facts
from lib.media.limits import MAX_PIXELS
from lib.media.promise import Place

How = Literal["crop", "letterbox", "stretch"]
Size = tuple[int, int]


def shape(facts: Facts) -> Fraction:
    """Width by height as a player shows it."""
    pixel = Fraction(*map(int, (facts.sample_aspect or "1:1").split(":")))
    return Fraction(facts.width or 1, facts.height or 1) * (pixel or 1)


def even(value: Fraction | float) -> int:
    return max(round(value / 2) * 2, 2)


def sized(facts: Facts, width: int | None, height: int | None, aspect: Fraction | None) -> Size:
    """The size asked for: both sides, or one and a shape, or only a shape (as large as fits in the clip's own).

    Raises InputError above what can be worked on here.
    """
    wanted = aspect or shape(facts)
    if width and height:
        size = (even(width), even(height))
    elif width or height:
        size = (even(width), even(width / wanted)) if width else (even((height or 2) * wanted), even(height or 2))
    else:
        own_height = facts.height or 2
        own_width = own_height * shape(facts)
        size = (even(min(own_width, own_height * wanted)), even(min(Fraction(own_height), own_width / wanted)))
    if size[0] * size[1] > MAX_PIXELS:
        message = f"{size[0]} x {size[1]} are more pixels than can be worked on here (16.7 million)."
        raise InputError(message, hint="Choose a smaller size.", fields={"width": message})
    return size


def placed(facts: Facts, size: Size, how: How) -> Place:
    """Where the whole picture comes to lie in one of that size."""
    width, height = size
    if how == "stretch":
        return Place(0, 0, width, height)
    own = shape(facts)
    wider = own > Fraction(width, height)
    by_height = wider if how == "crop" else not wider
    inner = (even(height * own), height) if by_height else (width, even(width / own))
    # Halves of chroma samples cannot be cut: the middle is taken on an even pixel.
    return Place((width - inner[0]) // 4 * 2, (height - inner[1]) // 4 * 2, *inner)


def fitted(stream: Any, size: Size, place: Place) -> Any:
    """The picture scaled to its place, and cut or padded with black to `size`."""
    width, height = size
    stream = stream.filter("scale", place.width, place.height, flags="bicubic+accurate_rnd")
    if place.width > width or place.height > height:
        stream = stream.filter("crop", width, height, -place.left, -place.top)
    elif (place.width, place.height) != size:
        stream = stream.filter("pad", width, height, place.left, place.top)
    return stream.filter("setsar", 1)
