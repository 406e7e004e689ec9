"""The index of an MP4 that is being made: its `moov` box."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from lib.media.smart.boxes import box, full
from lib.media.smart.samples import MadeTrack

DATA = box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url ", flags=1)))
NAMES = {b"vide": b"VideoHandler\0", b"soun": b"SoundHandler\0"}
FACES = {b"vide": full(b"vmhd", bytes(8), flags=1), b"soun": full(b"smhd", bytes(4))}


@dataclass(frozen=True, slots=True)
class Timing:
    """Of one track, in its ticks: decode times from zero, how much later each sample is shown, which stretches are.

    `delay` is by how much decoding must be ahead, so that no picture comes after its time.
    """

    decoded: list[int]
    late: list[int]
    delay: int
    edits: list[tuple[int, int]]


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
    edits = [(start - zero + delay, end - zero + delay) for start, end in ((track.start, track.end), *track.more)]
    return Timing(decoded, late, delay, edits)


def edited_timing(track: MadeTrack) -> Timing:
    """The same for pictures of which several stretches are shown: only the shown take decode time, hidden ones a tick.

    libav puts the first picture of each later stretch at that time by which it is decoded, counted in shown ones.
    """
    pts, edits = track.samples.pts, [(track.start, track.end), *track.more]
    is_shown = [any(start <= time < end for start, end in edits) for time in pts]
    grid = sorted(time for time, shown in zip(pts, is_shown, strict=True) if shown)
    decoded, following = [0] * len(pts), grid[-1] + len(pts)
    for index in range(len(pts) - 1, -1, -1):
        following = decoded[index] = grid.pop() if is_shown[index] else following - 1
    zero = decoded[0]
    late = [time - begin for time, begin in zip(pts, decoded, strict=True)]
    return Timing([time - zero for time in decoded], late, 0, [(start - zero, end - zero) for start, end in edits])


def movie_box(
    tracks: Sequence[MadeTrack], times: Sequence[Timing], chunks: Sequence[Chunk], places: Sequence[int],
    said: Mapping[bytes, str], *, wide: bool,
) -> bytes:  # fmt: skip
    # The clock of the movie is the sound's: an edit list counts in it, and sound ends at a sample.
    scale = next((track.timescale for track in tracks if track.kind == b"soun"), tracks[0].timescale)
    traks, lengths = [], []
    for number, (track, timing) in enumerate(zip(tracks, times, strict=True)):
        edits = [(_rescaled(end - start, track.timescale, scale), start) for start, end in timing.edits]
        lengths.append(sum(length for length, _ in edits))
        both = zip(chunks, places, strict=True)
        mine = [(chunk.end - chunk.first, place) for chunk, place in both if chunk.track == number]
        header = struct.pack(">QQIIQQHHHH", 0, 0, number + 1, 0, lengths[-1], 0, 0, 0, 256 * (track.kind == b"soun"), 0)
        rows = b"".join(struct.pack(">QqI", length, start, 1 << 16) for length, start in edits)
        edit = full(b"elst", struct.pack(">I", len(edits)), rows, version=1)
        tkhd = full(b"tkhd", header, track.matrix, track.size, version=1, flags=3)
        traks.append(box(b"trak", tkhd, box(b"edts", edit), _media(track, timing, mine, wide=wide)))
    header = struct.pack(">QQIQIHHQ", 0, 0, scale, max(lengths), 1 << 16, 256, 0, 0)
    unity = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    mvhd = full(b"mvhd", header, unity, bytes(24), struct.pack(">I", len(tracks) + 1), version=1)
    return box(b"moov", mvhd, *traks, _tags(said))


def _rescaled(ticks: int, old: int, new: int) -> int:
    return -(-ticks * new // old)


def _media(track: MadeTrack, timing: Timing, chunks: list[tuple[int, int]], *, wide: bool) -> bytes:
    durations = [later - earlier for earlier, later in pairwise(timing.decoded)]
    durations.append(max(timing.edits[-1][1] - timing.delay - timing.decoded[-1], 1))
    mdhd = full(b"mdhd", struct.pack(">QQIQHH", 0, 0, track.timescale, sum(durations), 0x55C4, 0), version=1)
    hdlr = full(b"hdlr", bytes(4), track.kind, bytes(12), NAMES[track.kind])
    tables = [full(b"stsd", struct.pack(">I", 1), track.entry), _runs(b"stts", durations)]
    if any(timing.late):
        tables.append(_runs(b"ctts", timing.late, signed=min(timing.late) < 0))
    if not all(track.samples.sync):
        keys = [number for number, sync in enumerate(track.samples.sync, 1) if sync]
        tables.append(full(b"stss", struct.pack(f">I{len(keys)}I", len(keys), *keys)))
    sizes = track.samples.sizes
    tables.append(_chunk_runs([count for count, _ in chunks]))
    tables.append(full(b"stsz", struct.pack(f">II{len(sizes)}I", 0, len(sizes), *sizes)))
    kind, code = (b"co64", "Q") if wide else (b"stco", "I")
    tables.append(full(kind, struct.pack(f">I{len(chunks)}{code}", len(chunks), *(place for _, place in chunks))))
    return box(b"mdia", mdhd, hdlr, box(b"minf", FACES[track.kind], DATA, box(b"stbl", *tables)))


def _runs(kind: bytes, values: Sequence[int], *, signed: bool = False) -> bytes:
    pairs = [number for value, same in groupby(values) for number in (sum(1 for _ in same), value)]
    return full(
        kind, struct.pack(f">I{len(pairs)}{'i' if signed else 'I'}", len(pairs) // 2, *pairs), version=int(signed)
    )


def _chunk_runs(counts: Sequence[int]) -> bytes:
    rows, chunk = [], 1
    for count, same in groupby(counts):
        rows += [chunk, count, 1]
        chunk += sum(1 for _ in same)
    return full(b"stsc", struct.pack(f">I{len(rows)}I", len(rows) // 3, *rows))


def _tags(said: Mapping[bytes, str]) -> bytes:
    """What the file says of itself, by the kind of box."""
    items = [box(kind, box(b"data", struct.pack(">II", 1, 0), text.encode())) for kind, text in said.items() if text]
    if not items:
        return b""
    hdlr = full(b"hdlr", bytes(4), b"mdirappl", bytes(9))
    return box(b"udta", full(b"meta", hdlr, box(b"ilst", *items)))
