"""A small picture that stands for a file in a list: made once, in a limited child, and kept by the file's hash."""

from __future__ import annotations

import asyncio
import logging
from math import floor
from pathlib import Path
from typing import Any

import ffmpeg

from lib.errors import DailiesError
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.frames import JPEG
from lib.media.limits import GIB, Limits
from lib.media.run import run
from lib.store.views import Asset

log = logging.getLogger(__name__)

WIDTH, HEIGHT = 480, 270
GROUND = "0x141a19"
WAVE = "0x5eccc0"
CHILDREN = 2
POSTER_LIMITS = Limits(deadline_s=60.0, memory_bytes=3 * GIB, cpu_s=60, file_bytes=4 * 2**20)
BESIDE = 3
"""The picture is taken at a third of the clip: the first one is often black."""


class Posters:
    """Its files lie in one folder. Asked from one event loop, which is never blocked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._making: dict[str, asyncio.Task[Path | None]] = {}
        self._turn = asyncio.Semaphore(CHILDREN)

    async def get(self, asset: Asset) -> Path | None:
        """The picture, made now where it is missing; None where the file has none, or cannot be read."""
        path = self._folder / f"{asset.sha256}.jpg"
        if path.is_file():
            return path
        if asset.path is None or not asset.path.is_file() or asset.kind not in BUILDERS:
            return None
        if asset.sha256 not in self._making:
            self._making[asset.sha256] = asyncio.create_task(self._make(asset, path))
            self._making[asset.sha256].add_done_callback(lambda task: self._making.pop(asset.sha256))
        return await asyncio.shield(self._making[asset.sha256])  # who leaves the page stops nobody else's picture

    async def _make(self, asset: Asset, path: Path) -> Path | None:
        assert asset.path is not None
        async with self._turn:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                await run(BUILDERS[asset.kind](asset.path, asset.facts, path), limits=POSTER_LIMITS)
            except (DailiesError, OSError) as error:
                log.warning("no poster for %s: %s", asset.sha256, error)
                return None
        return path


def of_clip(path: Path, facts: Facts, output: Path) -> Command:
    """The keyframe before a third of the clip, as a player shows it, on a ground of one size."""
    seek = floor((facts.duration_s or 0) / BESIDE) if facts.container in graph.INDEXED else 0
    source = ffmpeg.input(str(path), **({"ss": seek, "noaccurate_seek": None} if seek else {}))
    return _pictured(_grounded(graph.picture_of(source)), path, output)


def of_picture(path: Path, facts: Facts, output: Path) -> Command:
    """The picture itself, made small."""
    return _pictured(_grounded(graph.opened(path)["v:0"]), path, output)


def of_sound(path: Path, facts: Facts, output: Path) -> Command:
    """The form of its wave."""
    drawn = graph.opened(path)["a:0"].filter(
        "showwavespic", size=f"{WIDTH - 40}x{HEIGHT - 90}", colors=WAVE, split_channels=0
    )
    ground = ffmpeg.input(f"color=c={GROUND}:s={WIDTH}x{HEIGHT}:d=1", f="lavfi")
    return _pictured(ffmpeg.overlay(ground, drawn, x="(W-w)/2", y="(H-h)/2"), path, output)


def _grounded(picture: Any) -> Any:
    """As large as fits, in shown pixels, in the middle of the ground."""
    width, height = f"trunc(min({WIDTH},{HEIGHT}*dar)/2)*2", f"trunc(min({HEIGHT},{WIDTH}/dar)/2)*2"
    fitted = picture.filter("scale", width, height).filter("setsar", 1)
    return fitted.filter("pad", WIDTH, HEIGHT, "(ow-iw)/2", "(oh-ih)/2", color=GROUND)


def _pictured(picture: Any, path: Path, output: Path) -> Command:
    options = JPEG | {"q:v": 4, "frames:v": 1, "update": 1, "f": "image2"}
    return graph.command([picture], output, [path], 1, options)


BUILDERS = {"video": of_clip, "image": of_picture, "audio": of_sound}
