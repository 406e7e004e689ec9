"""How a step's row moves on, and with it what waits for the step: each is part of somebody's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from lib.store import tables as t
from lib.store.states import next_state, run_status
from lib.store.views import ENDED_RUN, ENDED_STEP, StepState, Take, Ticket


def steps_of(c: sa.Connection, run_id: str) -> Sequence[Any]:
    """The rows of the run's steps, in the order of the chain."""
    return c.execute(sa.select(t.step).where(t.step.c.run_id == run_id).order_by(t.step.c.position)).all()


def mine(c: sa.Connection, ticket: Ticket) -> Any:
    """The step's row while the ticket is still its own, else None: a later ticket took over, or it has ended."""
    row = c.execute(sa.select(t.step).where(*_is(ticket))).one_or_none()
    return row if row is not None and row.state not in ENDED_STEP and _same(row, ticket) else None


def update(c: sa.Connection, step: Any, **values: Any) -> None:
    """Changes the row of a ticket, or a row that was read."""
    step_id = step.step_id if isinstance(step, Ticket) else step.id
    is_it = (t.step.c.run_id == step.run_id, t.step.c.id == step_id)
    c.execute(sa.update(t.step).where(*is_it).values(**values))


def keep_take(c: sa.Connection, take: Take) -> None:
    """Writes the take down, once."""
    same = (t.take.c.run_id == take.run_id, t.take.c.step_id == take.step_id, t.take.c.attempt == take.attempt)
    if c.execute(sa.select(t.take.c.id).where(*same)).scalar() is None:
        c.execute(sa.insert(t.take).values(asdict(take)))


def pick_up(
    c: sa.Connection, ticket: Ticket, from_states: tuple[StepState, ...], now: float, *, new_attempt: bool
) -> bool:
    """Makes a step ready again under the next ticket; False where it moved on meanwhile."""
    row = c.execute(sa.select(t.step).where(*_is(ticket))).one_or_none()
    if row is None or row.state not in from_states or not _same(row, ticket):
        return False
    values: dict[str, Any] = {"state": "ready", "error": None, "finished_at": None}
    if new_attempt:
        values |= {"attempt": row.attempt + 1, "resume": 0, "input": None, "started_at": None}
    else:
        values["resume"] = row.resume + 1
    update(c, ticket, **values)
    settle(c, ticket.run_id, now)
    return True


def end_step(c: sa.Connection, ticket: Ticket, state: StepState, error: dict[str, Any] | None, now: float) -> None:
    """Ends the step, if the ticket is still its own, and moves on what waited for it."""
    if mine(c, ticket) is None:
        return
    update(c, ticket, state=state, error=error, finished_at=now)
    advance(c, ticket.run_id, now)
    settle(c, ticket.run_id, now)


def advance(c: sa.Connection, run_id: str, now: float) -> None:
    """Waiting steps become ready when all they need is done, or skipped when something they need ended badly."""
    rows = steps_of(c, run_id)
    states: dict[str, str] = {row.id: row.state for row in rows}
    moved = True
    while moved:
        moved = False
        for row in rows:
            new = next_state(states, row)
            if new is not None:
                states[row.id], moved = new, True
                update(c, row, state=new, finished_at=now if new == "skipped" else None)


def settle(c: sa.Connection, run_id: str, now: float) -> None:
    """Brings the run's status in line with its steps."""
    status = run_status({row.state for row in steps_of(c, run_id)})
    ended = now if status in ENDED_RUN else None
    c.execute(sa.update(t.run).where(t.run.c.id == run_id).values(status=status, finished_at=ended))


def _same(row: Any, ticket: Ticket) -> bool:
    return bool((row.attempt, row.resume) == (ticket.attempt, ticket.resume))


def _is(ticket: Ticket) -> tuple[sa.ColumnElement[bool], ...]:
    return t.step.c.run_id == ticket.run_id, t.step.c.id == ticket.step_id
