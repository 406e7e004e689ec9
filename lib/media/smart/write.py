"""Writes an MP4: the index in front, then the samples, moved by the kernel from the files where they lie."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from lib.errors import BadMedia
from lib.media.smart.boxes import box
from lib.media.smart.movie import Chunk, Timing, edited_timing, movie_box, timing_of
from lib.media.smart.samples import MadeTrack

CHUNK_S = 0.5  # what lies together: short enough that picture and sound of a moment come with one read
COPY_BYTES = 16 * 2**20


def write_movie(
    path: Path, tracks: Sequence[MadeTrack], files: Sequence[int], *, brand: bytes, comment: str,
    on_bytes: Callable[[int], None], title: str = "",
) -> None:  # fmt: skip
    """The file; `files` are the descriptors that samples name. `on_bytes` is told how many were moved, as they are."""
    times = [_timing(track) for track in tracks]
    chunks = sorted(
        (chunk for number, track in enumerate(tracks) for chunk in _chunks(number, track, times[number])),
        key=lambda chunk: (chunk.time_s, chunk.track),
    )
    sizes = [sum(tracks[chunk.track].samples.sizes[chunk.first : chunk.end]) for chunk in chunks]
    kind = box(b"ftyp", brand)
    head = 16
    said = {b"\xa9cmt": comment, b"\xa9nam": title}
    table = movie_box(tracks, times, chunks, [0] * len(chunks), said, wide=sum(sizes) > 2**31)
    places, at = [], len(kind) + len(table) + head
    for size in sizes:
        places.append(at)
        at += size
    table = movie_box(tracks, times, chunks, places, said, wide=sum(sizes) > 2**31)
    with path.open("wb") as file:
        file.write(kind + table + struct.pack(">I4sQ", 1, b"mdat", sum(sizes) + head))
        file.flush()
        for descriptor, offset, size in _merged(_pieces(tracks, chunks)):
            move(files[descriptor], offset, size, file.fileno())
            on_bytes(size)


def _timing(track: MadeTrack) -> Timing:
    return edited_timing(track) if track.more and track.kind == b"vide" else timing_of(track)


def move(source: int, offset: int, size: int, target: int) -> None:
    """Appends bytes of one file to another, inside the kernel where it can."""
    while size:
        try:
            done = os.sendfile(target, source, offset, min(size, COPY_BYTES))
        except OSError:  # a system that sends to sockets only
            done = os.write(target, os.pread(source, min(size, COPY_BYTES), offset))
        if not done:
            raise BadMedia("The file is shorter than its index says.", hint="It was probably not copied to its end.")
        offset, size = offset + done, size - done


def _chunks(number: int, track: MadeTrack, timing: Timing) -> Iterator[Chunk]:
    place = [int((time - timing.decoded[0]) / track.timescale / CHUNK_S) for time in timing.decoded]
    first = 0
    for slot, members in groupby(place):
        count = sum(1 for _ in members)
        yield Chunk(slot * CHUNK_S, number, first, first + count)
        first += count


def _pieces(tracks: Sequence[MadeTrack], chunks: Sequence[Chunk]) -> Iterator[tuple[int, int, int]]:
    for chunk in chunks:
        samples = tracks[chunk.track].samples
        for index in range(chunk.first, chunk.end):
            yield samples.files[index], samples.offsets[index], samples.sizes[index]


def _merged(pieces: Iterator[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Neighbours in a file as one piece."""
    held = (0, 0, 0)
    for file, offset, size in pieces:
        if file == held[0] and offset == held[1] + held[2]:
            held = (file, held[1], held[2] + size)
            continue
        if held[2]:
            yield held
        held = (file, offset, size)
    if held[2]:
        yield held
