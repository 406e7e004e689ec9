"""Takes that wait for a person's word before money is spent on what follows: asked, answered, remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from lib.errors import NotFound
from lib.store import moves
from lib.store import tables as t
from lib.store.database import Clock, Database
from lib.store.runs import STOPPED
from lib.store.views import GateAnswer, Take, Ticket


class Gates:
    """Every change is one transaction: a question is either answered and carried out, or still open."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def passed(self, ticket: Ticket, take: Take) -> None:
        """The take was looked through and goes on by itself: as `Runs.finish`, and remembered."""
        with self._db.write() as c:
            moves.keep_take(c, take)
            self._note(c, ticket, ())
            moves.end_step(c, ticket, "done", None, self._clock())

    def ask(self, ticket: Ticket, take: Take, found: Sequence[Mapping[str, Any]], error: Mapping[str, Any]) -> None:
        """Keeps the take and has the step wait; `error` says what is asked. Nothing where it moved on meanwhile.

        A run that was asked to stop asks nothing: its take is kept, and the step is done.
        """
        with self._db.write() as c:
            if moves.mine(c, ticket) is None:
                return
            moves.keep_take(c, take)
            self._note(c, ticket, found)
            run = c.execute(sa.select(t.run.c.cancel_requested).where(t.run.c.id == ticket.run_id)).scalar_one()
            if run:
                moves.end_step(c, ticket, "done", None, self._clock())
                return
            moves.update(c, ticket, state="asking", error=dict(error))
            moves.settle(c, ticket.run_id, self._clock())

    def answer(self, ticket: Ticket, answer: GateAnswer) -> None:
        """Carries the answer out. Raises NotFound where this question is not open (any more).

        "accept" lets the take go on, "redo" makes the step ready for another one, "stop" ends it and keeps the take.
        """
        with self._db.write() as c:
            row = moves.mine(c, ticket)
            if row is None or row.state != "asking":
                raise NotFound("This question is settled already.", hint="Reload the page.")
            values = {"answer": answer, "answered_at": self._clock()}
            c.execute(sa.update(t.gate).where(*_is(ticket)).values(values))
            if answer == "redo":
                moves.pick_up(c, ticket, ("asking",), self._clock(), new_attempt=True)
            else:
                state, error = ("done", None) if answer == "accept" else ("cancelled", STOPPED)
                moves.end_step(c, ticket, state, error, self._clock())  # type: ignore[arg-type]

    def redone(self, run_id: str, step_id: str, attempt: int) -> bool:
        """Whether this attempt is there because a person wanted an earlier one made again."""
        earlier = (t.gate.c.run_id == run_id, t.gate.c.step_id == step_id, t.gate.c.attempt < attempt)
        with self._db.read() as c:
            return bool(c.execute(sa.select(t.gate.c.attempt).where(*earlier, t.gate.c.answer == "redo")).first())

    def _note(self, c: sa.Connection, ticket: Ticket, found: Sequence[Mapping[str, Any]]) -> None:
        """What was found last counts, and an answer to what was found before it does not."""
        values = {"found": [dict(one) for one in found], "answer": None, "measured_at": self._clock()}
        if not c.execute(sa.update(t.gate).where(*_is(ticket)).values(values)).rowcount:
            key = {"run_id": ticket.run_id, "step_id": ticket.step_id, "attempt": ticket.attempt}
            c.execute(sa.insert(t.gate).values(key | values))


def _is(ticket: Ticket) -> tuple[sa.ColumnElement[bool], ...]:
    return t.gate.c.run_id == ticket.run_id, t.gate.c.step_id == ticket.step_id, t.gate.c.attempt == ticket.attempt
