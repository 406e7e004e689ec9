"""What became of the runs, judged by the witness: the stand-in's bill, the bytes on disk, and the processes left."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.ledger.ledger import canonical
from lib.store.assets import hash_file
from lib.store.views import Purchase, RunView
from tests.durability.place import Place
from tests.durability.processes import ffmpeg_of
from tests.durability.waiting import until

STATES = ("unsent", "sending", "accepted", "uncertain", "completed", "failed", "refused", "cancelled", "given_up")
OPEN = ("sending", "uncertain", "given_up")
"""Rows that may stand for an accepted request without knowing its id."""


@dataclass(slots=True)
class Figures:
    """What was counted. `faults` are sentences; none means that all is well."""

    runs: int = 0
    done: int = 0
    uncertain: int = 0
    kills: int = 0
    submits: int = 0
    distinct: int = 0
    adopted: int = 0
    resent: int = 0
    duplicates: int = 0
    lost: int = 0
    files: int = 0
    wall_s: float = 0.0
    faults: list[str] = field(default_factory=list)


def judge(place: Place, *, uncertain_allowed: bool) -> Figures:
    """The figures of all runs of the place, which have ended or wait for a person while a worker lives."""
    place.start_standin()  # one that lives answers for it
    runs = place.studio.runs(10_000)
    bill = place.ask("GET", "bill")
    rows = place.studio.store.purchases.in_state(*STATES)
    found = Figures(runs=len(runs), submits=len(bill["accepted"]))
    found.done = sum(run.status == "done" for run in runs)
    found.uncertain = sum(run.status == "uncertain" for run in runs)
    found.adopted = sum(row.adopted for row in rows)
    found.resent = sum(row.sends - 1 for row in rows)
    found.faults += _endings(runs, uncertain_allowed)
    _money(found, bill, rows, runs)
    found.faults += _files(place, runs, found)
    found.faults += _engine(place)
    until(lambda: not ffmpeg_of(place.folder), "no ffmpeg is left")
    return found


def _endings(runs: list[RunView], uncertain_allowed: bool) -> Iterator[str]:
    allowed = {"done", "uncertain"} if uncertain_allowed else {"done"}
    for run in runs:
        if run.status not in allowed:
            yield f"run {run.id} is {run.status}: {[(step.id, step.state, step.error) for step in run.steps]}"
        for step in run.steps:
            if step.state == "done" and (step.take is None or step.take.sha256 is None):
                yield f"{run.id}/{step.id} is done without a take"


def _money(found: Figures, bill: dict[str, Any], rows: list[Purchase], runs: list[RunView]) -> None:
    """Each step bought once: every accepted request belongs to one row, every row's request was accepted."""
    accepted = {one["request_id"]: one for one in bill["accepted"]}
    owners = {row.request_id: row for row in rows if row.request_id}
    known = [owners[request_id] for request_id in accepted if request_id in owners]
    bought = Counter((row.run_id, row.step_id) for row in known)
    unowned = [row for row in rows if row.request_id is None and row.state in OPEN]
    for request_id, one in accepted.items():
        if request_id in owners:
            continue
        twin = next((row for row in unowned if _same(row, one)), None)
        if twin is None:
            found.faults.append(f"{request_id} ({one['endpoint']}) was bought, and no row knows it")
            found.duplicates += 1
        else:
            unowned.remove(twin)
            bought[twin.run_id, twin.step_id] += 1
    for request_id, row in owners.items():
        if request_id not in accepted:
            found.faults.append(f"{row.key} names {request_id}, which the provider never accepted")
            found.lost += 1
        elif not _same(row, accepted[request_id]):
            found.faults.append(f"{row.key} took over {request_id}, which has another body")
    found.distinct = len(bought)
    found.duplicates += sum(count - 1 for count in bought.values())
    found.faults += [f"{step} was bought {count} times" for step, count in bought.items() if count > 1]
    paid = [(run.id, step.id) for run in runs for step in run.steps if step.state == "done" and step.purchase]
    found.faults += [f"{step} is done, and nothing was bought" for step in paid if step not in bought]
    found.lost += sum(step not in bought for step in paid)
    lines = Counter(line["request_id"] for line in bill["lines"])
    found.faults += [f"{one} stands {count} times on the bill" for one, count in lines.items() if count > 1]


def _same(row: Purchase, accepted: dict[str, Any]) -> bool:
    return row.endpoint == accepted["endpoint"] and canonical(row.payload) == canonical(accepted["payload"])


def _files(place: Place, runs: list[RunView], found: Figures) -> Iterator[str]:
    stored = {path.stem: path for path in (place.folder / "assets").rglob("*") if path.is_file()}
    found.files = len(stored)
    for sha256, path in stored.items():
        if hash_file(path) != sha256:
            yield f"{path.name} does not hold the bytes of its name"
    for run in runs:
        for step in run.steps:
            if step.take is not None and step.take.sha256 not in stored:
                yield f"the take of {run.id}/{step.id} has no file"
    left = parts_left(place)
    if left:
        yield f"left behind: {', '.join(left)}"


def parts_left(place: Place) -> list[str]:
    """What lies where files arrive, now that none does."""
    arriving = place.folder / "incoming"
    found = (path for path in arriving.rglob("*") if path.is_file() or path.name.endswith(".part"))
    return [str(path.relative_to(arriving)) for path in found]


def _engine(place: Place) -> Iterator[str]:
    """The engine holds nothing open for steps that have ended, once it has written that down."""
    open_ones = ["?"]

    def settled() -> bool:
        open_ones[:] = _open_executions(place.folder / "engine.sqlite")
        return not open_ones

    try:
        until(settled, "the engine is done", 10.0)
    except AssertionError:
        yield f"the engine still works on {open_ones}"


def _open_executions(path: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
        query = "SELECT workflow_uuid, status FROM workflow_status WHERE status != 'SUCCESS'"
        return [json.dumps(row) for row in database.execute(query)]
