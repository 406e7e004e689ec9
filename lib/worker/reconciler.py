"""Keeps rows and engine in step: starts what is ready, settles what is uncertain, heals what was lost."""

from __future__ import annotations

import asyncio
import logging
import time

from lib.catalog import operation
from lib.errors import DailiesError, InputError, NotFound, Uncertain, UnknownRequest
from lib.ledger.ledger import Ledger
from lib.store import Store
from lib.store.views import Purchase, StepState, Ticket
from lib.worker.engine import Engine
from lib.worker.flows import GIVEN_UP
from lib.worker.providers import Providers

log = logging.getLogger(__name__)

WATCH_EVERY_S = 30.0
HEAL_EVERY_S = 10.0


class Reconciler:
    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        providers: Providers,
        engine: Engine,
        cancelling: set[str],
        *,
        watch_every_s: float = WATCH_EVERY_S,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._providers = providers
        self._engine = engine
        self._cancelling = cancelling
        self._started: set[str] = set()
        self.watching = False
        self._watch_every_s = watch_every_s
        self._watched_at: dict[str, float] = {}
        self._healed_at = time.monotonic()
        self._look: asyncio.Task[None] | None = None

    async def take_up(self) -> None:
        """After a start: a step whose execution the engine has lost or ended is picked up again."""
        await self._heal("running", "ready")
        await self._start("running")

    async def tick(self) -> None:
        """One round; cheap when there is nothing to do. It never waits for a provider."""
        cancelling = await asyncio.to_thread(self._store.runs.cancelling)
        self._cancelling.clear()
        self._cancelling.update(cancelling)
        await self._start("ready")
        uncertain = await asyncio.to_thread(self._store.runs.tickets, "uncertain")
        for ticket, _ in uncertain:
            await self._settle(ticket)
        self.watching = bool(uncertain)
        self._begin_look([ticket for ticket, _ in uncertain])
        if time.monotonic() - self._healed_at >= HEAL_EVERY_S:
            self._healed_at = time.monotonic()
            await self._heal("running")

    async def _start(self, *states: StepState) -> None:
        for ticket, operation_id in await asyncio.to_thread(self._store.runs.tickets, *states):
            if str(ticket) not in self._started:
                await self._engine.start(str(ticket), _queue(operation_id))
                self._started.add(str(ticket))

    async def _heal(self, *states: StepState) -> None:
        """What the engine would never call again, although the step has not ended, goes on under a new ticket."""
        for ticket, _ in await asyncio.to_thread(self._store.runs.tickets, *states):
            if await self._engine.ended(str(ticket)):
                await asyncio.to_thread(self._store.runs.pick_up, ticket, *states)

    async def _settle(self, ticket: Ticket) -> None:
        """Moves an uncertain step on as far as its purchase has moved, or as a person answered.

        The purchase is changed first and the step after it, each by what it finds: a crash in between is made good
        by the next round.
        """
        row = await asyncio.to_thread(self._store.purchases.get, ticket.key)
        answer = (row.answer or {}) if row is not None else {}
        choice = answer.get("choice")
        if row is not None and row.state == "uncertain" and choice in ("resend", "give_up"):
            row = await asyncio.to_thread(self._store.purchases.fail, row.key, "given_up", billed=None, error=GIVEN_UP)
        if row is None or row.state == "uncertain":
            return
        if row.state == "given_up" and choice != "resend":
            await asyncio.to_thread(self._store.runs.fail, ticket, row.error or GIVEN_UP)
            return
        again = row.state == "given_up"
        await asyncio.to_thread(self._store.runs.pick_up, ticket, "uncertain", new_attempt=again)

    def _begin_look(self, tickets: list[Ticket]) -> None:
        """One look at a time, beside the rounds: a provider may take its time to answer."""
        if self._look is not None and self._look.done():
            if error := self._look.exception():
                log.error("looking for requests failed", exc_info=error)
            self._look = None
        if tickets and self._look is None:
            self._look = asyncio.create_task(self._look_for(tickets))

    async def _look_for(self, tickets: list[Ticket]) -> None:
        """Attaches what a person named, and looks at the provider's list now and then."""
        for ticket in tickets:
            row = await asyncio.to_thread(self._store.purchases.get, ticket.key)
            if row is None or row.state != "uncertain":
                continue
            try:
                await self._look_at(ticket, row)
            except DailiesError as error:
                log.info("%s stays uncertain: %s", row.key, error.message)

    async def _look_at(self, ticket: Ticket, row: Purchase) -> None:
        """What needs the provider; the other answers wait for the next round, which carries them out by itself."""
        if row.answer is None:
            await self._watch(row)
        elif row.answer.get("choice") == "attach":
            await self._attach(ticket, row)

    async def _watch(self, row: Purchase) -> None:
        if time.monotonic() - self._watched_at.get(row.key, -self._watch_every_s) >= self._watch_every_s:
            self._watched_at[row.key] = time.monotonic()
            await self._ledger.find(row, await self._providers.get(row.mode))

    async def _attach(self, ticket: Ticket, row: Purchase) -> None:
        """What does not fit is asked for again, saying why."""
        request_id = str((row.answer or {}).get("request_id", ""))
        try:
            found = await self._ledger.attach(row, await self._providers.get(row.mode), request_id)
        except (InputError, UnknownRequest):
            why = f"{row.endpoint} has no request {request_id!r}."
        else:
            if found.state != "uncertain":
                return
            why = f"The request {request_id!r} belongs to another step already."
        wrong = Uncertain(why, hint="Copy the id from your fal dashboard again.", run=row.run_id, step=row.step_id)
        await asyncio.to_thread(self._store.runs.hold, ticket, wrong.record())
        await asyncio.to_thread(self._store.purchases.ask_again, row.key)


def _queue(operation_id: str) -> str:
    try:
        return "local" if operation(operation_id).local else "paid"
    except NotFound:
        return "paid"
