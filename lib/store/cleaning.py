"""How much room the files take, and making some: what can be had again for nothing goes first, paid takes last."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lib.store import tables as t
from lib.store.assets import Assets
from lib.store.database import Clock, Database
from lib.store.library import GRACE_S
from lib.store.views import ENDED_RUN


@dataclass(frozen=True, slots=True)
class Storage:
    """How much room the files take, in bytes, and how many there are; the stand-in keeps its own beside them."""

    size_bytes: int
    files: int
    free_bytes: int
    standin_bytes: int = 0


@dataclass(frozen=True, slots=True)
class CleanupPlan:
    """What a clean-up would remove. `paid_takes` counts files that a live run bought."""

    files: int
    size_bytes: int
    paid_takes: int


class Cleaning:
    def __init__(self, database: Database, assets: Assets, data_dir: Path, clock: Clock) -> None:
        self._db = database
        self._assets = assets
        self._folder = data_dir
        self._clock = clock

    def storage(self) -> Storage:
        query = sa.select(sa.func.coalesce(sa.func.sum(t.asset.c.size_bytes), 0), sa.func.count()).where(
            t.asset.c.removed_at.is_(None)
        )
        with self._db.read() as c:
            size, count = c.execute(query).one()
        free = shutil.disk_usage(self._folder).free
        return Storage(int(size), int(count), free, _size_of(self._folder / "standin"))

    def plan(self, limit_bytes: int) -> CleanupPlan:
        """What `clean` would remove now."""
        with self._db.read() as c:
            going = _going(c, limit_bytes, self._clock())
        paid = sum(row.mode == "live" for row in going)
        return CleanupPlan(len(going), sum(row.size_bytes for row in going), paid)

    def clean(self, limit_bytes: int) -> int:
        """Removes files until at most `limit_bytes` remain: deleted takes, then rehearsals, then what people brought,
        then what was paid for, each the oldest first; the bytes freed.

        What a run still needs is never touched, nor are rows: a take keeps its inputs, facts and cost. One transaction,
        so that a run that starts just now either has its files or finds them gone before anything is sent.
        """
        with self._db.write() as c:
            going = _going(c, limit_bytes, self._clock())
            for row in going:
                gone = sa.update(t.asset).where(t.asset.c.sha256 == row.sha256)
                c.execute(gone.values(removed_at=self._clock()))
                self._assets.place(row.sha256, row.suffix).unlink(missing_ok=True)
        return sum(row.size_bytes for row in going)


def _going(c: sa.Connection, limit_bytes: int, now: float) -> list[Any]:
    unwanted = _deleted(now - GRACE_S)
    worth = sa.case((unwanted, 0), (t.asset.c.mode == "rehearsal", 1), (t.asset.c.mode == "live", 3), else_=2)
    columns = t.asset.c.sha256, t.asset.c.suffix, t.asset.c.size_bytes, t.asset.c.mode
    there = sa.select(*columns).where(t.asset.c.removed_at.is_(None)).order_by(worth, t.asset.c.created_at)
    rows = c.execute(there).all()
    left, needed, going = sum(row.size_bytes for row in rows), _needed(c), list[Any]()
    for row in rows:
        if left <= limit_bytes:
            break
        if row.sha256 not in needed:
            going.append(row)
            left -= row.size_bytes
    return going


def _deleted(before: float) -> sa.ColumnElement[bool]:
    """Whether a file is known from takes only, all of them deleted and past being brought back."""
    its_takes = sa.select(t.take.c.id).where(t.take.c.sha256 == t.asset.c.sha256)
    noted = its_takes.join(t.take_note, t.take_note.c.take_id == t.take.c.id, isouter=True)
    kept = sa.or_(t.take_note.c.deleted_at.is_(None), t.take_note.c.deleted_at > before)
    return sa.and_(t.asset.c.origin == "take", its_takes.exists(), ~noted.where(kept).exists())


def _needed(c: sa.Connection) -> set[str]:
    """Files that an unfinished run names, has as input or has made."""
    live = sa.select(t.run.c.id).where(t.run.c.status.not_in(ENDED_RUN))
    of_run = c.execute(sa.select(t.run.c.chain, t.run.c.inputs).where(t.run.c.id.in_(live)))
    steps = c.execute(sa.select(t.step.c.input).where(t.step.c.run_id.in_(live)))
    lent = sa.select(t.reuse.c.take_id).where(t.reuse.c.run_id.in_(live))
    takes = c.execute(sa.select(t.take.c.output).where(sa.or_(t.take.c.run_id.in_(live), t.take.c.id.in_(lent))))
    return set(_hashes([value for rows in (of_run, steps, takes) for row in rows for value in row]))


def _hashes(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            bare = value.removeprefix("asset:")
            if len(bare) == 64:
                yield bare
        elif isinstance(value, dict):
            yield from _hashes(value.values())
        elif isinstance(value, list):
            yield from _hashes(value)


def _size_of(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size if path.is_file() else 0
        except FileNotFoundError:  # the stand-in has just moved or removed it
            continue
    return total
