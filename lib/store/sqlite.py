"""What only SQLite knows: how a connection is opened so that no acknowledged commit is lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa

WAL_SAFE = (3, 51, 3)
"""Before this release two connections in WAL mode can lose an acknowledged commit (sqlite.org, March 2026)."""

WAIT_S = 30.0
"""How long one process waits for another's transaction."""


def open_engine(path: Path, *, writer: bool) -> sa.Engine:
    """An engine on the file. A writer takes the lock when it begins, so that it never fails half-way to upgrade."""
    address = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(address, connect_args={"timeout": WAIT_S, "check_same_thread": False})
    wal = sqlite3.sqlite_version_info >= WAL_SAFE

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's begin event below decides, not the driver
        if writer:
            connection.execute(f"PRAGMA journal_mode={'WAL' if wal else 'TRUNCATE'}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine
