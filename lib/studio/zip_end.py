"""The end of a zip, looked at before anybody reads its index: a zip may say that the index fills the memory."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

from lib.errors import InputError
from lib.studio.bundle_form import MOST_FILES

END, LOCATOR, END_64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
LONGEST_END = 22 + 65535
MOST_ENTRIES = MOST_FILES + 16
MOST_INDEX_BYTES = 8 << 20


def require_small_index(file: BinaryIO) -> None:
    """Raises InputError for what is no zip, and for one with more entries, or a larger index, than a bundle has."""
    size = file.seek(0, io.SEEK_END)
    start = max(size - LONGEST_END - 20, 0)
    file.seek(start)
    tail = file.read(LONGEST_END + 20)
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < 22:
        raise InputError("This is not a bundle: it is no zip file, or it is cut short.", hint="Choose another file.")
    entries, index_bytes = struct.unpack_from("<HI", tail, at + 10)
    if tail[at - 20 : at - 16] == LOCATOR and at >= 20:
        file.seek(min(struct.unpack_from("<Q", tail, at - 12)[0], size))
        record = file.read(56)
        if record[:4] != END_64 or len(record) < 56:
            raise InputError("This is not a whole bundle: the zip is damaged or cut short.", hint="Ask for it again.")
        entries, index_bytes = struct.unpack_from("<QQ", record, 32)
    file.seek(0)
    if entries > MOST_ENTRIES or index_bytes > MOST_INDEX_BYTES:
        raise InputError("This zip lists far more files than a bundle has.", hint="Choose another file.")
