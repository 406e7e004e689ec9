"""Files that the command line is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lib.errors import InputError
from lib.studio import Studio


def open_files(studio: Studio, given: Sequence[str]) -> dict[str, str]:
    """NAME=PATH pairs of the command line as input name -> SHA-256. Raises InputError, BadMedia."""
    found = {}
    for pair in given:
        name, eq, path = pair.partition("=")
        if not eq or not Path(path).is_file():
            raise InputError(
                f"{pair!r} names no file.", hint="Write --input NAME=PATH, such as --input video=clip.mp4."
            )
        found[name] = studio.add_file(Path(path), Path(path).name).sha256
    return found
