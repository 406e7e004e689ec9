"""Clips of every sort that the cuts must take, made once per session."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest

from lib.media.facts import Facts
from lib.media.probe import probe_blocking
from tests.media.barcoded import ffmpeg_run, noise, write

SOUND = noise(2.0)


class Clip(NamedTuple):
    """A file and what the probe says of it."""

    path: Path
    facts: Facts


def uneven(frames: int) -> list[float]:
    """Times with gaps of 10 to 90 ms."""
    rng, now, found = random.Random(3), 0.0, []
    for _ in range(frames):
        found.append(round(now, 3))
        now += rng.choice((0.01, 0.03, 0.04, 0.09))
    return found


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Clip]:
    """Name -> clip: 50 numbered pictures each, two seconds of noise where there is sound."""
    folder = tmp_path_factory.mktemp("clips")
    film = Fraction(24000, 1001)
    made = {
        "plain": write(folder / "plain.mp4", sound=SOUND, bf="2", g="25"),
        "film": write(folder / "film.mp4", sound=SOUND, fps=film, g="250", bf="3"),
        "sixteen": write(folder / "sixteen.mkv", sound=SOUND, fps=16, sound_codec="aac"),
        "silent": write(folder / "silent.mp4", fps=30),
        "ten_bit": write(folder / "ten_bit.mp4", pixel_format="yuv420p10le", sound=SOUND),
        "vp9": write(folder / "vp9.webm", codec="libvpx-vp9", sound=SOUND, sound_codec="libopus", cpu_used="8"),
        "stream": write(folder / "stream.ts", sound=SOUND, bf="2"),
        "uneven": write(folder / "uneven.mp4", times=uneven(50), sound=SOUND),
        "animation": write(folder / "animation.gif", codec="gif", pixel_format="rgb8", fps=10, size=(97, 65)),
    }
    made["turned"] = folder / "turned.mp4"
    ffmpeg_run("-display_rotation", "90", "-i", made["plain"], "-c", "copy", made["turned"])
    return {name: Clip(path, probe_blocking(path)) for name, path in made.items()}
