"""The files of the stand-in: uploads and results, each whole or not there."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

from lib.standin.clock import Clock

KEPT_S = 30 * 24 * 3600.0
"""Files are swept at a start when they are older; fal promises a week."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is wholly there. `path` is what follows /files/ in its address."""

    path: str
    content_type: str
    size_bytes: int
    expires_at: float | None
    file: Path


@dataclass(frozen=True, slots=True)
class Upload:
    """Permission to put bytes at `path`: `token` is the signature or the multipart id."""

    path: str
    content_type: str
    token: str
    lifetime_s: float | None


def safe_name(name: str) -> str:
    """A file name without anything that a path or a header could trip over."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r"[^A-Za-z0-9._-]+", "_", last)[-100:].lstrip(".") or "upload.bin"


def new_path(name: str) -> str:
    """A fresh path of the shape that CDN addresses have (queue-protocol 1.1)."""
    return f"b/{secrets.token_hex(4)}/{secrets.token_urlsafe(32)[:21]}_{safe_name(name)}"


def made_path(request_id: str, field: str, name: str) -> str:
    """The path of a result: the same when a request is performed again, so that a crash leaves nothing behind."""
    digest = hashlib.sha256(f"{request_id} {field}".encode()).hexdigest()
    return f"b/{digest[:8]}/{digest[8:29]}_{safe_name(name)}"


class Shelf:
    """Files on disk with their types in the database."""

    def __init__(self, db: sqlite3.Connection, folder: Path, clock: Clock) -> None:
        self._db = db
        self._folder = folder
        self._clock = clock
        self._incoming = folder / "incoming"
        shutil.rmtree(self._incoming, ignore_errors=True)  # what a kill left unfinished
        self._incoming.mkdir(parents=True)
        self._sweep(clock.now() - KEPT_S)

    def begin(self, path: str, content_type: str, lifetime_s: float | None) -> Upload:
        """An upload that may now send its bytes, also in parts."""
        upload = Upload(path, content_type, secrets.token_hex(16), lifetime_s)
        self._db.execute("INSERT INTO uploads VALUES (?, ?, ?, ?)", (path, content_type, upload.token, lifetime_s))
        return upload

    def upload(self, path: str) -> Upload | None:
        """The upload that was begun at this path."""
        row = self._db.execute("SELECT * FROM uploads WHERE path = ?", (path,)).fetchone()
        return None if row is None else Upload(**row)

    async def write(self, file: Path, chunks: AsyncIterator[bytes]) -> str:
        """Writes `file` whole or not at all; its MD5, which serves as ETag."""
        file.parent.mkdir(parents=True, exist_ok=True)
        part = self._fresh()
        digest = hashlib.md5(usedforsecurity=False)
        try:
            with part.open("wb") as out:
                async for chunk in chunks:
                    digest.update(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            part.rename(file)
        finally:
            part.unlink(missing_ok=True)
        return digest.hexdigest()

    async def take(self, path: str, content_type: str, lifetime_s: float | None, chunks: AsyncIterator[bytes]) -> Kept:
        """The file at `path`, once all its bytes are on disk."""
        await self.write(self._folder / path, chunks)
        return self._keep(path, content_type, lifetime_s)

    def part(self, upload: Upload, number: int) -> Path:
        """Where part `number` of a multipart upload lies."""
        return self._folder / "parts" / upload.token / str(number)

    async def join(self, upload: Upload, numbers: Iterable[int]) -> Kept:
        """The whole file made of these parts in this order; the parts go away."""
        pieces = [self.part(upload, number) for number in numbers]
        await asyncio.to_thread(_concatenate, pieces, self._fresh(), self._folder / upload.path)
        kept = self._keep(upload.path, upload.content_type, upload.lifetime_s)
        await asyncio.to_thread(shutil.rmtree, self.part(upload, 0).parent)
        return kept

    def adopt(self, made: Path, path: str, content_type: str) -> Kept:
        """A file that a performer made, moved here."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with made.open("rb") as written:
            os.fsync(written.fileno())
        made.replace(target)
        return self._keep(path, content_type, None)

    def find(self, path: str) -> Kept | None:
        """The file, unless it was never whole or has expired."""
        row = self._db.execute("SELECT * FROM files WHERE path = ?", (path,)).fetchone()
        if row is None or (row["expires_at"] is not None and row["expires_at"] <= self._clock.now()):
            return None
        file = self._folder / path
        return Kept(**row, file=file) if file.exists() else None

    def _fresh(self) -> Path:
        return self._incoming / f"{secrets.token_hex(8)}.part"

    def _sweep(self, oldest: float) -> None:
        for file in self._folder.rglob("*"):
            if file.is_file() and file.stat().st_mtime < oldest:
                file.unlink()

    def _keep(self, path: str, content_type: str, lifetime_s: float | None) -> Kept:
        file = self._folder / path
        expires_at = None if lifetime_s is None else self._clock.now() + lifetime_s
        row = (path, content_type, file.stat().st_size, expires_at)
        self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", row)
        return Kept(*row, file)


def _concatenate(pieces: list[Path], joined: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with joined.open("wb") as out:
        for path in pieces:
            with path.open("rb") as piece:
                shutil.copyfileobj(piece, out, 1 << 20)
        out.flush()
        os.fsync(out.fileno())
    joined.rename(target)
