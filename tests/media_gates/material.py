"""Small clips of every sort, made from a seed: good ones, and the same with one thing wrong."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from lib.media.samples import sample

RATE = 48_000
CODECS = (
    ("libx264", "yuv420p", ".mp4"), ("libx264", "yuv420p", ".mp4"), ("libx264", "yuv444p", ".mp4"),
    ("mpeg4", "yuv420p", ".mp4"), ("libvpx-vp9", "yuv420p", ".webm"), ("libvpx", "yuv420p", ".webm"),
)  # fmt: skip
SIZES = ((160, 90), (160, 96), (128, 128), (96, 160), (144, 112), (96, 96))
RATES = (12, 15, 16, 24, 25, 30)


@dataclass(frozen=True)
class Film:
    """Pictures (0 to 255), their rate, sound, and how they are to be encoded."""

    pictures: np.ndarray
    fps: int
    sound: np.ndarray | None
    codec: tuple[str, str, str]
    quality: int

    @property
    def seconds(self) -> float:
        return len(self.pictures) / self.fps

    @property
    def size(self) -> tuple[int, int]:
        return self.pictures.shape[2], self.pictures.shape[1]


def film(rng: random.Random, *, sound: bool | None = None) -> Film:
    """A clip as it should be: filmed, drawn or nearly still, with grain, cuts and fades here and there."""
    size, fps = rng.choice(SIZES), rng.choice(RATES)
    count = round(rng.uniform(1.2, 2.0) * fps)
    pictures = _scene(rng, size, count, fps)
    if rng.random() < 0.2:
        at = rng.randrange(count // 3, count)
        pictures = np.concatenate([pictures[:at], _scene(rng, size, count - at, fps)])
    if rng.random() < 0.25:
        pictures = _faded(rng, pictures, fps)
    pictures = pictures + _grain(rng, pictures.shape)
    with_sound = rng.random() < 0.7 if sound is None else sound
    heard = some_sound(rng, count / fps) if with_sound else None
    return Film(pictures, fps, heard, rng.choice(CODECS), rng.randrange(18, 31))


def _scene(rng: random.Random, size: tuple[int, int], count: int, fps: int) -> np.ndarray:
    made = rng.choice((_filmed, _filmed, _panned, _texture, _shapes, _nearly_still, _nearly_still, _waves))
    return made(rng, size, count, fps)


@functools.cache
def _bunny() -> np.ndarray:
    with av.open(str(sample("bunny.mp4"))) as container:
        frames = [frame.to_ndarray(width=320, height=180, format="rgb24") for frame in container.decode(video=0)]
    return np.stack(frames)


def _filmed(rng: random.Random, size: tuple[int, int], count: int, fps: int) -> np.ndarray:
    whole = _bunny()
    step = max(round(24 / fps), 1)
    first = rng.randrange(max(len(whole) - count * step, 1))
    taken = whole[first : first + count * step : step]
    left, top = rng.randrange(320 - size[0]), rng.randrange(180 - size[1])
    taken = taken[:, top : top + size[1], left : left + size[0]].astype(np.float32)
    return np.concatenate([taken, taken[::-1], taken])[:count]


def _panned(rng: random.Random, size: tuple[int, int], count: int, fps: int) -> np.ndarray:
    """A photograph that the camera moves over."""
    picture = Image.open(sample("portrait.jpg")).convert("RGB")
    scale = max(size[0] / picture.width, size[1] / picture.height) * rng.uniform(1.3, 2.0)
    picture = picture.resize((round(picture.width * scale) + 1, round(picture.height * scale) + 1))
    room = (picture.width - size[0], picture.height - size[1])
    begin, end = ([rng.uniform(0, side) for side in room] for _ in range(2))
    made = []
    for number in range(count):
        part = number / max(count - 1, 1)
        left, top = (one + (other - one) * part for one, other in zip(begin, end, strict=True))
        made.append(
            np.asarray(picture.resize(size, Image.Resampling.BILINEAR, (left, top, left + size[0], top + size[1])))
        )
    return np.stack(made).astype(np.float32)


def smooth(rng: random.Random, shape: tuple[int, int], fine: int) -> np.ndarray:
    """A random pattern from 0 to 1 without sharp edges."""
    small = np.random.default_rng(rng.randrange(2**31)).random((shape[0] // fine + 3, shape[1] // fine + 3))
    large = Image.fromarray((small * 255).astype(np.uint8)).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.asarray(large, np.float32) / 255


def _texture(rng: random.Random, size: tuple[int, int], count: int, fps: int) -> np.ndarray:
    """Leaves, grass, clouds: a coloured pattern on the move."""
    width, height = size
    low, high = (np.array([rng.uniform(*span) for _ in range(3)], np.float32) for span in ((10, 110), (90, 245)))
    across, down = rng.uniform(-50, 50) / fps, rng.uniform(-30, 30) / fps
    reach = (round(abs(down) * count) + 2, round(abs(across) * count) + 2)
    pattern = smooth(rng, (height + reach[0], width + reach[1]), rng.choice((4, 8, 16, 24)))
    made = []
    for number in range(count):
        top, left = (
            round(step * number) if step > 0 else room + round(step * number)
            for step, room in zip((down, across), reach, strict=True)
        )
        part = pattern[max(top, 0) :, max(left, 0) :][:height, :width, None]
        made.append(low + (high - low) * part)
    return np.stack(made).astype(np.float32)


def _shapes(rng: random.Random, size: tuple[int, int], count: int, fps: int) -> np.ndarray:
    """Drawn things that move before a ground."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    slope = rng.uniform(-0.6, 0.6)
    base = [
        np.clip(rng.uniform(40, 180) + slope * (x - width / 2) + rng.uniform(-0.6, 0.6) * (y - height / 2), 0, 255)
        for _ in range(3)
    ]
    ground = np.stack(base, -1)
    things = [
        (rng.uniform(0, width), rng.uniform(0, height), rng.uniform(-70, 70) / fps, rng.uniform(-50, 50) / fps,
         rng.uniform(6, 24), np.array([rng.uniform(0, 255) for _ in range(3)]), rng.random() < 0.5)
        for _ in range(rng.randrange(2, 6))
    ]  # fmt: skip
    made = []
    for number in range(count):
        picture = ground.copy()
        for left, top, across, down, radius, colour, is_round in things:
            cx, cy = (left + across * number) % width, (top + down * number) % height
            inside = (
                (x - cx) ** 2 + (y - cy) ** 2 < radius**2
                if is_round
                else (abs(x - cx) < radius) & (abs(y - cy) < radius)
            )
            picture[inside] = colour
        made.append(picture)
    return np.stack(made)


def _nearly_still(rng: random.Random, size: tuple[int, int], count: int, fps: int) -> np.ndarray:
    """A scene in which only something small sways, as someone who breathes."""
    one = _panned(rng, size, 1, fps)[0] if rng.random() < 0.6 else _shapes(rng, size, 1, fps)[0]
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    cx, cy, reach = rng.uniform(0.3, 0.7) * width, rng.uniform(0.3, 0.7) * height, rng.uniform(14, 30)
    weight = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * reach**2))
    pace, far = rng.uniform(0.4, 1.2), rng.uniform(1.5, 4)
    made = []
    for number in range(count):
        by = far * np.sin(2 * np.pi * pace * number / fps)
        made.append(_moved(one, weight * by))
    return np.stack(made)


def _moved(picture: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Every pixel taken from so far above."""
    height = picture.shape[0]
    rows = np.clip(np.arange(height)[:, None] - down, 0, height - 1.001)
    low = rows.astype(int)
    part = (rows - low)[..., None]
    columns = np.arange(picture.shape[1])[None, :]
    return picture[low, columns] * (1 - part) + picture[np.minimum(low + 1, height - 1), columns] * part


def _waves(rng: random.Random, size: tuple[int, int], count: int, fps: int) -> np.ndarray:
    """A sky that stands still above water that does not, with a sharp horizon."""
    width, height = size
    horizon = round(height * rng.uniform(0.3, 0.7))
    sky = np.linspace(rng.uniform(150, 230), rng.uniform(120, 220), horizon)[:, None, None] * np.array([0.8, 0.9, 1.0])
    sea = smooth(rng, (height, width + 4 * count), 5)
    made = []
    for number in range(count):
        picture = np.zeros((height, width, 3))
        picture[:horizon] = sky
        left = 2 * number
        picture[horizon:] = (40 + 90 * sea[horizon:, left : left + width, None]) * np.array([0.5, 0.8, 1.0])
        made.append(picture)
    return np.stack(made)


def _faded(rng: random.Random, pictures: np.ndarray, fps: int) -> np.ndarray:
    """From black or to it, as it is done, with some black at the end of it."""
    count = len(pictures)
    fade, held = round(rng.uniform(0.3, 0.6) * fps), round(rng.uniform(0, 0.4) * fps)
    ramp = np.concatenate([np.zeros(held), np.linspace(0, 1, fade), np.ones(max(count - fade - held, 0))])[:count]
    return pictures * (ramp if rng.random() < 0.5 else ramp[::-1])[:, None, None, None]


def _grain(rng: random.Random, shape: tuple[int, ...]) -> np.ndarray:
    strength = rng.choice((0, 0, 1, 2, 4, 6))
    noise = np.random.default_rng(rng.randrange(2**31))
    return noise.normal(0, strength, shape).astype(np.float32) if strength else np.zeros(shape, np.float32)


@functools.cache
def _speech() -> np.ndarray:
    with av.open(str(sample("speech.wav"))) as container:
        resampler = av.AudioResampler("fltp", "mono", RATE)
        parts = [one.to_ndarray()[0] for frame in container.decode(audio=0) for one in resampler.resample(frame)]
    return np.concatenate(parts)


def some_sound(rng: random.Random, seconds: float) -> np.ndarray:
    """Speech, tones or noise, from quiet to loud, never at full scale."""
    length, noise = round(seconds * RATE), np.random.default_rng(rng.randrange(2**31))
    time = np.arange(length) / RATE
    kind = rng.choice(("speech", "speech", "tones", "noise", "beats"))
    if kind == "speech":
        whole = np.tile(_speech(), 3)
        first = rng.randrange(len(_speech()))
        sound = whole[first : first + length]
    elif kind == "tones":
        sound = sum(
            np.sin(2 * np.pi * rng.uniform(110, 1800) * time + rng.random())
            * np.exp(-((time - rng.uniform(0, seconds)) ** 2) * 4)
            for _ in range(6)
        )
    else:
        sound = np.convolve(noise.standard_normal(length), np.ones(8) / 8, "same")
        if kind == "beats":
            sound *= np.exp(-((time * rng.uniform(2, 5)) % 1) * 6)
    sound = sound + noise.standard_normal(length) * 1e-4
    peak = rng.choice((0.01, 0.03, 0.2, 0.5, 0.8, 0.95))
    return (sound / max(np.abs(sound).max(), 1e-9) * peak).astype(np.float32)


def write(made: Film, path: Path) -> Path:
    """The clip as a file; its ending is the codec's."""
    codec, form, suffix = made.codec
    path = path.with_suffix(suffix)
    options = {"crf": str(made.quality), "b": "0"} if codec != "mpeg4" else {"qscale": "4", "b": "600k"}
    options |= {"preset": "veryfast"} if codec == "libx264" else {}
    options |= {"deadline": "realtime", "cpu-used": "8"} if "vpx" in codec else {}
    if codec == "libvpx":
        options["b"] = "900k"
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=Fraction(made.fps), options=options)
        video.width, video.height, video.pix_fmt = *made.size, form
        audio = None
        if made.sound is not None:
            audio = container.add_stream("aac" if suffix == ".mp4" else "libopus", rate=RATE, layout="mono")
        for number, picture in enumerate(np.clip(np.rint(made.pictures), 0, 255).astype(np.uint8)):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, made.fps)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if audio is not None and made.sound is not None:
            _mux_sound(container, audio, made.sound)
    return path


def _mux_sound(container: av.container.OutputContainer, audio: av.AudioStream, sound: np.ndarray) -> None:
    for start in range(0, len(sound), 1024):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound[None, start : start + 1024]), format="fltp", layout="mono"
        )
        frame.pts, frame.sample_rate, frame.time_base = start, RATE, Fraction(1, RATE)
        container.mux(audio.encode(frame))
    container.mux(audio.encode())


def mapped(made: Film, change: Callable[[np.ndarray], np.ndarray]) -> Film:
    """The clip with its pictures changed."""
    return replace(made, pictures=change(made.pictures.copy()))
