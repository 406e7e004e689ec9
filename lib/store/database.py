"""Opening the database: schema, transactions, and foreign errors in our own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from lib.errors import NewerSchema, NoSpace, StoreError
from lib.store import tables
from lib.store.sqlite import open_engine

Clock = Callable[[], float]


class Database:
    """Two engines on one file: `write()` is a transaction that holds the lock from its start, `read()` is not."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The data folder {path.parent.name!r} cannot be made: {error.strerror}.",
                hint="Set DAILIES_DATA_DIR to a folder that can be written.",
            ) from error
        self._path = path
        self._writer = open_engine(path, writer=True)
        self._reader = open_engine(path, writer=False)
        self._prepare()

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        with _translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        with _translated(), self._reader.connect() as connection:
            yield connection

    def stamp(self) -> tuple[int, ...]:
        """Changes whenever anybody commits: a look at the files' times, far cheaper than a query."""
        files = (self._path, self._path.with_name(f"{self._path.name}-wal"))
        return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()

    def _prepare(self) -> None:
        with self.write() as connection:
            known = sa.inspect(connection).has_table(tables.schema.name)
            version = connection.execute(sa.select(tables.schema.c.version)).scalar() if known else None
            if version is not None and version > tables.SCHEMA_VERSION:
                raise NewerSchema(
                    "This data folder was written by a newer Dailies.",
                    hint="Update Dailies, or set DAILIES_DATA_DIR to another folder.",
                )
            tables.metadata.create_all(connection)
            if version is None:
                connection.execute(sa.insert(tables.schema).values(version=tables.SCHEMA_VERSION))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        ours = _ours(str(error.orig).lower())
        if ours is None:
            raise
        raise ours from error


def _ours(text: str) -> StoreError | NoSpace | None:
    """The table from SQLite's words to our errors; None for what is a fault of our own."""
    if "disk is full" in text or "disk i/o error" in text:
        return NoSpace("The disk is full, or cannot be written.", hint="Free some space in Settings, then try again.")
    if "readonly" in text or "unable to open" in text:
        return StoreError("The data folder cannot be written.", hint="Check DAILIES_DATA_DIR.")
    if "is locked" in text:
        return StoreError("The data folder is busy with another process.", hint="Try again in a moment.")
    if "not a database" in text or "malformed" in text:
        return StoreError("The data folder's database is damaged.", hint="Restore it, or choose another folder.")
    return None
