"""One small crash-safe SQLite file: what must survive a kill at any instant."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL, state TEXT NOT NULL,
  low_priority INTEGER NOT NULL, accepted_at REAL NOT NULL, head TEXT NOT NULL, payload TEXT NOT NULL, body TEXT);
CREATE INDEX IF NOT EXISTS requests_state ON requests (state, low_priority, number);
CREATE TABLE IF NOT EXISTS bill (
  request_id TEXT PRIMARY KEY, endpoint TEXT NOT NULL, payload_sha256 TEXT NOT NULL, units REAL NOT NULL, usd TEXT,
  at REAL NOT NULL, status INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, content_type TEXT NOT NULL, size_bytes INTEGER NOT NULL, expires_at REAL);
CREATE TABLE IF NOT EXISTS uploads (
  path TEXT PRIMARY KEY, content_type TEXT NOT NULL, token TEXT NOT NULL, lifetime_s REAL);
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def open_database(path: Path) -> sqlite3.Connection:
    """The database, made when it is not there. Used from one thread at a time (the server's)."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    # Older SQLite can lose an acknowledged commit in WAL mode, so the rollback journal, synced at each commit.
    db.execute("PRAGMA journal_mode=TRUNCATE")
    db.execute("PRAGMA synchronous=FULL")
    db.executescript(f"BEGIN; {SCHEMA} COMMIT;")
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing of it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def recall(db: sqlite3.Connection, name: str) -> str | None:
    """A single kept value by its name."""
    row = db.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row["value"])


def keep(db: sqlite3.Connection, name: str, value: str) -> None:
    """Keeps a single value under a name."""
    db.execute("INSERT OR REPLACE INTO kept (name, value) VALUES (?, ?)", (name, value))
