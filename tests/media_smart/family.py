"""Small barcoded clips of every sort that people bring, for random cuts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from lib.media.facts import Facts
from lib.media.probe import probe_blocking
from tests.media.barcoded import ffmpeg_run, noise, write

FILM = Fraction(24000, 1001)


@dataclass(frozen=True, slots=True)
class Clip:
    """A file and what the probe says of it."""

    name: str
    path: Path
    facts: Facts


def sound(frames: int, fps: Fraction | int) -> np.ndarray:
    return noise(float(frames / Fraction(fps)))


def uneven(frames: int) -> list[float]:
    """Times with gaps of 10 to 90 ms, in seconds."""
    rng, now, found = random.Random(3), 0.0, []
    for _ in range(frames):
        found.append(round(now, 3))
        now += rng.choice((0.01, 0.03, 0.04, 0.09))
    return found


def plain(
    folder: Path, name: str, *, frames: int = 60, fps: Fraction | int = 25, loud: bool = True, **more: Any
) -> Path:
    return write(folder / name, frames=frames, fps=fps, sound=sound(frames, fps) if loud else None, **more)


def copied(folder: Path, name: str, source: Path, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Path:
    """The same packets in another wrapping."""
    path = folder / name
    ffmpeg_run(*before, "-i", source, "-c", "copy", *after, path)
    return path


def late_start(folder: Path) -> Path:
    """An edit list that begins between two key pictures and ends before the last picture."""
    source = plain(folder, "whole.mp4", frames=80, g="24", bf="2")
    return copied(folder, "edited.mp4", source, ("-ss", "0.44"), ("-t", "2.4"))


def turned(folder: Path) -> Path:
    return copied(folder, "turned.mp4", plain(folder, "upright.mp4", g="12", bf="2"), ("-display_rotation", "90"))


def in_band(folder: Path) -> Path:
    """H.264 whose pictures bring their parameter sets along, as from a broadcast."""
    stream = copied(folder, "band.ts", plain(folder, "band.mp4", g="15", bf="2"))
    return copied(folder, "in_band.mp4", stream)


def fragmented(folder: Path) -> Path:
    source = plain(folder, "one.mp4", g="12", bf="2")
    return copied(folder, "fragments.mp4", source, (), ("-movflags", "frag_keyframe+delay_moov"))


VP9 = {"codec": "libvpx-vp9", "deadline": "realtime", "cpu-used": "8", "b": "0", "crf": "20"}
AV1 = {"codec": "libsvtav1", "preset": "11", "crf": "20", "svtav1-params": "lp=1"}
X265 = {"codec": "libx265", "preset": "ultrafast", "x265-params": "log-level=none"}
PRORES = {"codec": "prores_ks", "pixel_format": "yuv422p10le", "sound_codec": "pcm_s16le"}
OPEN = {"x264-params": "open-gop=1:keyint=12:bframes=3:scenecut=0"}

MAKERS: dict[str, Callable[[Path], Path]] = {
    "h264": lambda at: plain(at, "h264.mp4", g="12", bf="2"),
    "h264 pyramid": lambda at: plain(at, "pyramid.mp4", fps=30, **{"x264-params": "keyint=24:bframes=7:b-pyramid=2"}),
    "h264 long gop": lambda at: plain(at, "long.mp4", fps=FILM, g="250", bf="3", force_key_frames="1"),
    "h264 16 fps": lambda at: plain(at, "sixteen.mp4", fps=16, g="10", bf="2"),
    "h264 60 fps": lambda at: plain(at, "sixty.mp4", fps=60, frames=90, g="30", bf="3"),
    "h264 intra": lambda at: plain(at, "intra.mp4", g="1"),
    "h264 baseline": lambda at: plain(at, "base.mp4", profile="baseline", g="12"),
    "h264 silent": lambda at: plain(at, "silent.mp4", fps=30, loud=False, g="12", bf="2"),
    "h264 varying": lambda at: plain(at, "varying.mp4", times=uneven(60), g="15", bf="0"),
    "h264 varying b": lambda at: plain(at, "varying_b.mp4", times=uneven(60), g="15", bf="2"),
    "h264 open gop": lambda at: plain(at, "open.mp4", **OPEN),
    "h264 10 bit": lambda at: plain(at, "ten.mp4", pixel_format="yuv420p10le", g="12", bf="2"),
    "h264 4:2:2 10 bit": lambda at: plain(at, "ten422.mp4", pixel_format="yuv422p10le", g="12", bf="2"),
    "h264 odd": lambda at: plain(at, "odd.mp4", size=(98, 66), g="12", bf="2"),
    "h264 turned": turned,
    "h264 edit list": late_start,
    "h264 in band": in_band,
    "h264 fragments": fragmented,
    "h264 mkv": lambda at: plain(at, "film.mkv", fps=FILM, g="12", bf="2"),
    "h264 ts": lambda at: plain(at, "stream.ts", g="12", bf="2"),
    "hevc": lambda at: plain(at, "hevc.mp4", g="12", **X265),
    "hevc 10 bit": lambda at: plain(at, "hevc10.mp4", pixel_format="yuv420p10le", g="12", **X265),
    "vp9 webm": lambda at: plain(at, "vp9.webm", sound_codec="libopus", g="12", **VP9),
    "vp9 mp4 odd": lambda at: plain(at, "vp9.mp4", size=(97, 65), fps=30, g="12", **VP9),
    "av1": lambda at: plain(at, "av1.mp4", g="12", **AV1),
    "mpeg4": lambda at: plain(at, "mpeg4.mp4", codec="mpeg4", g="12", qmin="2", qmax="4"),
    "mpeg4 b": lambda at: plain(at, "mpeg4b.mp4", codec="mpeg4", g="12", bf="2", qmin="2", qmax="4"),
    "prores": lambda at: plain(at, "prores.mov", frames=50, **PRORES),
    "mjpeg": lambda at: plain(at, "mjpeg.mov", frames=50, codec="mjpeg", pixel_format="yuvj420p"),
}  # fmt: skip


def make(name: str, folder: Path) -> Clip:
    """The clip of that name, in a folder of its own."""
    place = folder / name.replace(" ", "_").replace(":", "")
    place.mkdir()
    path = MAKERS[name](place)
    return Clip(name, path, probe_blocking(path))
