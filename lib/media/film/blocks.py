"""A timeline in blocks: at level n the clip's pictures lie in 2^n equal blocks, so that zooming asks for few files.

Pure. The player counts the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.errors import InputError
from lib.media.facts import Facts
from lib.media.timing import frames_of

TILES = 16
"""Small pictures in a block."""


@dataclass(frozen=True, slots=True)
class Block:
    """The pictures from `first` up to, not including, `end`."""

    first: int
    end: int

    @property
    def frames(self) -> int:
        return self.end - self.first


def deepest(frames: int) -> int:
    """The last level whose blocks still have a picture for every tile."""
    return max((frames // TILES).bit_length() - 1, 0)


def block_of(facts: Facts, level: int, number: int) -> Block:
    """Block `number` (from 0) of that level. Raises InputError where there is none, Unsupported for what is no clip."""
    frames = frames_of(facts)
    if not (0 <= level <= deepest(frames) and 0 <= number < 2**level):
        message = f"The clip has levels 0 to {deepest(frames)}, and 2^level blocks in each."
        raise InputError("There is no such part of the timeline.", hint=message, fields={"block": message})
    return Block(frames * number // 2**level, frames * (number + 1) // 2**level)


def tiles(block: Block) -> list[int]:
    """The picture in the middle of each of the block's sixteen equal parts."""
    return [block.first + (2 * tile + 1) * block.frames // (2 * TILES) for tile in range(TILES)]
