"""What follows from the states of a run's steps. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.store.views import RunStatus, StepState

STUCK = frozenset({"failed", "cancelled", "skipped"})


def run_status(states: set[str]) -> RunStatus:
    """What a run is, from what its steps are: "uncertain" where nothing goes on until a person decides."""
    if states & {"running", "ready"}:
        return "running"
    if states & {"uncertain", "asking"}:
        return "uncertain"
    if states <= {"done"}:
        return "done"
    if "waiting" in states:
        return "running"
    return "failed" if "failed" in states else "cancelled"


def next_state(states: Mapping[str, str], row: Any) -> StepState | None:
    """Where a waiting step goes now, None where it stays."""
    if states[row.id] != "waiting":
        return None
    needed = {states[need] for need in row.needs}
    return "skipped" if needed & STUCK else "ready" if needed <= {"done"} else None


def downstream(rows: Sequence[Any], step_id: str) -> list[Any]:
    """Every step that needs this one, directly or through others."""
    found, names = list[Any](), {step_id}
    while more := [row for row in rows if row.id not in names and names & set(row.needs)]:
        found += more
        names |= {row.id for row in more}
    return found
