"""Lyra 2 splat: a Gaussian scene from a film, and a flight through it.

The film's first picture becomes the scene, every `gs_down_ratio`-th pixel one Gaussian, at a depth guessed from the
composition and the light, going on softly past its edges. Its last picture stands far behind, and is seen where the
camera looks past the scene. The layout of the PLY
is the one of the INRIA reference: log scales, logit opacity, colour as the first spherical harmonic; y points down.
"""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lib.standin.mark import comment
from lib.standin.performers.camera import eased, nearness
from lib.standin.performers.film import Film
from lib.standin.performers.part import Part, Played, Refused
from lib.standin.performers.reel import Picture, Size, arrays, look, pictures

LONG_SIDE = 832
SH_C0 = 0.28209479177387814
FIELDS = (
    "x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2", "opacity",
    "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
)  # fmt: skip
_FOCAL = 1.2  # in picture heights
_MARGIN = 0.14  # of the picture's height and width, on every side
_BEHIND = 1.6  # how much farther and wider the last picture lies

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scene:
    """Gaussians: places (n, 3), colours (n, 3; 0 to 1), and radii (n)."""

    places: Floats
    colours: Floats
    radii: Floats


def perform(part: Part) -> Played:
    """The scene as PLY, its fly-through, and how many of the film's frames were used."""
    values, began_s = part.values, time.monotonic()
    for field in ("max_frames", "da3_max_frames", "gs_down_ratio", "render_chunk_size"):
        if values[field] < 1:
            raise Refused(field, "This must be at least 1.")
    clip = look(part, "video_url")
    size = clip.size.times(min(1.0, LONG_SIDE / max(clip.size.width, clip.size.height)))
    read = arrays(pictures(clip, size, kind="rgb24", rate=clip.resample, threads=part.threads))
    first, last, used = _ends(islice(read, values["max_frames"]))
    part.log(f"Read {used} frames, {min(used, values['da3_max_frames'])} views for the reconstruction")
    scene = reconstructed(first, last, values["gs_down_ratio"])
    ply = part.folder / "reconstructed_scene.ply"
    write(ply, scene, comment(part.endpoint))
    part.log(f"{len(scene.places):,} Gaussians")
    built_s = time.monotonic()
    views = max(2, min(used, values["da3_max_frames"]))
    with Film(part, size, clip.rate, marked=part.marked("video_url"), frames=views) as film:
        for index in range(views):
            film.show(rendered(scene, size, values["gs_down_ratio"], index / (views - 1)))
    timings = {"reconstruct_s": round(built_s - began_s, 3), "render_s": round(time.monotonic() - built_s, 3)}
    values_out = {"processed_frame_count": used, "timings": timings}
    return Played({"video": film.path, "scene_ply": ply}, values_out)


def _ends(frames: islice[Picture]) -> tuple[Picture, Picture, int]:
    first = next(frames)
    rest = deque(enumerate(frames, 2), maxlen=1)
    used, last = rest[0] if rest else (1, first)
    return first, last, used


def reconstructed(first: Picture, last: Picture, ratio: int) -> Scene:
    """One Gaussian for every `ratio`-th pixel of the first picture in each direction, a quarter as many behind."""
    front, behind = _sheet(_widened(first), ratio, 1.0, 1 + 2 * _MARGIN), _sheet(last, 2 * ratio, _BEHIND, 1.4)
    return Scene(
        np.concatenate([front.places, behind.places]),
        np.concatenate([front.colours, behind.colours]),
        np.concatenate([front.radii, behind.radii]),
    )


def _widened(picture: Picture) -> Picture:
    """The picture going on past its edges, ever softer."""
    down, across = (round(side * _MARGIN) for side in picture.shape[:2])
    wide = cv2.copyMakeBorder(picture, down, down, across, across, cv2.BORDER_REFLECT_101)
    soft = cv2.GaussianBlur(wide, (0, 0), max(1.0, picture.shape[0] / 24))
    soft[down : -down or None, across : -across or None] = picture
    return np.asarray(soft, np.uint8)


def _sheet(picture: Picture, ratio: int, farther: float, wider: float) -> Scene:
    """The picture as Gaussians: seen from the start it is `wider` times as high and wide as the view."""
    height, width = picture.shape[:2]
    rows, columns = max(1, height // ratio), max(1, width // ratio)
    colours = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    depth = farther * 2 / _near(np.asarray(colours, np.float32))
    ys, xs = np.mgrid[0:rows, 0:columns].astype(np.float32)
    xs, ys = ((xs + 0.5) / columns - 0.5) * width / height * wider, ((ys + 0.5) / rows - 0.5) * wider
    places = np.dstack([xs * depth / _FOCAL, ys * depth / _FOCAL, depth]).reshape(-1, 3)
    radii = (depth / _FOCAL / rows * 0.6 * wider).reshape(-1)
    return Scene(places.astype(np.float32), np.asarray(colours.reshape(-1, 3), np.float32), radii.astype(np.float32))


def _near(colours: Floats) -> Floats:
    """Inverse depth: the composition's, and a little of the light (what is lit stands before what is dark)."""
    rows, columns = colours.shape[:2]
    light = cv2.GaussianBlur(colours.mean(axis=2), (0, 0), max(1.0, rows / 40))
    return np.asarray(np.clip(nearness(rows, columns) + 0.12 * (light - light.mean()), 0.5, 1.4), np.float32)


def write(path: Path, scene: Scene, remark: str) -> None:
    """The scene as a binary PLY."""
    count = len(scene.places)
    table = np.zeros((count, len(FIELDS)), "<f4")
    table[:, 0:3] = scene.places
    table[:, 6:9] = (scene.colours - 0.5) / SH_C0
    table[:, 9] = math.log(0.95 / 0.05)
    table[:, 10:13] = np.log(scene.radii)[:, None]
    table[:, 13] = 1.0
    lines = ["ply", "format binary_little_endian 1.0", f"comment {remark}", f"element vertex {count}"]
    lines += [*(f"property float {name}" for name in FIELDS), "end_header", ""]
    with path.open("wb") as file:
        file.write("\n".join(lines).encode("ascii"))
        table.tofile(file)


def rendered(scene: Scene, size: Size, ratio: int, along: float) -> Picture:
    """The scene from a camera that has flown so far (0 to 1): a slow arc, forward and back."""
    swing, push = math.sin(2 * math.pi * along), eased(1 - abs(2 * along - 1))
    middle = 2.0  # the subject's depth, which the camera keeps in view
    camera = np.array([0.17 * swing, -0.06 * push, 0.42 * push], np.float32)
    angle = math.atan2(float(camera[0]), middle - float(camera[2]))
    x, y, z = (scene.places - camera).T
    x, z = x * math.cos(angle) + z * math.sin(angle), z * math.cos(angle) - x * math.sin(angle)
    rows, columns = max(1, size.height // ratio), max(1, size.width // ratio)
    depth = np.maximum(z, 0.05)
    across = x / depth * _FOCAL * rows + columns / 2 - 0.5
    down = y / depth * _FOCAL * rows + rows / 2 - 0.5
    spot = scene.radii / depth * _FOCAL * rows
    picture = _splatted(np.stack([across, down, depth, spot]), scene.colours, rows, columns)
    return np.asarray(cv2.resize(picture, (size.width, size.height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _splatted(seen: Floats, colours: Floats, rows: int, columns: int) -> Picture:
    """Every Gaussian spread over the nine pixels around it; what is nearer counts for far more.

    `seen` holds across, down, depth and radius of each, in pixels.
    """
    inside = (seen[0] > 0) & (seen[0] < columns - 1) & (seen[1] > 0) & (seen[1] < rows - 1)
    across, down, depth, spot = seen[:, inside]
    shades = colours[inside].T
    left, top = np.rint(across).astype(np.int32), np.rint(down).astype(np.int32)
    front = np.exp(np.clip(16 * (2 / depth - 1), -30, 30))
    sharp = 0.5 / np.clip(spot, 0.5, 1.5) ** 2
    sums = np.zeros((4, (rows + 2) * (columns + 2)))
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            away = (left + dx - across) ** 2 + (top + dy - down) ** 2
            share = np.exp(-away * sharp) * front
            spots = (top + dy + 1) * (columns + 2) + left + dx + 1
            for channel in range(3):
                sums[channel] += np.bincount(spots, share * shades[channel], sums.shape[1])
            sums[3] += np.bincount(spots, share, sums.shape[1])
    made = (sums[:3] / np.maximum(sums[3], 1e-20)).reshape(3, rows + 2, columns + 2)[:, 1:-1, 1:-1]
    return np.asarray((made.transpose(1, 2, 0) * 255).clip(0, 255), np.float64).astype(np.uint8)
