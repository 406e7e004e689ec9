"""Chains that people build, so that a closed tab loses none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from lib.errors import NotFound
from lib.store import tables as t
from lib.store.database import Clock, Database

MOST = 500
"""So many are kept, those changed last."""


class Boards:
    """By an id that stands in the address of the page."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def keep(self, id: str, record: Mapping[str, Any]) -> None:
        """The board as it is now."""
        row = {"record": dict(record), "changed_at": self._clock()}
        with self._db.write() as c:
            if not c.execute(sa.update(t.board).where(t.board.c.id == id).values(row)).rowcount:
                c.execute(sa.insert(t.board).values(id=id, **row))
                newest = sa.select(t.board.c.id).order_by(t.board.c.changed_at.desc()).limit(MOST)
                c.execute(sa.delete(t.board).where(t.board.c.id.not_in(newest)))

    def get(self, id: str) -> dict[str, Any]:
        """The board as it was kept last. Raises NotFound."""
        with self._db.read() as c:
            record = c.execute(sa.select(t.board.c.record).where(t.board.c.id == id)).scalar()
        if record is None:
            raise NotFound("There is no such chain.", hint="It may belong to another data folder, or be very old.")
        return dict(record)
