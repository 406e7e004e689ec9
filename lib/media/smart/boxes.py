"""The boxes of an MP4 file (ISO 14496-12, 4.2): walked in memory, found in a file, built from parts."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lib.errors import BadMedia, Unsupported

MOVIE_BYTES = 256 * 2**20  # the largest index that is read; an hour at 60 fps needs about 4 MB


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box that begins with its version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def walk(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, body) of each box in there. Raises BadMedia where the lengths do not fit."""
    at = 0
    while at + 8 <= len(body):
        length, kind, head = struct.unpack_from(">I", body, at)[0], body[at + 4 : at + 8], 8
        if length == 1 and at + 16 <= len(body):
            length, head = struct.unpack_from(">Q", body, at + 8)[0], 16
        elif length == 0:
            length = len(body) - at
        if length < head or at + length > len(body):
            raise BadMedia("The file's index is damaged.", hint="")
        yield kind, body[at + head : at + length]
        at += length


def find(body: bytes, *kinds: bytes) -> bytes | None:
    """The body of the first box at that path, or None."""
    found: bytes | None = body
    for kind in kinds:
        found = next((inner for name, inner in walk(found or b"") if name == kind), None)
        if found is None:
            return None
    return found


def needed(body: bytes, *kinds: bytes) -> bytes:
    found = find(body, *kinds)
    if found is None:
        raise BadMedia(f"The file's index is damaged: it lacks {kinds[-1].decode('latin-1')!r}.", hint="")
    return found


def movie(path: Path) -> tuple[bytes, bytes]:
    """The bodies of `ftyp` (empty where there is none) and `moov`. Raises BadMedia, or Unsupported for fragments."""
    brand = index = b""
    with path.open("rb") as file:
        for kind, start, length in top_level(file, path.stat().st_size):
            if kind == b"moof":
                raise Unsupported("The clip is stored in fragments.", hint="")
            if kind in (b"ftyp", b"moov") and length <= MOVIE_BYTES:
                file.seek(start)
                body = file.read(length)
                brand, index = (body, index) if kind == b"ftyp" else (brand, body)
    if not index:
        raise BadMedia("The file has no index that can be read.", hint="")
    return brand, index


def top_level(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """(kind, where its body begins, how long it is) of each box of the file, up to one that makes no sense."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length, start = int.from_bytes(head[:4]), 8
        if length == 1:
            length, start = int.from_bytes(head[8:16]), 16
        elif length == 0:
            length = size - at
        if length < start:
            return
        yield head[4:8], at + start, length - start
        at += length


def is_fragmented(path: Path) -> bool:
    """Whether the file is an MP4 whose index is spread over it."""
    with path.open("rb") as file:
        return any(kind == b"moof" for kind, _, _ in top_level(file, path.stat().st_size))
