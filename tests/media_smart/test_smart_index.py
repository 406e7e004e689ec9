"""The index of an MP4 as it is read and written: what was written is read back, what is damaged is refused."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lib.errors import MediaError
from lib.media.smart.boxes import box, movie, walk
from lib.media.smart.coding import coding_of
from lib.media.smart.h264 import Parameters, from_annexb, nals, to_sample
from lib.media.smart.track import read_track
from tests.media.barcoded import noise, write


def test_damaged_indexes_are_refused_or_read(tmp_path: Path) -> None:
    """Whatever bytes of an index are changed, reading it ends soon, with tracks or with our own error."""
    whole = write(tmp_path / "clip.mp4", frames=30, g="12", bf="2", sound=noise(1.2)).read_bytes()
    rng, begin, path, refused = random.Random(5), whole.find(b"moov"), tmp_path / "bad.mp4", 0
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 2, 8))):
            data[rng.randrange(begin, len(data))] = rng.choice((0, 255, 127, rng.randrange(256)))
        path.write_bytes(data)
        try:
            index = movie(path)[1]
            tracks = [read_track(index, kind) for kind in (b"vide", b"soun")]
            if tracks[0]:
                coding_of(tracks[0].entry)
        except MediaError:
            refused += 1

    assert refused > 50


def test_boxes_end_where_they_say() -> None:
    """A box that would reach past the end is refused."""
    assert list(walk(box(b"free", b"abc") + box(b"skip"))) == [(b"free", b"abc"), (b"skip", b"")]
    with pytest.raises(MediaError):
        list(walk(box(b"free", b"abc")[:-1]))


def test_parameter_records_survive(tmp_path: Path) -> None:
    """An avcC that is parsed and built is the same; joined with itself it stays the same."""
    path = write(tmp_path / "clip.mp4", frames=5)
    track = read_track(movie(path)[1], b"vide")
    assert track
    record = coding_of(track.entry).extradata or b""
    sets = Parameters.parse(record)

    assert sets.build() == record
    assert sets.joined(sets) == sets
    assert sets.free_number() == 1


def test_units_are_split_and_put_together() -> None:
    """Units between start codes of three or four bytes come out whole."""
    units = [b"\x67abc", b"\x68de", b"\x65\x01\x02"]
    stream = b"\0\0\0\1" + units[0] + b"\0\0\1" + units[1] + b"\0\0\0\1" + units[2]

    assert from_annexb(stream) == units
    assert list(nals(to_sample(units, 4), 4)) == units
