"""A run with all that belongs to it, for handing it over; and one that was handed over, put beside the own ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from lib.store import tables as t
from lib.store.database import Database
from lib.store.read import as_purchase, as_take
from lib.store.views import Purchase, Take


def takes_of(database: Database, run_id: str) -> list[Take]:
    """Every take of the run, also of earlier attempts, in the order of the steps.

    A take of an earlier run that stands for a step is there as that step's own.
    """
    joined = t.take.join(t.step, sa.and_(t.step.c.run_id == t.take.c.run_id, t.step.c.id == t.take.c.step_id))
    query = sa.select(*t.take.c, t.step.c.position).select_from(joined).where(t.take.c.run_id == run_id)
    lent = (
        sa.select(t.take, t.reuse.c.step_id.label("for_step"), t.step.c.position)
        .join(t.reuse, t.reuse.c.take_id == t.take.c.id)
        .join(t.step, sa.and_(t.step.c.run_id == t.reuse.c.run_id, t.step.c.id == t.reuse.c.step_id))
        .where(t.reuse.c.run_id == run_id)
    )
    with database.read() as c:
        found = [(row.position, as_take(row, t.take.c.keys())) for row in c.execute(query)]
        for row in c.execute(lent):
            own = replace(as_take(row, t.take.c.keys()), run_id=run_id, step_id=row.for_step, attempt=1)
            found.append((row.position, own))
    return [take for _, take in sorted(found, key=lambda one: (one[0], one[1].attempt))]


def purchases_of(database: Database, run_id: str) -> list[Purchase]:
    """Every line of the ledger for the run and for the takes that it reuses, in the order in which they were sent."""
    key = t.take.c.run_id + "/" + t.take.c.step_id + "/" + sa.cast(t.take.c.attempt, sa.String)
    lent = sa.select(key).join(t.reuse, t.reuse.c.take_id == t.take.c.id).where(t.reuse.c.run_id == run_id)
    its = sa.or_(t.purchase.c.run_id == run_id, t.purchase.c.key.in_(lent))
    query = sa.select(t.purchase).where(its).order_by(t.purchase.c.sent_at, t.purchase.c.key)
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
