"""The samples of a track that is being made: where the bytes of each lie now, and when it is shown."""

from __future__ import annotations

import os
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from lib.media.smart.track import Track


class Spill:
    """A file of our own for bytes that are not in a source as they are needed: what was encoded or changed."""

    def __init__(self, path: Path) -> None:
        self.file: BinaryIO = path.open("w+b")
        self.size = 0

    def add(self, data: bytes) -> int:
        """Where it begins."""
        self.file.write(data)
        self.size += len(data)
        return self.size - len(data)


@dataclass(slots=True)
class Samples:
    """In decode order: number of the file, place and size in it, time in ticks, whether decoding can start there."""

    files: array[int] = field(default_factory=lambda: array("I"))
    offsets: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("I"))
    pts: array[int] = field(default_factory=lambda: array("q"))
    sync: bytearray = field(default_factory=bytearray)

    def add(self, file: int, offset: int, size: int, pts: int, *, sync: bool = True) -> None:
        self.files.append(file)
        self.offsets.append(offset)
        self.sizes.append(size)
        self.pts.append(pts)
        self.sync.append(sync)

    def __len__(self) -> int:
        return len(self.sizes)


@dataclass(slots=True)
class MadeTrack:
    """A track to be written. It is shown from tick `start` of its samples' clock up to, not including, tick `end`; then
    the stretches of `more` are.
    """

    kind: bytes
    timescale: int
    entry: bytes
    samples: Samples
    start: int
    end: int
    matrix: bytes
    size: bytes
    more: tuple[tuple[int, int], ...] = ()


def read_sample(descriptor: int, track: Track, index: int) -> bytes:
    """The bytes of a sample, from the open file."""
    return os.pread(descriptor, track.sizes[index], track.offsets[index])
