"""What has to be known of AV1 to copy it: the units (OBUs) of a sample (AV1 specification, 5.3)."""

from __future__ import annotations

from collections.abc import Iterator

from lib.errors import BadMedia

SEQUENCE_HEADER = 1


def sequence_header(data: bytes) -> bytes:
    """The body of the first sequence header in there; empty where there is none."""
    return next((body for kind, body in units(data) if kind == SEQUENCE_HEADER), b"")


def units(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(kind, body) of each unit. Raises BadMedia where the lengths do not fit."""
    at = 0
    while at < len(data):
        head = data[at]
        at += 2 if head & 4 else 1  # with an extension
        length = len(data) - at
        if head & 2:  # it says how long it is
            length, at = _leb128(data, at)
        if at + length > len(data):
            raise BadMedia("A picture of the clip is damaged.", hint="")
        yield head >> 3 & 15, data[at : at + length]
        at += length


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """(number, where it ends)."""
    number = 0
    for place, byte in enumerate(data[at : at + 8]):
        number |= (byte & 127) << 7 * place
        if not byte & 128:
            return number, at + place + 1
    raise BadMedia("A picture of the clip is damaged.", hint="")
