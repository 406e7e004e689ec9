"""A clip without its sound."""

from __future__ import annotations

from pathlib import Path

from lib.media import graph
from lib.media.command import Command
from lib.media.sound.onto import Clip, sounding


def build(video: Clip, output: Path) -> Command:
    """An MP4 of the pictures alone, copied where MP4 can hold them as they are."""
    return sounding(video, graph.opened(video[0]), None, output)
