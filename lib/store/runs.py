"""Runs and their steps: made, moved on, and read."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from lib.errors import NotFound
from lib.store import moves, reuse
from lib.store import tables as t
from lib.store.database import Clock, Database
from lib.store.read import read_runs
from lib.store.states import downstream
from lib.store.views import ENDED_RUN, Mode, RunView, StepState, Take, Ticket

STOPPED = {
    "kind": "Cancelled",
    "message": "Stopped here, as you asked.",
    "hint": "The take is kept, and nothing after it was bought.",
}
NOT_BEGUN = {"kind": "Cancelled", "message": "Cancelled before it began.", "hint": "Nothing was bought."}


class Runs:
    """Every change of a run is one transaction, and may be made twice without harm."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def create(
        self,
        chain: Mapping[str, Any],
        steps: Sequence[tuple[str, str, Sequence[str], dict[str, Any]]],
        *,
        mode: Mode,
        inputs: Mapping[str, str],
        name: str,
        label: str = "",
        token: str | None = None,
        accept_unknown_price: bool = False,
        max_usd: Decimal | None = None,
        reused: Mapping[str, Take] | None = None,
        board: str = "",
    ) -> str:
        """The id of a new run. `steps` are (id, operation, needs, estimate). The same `token` gives the same run.

        `reused` are takes of earlier runs by the step that each stands for: those steps are done from the start. Raises
        NotFound where the file of one was cleaned up meanwhile. `board` is what the run was started from.
        """
        reused = reused or {}
        with self._db.write() as c:
            if token and (known := c.execute(sa.select(t.run.c.id).where(t.run.c.token == token)).scalar()):
                return str(known)
            run_id = secrets.token_hex(16)
            c.execute(
                sa.insert(t.run).values(
                    id=run_id, token=token, name=name, mode=mode, label=label, chain=dict(chain), inputs=dict(inputs),
                    status="queued", cancel_requested=False, accept_unknown_price=accept_unknown_price,
                    max_usd=t.no_more_than(max_usd), created_at=self._clock(),
                )
            )  # fmt: skip
            for position, (step_id, operation, needs, estimate) in enumerate(steps):
                state = "done" if step_id in reused else "ready" if set(needs) <= reused.keys() else "waiting"
                c.execute(
                    sa.insert(t.step).values(
                        run_id=run_id, id=step_id, position=position, operation=operation, needs=list(needs),
                        state=state, attempt=1, resume=0, estimate=estimate,
                        input=reused[step_id].input if step_id in reused else None,
                    )
                )  # fmt: skip
            for step_id, take in reused.items():
                reuse.require_files(c, take)
                c.execute(sa.insert(t.reuse).values(run_id=run_id, step_id=step_id, take_id=take.id))
            if board:
                c.execute(sa.insert(t.board_run).values(run_id=run_id, board_id=board))
            if len(reused) == len(steps):
                moves.settle(c, run_id, self._clock())
        return run_id

    def get(self, run_id: str) -> RunView:
        """The run. Raises NotFound."""
        with self._db.read() as c:
            found = read_runs(c, t.run.c.id == run_id, limit=1)
        if not found:
            raise NotFound("There is no such run.", hint="It may have been made in another data folder.")
        return found[0]

    def recent(self, limit: int = 50, *, active_only: bool = False) -> list[RunView]:
        """The newest runs first."""
        where = t.run.c.status.not_in(ENDED_RUN) if active_only else sa.true()
        with self._db.read() as c:
            return read_runs(c, where, limit=limit)

    def active(self) -> int:
        """How many runs are still to be worked on by themselves (an uncertain one waits for a person)."""
        with self._db.read() as c:
            count = sa.select(sa.func.count()).where(t.run.c.status.not_in((*ENDED_RUN, "uncertain")))
            return int(c.execute(count).scalar_one())

    def tickets(self, *states: StepState) -> list[tuple[Ticket, str]]:
        """(ticket, operation) of every step in one of these states, oldest run first."""
        query = (
            sa.select(t.step.c.run_id, t.step.c.id, t.step.c.attempt, t.step.c.resume, t.step.c.operation)
            .join(t.run, t.run.c.id == t.step.c.run_id)
            .where(t.step.c.state.in_(states))
            .order_by(t.run.c.created_at, t.step.c.position)
        )
        with self._db.read() as c:
            return [(Ticket(row[0], row[1], row[2], row[3]), row[4]) for row in c.execute(query)]

    def find(self, token: str) -> str | None:
        """The id of the run that was made with this token."""
        with self._db.read() as c:
            return c.execute(sa.select(t.run.c.id).where(t.run.c.token == token)).scalar()

    def begin(self, ticket: Ticket, input: Mapping[str, Any]) -> dict[str, Any] | None:
        """Marks the step running with this resolved input; the input that was stored first stays.

        Gives the input that counts, or None when the ticket is no longer the step's own.
        """
        with self._db.write() as c:
            row = moves.mine(c, ticket)
            if row is None:
                return None
            kept = dict(input) if row.input is None else dict(row.input)
            started = self._clock() if row.started_at is None else row.started_at
            moves.update(c, ticket, state="running", input=kept, started_at=started, error=None)
            moves.settle(c, ticket.run_id, self._clock())
            return kept

    def set_estimate(self, ticket: Ticket, estimate: Mapping[str, Any]) -> None:
        with self._db.write() as c:
            moves.update(c, ticket, estimate=dict(estimate))

    def finish(self, ticket: Ticket, take: Take) -> None:
        """Keeps the take, marks the step done, and makes ready what waited for it: one transaction."""
        with self._db.write() as c:
            moves.keep_take(c, take)
            moves.end_step(c, ticket, "done", None, self._clock())

    def fail(self, ticket: Ticket, error: Mapping[str, Any], state: StepState = "failed") -> None:
        """Ends the step with this error; what waited for it is skipped, earlier takes stay."""
        with self._db.write() as c:
            moves.end_step(c, ticket, state, dict(error), self._clock())

    def hold(self, ticket: Ticket, error: Mapping[str, Any]) -> None:
        """Marks the step uncertain: a person or the provider's list will settle it."""
        with self._db.write() as c:
            if moves.mine(c, ticket) is not None:
                moves.update(c, ticket, state="uncertain", error=dict(error))
                moves.settle(c, ticket.run_id, self._clock())

    def pick_up(self, ticket: Ticket, *from_states: StepState, new_attempt: bool = False) -> bool:
        """Makes a step ready again under the next ticket; False where it moved on meanwhile.

        The same attempt goes on with what was sent; a new one draws its input anew.
        """
        with self._db.write() as c:
            return moves.pick_up(c, ticket, from_states, self._clock(), new_attempt=new_attempt)

    def retry(self, ticket: Ticket, *, new_attempt: bool) -> bool:
        """A person wants an ended step again: as `pick_up`, with all that waited for it, and no longer cancelled."""
        with self._db.write() as c:
            if not moves.pick_up(c, ticket, ("failed", "cancelled"), self._clock(), new_attempt=new_attempt):
                return False
            c.execute(sa.update(t.run).where(t.run.c.id == ticket.run_id).values(cancel_requested=False))
            for row in downstream(moves.steps_of(c, ticket.run_id), ticket.step_id):
                if row.state in ("skipped", "cancelled"):
                    moves.update(c, row, state="waiting", error=None, finished_at=None)
            moves.advance(c, ticket.run_id, self._clock())
            moves.settle(c, ticket.run_id, self._clock())
            return True

    def request_cancel(self, run_id: str) -> None:
        """Asks for the run to stop: what has not begun ends at once, what runs is told by the worker.

        A step of which nobody knows whether it was bought stays in question; one whose take is in question ends.
        """
        with self._db.write() as c:
            open_run = sa.update(t.run).where(t.run.c.id == run_id, t.run.c.status.not_in(ENDED_RUN))
            if not c.execute(open_run.values(cancel_requested=True)).rowcount:
                return
            not_begun = (t.step.c.run_id == run_id, t.step.c.state.in_(("waiting", "ready")))
            started = sa.select(t.purchase.c.key).where(
                t.purchase.c.run_id == t.step.c.run_id,
                t.purchase.c.key == t.step.c.run_id + "/" + t.step.c.id + "/" + sa.cast(t.step.c.attempt, sa.String),
            )
            c.execute(
                sa.update(t.step)
                .where(*not_begun, ~started.exists())
                .values(state="cancelled", error=NOT_BEGUN, finished_at=self._clock())
            )
            asked = (t.step.c.run_id == run_id, t.step.c.state == "asking")
            stopped = {"state": "cancelled", "error": STOPPED, "finished_at": self._clock()}
            c.execute(sa.update(t.step).where(*asked).values(stopped))
            moves.settle(c, run_id, self._clock())

    def cancelling(self) -> set[str]:
        """The ids of the runs that were asked to stop and have not."""
        query = sa.select(t.run.c.id).where(t.run.c.cancel_requested, t.run.c.status.not_in(ENDED_RUN))
        with self._db.read() as c:
            return {str(row[0]) for row in c.execute(query)}
