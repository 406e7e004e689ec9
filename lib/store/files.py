"""What makes a file durable, and what its bytes are called."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

from lib.errors import NoSpace, StoreError


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """On disk when this returns: a file's bytes, or a folder's names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def full(error: OSError) -> StoreError | NoSpace:
    """Our error for a file that cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return NoSpace("The disk is full.", hint="Free some space in Settings, then try again.")
    return StoreError(f"The file cannot be stored: {error.strerror}.", hint="Check DAILIES_DATA_DIR.")
