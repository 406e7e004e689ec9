"""Video to video: Luma modify and AnimateDiff turbo, the same motion in another look.

Luma's modes go from a grade (adhere) over a painted look (flex) to something new (reimagine); a first frame picture
gives the colours, else the words of the prompt do. Length, rate and sound stay. AnimateDiff takes `first_n_seconds`
at `fps` and has no sound; its `strength` is how far the look goes, its `motions` move a camera over the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import islice

import cv2
import numpy as np

from lib.standin.performers import looks
from lib.standin.performers.film import Film
from lib.standin.performers.looks import Look, Palette
from lib.standin.performers.part import Part, Played
from lib.standin.performers.reel import Clip, Picture, arrays, look, photo, pictures
from lib.standin.performers.sound import samples_of

MOVES: Mapping[str, tuple[float, float, float]] = {
    "zoom-in": (0, 0, 1), "zoom-out": (0, 0, -1), "pan-left": (-1, 0, 0), "pan-right": (1, 0, 0),
    "tilt-up": (0, -1, 0), "tilt-down": (0, 1, 0),
}  # fmt: skip
"""The motions that the client's types know (queue-protocol 7.4): towards x, towards y, closer."""


def perform(part: Part) -> Played:
    clip = look(part, "video_url")
    return _modify(part, clip) if part.endpoint.endswith("modify") else _diffuse(part, clip)


def _modify(part: Part, clip: Clip) -> Played:
    part.log(f"Restyling in mode {part.values['mode']}")
    changed = _luma_look(part)
    film = Film(
        part, clip.size, clip.rate, marked=part.marked("video_url"), frames=clip.frames,
        sound=samples_of(clip.path) if clip.has_sound else None,
    )  # fmt: skip
    with film:
        for picture in arrays(pictures(clip, clip.size, kind="rgb24", rate=clip.resample, threads=part.threads)):
            film.show(changed(picture))
    return Played({"video": film.path}, {})


def _luma_look(part: Part) -> Look:
    palette = Palette.of(part.values.get("prompt") or "", 0)
    name, _, degree = part.values["mode"].partition("_")
    part_of = {"1": 0.4, "2": 0.65, "3": 0.9}[degree]
    chosen = {
        "adhere": looks.toned(palette, part_of * 0.6),
        "flex": looks.after(looks.painted(part_of), looks.toned(palette, part_of * 0.4)),
        "reimagine": {
            "1": looks.sketched(1.0), "2": looks.outlined(palette, 1.0), "3": looks.pixelled(palette),
        }[degree],
    }[name]  # fmt: skip
    if "image_url" not in part.files:
        return chosen
    example = np.asarray(photo(part, "image_url").resize((256, 256)))
    return looks.after(chosen, looks.recoloured(example, 0.5 + 0.4 * part_of))


def _diffuse(part: Part, clip: Clip) -> Played:
    rate = Fraction(part.values["fps"])
    most = max(1, round(part.values["first_n_seconds"] * rate))
    palette, strength = Palette.of(part.values["prompt"], part.seed), min(max(part.values["strength"], 0.0), 1.0)
    changed = looks.after(looks.painted(strength), looks.toned(palette, 0.35 * strength))
    motions = [MOVES[name] for name in part.values.get("motions") or () if name in MOVES]
    part.log(f"Animating up to {most} frames at {rate} fps")
    source = arrays(pictures(clip, clip.size, kind="rgb24", rate=rate, threads=part.threads))
    with Film(part, clip.size, rate, marked=part.marked("video_url"), frames=most) as film:
        for index, picture in enumerate(islice(source, most)):
            film.show(_moved(changed(picture), motions, index / most))
    return Played({"video": film.path}, {"seed": part.seed})


def _moved(picture: Picture, motions: Sequence[tuple[float, float, float]], along: float) -> Picture:
    """The picture as a camera sees it that has come so far (0 to 1) on its way."""
    if not motions:
        return picture
    height, width = picture.shape[:2]
    x, y, closer = (float(sum(values)) for values in zip(*motions, strict=True))
    scale = 1.0 if closer == x == y == 0 else 1.12 * (1 + 0.15 * closer * (along if closer > 0 else along - 1))
    shift = np.array([width * (0.5 - 0.05 * x * (2 * along - 1)), height * (0.5 - 0.05 * y * (2 * along - 1))])
    matrix = np.array([[scale, 0, shift[0] - scale * width / 2], [0, scale, shift[1] - scale * height / 2]])
    moved = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.uint8)
