"""A strip of small pictures, side by side in one JPEG, drawn by a limited child."""

from __future__ import annotations

from pathlib import Path

from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.film.blocks import Block, tiles
from lib.media.limits import GIB, Limits
from lib.media.progress import Watch
from lib.media.smart.child import child
from lib.media.timing import shown_at

TILE_HEIGHT = 96
EXACT_FRAMES = 300
"""Up to so many pictures are decoded for exact tiles; longer stretches show the key picture before each."""
STRIP_LIMITS = Limits(deadline_s=60.0, stall_s=60.0, memory_bytes=2 * GIB, cpu_s=60, file_bytes=16 * 2**20)


async def make_strip(source: Path, facts: Facts, block: Block, output: Path) -> None:
    """Writes the block's sixteen pictures, TILE_HEIGHT high and as wide as they are shown.

    `output` lies in a folder of its own. Raises BadMedia, TooLarge or TooLong.
    """
    wanted = [(_file_time(frame, facts), _slack_s(frame, facts)) for frame in tiles(block)]
    request = {
        "do": "strip", "path": str(source), "output": str(output), "height": TILE_HEIGHT, "rotation": facts.rotation,
        "exact": block.frames <= EXACT_FRAMES, "wanted": wanted,
    }  # fmt: skip
    async with child(output.parent, STRIP_LIMITS) as drawing:
        await drawing.ask(request, Watch(Command((), output), STRIP_LIMITS, None, None))


def _slack_s(frame: int, facts: Facts) -> float:
    """Half way to the nearer of its neighbours."""
    before, own, after = (shown_at(max(near, 0), facts) for near in (frame - 1, frame, frame + 1))
    return float(min(own - before or after - own, after - own)) / 2


def _file_time(frame: int, facts: Facts) -> float:
    """When the picture comes, in seconds from the file's own start."""
    return facts.picture_start_s + float(shown_at(frame, facts))
