"""Lyra 2 zoom: the camera moves into a picture, out of it, or out and then in, on the trajectory that is asked for.

Outwards the film starts close and ends on the whole picture, since nothing is known of what lies around it.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from fractions import Fraction

from lib.standin.performers.camera import Path, Pose, Still
from lib.standin.performers.film import Film
from lib.standin.performers.part import Part, Played
from lib.standin.performers.reel import Size, photo


def perform(part: Part) -> Played:
    """`num_frames` per direction; both directions share the picture in the middle."""
    values, image = part.values, photo(part, "image_url")
    long, short = (832, 480) if values["resolution"] == "480p" else (1280, 720)
    size = Size(long, short) if image.width >= image.height else Size(short, long)
    ways = {"in": ("in",), "out": ("out",), "both": ("out", "in")}[values["zoom_direction"]]
    count = int(values["num_frames"])
    frames = count * len(ways) - len(ways) + 1
    part.log(f"Moving the camera: {' then '.join(values[f'zoom_{way}_trajectory'] for way in ways)}, {frames} frames")
    still, timings = Still(image, size), {}
    rate = Fraction(values["frames_per_second"])
    with Film(part, size, rate, marked=part.marked("image_url"), frames=frames) as film:
        for way in ways:
            began_s = time.monotonic()
            path = _path(part, way)
            for index in range(1 if film.count else 0, count):
                along = index / (count - 1)
                film.show(still.at(path(along if way == "in" else 1 - along)))
            timings[f"zoom_{way}_s"] = round(time.monotonic() - began_s, 3)
        began_s = time.monotonic()
    timings["encode_s"] = round(time.monotonic() - began_s, 3)
    return Played({"video": film.path}, {"seed": part.seed, "timings": timings})


def _path(part: Part, way: str) -> Path:
    """The trajectory of that direction, as far as its strength says; the seed decides to which side it bends."""
    strength = float(part.values[f"zoom_{way}_strength"])
    far = 1 - math.exp(-0.65 * strength)
    side = random.Random(part.seed).choice((-1.0, 1.0))
    shape = TRAJECTORIES[part.values[f"zoom_{way}_trajectory"]]
    return lambda along: shape(_gentle(along), far, side)


def _gentle(along: float) -> float:
    """A camera on rails: it gathers way and slows down within the first and last tenth."""
    edge = 0.1
    if along < edge:
        return along * along / (2 * edge) / (1 - edge)
    if along > 1 - edge:
        return 1 - (1 - along) ** 2 / (2 * edge) / (1 - edge)
    return (along - edge / 2) / (1 - edge)


def _straight(along: float, far: float, side: float) -> Pose:
    return Pose(forward=far * along)


def _bend(along: float, far: float, side: float) -> Pose:
    return Pose(x=side * 0.9 * far * math.sin(math.pi * along), forward=far * along)


def _spiral(along: float, far: float, side: float) -> Pose:
    turn, wide = 2 * math.pi * along, 0.9 * far * math.sin(math.pi * along)
    return Pose(side * wide * math.cos(turn), wide * math.sin(turn), far * along, side * 0.12 * far * math.sin(turn))


def _dolly(along: float, far: float, side: float) -> Pose:
    return Pose(forward=far * along * 1.3, hold=True)


def _orbit(along: float, far: float, side: float) -> Pose:
    return Pose(x=side * 2.6 * far * along, y=0.12 * far * along, forward=0.35 * far * along)


def _back(along: float, far: float, side: float) -> Pose:
    return Pose(forward=far * (1 - along))


Trajectory = Callable[[float, float, float], Pose]

TRAJECTORIES: Mapping[str, Trajectory] = {
    "horizontal_zoom": _straight,
    "horizontal_zoom_bend": _bend,
    "spiral": _spiral,
    "dolly_zoom": _dolly,
    "orbit_horizontal": _orbit,
    "back": _back,
}
