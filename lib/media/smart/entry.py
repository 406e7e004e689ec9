"""Sample entries: the boxes that say how a track is coded (ISO 14496-12, 12.1.3)."""

from __future__ import annotations

from lib.media.smart.boxes import box, walk

VISUAL = 78  # bytes of a picture's entry before its own boxes


def with_parameters(entry: bytes, kind: bytes, body: bytes) -> bytes:
    """The sample entry with that box changed."""
    (fourcc, whole), *_ = walk(entry)
    boxes = (box(name, body if name == kind else inner) for name, inner in walk(whole[VISUAL:]))
    return box(fourcc, whole[:VISUAL], *boxes)


def descriptors(esds: bytes) -> tuple[int, bytes]:
    """(object type, decoder's own parameters) of an esds box (ISO 14496-1, 7.2.6)."""
    at, kind, own = 4, 0, b""
    while at + 2 <= len(esds):
        tag, length, at = esds[at], 0, at + 1
        while at < len(esds):
            length, more, at = length << 7 | esds[at] & 0x7F, esds[at] & 0x80, at + 1
            if not more:
                break
        if tag == 3:
            at += 3
        elif tag == 4:
            kind, at = esds[at] if at < len(esds) else 0, at + 13
        elif tag == 5:
            own, at = esds[at : at + length], at + length
        else:
            at += length
    return kind, own


def colours(entry: bytes) -> bytes:
    """The boxes of an entry that say how its pictures are meant, coding parameters aside."""
    said = sorted(kind + body for kind, body in walk(entry[8 + VISUAL :]) if kind in (b"colr", b"pasp", b"clap"))
    return entry[4:8] + entry[32:36] + b"".join(said)
