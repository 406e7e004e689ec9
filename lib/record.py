"""A run as a JSON record: steps, requests, takes, costs and file hashes; also of one that could not start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from lib.chain.check import check
from lib.chain.finding import Finding
from lib.chain.flow import known_of
from lib.chain.model import Chain
from lib.errors import CapReached, DailiesError
from lib.store import Store
from lib.store.reuse import facts_of
from lib.store.views import Gate, Mode, Purchase, RunView, StepView, Take


def run_record(store: Store, run: RunView) -> dict[str, Any]:
    """Plain values only; money as text in dollars, times in seconds since 1970."""
    steps = [_step(store, step) for step in run.steps]
    costs = [step.purchase.cost_usd for step in run.steps if step.purchase and step.purchase.cost_usd is not None]
    return {
        "run": run.id,
        "name": run.name,
        "mode": run.mode,
        "status": run.status,
        "inputs": dict(run.inputs),
        "created_at": run.created_at,
        "finished_at": run.finished_at,
        "known_cost_usd": str(sum(costs, Decimal(0))),
        "only_seen_live": [found.as_json() for found in only_seen_live(store, run)],
        "error": next((step["error"] for step in steps if step["error"]), None),
        "steps": steps,
    }


def only_seen_live(store: Store, run: RunView) -> list[Finding]:
    """What of a live run's chain does not fit now that its takes are there, and could not be foreseen without them."""
    takes = {step.id: facts_of(store.assets, step.take.output) for step in run.steps if step.take is not None}
    if run.mode != "live" or not takes:
        return []
    chain = Chain.model_validate(run.chain)
    known = known_of(chain, run.inputs, lambda sha256: store.assets.get(sha256).facts)
    foreseen = {one.place for one in check(chain, known)}
    seen = check(chain, replace(known, takes=takes))
    return [one for one in seen if one.alarming and one.place not in foreseen]


def refusal_record(error: DailiesError, *, mode: Mode) -> dict[str, Any]:
    """The record of a run that was never made: nothing was sent and nothing bought."""
    status = "refused" if isinstance(error, CapReached) else "failed"
    return {"run": None, "mode": mode, "status": status, "error": error.record(), "steps": []}


def last_files(run: RunView) -> Iterator[tuple[str, str, str]]:
    """(step, output field, sha256) of every file that the chain's last steps made."""
    last = Chain.model_validate(run.chain).last_steps()
    for step in run.steps:
        if step.id in last and step.take is not None:
            yield from ((step.id, field, sha256) for field, sha256 in _files(step.take))


def _step(store: Store, step: StepView) -> dict[str, Any]:
    return {
        "id": step.id,
        "operation": step.operation,
        "state": step.state,
        "attempt": step.attempt,
        "reused": step.reused,
        "estimate": step.estimate,
        "request": _request(step.purchase) if step.purchase else None,
        "take": _take(store, step.take) if step.take else None,
        "gate": _gate(step.gate) if step.gate else None,
        "error": step.error,
    }


def _gate(gate: Gate) -> dict[str, Any]:
    """What was found in the take before it went on, and what a person said to it."""
    return {"found": list(gate.found), "answer": gate.answer, "measured_at": gate.measured_at}


def _request(row: Purchase) -> dict[str, Any]:
    return {
        "request_id": row.request_id,
        "state": row.state,
        "sends": row.sends,
        "adopted": row.adopted,
        "body": row.payload,
        "reserved_usd": str(row.reserved_usd) if row.reserved_usd is not None else None,
        "cost_usd": str(row.cost_usd) if row.cost_usd is not None else None,
        "billable_units": row.units,
    }


def _take(store: Store, take: Take) -> dict[str, Any]:
    assets = {field: store.assets.get(sha256) for field, sha256 in _files(take)}
    return {
        "id": take.id,
        "input": take.input,
        "output": take.output,
        "files": {
            field: {"sha256": asset.sha256, "size_bytes": asset.size_bytes, "facts": asset.facts.as_json()}
            for field, asset in assets.items()
        },
    }


def _files(take: Take) -> list[tuple[str, str]]:
    """(place in the output, SHA-256) of each file: "video", "images.0"."""
    return list(_found(take.output, ""))


def _found(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and isinstance(value.get("asset"), str):
        yield path, value["asset"]
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _found(item, f"{path}.{key}" if path else str(key))
