"""What an MP4's own index says beyond libavformat: its edit lists, and whether its pictures are Dolby Vision."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from lib.errors import BadMedia, Unsupported
from lib.media.smart.boxes import find, movie, needed, walk
from lib.media.smart.entry import VISUAL

MOST = 32  # edits of a track that are told; real files have one or two
DOLBY = (b"dvcC", b"dvvC", b"dvwC")
FIELDS = {b"vide": "edits", b"soun": "audio_edits"}


def edit_facts(path: Path) -> dict[str, Any]:
    """`edits` and `audio_edits`, as (second of the track, seconds shown); `hdr` where it is Dolby Vision.

    Nothing for a file whose index is in fragments, or one that only libavformat can read.
    """
    try:
        index = movie(path)[1]
        scale = struct.unpack_from(">I", needed(index, b"mvhd"), _clock_at(needed(index, b"mvhd")))[0]
        found: dict[str, Any] = {}
        for trak in (body for name, body in walk(index) if name == b"trak"):
            kind = needed(trak, b"mdia", b"hdlr")[8:12]
            if kind in FIELDS and FIELDS[kind] not in found:
                found[FIELDS[kind]] = _edits(trak, scale)
                found |= {"hdr": "Dolby Vision"} if kind == b"vide" and _is_dolby(trak) else {}
    except (BadMedia, Unsupported, struct.error, ZeroDivisionError):
        return {}
    return found


def _clock_at(header: bytes) -> int:
    """Where the timescale stands in an mvhd or mdhd."""
    return 20 if header[:1] == b"\1" else 12


def _edits(trak: bytes, movie_scale: int) -> list[tuple[float | None, float]]:
    body = find(trak, b"edts", b"elst")
    if body is None:
        return []
    media = needed(trak, b"mdia", b"mdhd")
    scale = struct.unpack_from(">I", media, _clock_at(media))[0]
    shape = struct.Struct(">QqI" if body[0] == 1 else ">IiI")
    count = min(struct.unpack_from(">I", body, 4)[0], MOST)
    rows = [shape.unpack_from(body, 8 + shape.size * place) for place in range(count)]
    return [
        (None if time == -1 else round(time / scale, 6), round(length / movie_scale, 6)) for length, time, _ in rows
    ]


def _is_dolby(trak: bytes) -> bool:
    entries = needed(trak, b"mdia", b"minf", b"stbl", b"stsd")[8:]
    return any(name in DOLBY for _, entry in walk(entries) for name, _ in walk(entry[VISUAL:]))
