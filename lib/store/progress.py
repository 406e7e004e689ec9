"""How far each step is: one small row a step, written at most five times a second."""

from __future__ import annotations

import threading

import sqlalchemy as sa

from lib.store import tables as t
from lib.store.database import Clock, Database
from lib.store.views import Progress, Ticket

COALESCE_S = 0.2
KEPT_LOG_LINES = 200


class ProgressRows:
    """Collects what is told and writes the newest state of each step together (`flush`)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock
        self._told: dict[tuple[str, str], Progress] = {}
        self._reached: dict[tuple[str, str, int, str], float] = {}
        self._lock = threading.Lock()

    def tell(
        self,
        ticket: Ticket,
        phase: str,
        *,
        fraction: float | None = None,
        queue_position: int | None = None,
        logs: tuple[str, ...] = (),
        reached: str = "",
    ) -> None:
        """Notes the newest state of a step; `flush` writes it.

        `reached` names a state that the request is seen in ("running"): when that was first so is kept.
        """
        row = Progress(phase[:160], fraction, queue_position, logs[-KEPT_LOG_LINES:], self._clock())
        with self._lock:
            self._told[(ticket.run_id, ticket.step_id)] = row
            if reached:
                self._reached.setdefault((ticket.run_id, ticket.step_id, ticket.attempt, reached), row.updated_at)

    @property
    def told(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._told)

    def flush(self) -> None:
        """Writes everything noted since the last time, in one transaction; nothing when there is nothing."""
        with self._lock:
            told, self._told = self._told, {}
            reached, self._reached = self._reached, {}
        if not told:
            return
        with self._db.write() as c:
            for (run_id, step_id), row in told.items():
                values = {
                    "phase": row.phase, "fraction": row.fraction, "queue_position": row.queue_position,
                    "logs": list(row.logs), "updated_at": row.updated_at,
                }  # fmt: skip
                key = (t.progress.c.run_id == run_id, t.progress.c.step_id == step_id)
                if not c.execute(sa.update(t.progress).where(*key).values(**values)).rowcount:
                    c.execute(sa.insert(t.progress).values(run_id=run_id, step_id=step_id, **values))
            for (run_id, step_id, attempt, name), at in reached.items():
                values = {"run_id": run_id, "step_id": step_id, "attempt": attempt, "name": name}
                is_it = [t.moment.c[column] == value for column, value in values.items()]
                if c.execute(sa.select(t.moment.c.at).where(*is_it)).scalar() is None:
                    c.execute(sa.insert(t.moment).values(**values, at=at))

    def moments(self, run_id: str, step_id: str, attempt: int) -> dict[str, float]:
        """When the request of that attempt was first seen in each state that was told (seconds since 1970)."""
        is_it = (t.moment.c.run_id == run_id, t.moment.c.step_id == step_id, t.moment.c.attempt == attempt)
        with self._db.read() as c:
            return {row.name: row.at for row in c.execute(sa.select(t.moment).where(*is_it))}
