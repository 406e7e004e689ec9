"""Where ffmpeg is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import imageio_ffmpeg

from lib.errors import MissingBinary

Finder = Callable[[], str | None]


def ffmpeg(finders: Sequence[Finder] | None = None) -> Path:
    """The absolute path of ffmpeg: the wheel's first, one on PATH second. Raises MissingBinary."""
    for find in finders if finders is not None else (_from_wheel, _from_path):
        found = find()
        if found:
            return Path(found).absolute()
    raise MissingBinary(
        "ffmpeg is not installed, so nothing can be cut or made.",
        hint="Install the requirements again (the imageio-ffmpeg package brings ffmpeg), or put ffmpeg on PATH.",
    )


def _from_wheel() -> str | None:
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:  # the package is there without a program for this machine
        return None


def _from_path() -> str | None:
    return shutil.which("ffmpeg")
