"""A track as an MP4 file describes it: where each sample lies, when it is shown, what the edit list keeps."""

from __future__ import annotations

import struct
import sys
from array import array
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, repeat

from lib.errors import BadMedia, Unsupported
from lib.media.smart.boxes import find, needed, walk

MOST = 10**7  # pictures in a clip


@dataclass(frozen=True, slots=True)
class Track:
    """One track. Samples stand in decode order; times are in ticks of `timescale`.

    Presentation time zero is tick `start`, `delay_s` after the movie's own; what comes at `end` or later is not shown.
    `ends` is when the sample's picture goes, by the file (decode durations).
    """

    kind: bytes
    timescale: int
    entry: bytes
    matrix: bytes
    size: bytes
    offsets: array[int]
    sizes: array[int]
    pts: array[int]
    durations: array[int]
    sync: bytearray
    start: int
    end: int | None
    delay_s: Fraction

    def shown(self) -> list[int]:
        """The times of the pictures that a player shows, in that order."""
        return sorted(time for time in self.pts if time >= self.start and (self.end is None or time < self.end))

    def time_s(self, tick: int) -> Fraction:
        """When that is on the movie's clock."""
        return Fraction(tick - self.start, self.timescale) + self.delay_s

    def last_end(self) -> int:
        """When the last shown picture goes."""
        shown = self.shown()
        index = self.pts.index(shown[-1])
        return shown[-1] + max(self.durations[index], 1)


def read_track(moov: bytes, kind: bytes) -> Track | None:
    """The first track of that kind ("vide", "soun"), or None.

    Raises BadMedia, or Unsupported for a form of index that is not read here.
    """
    scale = _scale(needed(moov, b"mvhd"))
    for name, body in walk(moov):
        if name == b"trak" and needed(body, b"mdia", b"hdlr")[8:12] == kind:
            try:
                return _track(body, scale)
            except (struct.error, IndexError, OverflowError) as error:
                raise BadMedia("The file's index is damaged.", hint="") from error
    return None


def _track(trak: bytes, movie_scale: int) -> Track:
    media, table = needed(trak, b"mdia"), needed(trak, b"mdia", b"minf", b"stbl")
    kind, timescale = needed(media, b"hdlr")[8:12], _scale(needed(media, b"mdhd"))
    header = needed(trak, b"tkhd")
    wide = 12 if header[0] == 1 else 0
    entries = needed(table, b"stsd")
    if struct.unpack_from(">I", entries, 4)[0] != 1:
        raise Unsupported("The clip changes its coding on the way.", hint="")
    sizes = _sizes(needed(table, b"stsz"), kind)
    durations = _runs(needed(table, b"stts"), len(sizes), "I")
    shifts = find(table, b"ctts")
    decoded = accumulate(durations[:-1], initial=0)
    late = _runs(shifts, len(sizes), "i") if shifts else repeat(0)
    start, end, delay_s = _edit(find(trak, b"edts", b"elst"), movie_scale, timescale)
    return Track(
        kind, timescale, entries[8:], header[40 + wide : 76 + wide], header[76 + wide : 84 + wide],
        _offsets(table, sizes), sizes, array("q", (time + more for time, more in zip(decoded, late, strict=False))),
        durations, _sync(find(table, b"stss"), len(sizes)), start, end, delay_s,
    )  # fmt: skip


def _scale(header: bytes) -> int:
    """The timescale of an mvhd or mdhd."""
    scale: int = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)[0]
    if scale == 0:
        raise BadMedia("The file's index is damaged: its clock stands still.", hint="")
    return scale


def _numbers(body: bytes, code: str) -> array[int]:
    """Big-endian numbers of that kind, as many as there are."""
    found: array[int] = array(code)
    found.frombytes(body[: len(body) // found.itemsize * found.itemsize])
    if sys.byteorder == "little":
        found.byteswap()
    return found


def _sizes(body: bytes, kind: bytes) -> array[int]:
    fixed: int
    count: int
    fixed, count = struct.unpack_from(">II", body, 4)
    if fixed and (kind == b"soun" or count > MOST):  # uncompressed sound has a table row per moment
        raise Unsupported("The sound is stored uncompressed.", hint="")
    if fixed:
        same: array[int] = array("I", [fixed])
        return same * count
    return _numbers(body[12 : 12 + 4 * count], "I")


def _runs(body: bytes, count: int, code: str) -> array[int]:
    """Run-length pairs (how many, value) as `count` values."""
    pairs = _numbers(body[8:], code)
    values: array[int] = array("q")
    for many, value in zip(pairs[::2], pairs[1::2], strict=False):
        values.extend(array("q", [value]) * min(many, count - len(values)))
    if len(values) != count or not count:
        raise BadMedia("The file's index is damaged: its times do not fit its samples.", hint="")
    return values


def _offsets(table: bytes, sizes: array[int]) -> array[int]:
    """Where each sample lies in the file."""
    short = find(table, b"stco")
    chunks = _numbers(short[8:], "I") if short is not None else _numbers(needed(table, b"co64")[8:], "Q")
    runs = _numbers(needed(table, b"stsc")[8:], "I")
    firsts, counts = [*runs[::3], len(chunks) + 1], runs[1::3]
    offsets = array("q")
    for first, following, many in zip(firsts, firsts[1:], counts, strict=False):
        for chunk in chunks[first - 1 : following - 1]:
            at, number = chunk, len(offsets)
            for size in sizes[number : number + many]:
                offsets.append(at)
                at += size
    if len(offsets) != len(sizes):
        raise BadMedia("The file's index is damaged: samples are missing.", hint="")
    return offsets


def _sync(body: bytes | None, count: int) -> bytearray:
    if body is None:  # every sample can be started from
        return bytearray([1]) * count
    found = bytearray(count)
    for number in _numbers(body[8:], "I"):
        found[number - 1] = 1
    return found


def _edit(body: bytes | None, movie_scale: int, timescale: int) -> tuple[int, int | None, Fraction]:
    """(first tick shown, tick at which showing ends, delay in seconds)."""
    if body is None:
        return 0, None, Fraction(0)
    shape = struct.Struct(">QqI" if body[0] == 1 else ">IiI")
    count = struct.unpack_from(">I", body, 4)[0]
    edits = [shape.unpack_from(body, 8 + shape.size * place) for place in range(min(count, 16))]
    empty = [length for length, time, _ in edits if time == -1]
    real = [edit for edit in edits if edit[1] != -1]
    if len(real) != 1 or edits[-1] is not real[0] or real[0][2] != 1 << 16:
        raise Unsupported("The clip's edit list rearranges it.", hint="")
    length, start, _ = real[0]
    end = start + round(Fraction(length * timescale, movie_scale)) if length else None
    return start, end, Fraction(sum(empty), movie_scale)
