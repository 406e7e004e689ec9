"""Takes to be judged, made from a seed: what is wrong with each is known, since it was put there."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from lib.media.gates.defect import Expected, Kind
from tests.media_gates.material import CODECS, RATE, Film, film, mapped, smooth, some_sound, write

VISIBLE = 14.0
"""Levels by which a torn part must differ for anybody to see it."""


@dataclass(frozen=True)
class Trial:
    """A take, what it should be, and what it was made of."""

    take: Path
    expected: Expected
    pictures: Path | None = None
    sound: Path | None = None


@dataclass
class Draft:
    """The same before it is written."""

    film: Film
    expected: Expected
    given: Film | None = None
    spoil: Callable[[Path], None] | None = None


def trial(kind: Kind | None, seed: int, folder: Path) -> Trial:
    """A take with that fault, or a good one (None)."""
    rng = random.Random(f"{kind}/{seed}")
    draft = BAD[kind](rng) if kind else good(rng)
    take = write(draft.film, folder / f"{kind}-{seed}-take")
    if draft.spoil:
        draft.spoil(take)
    if draft.given is None:
        return Trial(take, draft.expected)
    given = write(draft.given, folder / f"{kind}-{seed}-given")
    return Trial(take, draft.expected, given, given if draft.given.sound is not None else None)


def as_made(made: Film, rng: random.Random, **more: object) -> Expected:
    """What a model's page would say of such a take: about its length, exactly its size."""
    width, height = made.size
    known = Expected(
        duration_s=made.seconds * rng.uniform(0.985, 1.015), width=width, height=height, fps=made.fps,
        has_sound=made.sound is not None or None,
    )  # fmt: skip
    return replace(known, **more)  # type: ignore[arg-type]


def good(rng: random.Random) -> Draft:
    """With an input or without; made anew, or with a mouth that moves, or looking otherwise."""
    made = film(rng)
    choice = rng.choice(("alone", "alone", "passed on", "styled", "mouth", "other", "longer"))
    if choice == "alone":
        return Draft(made, as_made(made, rng))
    if choice == "passed on":
        late = round(rng.uniform(-0.03, 0.03) * RATE)
        given = replace(made, sound=_late(made.sound, late), codec=rng.choice(CODECS), quality=22)
        return Draft(made, as_made(made, rng), given)
    if choice == "other":
        return Draft(made, as_made(made, rng, differs=True), film(rng))
    if choice == "longer":
        given = replace(made, pictures=made.pictures[: int(len(made.pictures) * 0.6)], sound=None)
        return Draft(made, as_made(made, rng, differs=True), given)
    change = _mouth(rng, made) if choice == "mouth" else _style(rng, made)
    given, quality = replace(made, codec=rng.choice(CODECS)), rng.randrange(18, 28)
    return Draft(replace(mapped(made, change), quality=quality), as_made(made, rng, differs=True), given)


def _style(rng: random.Random, made: Film) -> Callable[[np.ndarray], np.ndarray]:
    tint, strength = np.array([rng.uniform(-40, 40) for _ in range(3)]), rng.uniform(15, 40)
    marks = smooth(rng, made.pictures.shape[1:3], rng.choice((6, 12))) - 0.5
    tint += np.sign(tint) * 10
    return lambda pictures: pictures * 0.9 + tint + strength * marks[None, :, :, None]


def _mouth(rng: random.Random, made: Film) -> Callable[[np.ndarray], np.ndarray]:
    width, height = made.size
    cx, cy = round(width * rng.uniform(0.35, 0.65)), round(height * rng.uniform(0.45, 0.7))

    def spoken(pictures: np.ndarray) -> np.ndarray:
        for number, picture in enumerate(pictures):
            high = 3 + round(4 * abs(np.sin(number * 1.1)))
            part = picture[cy - high : cy + high, cx - 12 : cx + 12]
            part[:] = np.where(part.mean() > 90, 20, 180)
        return pictures

    return spoken


def _late(sound: np.ndarray | None, by: int) -> np.ndarray | None:
    """The sound that comes so many samples later (earlier where negative), no longer than before."""
    if sound is None or by == 0:
        return sound
    return (
        np.concatenate([np.zeros(by, np.float32), sound[:-by]])
        if by > 0
        else np.concatenate([sound[-by:], np.zeros(-by, np.float32)])
    )


def _stretch(rng: random.Random, made: Film, least_s: float, most_s: float) -> tuple[int, int]:
    count = len(made.pictures)
    length = min(round(rng.uniform(least_s, most_s) * made.fps), count - 2)
    first = rng.randrange(1, count - length)
    return first, first + length


def black(rng: random.Random) -> Draft:
    made = film(rng)
    first, end = _stretch(rng, made, 0.35, 1.0)
    where = rng.choice(("all", "end", "hole"))
    part = (
        slice(None)
        if where == "all"
        else slice(first if where == "hole" else len(made.pictures) - (end - first), end if where == "hole" else None)
    )
    level, grain = rng.uniform(0, 8), np.random.default_rng(rng.randrange(2**31))
    original = film(rng) if rng.random() < 0.3 else None

    def blacked(pictures: np.ndarray) -> np.ndarray:
        pictures = np.maximum(pictures, 40)
        pictures[part] = level + grain.normal(0, 1.5, pictures[part].shape)
        return pictures

    return Draft(mapped(made, blacked), as_made(made, rng), original)


def frozen(rng: random.Random) -> Draft:
    made = _steady(rng)
    held = round(rng.uniform(0.45, 0.9) * made.fps)

    def stopped(pictures: np.ndarray) -> np.ndarray:
        pictures[-held:] = pictures[-held - 1]
        return pictures

    return Draft(mapped(made, stopped), as_made(made, rng), _steady(rng) if rng.random() < 0.3 else None)


def _steady(rng: random.Random, **how: bool) -> Film:
    """A clip that is bright at its end."""
    while True:
        made = film(rng, **how)
        if made.pictures[-1].mean() > 40 and made.pictures[0].mean() > 40:
            return made


def silence(rng: random.Random) -> Draft:
    made = film(rng, sound=True)
    assert made.sound is not None
    noise = np.random.default_rng(rng.randrange(2**31))
    if rng.random() < 0.6:
        hush = (noise.standard_normal(len(made.sound)) * rng.choice((0.0, 3e-5, 2e-4))).astype(np.float32)
        return Draft(replace(made, sound=hush), as_made(made, rng, has_sound=True))
    time = np.arange(len(made.sound)) / RATE
    given = (0.4 * np.sin(2 * np.pi * rng.uniform(200, 900) * time) * (1 + 0.3 * np.sin(9 * time))).astype(np.float32)
    gone, length = given.copy(), round(rng.uniform(0.7, 1.0) * RATE)
    first = rng.randrange(len(gone) - length)
    gone[first : first + length] = 0
    return Draft(replace(made, sound=gone), as_made(made, rng), replace(made, sound=given))


def clipping(rng: random.Random) -> Draft:
    made = film(rng, sound=True)
    assert made.sound is not None
    loud = made.sound / np.abs(made.sound).max() * rng.uniform(4, 15)
    given = made if rng.random() < 0.3 else None
    return Draft(replace(made, sound=np.clip(loud, -1, 1)), as_made(made, rng), given)


def duration(rng: random.Random) -> Draft:
    made = film(rng)
    factor = rng.choice((rng.uniform(0.4, 0.85), rng.uniform(1.18, 2.5)))
    return Draft(made, as_made(made, rng, duration_s=made.seconds * factor))


def aspect(rng: random.Random) -> Draft:
    made = film(rng)
    shape = made.size[0] / made.size[1] * rng.choice((0.56, 0.75, 0.9, 1.1, 1.33, 1.78))
    if rng.random() < 0.4:
        return Draft(made, as_made(made, rng, width=None, height=None, aspect=shape))
    return Draft(made, as_made(made, rng, width=round(720 * shape), height=720))


def size(rng: random.Random) -> Draft:
    made = film(rng)
    factor = rng.choice((0.5, 0.75, 0.9, 1.12, 1.5, 2, 4))
    width, height = (round(side * factor) for side in made.size)
    return Draft(made, as_made(made, rng, width=width, height=height))


def fps(rng: random.Random) -> Draft:
    made = film(rng)
    other = rng.choice([rate for rate in (8, 12, 16, 24, 25, 30, 50, 60) if rate != made.fps])
    return Draft(made, as_made(made, rng, fps=other))


def flicker(rng: random.Random) -> Draft:
    made = _steady(rng)
    first, end = _stretch(rng, made, 0.8, 1.6)
    period, strength = rng.choice((2, 2, 3, 4)), rng.uniform(0.08, 0.3)
    tint = np.array([1.0, 1.0, 1.0]) if rng.random() < 0.7 else np.array([1.0, 0.3, 0.0])

    def pumped(pictures: np.ndarray) -> np.ndarray:
        for number in range(first, end):
            up = number % period < period / 2
            by = strength * rng.uniform(0.7, 1.3) * (1 if up else -1) / 2
            pictures[number] = np.maximum(pictures[number], 30) * (1 + by * tint)
        return pictures

    return Draft(mapped(made, pumped), as_made(made, rng), film(rng) if rng.random() < 0.3 else None)


def unchanged(rng: random.Random) -> Draft:
    given = film(rng)
    tint = np.array([rng.uniform(-2, 2) for _ in range(3)])
    take = mapped(given, lambda pictures: pictures + tint)
    if rng.random() < 0.5:
        factor = rng.choice((0.75, 1.25, 1.5, 2))
        width, height = (round(side * factor / 2) * 2 for side in given.size)
        take = mapped(take, lambda pictures: _scaled(pictures, width, height))
    take = replace(take, codec=rng.choice(CODECS), quality=rng.randrange(18, 31), sound=given.sound)
    if rng.random() < 0.2:
        given = replace(given, pictures=given.pictures[:1].repeat(len(given.pictures), 0))
        take = replace(take, pictures=take.pictures[:1].repeat(len(take.pictures), 0))
    return Draft(take, as_made(take, rng, differs=True), given)


def _scaled(pictures: np.ndarray, width: int, height: int) -> np.ndarray:
    small = np.clip(pictures, 0, 255).astype(np.uint8)
    return np.stack(
        [np.asarray(Image.fromarray(one).resize((width, height), Image.Resampling.BICUBIC)) for one in small]
    ).astype(np.float32)


def no_sound(rng: random.Random) -> Draft:
    made = film(rng, sound=False)
    given = replace(made, sound=some_sound(rng, made.seconds)) if rng.random() < 0.5 else None
    return Draft(made, as_made(made, rng, has_sound=True), given)


def out_of_step(rng: random.Random) -> Draft:
    made = film(rng, sound=True)
    by = rng.choice((-1, 1)) * round(rng.uniform(0.07, 0.4) * RATE)
    return Draft(replace(made, sound=_late(made.sound, by)), as_made(made, rng), made)


def torn(rng: random.Random) -> Draft:
    made = _moving(rng)
    if rng.random() < 0.2:
        made = replace(made, codec=CODECS[0], sound=None)
        return Draft(made, as_made(made, rng), spoil=lambda path: _damage(path, rng))
    count = len(made.pictures)
    places = [rng.randrange(2, count - 3) for _ in range(rng.choice((1, 2, 4)))]
    kind, held = rng.choice(("shift", "shift", "moment")), rng.choice((1, 1, 2, 3))
    other = film(rng).pictures

    def cut(pictures: np.ndarray) -> np.ndarray:
        for place in places:
            row, low = _tear(rng, pictures[place], other[place % len(other)] if kind == "moment" else None)
            for number in range(place, min(place + held, count - 1)):
                pictures[number, row:] = low[row:]
        return pictures

    return Draft(mapped(made, cut), as_made(made, rng))


def _tear(rng: random.Random, picture: np.ndarray, other: np.ndarray | None) -> tuple[int, np.ndarray]:
    """A row, and what is shown from there on: another picture, or this one moved sideways so far that it is seen."""
    height, width = picture.shape[:2]
    best: tuple[float, int, np.ndarray] | None = None
    for _ in range(40):
        row, by = (
            rng.randrange(height // 4, 3 * height // 4),
            rng.choice((-1, 1)) * rng.randrange(width // 12, width // 4),
        )
        low = np.roll(picture, by, axis=1) if other is None else _like(other, width, height)
        seen = float(np.abs(low[row:] - picture[row:]).mean())
        if best is None or seen > best[0]:
            best = seen, row, low
        if seen > VISIBLE:
            break
    assert best is not None
    return best[1:]


def _moving(rng: random.Random) -> Film:
    """A clip in which a shifted part would be seen: it is neither dark nor even."""
    while True:
        made = _steady(rng)
        if np.abs(np.diff(made.pictures.mean(-1), axis=2)).mean() > 4 and made.pictures.mean(axis=(1, 2, 3)).min() > 40:
            return made


def _like(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    return _scaled(picture[None], width, height)[0]


def _damage(path: Path, rng: random.Random) -> None:
    """Bytes of the pictures' data overwritten, as by a bad copy."""
    content = bytearray(path.read_bytes())
    begin = content.index(b"mdat") + 4
    for _ in range(6):
        at = rng.randrange(begin + (len(content) - begin) // 5, begin + (len(content) - begin) // 2)
        content[at : at + 40] = rng.randbytes(40)
    path.write_bytes(content)


def green(rng: random.Random) -> Draft:
    made = film(rng)
    count, height = made.pictures.shape[:2]
    first, held = rng.randrange(count - 3), rng.choice((1, 2, 5, count))
    top = rng.choice((0, 0, height // 3, height // 2, 3 * height // 4))
    original = film(rng) if rng.random() < 0.3 else None

    def emptied(pictures: np.ndarray) -> np.ndarray:
        pictures[first : first + held, top:] = (0, rng.choice((135, 135, 128)), 0)
        return pictures

    return Draft(mapped(made, emptied), as_made(made, rng), original)


BAD: dict[Kind, Callable[[random.Random], Draft]] = {
    "black": black, "frozen": frozen, "silence": silence, "clipping": clipping, "duration": duration, "aspect": aspect,
    "size": size, "fps": fps, "flicker": flicker, "unchanged": unchanged, "no_sound": no_sound,
    "out_of_step": out_of_step, "torn": torn, "green": green,
}  # fmt: skip
