"""The zip of a bundle, read as if it were meant to do harm."""

from __future__ import annotations

import hashlib
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lib.errors import InputError
from lib.studio.bundle_form import FILE, MANIFEST, MOST_FILE_BYTES, MOST_TEXT_BYTES, TEXTS
from lib.studio.zip_end import require_small_index

BLOCK_BYTES = 1 << 20
MOST_RATIO = 200
HINT = "Ask for the bundle again."


class Packed:
    """Entries by name: only such as a bundle has, each a plain file that unpacks to what it says."""

    def __init__(self, zip_file: ZipFile, size_bytes: int) -> None:
        self._zip = zip_file
        self._entries: dict[str, ZipInfo] = {}
        for entry in zip_file.infolist():
            self._take(entry)
        if not {MANIFEST, *TEXTS} <= self._entries.keys():
            raise InputError("This zip is not a bundle of Dailies.", hint="Make one with `bundle RUN OUT.zip`.")
        if sum(entry.compress_size for entry in self._entries.values()) > size_bytes:
            raise InputError("This bundle's files overlap.", hint=HINT)

    def _take(self, entry: ZipInfo) -> None:
        name = entry.filename
        if name in self._entries:
            raise InputError("This bundle holds two files of one name.", hint=HINT)
        if name not in (MANIFEST, *TEXTS) and not FILE.fullmatch(name):
            raise InputError("This zip holds a file that does not belong into a bundle.", hint=HINT)
        _require_plain(entry)
        self._entries[name] = entry

    def sizes(self) -> dict[str, int]:
        """Bytes of every entry but the manifest."""
        return {name: entry.file_size for name, entry in self._entries.items() if name != MANIFEST}

    def files(self) -> dict[str, str]:
        """The media's names by the SHA-256 in them."""
        return {match[1]: name for name in self._entries if (match := FILE.fullmatch(name))}

    def text(self, name: str, sha256: str | None = None) -> bytes:
        """A small entry whole. Raises InputError where it is not what its hash says."""
        text = b"".join(self._blocks(name))
        if sha256 is not None and hashlib.sha256(text).hexdigest() != sha256:
            raise _changed(name)
        return text

    def unpack(self, name: str, to: Path) -> Path:
        """The entry as a file that is named after its hash. Raises InputError where it is not what that says."""
        digest = hashlib.sha256()
        with to.open("xb") as file:
            for block in self._blocks(name):
                digest.update(block)
                file.write(block)
        if digest.hexdigest() != to.name:
            raise _changed(name)
        return to

    def _blocks(self, name: str) -> Iterator[bytes]:
        """The entry's bytes, never more than it says, and never fewer."""
        left = self._entries[name].file_size
        try:
            with self._zip.open(self._entries[name]) as file:
                while block := file.read(min(BLOCK_BYTES, left + 1)):
                    left -= len(block)
                    if left < 0:
                        break
                    yield block
        except (BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
            raise damaged() from error
        if left:
            raise damaged()


@contextmanager
def opened(path: Path) -> Iterator[Packed]:
    """The bundle's zip. Raises InputError with one sentence for whatever is none."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}.", hint="Check its name.") from error
    with file:
        require_small_index(file)
        try:
            zip_file = ZipFile(file)
        except (BadZipFile, EOFError, ValueError, NotImplementedError, OSError) as error:
            raise damaged() from error
        with zip_file:
            yield Packed(zip_file, path.stat().st_size)


def damaged() -> InputError:
    return InputError("This is not a whole bundle: the zip is damaged or cut short.", hint=HINT)


def _require_plain(entry: ZipInfo) -> None:
    if entry.flag_bits & 0x1:
        raise InputError("This bundle is encrypted.", hint="Ask for one without a password.")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        raise InputError("This bundle holds a link, where only files may be.", hint=HINT)
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise InputError("This bundle is packed in a way that is not known here.", hint=HINT)
    most = MOST_FILE_BYTES if FILE.fullmatch(entry.filename) else MOST_TEXT_BYTES
    if entry.file_size > most or entry.file_size > max(entry.compress_size, 1) * MOST_RATIO:
        raise InputError("This bundle would unpack to far more than it is.", hint=HINT)


def _changed(name: str) -> InputError:
    said = "A file" if FILE.fullmatch(name) else name
    return InputError(f"{said} in this bundle is not what its hash says.", hint=HINT)
