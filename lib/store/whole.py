"""A run with all that belongs to it, for handing it over; and one that was handed over, put beside the own ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from lib.store import tables as t
from lib.store.database import Database
from lib.store.read import as_purchase, as_take
from lib.store.views import Purchase, Take


def takes_of(database: Database, run_id: str) -> list[Take]:
    """Every take of the run, also of earlier attempts, in the order of the steps."""
    order = (t.step.c.position, t.take.c.attempt)
    joined = t.take.join(t.step, sa.and_(t.step.c.run_id == t.take.c.run_id, t.step.c.id == t.take.c.step_id))
    query = sa.select(*t.take.c).select_from(joined).where(t.take.c.run_id == run_id).order_by(*order)
    with database.read() as c:
        return [as_take(row) for row in c.execute(query)]


def purchases_of(database: Database, run_id: str) -> list[Purchase]:
    """Every line of the ledger for the run, in the order in which they were sent."""
    query = sa.select(t.purchase).where(t.purchase.c.run_id == run_id).order_by(t.purchase.c.sent_at, t.purchase.c.key)
    with database.read() as c:
        return [as_purchase(row) for row in c.execute(query)]


def put_run(
    database: Database, run: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], takes: Sequence[Mapping[str, Any]]
) -> bool:
    """Adds an ended run from elsewhere, rows as they are, in one transaction; False where its token is here already.

    It brings no purchases: what somebody else spent is not owed here.
    """
    with database.write() as c:
        if c.execute(sa.select(t.run.c.id).where(t.run.c.token == run["token"])).scalar() is not None:
            return False
        c.execute(sa.insert(t.run).values(**run))
        for table, rows in ((t.step, steps), (t.take, takes)):
            for row in rows:
                c.execute(sa.insert(table).values(**row))
    return True
