"""Uploads under way: each a folder on the incoming desk with its bytes and a few words, so that a restart loses none.

The number of bytes on disk is how far an upload is; nothing else counts them. Whoever writes holds a lock on the
folder, which the kernel takes back from a process that dies. What nobody touches for a day is swept like any part.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib import errors
from lib.errors import BadMedia, InUse, MediaError, NoSpace, NotFound, TooLarge, Unsupported
from lib.store import Store
from lib.store.assets import FORGOTTEN_S
from lib.store.files import full, hash_file, sync
from lib.store.views import Asset
from lib.studio.intake import MAX_FILE_BYTES, look_at, too_large

ID = re.compile(r"[0-9a-f]{24}")
LONGEST_NAME = 160
FINAL = (BadMedia, Unsupported, TooLarge)
"""What looking at the file again would not change."""
KEPT_FREE_BYTES = 64 << 20
"""Room that an upload leaves for the database and for those who write beside it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """How far one upload is, in bytes, and when it is forgotten (seconds since the epoch)."""

    id: str
    name: str
    size_bytes: int
    offset: int
    expires_at: float

    @property
    def complete(self) -> bool:
        return self.offset == self.size_bytes


class Writer:
    """Adds bytes to one upload. What was written is on disk when `close` returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = (folder / "bytes").open("ab", buffering=0)
        self._began_at = self._file.tell()

    def write(self, block: bytes) -> None:
        """Raises NoSpace; what still found room stays."""
        left = memoryview(block)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise full(error) from error

    def take_back(self) -> None:
        """Forgets what this writer wrote."""
        self._file.truncate(self._began_at)

    def close(self) -> None:
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise full(error) from error
        finally:
            self._file.close()
            os.utime(self._folder)


class Incoming:
    """The uploads of one store. Every call blocks. Made anew wherever it is needed: all its state is on disk."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._assets = store.assets
        self._clock = clock

    def begin(self, name: str, size_bytes: int) -> Upload:
        """A new upload of that many bytes. Raises BadMedia (empty), TooLarge or NoSpace before anything is sent."""
        called = clean_name(name)
        if size_bytes == 0:
            raise BadMedia(f"{called} is empty (0 bytes).", hint="It was probably not copied completely.")
        if size_bytes > MAX_FILE_BYTES:
            raise too_large(called)
        folder = self._assets.part()
        if shutil.disk_usage(folder.parent).free < size_bytes + KEPT_FREE_BYTES:
            raise NoSpace(f"The disk has no room for {called}.", hint="Free some space in Settings, then try again.")
        try:
            folder.mkdir()
            (folder / "bytes").touch()
            _write(folder, {"name": called, "size_bytes": size_bytes})
        except OSError as error:
            raise full(error) from error
        return self.get(folder.stem)

    def get(self, id: str) -> Upload:
        """Raises NotFound for one that was cancelled or forgotten, or whose file was cleaned up since."""
        folder = self._folder(id)
        about, expires_at = _read(folder), folder.stat().st_mtime + FORGOTTEN_S
        if expires_at <= self._clock():
            raise gone()
        part = folder / "bytes"
        offset = part.stat().st_size if part.is_file() else about["size_bytes"]
        if not part.is_file() and "refused" not in about:
            self._kept(about)
        return Upload(id, about["name"], about["size_bytes"], offset, expires_at)

    @contextmanager
    def alone(self, id: str) -> Iterator[None]:
        """Nobody else writes, settles or drops this upload meanwhile. Raises InUse or NotFound."""
        descriptor = _opened(self._folder(id))
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def writer(self, id: str) -> Writer:
        """For whoever has it alone."""
        return Writer(self._folder(id))

    def settle(self, id: str) -> Asset:
        """The complete file as an asset, by a rename; the same answer however often it is asked for.

        For whoever has it alone. Raises BadMedia, Unsupported or TooLarge (the bytes are gone then), or what may pass
        when it is tried again: TooLong, NoSpace.
        """
        folder = self._folder(id)
        about, part = _read(folder), folder / "bytes"
        if "refused" in about:
            raise _again(about["refused"])
        if not part.is_file():
            return self._kept(about)
        try:
            facts = look_at(part, about["name"])
        except FINAL as error:
            _write(folder, about | {"refused": error.record()})
            part.unlink()
            raise
        # Written down before the bytes move: a kill in between changes no answer.
        digest = hash_file(part)
        _write(folder, about | {"sha256": digest})
        return self._assets.keep(part, facts, name=about["name"], origin="upload", sha256=digest)

    def drop(self, id: str) -> None:
        """Forgets the upload, for whoever has it alone. A file that was kept stays."""
        shutil.rmtree(self._folder(id))

    def _kept(self, about: dict[str, Any]) -> Asset:
        if "sha256" not in about:
            raise gone()
        self._assets.file(about["sha256"])
        return self._assets.get(about["sha256"])

    def _folder(self, id: str) -> Path:
        """Only what an id can be ever becomes part of a path."""
        if not ID.fullmatch(id):
            raise gone()
        return self._assets.part().with_name(f"{id}.part")


def clean_name(name: str) -> str:
    """A file name for people: without folders, and without what cannot be seen."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip(" .")[:LONGEST_NAME] or "upload"


def gone() -> NotFound:
    return NotFound("This upload is no longer here.", hint="Choose the file again.")


def _again(record: dict[str, Any]) -> MediaError:
    kind: type[MediaError] = getattr(errors, record["kind"])
    return kind(record["message"], hint=record["hint"])


def _opened(folder: Path) -> int:
    try:
        return os.open(folder, os.O_RDONLY)
    except FileNotFoundError as error:
        raise gone() from error


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InUse("This file is being received just now.", hint="Wait a moment, then try again.") from error


def _read(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "about.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError) as error:
        raise gone() from error


def _write(folder: Path, about: dict[str, Any]) -> None:
    fresh = folder / "about.json.new"
    fresh.write_text(json.dumps(about), encoding="utf-8")
    sync(fresh)
    fresh.replace(folder / "about.json")
