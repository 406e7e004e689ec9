"""Takes that are there already and may stand for a step of a new run."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from lib.errors import NotFound
from lib.media.facts import Facts
from lib.store import tables as t
from lib.store.assets import Assets
from lib.store.database import Database
from lib.store.read import as_take, read_runs
from lib.store.views import Mode, RunView, Take

MOST_RUNS = 30
"""So many of a board's runs are looked through, the newest first."""


class Reuses:
    def __init__(self, database: Database) -> None:
        self._db = database

    def runs(self, board: str, mode: Mode) -> list[RunView]:
        """The runs of that mode that were started from the board, the newest first."""
        with self._db.read() as c:
            return read_runs(c, sa.and_(_of(board), t.run.c.mode == mode), limit=MOST_RUNS)

    def takes(self, board: str) -> list[Take]:
        """Every take that was made in runs of the board, of earlier attempts too, the newest first; no deleted one."""
        query = (
            sa.select(t.take)
            .join(t.run, t.run.c.id == t.take.c.run_id)
            .outerjoin(t.take_note, t.take_note.c.take_id == t.take.c.id)
            .where(_of(board), t.take_note.c.deleted_at.is_(None))
            .order_by(t.take.c.created_at.desc(), t.take.c.id)
        )
        with self._db.read() as c:
            return [as_take(row) for row in c.execute(query)]

    def usable(self, takes: Collection[Take]) -> set[str]:
        """The ids of those that nobody deleted and whose files are all here."""
        ids = [take.id for take in takes]
        deleted = sa.select(t.take_note.c.take_id).where(
            t.take_note.c.take_id.in_(ids), t.take_note.c.deleted_at.is_not(None)
        )
        named = {take.id: files_of(take.output) for take in takes}
        with self._db.read() as c:
            gone, there = set(c.execute(deleted).scalars()), _here(c, set().union(*named.values()))
        return {name for name, files in named.items() if name not in gone and files <= there}


def require_files(c: sa.Connection, take: Take) -> None:
    """Raises NotFound where a file of the take is not here any more."""
    files = files_of(take.output)
    if _here(c, files) != files:
        raise NotFound("A take that this builds on was just cleaned up.", hint="Press again: it is then made anew.")


def files_of(output: Any) -> set[str]:
    """The SHA-256 of every file of a take."""
    if isinstance(output, dict):
        own = {str(output["asset"])} if "asset" in output else set()
        return own.union(*(files_of(value) for value in output.values()))
    return set().union(*(files_of(value) for value in output)) if isinstance(output, list) else set()


def facts_of(assets: Assets, output: Any, path: str = "") -> dict[str, Facts]:
    """The facts of a take's files by output field ("video", "images.0")."""
    if isinstance(output, dict):
        if "asset" in output:
            return {path: assets.get(str(output["asset"])).facts}
        parts = output.items()
    elif isinstance(output, list):
        parts = ((str(place), value) for place, value in enumerate(output))  # type: ignore[assignment]
    else:
        return {}
    found: dict[str, Facts] = {}
    for name, value in parts:
        found |= facts_of(assets, value, f"{path}.{name}".lstrip("."))
    return found


def _here(c: sa.Connection, files: Collection[str]) -> set[str]:
    """Those of the files whose bytes were not cleaned up."""
    query = sa.select(t.asset.c.sha256).where(t.asset.c.sha256.in_(files), t.asset.c.removed_at.is_(None))
    return set(c.execute(query).scalars())


def _of(board: str) -> sa.ColumnElement[bool]:
    return t.run.c.id.in_(sa.select(t.board_run.c.run_id).where(t.board_run.c.board_id == board))
