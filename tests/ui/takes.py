"""Takes put into a studio's store as the worker leaves them, without a worker."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lib.catalog import OPERATIONS, operation
from lib.ledger.ledger import payload_hash
from lib.store.purchases import Order
from lib.store.views import Mode, Take, Ticket
from lib.studio import Studio

EXTEND = "fal-ai/pixverse/extend/fast"
UPSCALE = "fal-ai/video-upscaler"
TRIM = "cut/trim"
ESTIMATE = {"low_usd": "0.30", "high_usd": "0.30", "source": "a page", "seen": "2026-11-20"}


def put_take(
    studio: Studio,
    operation_id: str,
    input: Mapping[str, Any],
    sha256: str | None,
    *,
    mode: Mode = "rehearsal",
    cost_usd: str | None = "0",
    label: str = "",
    created_at: float = 1.0,
) -> str:
    """The id of a finished take of its own run; one of an endpoint was bought for `cost_usd` (None: nobody knows)."""
    made, store = OPERATIONS.get(operation_id), studio.store
    step = {"id": "one", "operation": operation_id, "input": dict(input)}
    run_id = store.runs.create(
        {"dailies": 1, "name": "test", "steps": [step]}, [("one", operation_id, [], ESTIMATE)], mode=mode, inputs={},
        name=made.title if made else operation_id, label=label, accept_unknown_price=True,
    )  # fmt: skip
    ticket = Ticket(run_id, "one", 1, 0)
    store.runs.begin(ticket, input)
    if made is None or not made.local:
        _buy(studio, ticket, step, mode, cost_usd)
    field = next(iter(operation(operation_id).media_out())) if made else "video"
    take = Take(
        secrets.token_hex(16), run_id, "one", 1, operation_id, mode, dict(input),
        {field: {"asset": sha256}, "seed": 7} if sha256 else {}, sha256, created_at,
    )  # fmt: skip
    store.runs.finish(ticket, take)
    return take.id


def _buy(studio: Studio, ticket: Ticket, step: Mapping[str, Any], mode: Mode, cost_usd: str | None) -> None:
    body = {**step["input"], "video_url": "https://files.example/clip.mp4"}
    kept = studio.store.purchases
    order = Order(ticket, mode, step["operation"], body, payload_hash(body), Decimal("0.30"))
    kept.open(order, day_cap_usd=Decimal(100))
    address = f"https://queue.example/requests/{ticket.run_id}"
    kept.accept(ticket.key, ticket.run_id, (f"{address}/status", address, f"{address}/cancel"))
    kept.keep_output(ticket.key, {}, None if cost_usd is None else Decimal(cost_usd), None)
