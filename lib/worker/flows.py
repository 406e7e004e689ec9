"""The life of a step, stage by stage: begin -> (submit -> wait -> fetch) or cut -> finish (or ask a person).

Each stage may run again after a crash: it first looks at what is already there. A stage settles its own failure on the
run; what is not a DailiesError is a fault of ours, is logged whole, and is shown as one sentence.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any, TypeVar

from lib.catalog import operation
from lib.catalog.operation import Cut, Operation
from lib.catalog.price import Estimate
from lib.catalog.recorded import price_record
from lib.errors import (
    Cancelled,
    ChainError,
    DailiesError,
    NoSpace,
    NotFound,
    ServerError,
    StoreError,
    TooManyRequests,
    Uncertain,
    Unreachable,
)
from lib.ledger.ledger import Ledger, payload_hash
from lib.queue.provider import Provider
from lib.store import Store
from lib.store.purchases import Order
from lib.store.views import OPEN_PURCHASE, Purchase, RunView, StepView, Ticket
from lib.worker.cutting import cut
from lib.worker.gating import Gating
from lib.worker.inputs import Inputs
from lib.worker.outputs import Outputs, take_of
from lib.worker.providers import Providers
from lib.worker.waiting import FIRST_PAUSE_S, UNREACHABLE_NOTE, Waiting

log = logging.getLogger(__name__)
T = TypeVar("T")

SEND_PAUSES_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
FETCH_PAUSES_S = (0.5, 2.0, 5.0, 10.0)
GIVEN_UP = {
    "kind": "Uncertain",
    "message": "Given up: nobody knows whether this request was bought.",
    "hint": "Its upper price stays counted for its day. Look into your fal dashboard.",
}


class Flows:
    """Everything a stage needs. `cancelling` holds the ids of runs that were asked to stop."""

    def __init__(  # noqa: PLR0917 - the parts of the worker, put together once
        self,
        store: Store,
        ledger: Ledger,
        providers: Providers,
        inputs: Inputs,
        outputs: Outputs,
        cancelling: set[str],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._providers = providers
        self._inputs = inputs
        self._outputs = outputs
        self._cancelling = cancelling
        self._sleep = sleep
        self._on_change = on_change
        self._gating = Gating(store, inputs, cancelling)
        self._waiting = Waiting(store, self._provider, cancelling, sleep=sleep, rng=rng or random.Random())
        self._stages: dict[str, Callable[[Ticket], Awaitable[str | None]]] = {
            "begin": self._begin,
            "submit": self._submit,
            "wait": self._wait,
            "fetch": self._fetch,
            "cut": self._cut,
        }

    async def perform(self, stage: str, ticket_text: str) -> str | None:
        """The next stage, or None when the step has ended, well or badly."""
        ticket = Ticket.parse(ticket_text)
        try:
            return await self._stages[stage](ticket)
        except Uncertain as error:
            await self._surely(self._store.runs.hold, ticket, error.record())
        except Cancelled as error:
            await self._surely(self._store.runs.fail, ticket, error.record(), "cancelled")
        except DailiesError as error:
            await self._surely(self._store.runs.fail, ticket, error.record())
        except Exception:
            log.exception("stage %s of %s", stage, ticket)
            fault = ChainError("Something went wrong inside Dailies.", hint="Try again; the worker's log has details.")
            await self._surely(self._store.runs.fail, ticket, fault.record())
        self._on_change()
        return None

    async def _surely(self, act: Callable[..., None], *given: Any) -> None:
        """Writes how a step ended; while the disk is full that has to wait, or nobody would ever look at it again."""
        while True:
            try:
                return await asyncio.to_thread(act, *given)
            except (StoreError, NoSpace) as error:
                log.warning("%s is not written yet: %s", given[0], error.message)
                await self._sleep(FIRST_PAUSE_S)

    async def _begin(self, ticket: Ticket) -> str | None:
        run, step = await self._read(ticket)
        bought = await asyncio.to_thread(self._store.purchases.get, ticket.key)
        if run.cancel_requested and bought is None:
            raise Cancelled("Cancelled before it began.", hint="Nothing was bought.")
        made = operation(step.operation)
        self._store.progress.tell(ticket, "Preparing")
        resolved = step.input or await self._inputs.resolve(run, step.id, made)
        kept = await asyncio.to_thread(self._store.runs.begin, ticket, resolved)
        if kept is None:
            return None  # another ticket took over
        return "cut" if made.local else "submit"

    async def _submit(self, ticket: Ticket) -> str | None:
        row = await asyncio.to_thread(self._store.purchases.get, ticket.key)
        if row is None or row.state in OPEN_PURCHASE:
            row = await self._patiently(ticket, SEND_PAUSES_S, lambda: self._buy(ticket))
        return await self._after(ticket, row)

    async def _buy(self, ticket: Ticket) -> Purchase:
        run, step = await self._read(ticket)
        provider = await self._provider(ticket)
        row = await asyncio.to_thread(self._store.purchases.get, ticket.key)
        order = await self._order(ticket, run, step, provider) if row is None else _same_order(ticket, row)
        self._store.progress.tell(ticket, "Sending")
        return await self._ledger.buy(order, provider, lambda: self._provider(ticket))

    async def _order(self, ticket: Ticket, run: RunView, step: StepView, provider: Provider) -> Order:
        made, values = operation(step.operation), step.input or {}
        if run.cancel_requested:
            raise Cancelled("Cancelled before it was sent.", hint="Nothing was bought.")
        self._store.progress.tell(ticket, "Uploading")
        body = await self._inputs.body(made, values, provider)
        price = made.estimate(made.validate(values), self._inputs.facts(made, values))
        await asyncio.to_thread(self._store.runs.set_estimate, ticket, price_record(price))
        upper = price.high_usd if isinstance(price, Estimate) else None
        reserve = Decimal(0) if run.mode == "rehearsal" else upper
        return Order(ticket, run.mode, made.wire_id, body, payload_hash(body), reserve)

    async def _wait(self, ticket: Ticket) -> str | None:
        row = await self._purchase(ticket)
        if row.state == "accepted":
            row = await self._waiting.wait(ticket, row)
        return await self._after(ticket, row)

    async def _after(self, ticket: Ticket, row: Purchase) -> str | None:
        """The stage that a purchase calls for; one that ended ends its step, also after a crash between the two."""
        if row.state in ("accepted", "completed"):
            return "wait" if row.state == "accepted" else "fetch"
        if row.state in OPEN_PURCHASE:
            return "submit"
        state = "cancelled" if row.state == "cancelled" else "failed"
        await self._surely(self._store.runs.fail, ticket, row.error or GIVEN_UP, state)
        self._on_change()
        return None

    async def _fetch(self, ticket: Ticket) -> str | None:
        run, step = await self._read(ticket)
        row, made, name = await self._purchase(ticket), operation(step.operation), f"{run.name}-{step.id}"

        def tell(fraction: float | None) -> None:
            self._store.progress.tell(ticket, "Downloading", fraction=fraction)

        async def fetch() -> dict[str, Any]:
            return await self._outputs.fetch(made, deepcopy(row.output or {}), await self._provider(ticket), name, tell)

        output = await self._patiently(ticket, FETCH_PAUSES_S, fetch)
        await self._finish(ticket, run, made, output)
        return None

    async def _patiently(self, ticket: Ticket, pauses_s: Sequence[float], act: Callable[[], Awaitable[T]]) -> T:
        """What `act` gives, tried again after trouble of the moment. A submit that may have arrived is no such thing:
        the ledger settles it and raises Uncertain.
        """
        for pause_s in pauses_s:
            try:
                return await act()
            except (Unreachable, ServerError, TooManyRequests) as error:
                if ticket.run_id in self._cancelling:
                    break
                self._store.progress.tell(ticket, f"{error.message} Trying again.")
                await self._sleep(max(pause_s, getattr(error, "after_s", None) or 0.0))
        return await act()

    async def _cut(self, ticket: Ticket) -> str | None:
        run, step = await self._read(ticket)
        made = operation(step.operation)
        assert isinstance(made, Cut)
        output = await cut(
            self._store, self._inputs, made, step.input or {}, run,
            tell=lambda fraction: self._store.progress.tell(ticket, "Cutting", fraction=fraction),
            cancelled=lambda: ticket.run_id in self._cancelling,
        )  # fmt: skip
        await self._finish(ticket, run, made, output)
        return None

    async def _finish(self, ticket: Ticket, run: RunView, made: Operation, output: dict[str, Any]) -> None:
        await self._gating.finish(ticket, run, take_of(ticket, run, made, output))
        self._on_change()

    async def _provider(self, ticket: Ticket) -> Provider:
        """The provider of the run's mode. A stand-in that was killed is started again by this."""
        run, _ = await self._read(ticket)
        while True:
            try:
                return await self._providers.get(run.mode)
            except Unreachable:
                if ticket.run_id in self._cancelling:
                    raise
                self._store.progress.tell(ticket, UNREACHABLE_NOTE)
                await self._sleep(FIRST_PAUSE_S)

    async def _read(self, ticket: Ticket) -> tuple[RunView, StepView]:
        run = await asyncio.to_thread(self._store.runs.get, ticket.run_id)
        return run, run.step(ticket.step_id)

    async def _purchase(self, ticket: Ticket) -> Purchase:
        row = await asyncio.to_thread(self._store.purchases.get, ticket.key)
        if row is None:
            raise NotFound("This step has no purchase.", hint="Start it again.")
        return row


def _same_order(ticket: Ticket, row: Purchase) -> Order:
    """The order as it was written down: after a crash the very same body is looked for."""
    return Order(ticket, row.mode, row.endpoint, row.payload, row.payload_sha256, row.reserved_usd)
