"""A clip and what goes on from it, made from a seed: where one goes over into the other is known to the picture."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from PIL import Image

from lib.media.samples import sample
from tests.media_gates.material import smooth

SIZE = (160, 96)
Scene = Callable[[float], np.ndarray]
"""The picture (rows, columns, 3) at a second."""


@dataclass(frozen=True)
class Pair:
    """`overlap` pictures of the extended clip are in the source as well."""

    source: Path
    extended: Path
    kind: Literal["whole", "continuation"]
    overlap: int
    fps: int
    extended_fps: int
    about: str


def pair(seed: int, folder: Path, *, still: bool = False) -> Pair:
    """Of either kind, with 0 to 48 pictures of overlap where it is the continuation alone."""
    rng = random.Random(f"seam/{seed}")
    scene = _still(rng) if still else rng.choice((_camera, _leaves, _things))(rng)
    fps = rng.choice((16, 24, 25, 30))
    kind: Literal["whole", "continuation"] = rng.choice(("whole", "continuation", "continuation"))
    overlap = rng.choice((0, 0, 1, 1, 2, 3, rng.randrange(4, 49), rng.randrange(4, 49)))
    count = max(overlap + 2, rng.randrange(20, 60))
    overlap = count if kind == "whole" else overlap
    other = fps if rng.random() < 0.75 else rng.choice([fps * 2, fps // 2] if overlap % 2 == 0 else [fps])
    begin_s = (count - overlap) / fps
    # A picture counts as the source's while its moment lies before the source's end.
    shared = sum(begin_s + number / other < count / fps - 1e-9 for number in range(400))
    gain, gamma = rng.choice((1, rng.uniform(0.85, 1.15))), rng.choice((1, rng.uniform(0.85, 1.18)))
    size = rng.choice((SIZE, SIZE, (128, 76), (240, 144)))
    more = shared + rng.randrange(round(other * 0.5), round(other * 1.2))
    source, extended = folder / f"{seed}-source.mp4", folder / f"{seed}-extended.mp4"
    quality = rng.randrange(14, 24), rng.randrange(18, 30)
    _write(source, [scene(number / fps) for number in range(count)], fps, SIZE, quality[0])
    shown = (255 * np.clip(scene(begin_s + number / other) * gain / 255, 0, 1) ** gamma for number in range(more))
    _write(extended, list(shown), other, size, quality[1])
    about = f"{scene.__qualname__.split('.')[0]} gain {gain:.2f} gamma {gamma:.2f} {size} crf {quality}"
    return Pair(source, extended, kind, shared, fps, other, about)


def _camera(rng: random.Random) -> Scene:
    """A photograph that the camera moves over."""
    whole = Image.open(sample("portrait.jpg")).convert("RGB")
    scale = max(SIZE[0] / whole.width, SIZE[1] / whole.height) * 1.8
    whole = whole.resize((round(whole.width * scale), round(whole.height * scale)))
    room = whole.width - SIZE[0] - 2, whole.height - SIZE[1] - 2
    across, down = rng.choice((-1, 1)) * rng.uniform(12, 40), rng.choice((-1, 1)) * rng.uniform(8, 30)

    def shown(at_s: float) -> np.ndarray:
        left, top = _swing(room[0], across * at_s), _swing(room[1], down * at_s)
        box = (left, top, left + SIZE[0], top + SIZE[1])
        return np.asarray(whole.resize(SIZE, Image.Resampling.BICUBIC, box), np.float32)

    return shown


def _swing(room: float, far: float) -> float:
    """There and back within the room, from its middle, without a sudden turn."""
    return room / 2 * (1 + np.sin(2 * far / room))


def _leaves(rng: random.Random) -> Scene:
    """A pattern that streams by, before another that streams otherwise."""
    far, near = (smooth(rng, (300, 500), fine) for fine in (24, 12))
    low, high = (np.array([rng.uniform(*span) for _ in range(3)]) for span in ((20, 90), (130, 235)))
    pace = [(rng.choice((-1, 1)) * rng.uniform(12, 45), rng.uniform(-25, 25)) for _ in range(2)]

    def shown(at_s: float) -> np.ndarray:
        parts = []
        for pattern, (across, down) in zip((far, near), pace, strict=True):
            left, top = _swing(500 - SIZE[0] - 2, across * at_s), _swing(300 - SIZE[1] - 2, down * at_s)
            box = (left, top, left + SIZE[0], top + SIZE[1])
            parts.append(np.asarray(Image.fromarray(pattern).resize(SIZE, Image.Resampling.BICUBIC, box)))
        return low + (high - low) * (0.5 * parts[0] + 0.5 * parts[1])[..., None]

    return shown


def _things(rng: random.Random) -> Scene:
    """Soft round things on their ways before a ground that does not move."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)
    ground = 70 + 100 * smooth(rng, (SIZE[1], SIZE[0]), 20)
    things = [
        (rng.uniform(20, 140), rng.uniform(15, 80), rng.choice((-1, 1)) * rng.uniform(15, 40),
            rng.choice((-1, 1)) * rng.uniform(10, 25), rng.uniform(9, 20),
         np.array([rng.uniform(0, 255) for _ in range(3)]))
        for _ in range(rng.randrange(3, 6))
    ]  # fmt: skip

    def shown(at_s: float) -> np.ndarray:
        picture = np.repeat(ground[..., None], 3, axis=2)
        for left, top, across, down, radius, colour in things:
            cx, cy = left + 30 * np.sin(across / 30 * at_s), top + 20 * np.sin(down / 20 * at_s)
            away = np.sqrt((x - cx) ** 2 + (y - cy) ** 2)
            share = np.clip((radius - away) / 3 + 0.5, 0, 1)[..., None]
            picture = picture * (1 - share) + colour * share
        return picture

    return shown


def _still(rng: random.Random) -> Scene:
    picture = _camera(rng)(rng.uniform(0, 3))
    return lambda at_s: picture


def _write(path: Path, pictures: list[np.ndarray], fps: int, size: tuple[int, int], crf: int) -> None:
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=Fraction(fps), options={"crf": str(crf), "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        for number, picture in enumerate(pictures):
            made = Image.fromarray(np.clip(np.rint(picture), 0, 255).astype(np.uint8)).resize(
                size, Image.Resampling.BICUBIC
            )
            frame = av.VideoFrame.from_ndarray(np.asarray(made), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(video.encode(frame))
        container.mux(video.encode())
