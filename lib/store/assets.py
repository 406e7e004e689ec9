"""Files by the SHA-256 of their bytes: written as `.part`, fsynced, renamed, and then known."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lib.errors import NotFound
from lib.media.facts import Facts
from lib.store import tables as t
from lib.store.database import Clock, Database
from lib.store.files import full, hash_file, sync
from lib.store.library import Wanted, files_with
from lib.store.read import as_take
from lib.store.views import Asset, Mode, Take

__all__ = ["Assets", "hash_file"]

SUFFIXES = {
    "video/mp4": ".mp4", "video/webm": ".webm", "video/quicktime": ".mov", "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi", "video/mp2t": ".ts", "image/gif": ".gif", "image/png": ".png", "image/jpeg": ".jpg",
    "image/webp": ".webp", "audio/wav": ".wav", "audio/mpeg": ".mp3", "audio/flac": ".flac", "audio/ogg": ".ogg",
    "audio/mp4": ".m4a", "model/ply": ".ply",
}  # fmt: skip
FORGOTTEN_S = 24 * 3600.0
"""A part that nobody has touched for so long is nobody's."""


class Assets:
    """`desk` names the process kind that writes parts here: at its start a worker may clear its own desk."""

    def __init__(self, database: Database, folder: Path, clock: Clock, desk: str = "front") -> None:
        self._db = database
        self._folder = folder
        self._incoming = folder.parent / "incoming" / desk
        self._clock = clock
        for made in (self._folder, self._incoming):
            made.mkdir(parents=True, exist_ok=True)

    def part(self, suffix: str = "") -> Path:
        """A fresh path ending in `.part` to write to; it lies on the same disk, so keeping it is a rename."""
        return self._incoming / f"{secrets.token_hex(12)}{suffix}.part"

    def sweep(self) -> int:
        """Removes what killed processes left behind: all on this desk, and on the others what is a day old.

        Only for whoever has this desk alone. How many there were.
        """
        limit = self._clock() - FORGOTTEN_S
        others = self._incoming.parent.glob("*/*")
        stale = [path for path in others if path.parent == self._incoming or path.lstat().st_mtime <= limit]
        for path in stale:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        return len(stale)

    def keep(
        self, part: Path, facts: Facts, *, name: str, origin: str, mode: Mode | None = None, sha256: str | None = None
    ) -> Asset:
        """Moves the part to its place and knows it from then on. The same bytes are kept once.

        `mode` is that of the run that made the file, None where a person brought it. What the stand-in made stays
        marked until the same bytes come from elsewhere.
        """
        digest = sha256 or hash_file(part)
        path = self.place(digest, SUFFIXES.get(facts.content_type, ""))
        try:
            self._shelf(path.parent)
            sync(part)
            with self._db.write() as c:  # the rename too: what is being cleaned up just now is there afterwards
                known = c.execute(sa.select(t.asset.c.mode).where(t.asset.c.sha256 == digest)).one_or_none()
                os.replace(part, path)  # noqa: PTH105 - the rename is the point
                sync(path.parent)
                values: dict[str, Any] = {"removed_at": None, "suffix": path.suffix}
                if known is None:
                    about = _described(digest, facts, name=name, origin=origin, created_at=self._clock())
                    c.execute(sa.insert(t.asset).values(about | values | {"mode": mode}))
                else:
                    values |= {"mode": mode} if known.mode == "rehearsal" else {}
                    c.execute(sa.update(t.asset).where(t.asset.c.sha256 == digest).values(**values))
        except OSError as error:
            raise full(error) from error
        return self.get(digest)

    def choose(self, sha256: str) -> None:
        """A person takes this file as a source: from now on it may also be the input of a live request."""
        with self._db.write() as c:
            c.execute(sa.update(t.asset).where(t.asset.c.sha256 == sha256).values(mode=None))

    def get(self, sha256: str) -> Asset:
        """Raises NotFound."""
        with self._db.read() as c:
            row = c.execute(sa.select(t.asset).where(t.asset.c.sha256 == sha256)).one_or_none()
        if row is None:
            raise NotFound("There is no such file.", hint="It may belong to another data folder.")
        return self._view(row)

    def file(self, sha256: str) -> Path:
        """The file's path. Raises NotFound where it was cleaned up."""
        path = self.get(sha256).path
        if path is None or not path.is_file():
            raise NotFound("This file was cleaned up to free space.", hint="Run the step that made it again.")
        return path

    def find(self, wanted: Wanted, *kinds: str, offset: int = 0, limit: int = 24) -> tuple[list[Asset], int]:
        """One page of the files of these kinds that are still there, newest first, and how many there are in all.

        Every word is in the file's name, or is told by a take that gave it.
        """
        where: list[sa.ColumnElement[bool]] = [t.asset.c.removed_at.is_(None), t.asset.c.kind.in_(kinds)]
        for word in wanted.words.split():
            named = t.asset.c.name.icontains(word, autoescape=True)
            where.append(sa.or_(named, t.asset.c.sha256.in_(files_with(word, wanted))))
        query = sa.select(t.asset).where(*where).order_by(t.asset.c.created_at.desc(), t.asset.c.sha256)
        with self._db.read() as c:
            total = c.execute(sa.select(sa.func.count()).select_from(t.asset).where(*where)).scalar_one()
            return [self._view(row) for row in c.execute(query.offset(offset).limit(limit))], int(total)

    def takes(self, limit: int = 200) -> list[Take]:
        """The newest takes first."""
        with self._db.read() as c:
            return [
                as_take(row) for row in c.execute(sa.select(t.take).order_by(t.take.c.created_at.desc()).limit(limit))
            ]

    def at_address(self, mode: Mode, origin: str, url: str) -> Asset | None:
        """The file that the provider at `origin` has under this address, if we have it as well."""
        is_it = (t.address.c.mode == mode, t.address.c.origin == origin, t.address.c.url == url)
        with self._db.read() as c:
            found = c.execute(sa.select(t.address.c.sha256).where(*is_it).limit(1)).scalar()
        asset = self.get(str(found)) if found else None
        return asset if asset is not None and asset.path is not None and asset.path.is_file() else None

    def address(self, sha256: str, mode: Mode, origin: str, *, not_before: float) -> str | None:
        """Where the provider at `origin` has this file, if it was put there since `not_before`."""
        query = sa.select(t.address.c.url).where(
            t.address.c.sha256 == sha256,
            t.address.c.mode == mode,
            t.address.c.origin == origin,
            t.address.c.created_at >= not_before,
        )
        with self._db.read() as c:
            found = c.execute(query).scalar()
        return str(found) if found else None

    def set_address(self, sha256: str, mode: Mode, origin: str, url: str) -> None:
        key = (t.address.c.sha256 == sha256, t.address.c.mode == mode, t.address.c.origin == origin)
        with self._db.write() as c:
            c.execute(sa.delete(t.address).where(*key))
            c.execute(
                sa.insert(t.address).values(sha256=sha256, mode=mode, origin=origin, url=url, created_at=self._clock())
            )

    def _shelf(self, folder: Path) -> None:
        """Makes the folder so that it survives a power cut."""
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            sync(folder.parent)

    def place(self, sha256: str, suffix: str) -> Path:
        """Where a file of that hash lies, or would."""
        return self._folder / sha256[:2] / f"{sha256}{suffix}"

    def _view(self, row: Any) -> Asset:
        path = None if row.removed_at is not None else self.place(row.sha256, row.suffix)
        return Asset(
            row.sha256, row.kind, row.content_type, row.name, row.origin, Facts.model_validate(row.facts),
            row.size_bytes, row.created_at, path, row.mode,
        )  # fmt: skip


def _described(digest: str, facts: Facts, *, name: str, origin: str, created_at: float) -> dict[str, Any]:
    return {
        "sha256": digest, "kind": facts.kind, "content_type": facts.content_type, "size_bytes": facts.size_bytes,
        "facts": facts.as_json(), "name": name[:160], "origin": origin, "created_at": created_at,
    }  # fmt: skip
