"""The index of an MP4 that is being made: its `moov` box."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from lib.media.smart.boxes import box, full
from lib.media.smart.samples import MadeTrack

DATA = box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url ", flags=1)))
NAMES = {b"vide": b"VideoHandler\0", b"soun": b"SoundHandler\0"}
FACES = {b"vide": full(b"vmhd", bytes(8), flags=1), b"soun": full(b"smhd", bytes(4))}


@dataclass(frozen=True, slots=True)
class Timing:
    """Of one track, in its ticks: decode times from zero, how much later each sample is shown, what is shown.

    `delay` is by how much decoding must be ahead, so that no picture comes after its time.
    """

    decoded: list[int]
    late: list[int]
    delay: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Samples `first` up to `end` of a track, written in one piece."""

    time_s: float
    track: int
    first: int
    end: int


def timing_of(track: MadeTrack) -> Timing:
    """Decode times are the times shown, moved ahead by the delay: the source's own grid, where it is even."""
    pts = track.samples.pts
    shown = sorted(pts)
    delay = max((due - time for due, time in zip(shown, pts, strict=True)), default=0)
    zero = shown[0]
    decoded = [time - zero for time in shown]
    late = [time - zero + delay - begin for time, begin in zip(pts, decoded, strict=True)]
    return Timing(decoded, late, delay, track.start - zero + delay, track.end - zero + delay)


def movie_box(
    tracks: Sequence[MadeTrack], times: Sequence[Timing], chunks: Sequence[Chunk], places: Sequence[int], comment: str,
    *, wide: bool,
) -> bytes:  # fmt: skip
    # The clock of the movie is the sound's: an edit list counts in it, and sound ends at a sample.
    scale = next((track.timescale for track in tracks if track.kind == b"soun"), tracks[0].timescale)
    lengths = [_rescaled(one.end - one.start, track.timescale, scale) for track, one in zip(tracks, times, strict=True)]
    traks = []
    for number, (track, timing, length) in enumerate(zip(tracks, times, lengths, strict=True)):
        both = zip(chunks, places, strict=True)
        mine = [(chunk.end - chunk.first, place) for chunk, place in both if chunk.track == number]
        header = struct.pack(">QQIIQQHHHH", 0, 0, number + 1, 0, length, 0, 0, 0, 256 * (track.kind == b"soun"), 0)
        edit = full(b"elst", struct.pack(">IQqI", 1, length, timing.start, 1 << 16), version=1)
        tkhd = full(b"tkhd", header, track.matrix, track.size, version=1, flags=3)
        traks.append(box(b"trak", tkhd, box(b"edts", edit), _media(track, timing, mine, wide=wide)))
    header = struct.pack(">QQIQIHHQ", 0, 0, scale, max(lengths), 1 << 16, 256, 0, 0)
    unity = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    mvhd = full(b"mvhd", header, unity, bytes(24), struct.pack(">I", len(tracks) + 1), version=1)
    return box(b"moov", mvhd, *traks, _comment(comment))


def _rescaled(ticks: int, old: int, new: int) -> int:
    return -(-ticks * new // old)


def _media(track: MadeTrack, timing: Timing, chunks: list[tuple[int, int]], *, wide: bool) -> bytes:
    durations = [later - earlier for earlier, later in pairwise(timing.decoded)]
    durations.append(timing.end - timing.delay - timing.decoded[-1])
    mdhd = full(b"mdhd", struct.pack(">QQIQHH", 0, 0, track.timescale, sum(durations), 0x55C4, 0), version=1)
    hdlr = full(b"hdlr", bytes(4), track.kind, bytes(12), NAMES[track.kind])
    tables = [full(b"stsd", struct.pack(">I", 1), track.entry), _runs(b"stts", durations)]
    if any(timing.late):
        tables.append(_runs(b"ctts", timing.late))
    if not all(track.samples.sync):
        keys = [number for number, sync in enumerate(track.samples.sync, 1) if sync]
        tables.append(full(b"stss", struct.pack(f">I{len(keys)}I", len(keys), *keys)))
    sizes = track.samples.sizes
    tables.append(_chunk_runs([count for count, _ in chunks]))
    tables.append(full(b"stsz", struct.pack(f">II{len(sizes)}I", 0, len(sizes), *sizes)))
    kind, code = (b"co64", "Q") if wide else (b"stco", "I")
    tables.append(full(kind, struct.pack(f">I{len(chunks)}{code}", len(chunks), *(place for _, place in chunks))))
    return box(b"mdia", mdhd, hdlr, box(b"minf", FACES[track.kind], DATA, box(b"stbl", *tables)))


def _runs(kind: bytes, values: Sequence[int]) -> bytes:
    pairs = [number for value, same in groupby(values) for number in (sum(1 for _ in same), value)]
    return full(kind, struct.pack(f">I{len(pairs)}I", len(pairs) // 2, *pairs))


def _chunk_runs(counts: Sequence[int]) -> bytes:
    rows, chunk = [], 1
    for count, same in groupby(counts):
        rows += [chunk, count, 1]
        chunk += sum(1 for _ in same)
    return full(b"stsc", struct.pack(f">I{len(rows)}I", len(rows) // 3, *rows))


def _comment(text: str) -> bytes:
    if not text:
        return b""
    data = box(b"data", struct.pack(">II", 1, 0), text.encode())
    hdlr = full(b"hdlr", bytes(4), b"mdirappl", bytes(9))
    return box(b"udta", full(b"meta", hdlr, box(b"ilst", box(b"\xa9cmt", data))))
