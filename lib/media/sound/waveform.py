"""A picture of a sound."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import ffmpeg

from lib.errors import Unsupported
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.frames import PNG
from lib.media.promise import Promise

Scale = Literal["lin", "log", "sqrt", "cbrt"]


def build(
    sound: tuple[Path, Facts], output: Path, *, width: int, height: int, scale: Scale = "lin",
    colour: str = "0x3b82f6", background: str = "0x111827", apart: bool = False,
) -> Command:  # fmt: skip
    """A PNG of that size: the loudest sample of each column, the channels mixed or one below the other."""
    path, facts = sound
    if not facts.has_sound:
        raise Unsupported("The file has no sound to draw.", hint="Choose a file with sound.")
    heard = graph.heard_from(graph.opened(path))
    colours = "|".join([colour] * 8)
    drawn = heard.filter(
        "showwavespic", s=f"{width}x{height}", colors=colours, scale=scale, split_channels=int(apart), filter="peak",
        draw="full",
    )  # fmt: skip
    ground = ffmpeg.input(f"color=c={background}:s={width}x{height}:d=1:r=1", f="lavfi").video
    picture = ffmpeg.filter([ground, drawn], "overlay", format="rgb", shortest=1)
    options = PNG | {"frames:v": 1, "update": 1, "f": "image2"} | graph.marked([facts])
    command = graph.command([picture], output, [path], 1, options)
    return command.promising(Promise(size=(width, height)))
