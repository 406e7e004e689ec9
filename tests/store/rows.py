"""Rows made by hand: a run of given steps, orders, takes; and a clock that a test turns."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lib.ledger.ledger import payload_hash
from lib.media.facts import Facts
from lib.store import Store
from lib.store.purchases import Order
from lib.store.views import Asset, Mode, Take, Ticket

ENDPOINT = "fal-ai/video-upscaler"


class Hands:
    """A clock; `now_s` is what it shows."""

    def __init__(self, now_s: float = 1_800_000_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def make_run(store: Store, needs: Mapping[str, Sequence[str]] | None = None, **how: Any) -> str:
    """A run with these steps, each with what it needs."""
    steps = [(name, ENDPOINT, list(wanted), {}) for name, wanted in (needs or {"one": ()}).items()]
    given = {"mode": "rehearsal", "inputs": {}, "name": "test"} | how
    return store.runs.create({"steps": []}, steps, **given)


def ticket_of(store: Store, run_id: str, step_id: str = "one") -> Ticket:
    step = store.runs.get(run_id).step(step_id)
    return Ticket(run_id, step_id, step.attempt, step.resume)


def states(store: Store, run_id: str) -> dict[str, str]:
    return {step.id: step.state for step in store.runs.get(run_id).steps}


def take_for(store: Store, ticket: Ticket, output: dict[str, Any] | None = None) -> Take:
    run = store.runs.get(ticket.run_id)
    return Take(
        secrets.token_hex(16), ticket.run_id, ticket.step_id, ticket.attempt, ENDPOINT, run.mode, {}, output or {},
        None, 1.0,
    )  # fmt: skip


def finish(store: Store, run_id: str, step_id: str = "one") -> None:
    """Begins the step and gives it an empty take."""
    ticket = ticket_of(store, run_id, step_id)
    store.runs.begin(ticket, {})
    store.runs.finish(ticket, take_for(store, ticket))


def order_for(
    ticket: Ticket, usd: str | None = "1", *, mode: Mode = "live", payload: dict[str, Any] | None = None
) -> Order:
    body = payload if payload is not None else {"video_url": f"https://files/{ticket.key}"}
    return Order(ticket, mode, ENDPOINT, body, payload_hash(body), None if usd is None else Decimal(usd))


def keep(store: Store, content: bytes, *, origin: str = "upload", mode: Mode | None = None) -> Asset:
    """These bytes as a stored clip."""
    part = store.assets.part()
    part.write_bytes(content)
    facts = Facts(kind="video", content_type="video/mp4", size_bytes=len(content))
    return store.assets.keep(part, facts, name="clip", origin=origin, mode=mode)


def urls(request_id: str) -> tuple[str, str, str]:
    base = f"https://queue/requests/{request_id}"
    return f"{base}/status", base, f"{base}/cancel"
