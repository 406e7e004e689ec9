"""Rows into views."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from lib.store import tables as t
from lib.store.views import Gate, Progress, Purchase, RunView, StepView, Take

_FOR = t.reuse.c.run_id
_LENT = sa.select(t.take, _FOR.label("for_run"), t.reuse.c.step_id.label("for_step")).join(
    t.reuse, t.reuse.c.take_id == t.take.c.id
)
"""Takes that stand for steps of other runs, with which they stand for."""


def read_runs(c: sa.Connection, where: sa.ColumnElement[bool], *, limit: int) -> list[RunView]:
    """The runs that match, newest first, each with everything a page shows: seven queries, however many runs."""
    runs = c.execute(sa.select(t.run).where(where).order_by(t.run.c.created_at.desc()).limit(limit)).all()
    ids = [row.id for row in runs]
    steps: dict[str, list[Any]] = defaultdict(list)
    for row in c.execute(sa.select(t.step).where(t.step.c.run_id.in_(ids)).order_by(t.step.c.position)):
        steps[row.run_id].append(row)
    progress = {
        (row.run_id, row.step_id): as_progress(row)
        for row in c.execute(sa.select(t.progress).where(t.progress.c.run_id.in_(ids)))
    }
    takes = {
        (row.run_id, row.step_id, row.attempt): as_take(row)
        for row in c.execute(sa.select(t.take).where(t.take.c.run_id.in_(ids)))
    }
    lent = {(row.for_run, row.for_step): as_take(row, t.take.c.keys()) for row in c.execute(_LENT.where(_FOR.in_(ids)))}
    gates = {
        (row.run_id, row.step_id, row.attempt): as_gate(row)
        for row in c.execute(sa.select(t.gate).where(t.gate.c.run_id.in_(ids)))
    }
    purchases = {
        row.key: as_purchase(row) for row in c.execute(sa.select(t.purchase).where(t.purchase.c.run_id.in_(ids)))
    }

    def view(row: Any) -> StepView:
        return StepView(
            id=row.id, position=row.position, operation=row.operation, needs=tuple(row.needs), state=row.state,
            attempt=row.attempt, resume=row.resume, input=row.input, estimate=row.estimate, error=row.error,
            started_at=row.started_at, finished_at=row.finished_at, progress=progress.get((row.run_id, row.id)),
            take=takes.get((row.run_id, row.id, row.attempt)) or lent.get((row.run_id, row.id)),
            purchase=purchases.get(f"{row.run_id}/{row.id}/{row.attempt}"),
            gate=gates.get((row.run_id, row.id, row.attempt)), reused=(row.run_id, row.id) in lent,
        )  # fmt: skip

    return [
        RunView(
            id=row.id,
            name=row.name,
            mode=row.mode,
            label=row.label,
            chain=row.chain,
            inputs=row.inputs,
            status=row.status,
            cancel_requested=row.cancel_requested,
            accept_unknown_price=row.accept_unknown_price,
            max_usd=row.max_usd,
            created_at=row.created_at,
            finished_at=row.finished_at,
            steps=tuple(view(each) for each in steps[row.id]),
        )
        for row in runs
    ]


def as_progress(row: Any) -> Progress:
    return Progress(row.phase, row.fraction, row.queue_position, tuple(row.logs), row.updated_at)


def as_gate(row: Any) -> Gate:
    return Gate(tuple(row.found), row.answer, row.measured_at)


def as_take(row: Any, columns: Iterable[str] | None = None) -> Take:
    """Of a row that is a take, or of these columns of it."""
    return Take(**row._mapping if columns is None else {name: row._mapping[name] for name in columns})


def as_purchase(row: Any) -> Purchase:
    return Purchase(**row._mapping)
