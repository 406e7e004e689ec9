"""Waiting for a request that was accepted: its status until the end, a wish to cancel, and its answer kept at once."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal

from lib.catalog.price import Estimate
from lib.catalog.recorded import price_of
from lib.errors import (
    Cancelled,
    DailiesError,
    QueueError,
    RequestFailed,
    ServerError,
    SettingsError,
    TooManyRequests,
    UnknownRequest,
    Unreachable,
)
from lib.queue.client import CancelAnswer, Result, Submitted
from lib.queue.provider import Provider
from lib.queue.status import Completed, Queued, Status
from lib.store import Store
from lib.store.views import Purchase, PurchaseState, Ticket

FIRST_PAUSE_S, MOST_PAUSE_S = 0.5, 5.0
KNOWN_AFTER_S = 60.0
"""A provider may take so long until it knows a request that it has just accepted."""
RESULT_TRIES = 5
"""How often a result is asked for (each time with the client's own backoff) before a person is told."""
TROUBLE = (Unreachable, ServerError, TooManyRequests)
UNREACHABLE_NOTE = "The provider cannot be reached; trying again"
GOES_ON = "The request itself is not lost: trying again collects it."
NOTES = {
    CancelAnswer.REQUESTED: "Cancelling: the provider was asked; what already runs may still finish and be billed",
    CancelAnswer.ALREADY_COMPLETED: "Too late to cancel: the provider says it is finished, and bills it",
    CancelAnswer.NOT_FOUND: "The provider does not know the request that it should cancel",
}
GetProvider = Callable[[Ticket], Awaitable[Provider]]


class Waiting:
    """One wait for each accepted purchase; `cancelling` holds the ids of runs that were asked to stop."""

    def __init__(
        self,
        store: Store,
        provider: GetProvider,
        cancelling: set[str],
        *,
        sleep: Callable[[float], Awaitable[None]],
        rng: random.Random,
    ) -> None:
        self._store = store
        self._provider = provider
        self._cancelling = cancelling
        self._sleep = sleep
        self._rng = rng

    async def wait(self, ticket: Ticket, row: Purchase) -> Purchase:
        """The purchase once the provider's answer is in its row.

        Raises RequestFailed, Cancelled or UnknownRequest when it ended without one; after anything else the purchase
        is still there to be collected.
        """
        try:
            completed = await self._watch(ticket, row)
            return await self._collect(ticket, row, completed)
        except (QueueError, SettingsError) as error:
            if not isinstance(error, UnknownRequest):
                error.hint = f"{error.hint} {GOES_ON}".strip()
            raise

    async def _watch(self, ticket: Ticket, row: Purchase) -> Completed:
        ref, note, asked, pause = _ref(row), "", False, FIRST_PAUSE_S
        provider = await self._provider(ticket)
        while True:
            try:
                if ticket.run_id in self._cancelling and not asked:
                    note, asked = NOTES[await provider.client.cancel(ref)], True
                status = await self._status(row, provider, ref)
            except TROUBLE:
                await self._pause(ticket, row)
                provider = await self._provider(ticket)
                continue
            if status is not None:
                self._tell(ticket, status, note)
            if isinstance(status, Completed):
                return status
            await self._sleep(pause * self._rng.uniform(0.8, 1.2))
            pause = min(pause * 1.3, MOST_PAUSE_S)

    async def _status(self, row: Purchase, provider: Provider, ref: Submitted) -> Status | None:
        """None while a young request is not known yet."""
        try:
            return await provider.client.status(ref)
        except UnknownRequest as error:
            if not row.adopted and time.time() - row.sent_at < KNOWN_AFTER_S:
                return None
            raise await self._lost(row, error) from error

    async def _collect(self, ticket: Ticket, row: Purchase, completed: Completed) -> Purchase:
        """Keeps the provider's answer before anything else is done with it."""
        try:
            result = await self._result(ticket, row, completed)
        except UnknownRequest as error:
            raise await self._lost(row, error) from error
        except RequestFailed as error:
            ours = _cancelled(error) if error.error_type == "client_cancelled" else error
            state: PurchaseState = "failed" if ours is error else "cancelled"
            await self._fail(row, state, error.billed, ours)
            raise ours from error
        units = str(result.billable_units) if result.billable_units is not None else None
        cost = await self._cost(ticket, row, result.billable_units)
        return await asyncio.to_thread(self._store.purchases.keep_output, row.key, result.output, cost, units)

    async def _cost(self, ticket: Ticket, row: Purchase, units: Decimal | None) -> Decimal | None:
        """What it cost, where that is known: nothing in a rehearsal or without a billed unit, else an exact estimate.

        None leaves the reserve (the estimate's upper end) counted.
        """
        if row.mode == "rehearsal" or units == 0:
            return Decimal(0)
        run = await asyncio.to_thread(self._store.runs.get, ticket.run_id)
        price = price_of(run.step(ticket.step_id).estimate)
        return price.high_usd if isinstance(price, Estimate) and price.low_usd == price.high_usd else None

    async def _result(self, ticket: Ticket, row: Purchase, completed: Completed) -> Result:
        for _ in range(RESULT_TRIES - 1):
            provider = await self._provider(ticket)
            try:
                return await provider.client.result(_ref(row), completed)
            except TROUBLE:
                await self._pause(ticket, row)
        return await (await self._provider(ticket)).client.result(_ref(row), completed)

    async def _pause(self, ticket: Ticket, row: Purchase) -> None:
        self._store.progress.tell(ticket, UNREACHABLE_NOTE)
        await self._sleep(MOST_PAUSE_S if row.mode == "live" else FIRST_PAUSE_S)

    async def _lost(self, row: Purchase, error: UnknownRequest) -> UnknownRequest:
        lost = UnknownRequest(
            "The provider no longer has the result of this request.",
            hint="It may still be found in your fal dashboard. Trying again buys it anew.",
            request=row.request_id or error.request,
        )
        await self._fail(row, "failed", None, lost)
        return lost

    async def _fail(self, row: Purchase, state: PurchaseState, billed: bool | None, error: DailiesError) -> None:
        record = error.record()
        await asyncio.to_thread(self._store.purchases.fail, row.key, state, billed=billed, error=record)

    def _tell(self, ticket: Ticket, status: Status, note: str) -> None:
        if isinstance(status, Queued):
            phase = "Next in the queue" if status.position == 0 else "Waiting in the queue"
            self._store.progress.tell(ticket, note or phase, queue_position=status.position)
            return
        phase = "Done at the provider" if isinstance(status, Completed) else "Working"
        logs, reached = tuple(line.message for line in status.logs), "" if isinstance(status, Completed) else "running"
        self._store.progress.tell(ticket, note or phase, logs=logs, reached=reached)


def _ref(row: Purchase) -> Submitted:
    return Submitted(row.request_id or "", row.status_url or "", row.response_url or "", row.cancel_url or "")


def _cancelled(error: RequestFailed) -> Cancelled:
    hints = {
        True: "The provider billed it.",
        False: "Nothing was billed.",
        None: "The provider does not say whether it billed this; its upper price stays reserved today.",
    }
    return Cancelled("Cancelled at the provider before it was done.", hint=hints[error.billed])
