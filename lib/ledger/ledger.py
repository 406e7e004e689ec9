"""Buying a request: a row before the POST, the id right after it, and never a blind second POST.

A submit ends in one of four ways: accepted (its id is in the row), refused (nothing was bought), uncertain (nobody
knows; raised as `Uncertain`), or the process dies, which leaves "sending" behind and is settled on the next try.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lib.errors import DailiesError, NoSpace, ProtocolError, QueueError, StoreError, Uncertain
from lib.queue.client import Submitted
from lib.queue.errors import may_have_been_accepted
from lib.queue.platform import recent_requests
from lib.queue.provider import Provider
from lib.store.purchases import Order, Purchases
from lib.store.views import OPEN_PURCHASE, Purchase

log = logging.getLogger(__name__)

LOOK_BACK_S = 60.0
"""The provider's clock may differ from ours by this much."""
LIVE_SEARCH_S = 20.0
"""How long an undeclared list is watched at once, before a person is asked; the watch goes on behind that."""
MOST_SENDS = 5
"""A request that was proven lost so often is not sent once more."""
Renew = Callable[[], Awaitable[Provider]]


class Ledger:
    """Knows the rows (`purchases`) and what a provider can be asked; `clock` and `sleep` count seconds."""

    def __init__(
        self,
        purchases: Purchases,
        *,
        day_cap_usd: Decimal,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        search_s: float = LIVE_SEARCH_S,
    ) -> None:
        self._rows = purchases
        self._cap = day_cap_usd
        self._clock = clock
        self._sleep = sleep
        self._search_s = search_s

    async def buy(self, order: Order, provider: Provider, renew: Renew | None = None) -> Purchase:
        """The purchase as it stands: accepted, or already ended (a crash, or a person, came in between).

        Raises CapReached, Cancelled or the refusal (nothing bought), Unreachable or TooManyRequests where it can be
        bought again later (nothing bought), or Uncertain. `renew` gives the provider again after it was not reached.
        """
        row, fresh = await asyncio.to_thread(self._rows.open, order, day_cap_usd=self._cap)
        if row.state not in OPEN_PURCHASE:
            return row
        return await (self._send(row, provider, renew) if fresh else self._settle(row, provider, renew))

    async def find(self, row: Purchase, provider: Provider) -> Purchase | None:
        """One look at the provider's list: the adopted purchase, or None while there is not exactly one hit."""
        hits = await self._hits(row, provider)
        if len(hits) != 1:
            return None
        found = await self._adopt(row, provider, hits[0])
        return found if found.state == "accepted" else None

    async def attach(self, row: Purchase, provider: Provider, request_id: str) -> Purchase:
        """A person says which request it was. Raises UnknownRequest where the provider knows no such request."""
        await provider.client.status(provider.client.reference(row.endpoint, request_id), logs=False)
        return await self._adopt(row, provider, request_id)

    async def _send(self, row: Purchase, provider: Provider, renew: Renew | None) -> Purchase:
        try:
            sent = await provider.client.submit(row.endpoint, row.payload)
        except DailiesError as error:
            if may_have_been_accepted(error):
                return await self._settle(row, provider, renew, because=error)
            if error.retryable:
                await asyncio.to_thread(self._rows.not_sent, row.key)
            else:
                await asyncio.to_thread(self._rows.refuse, row.key, error.record())
            raise
        kept = await self._keep(row, sent)
        if kept.state in OPEN_PURCHASE:  # somebody adopted this id for an equal body; then theirs may be ours
            return await self._settle(kept, provider, renew)
        return kept

    async def _settle(
        self, row: Purchase, provider: Provider, renew: Renew | None, because: DailiesError | None = None
    ) -> Purchase:
        """Looks for the request in the provider's list until it is found, proven absent, or time is up.

        Only a provider that declares when its list is complete can prove absence; the time counts from now, since
        only now it is certain that nothing more is being sent.
        """
        declared = provider.list_complete_after_s
        until = self._clock() + (self._search_s if declared is None else declared)
        pause = 0.2
        while True:
            last_look = self._clock() >= until
            hits, hopeless = await self._look(row, provider)
            if hits is not None and len(hits) == 1:
                found = await self._adopt(row, provider, hits[0])
                if found.state not in OPEN_PURCHASE:
                    return found
            elif last_look and hits == [] and declared is not None:
                return await self._send_again(row, provider, renew, because)
            elif hopeless or (last_look and (hits or declared is None)):
                return await self._hold(row, because)
            if hits is None and renew is not None:
                provider = await renew()
            left = until - self._clock()
            await self._sleep(min(pause, left) if left > 0 else pause)
            pause = min(pause * 1.5, 5.0)

    async def _send_again(
        self, row: Purchase, provider: Provider, renew: Renew | None, because: DailiesError | None
    ) -> Purchase:
        """After the proof that nothing was accepted."""
        if row.sends >= MOST_SENDS and because is not None:
            await asyncio.to_thread(self._rows.refuse, row.key, because.record())
            raise because
        again = await asyncio.to_thread(self._rows.send_again, row.key)
        return await self._send(again, provider, renew) if again.state == "sending" else again

    async def _hold(self, row: Purchase, because: DailiesError | None) -> Purchase:
        held = await asyncio.to_thread(self._rows.hold, row.key)
        if held.state != "uncertain":
            return held
        raise _uncertain(row, because)

    async def _adopt(self, row: Purchase, provider: Provider, request_id: str) -> Purchase:
        return await self._keep(row, provider.client.reference(row.endpoint, request_id), adopted=True)

    async def _keep(self, row: Purchase, ref: Submitted, *, adopted: bool = False) -> Purchase:
        """Writes the id down, however long the disk refuses: nobody else knows it."""
        while True:
            try:
                return await asyncio.to_thread(self._rows.accept, row.key, ref.request_id, _urls(ref), adopted=adopted)
            except (StoreError, NoSpace) as error:
                log.warning("%s is request %s, but it cannot be written down: %s", row.key, ref.request_id, error)
                await self._sleep(1.0)

    async def _look(self, row: Purchase, provider: Provider) -> tuple[list[str] | None, bool]:
        """The hits, or None when the list could not be had, and whether it is hopeless to ask again (no right to)."""
        try:
            return await self._hits(row, provider), False
        except QueueError as error:
            return None, not (error.retryable or isinstance(error, ProtocolError))

    async def _hits(self, row: Purchase, provider: Provider) -> list[str]:
        """Ids of requests with exactly this body that belong to no other purchase."""
        since = datetime.fromtimestamp(row.sent_at - LOOK_BACK_S, UTC)
        listed = await recent_requests(provider.client, row.endpoint, since)
        known = await asyncio.to_thread(self._rows.known_requests, row.mode, row.endpoint)
        wanted = canonical(row.payload)
        return [
            item.request_id
            for item in listed
            if item.request_id not in known and item.json_input is not None and canonical(item.json_input) == wanted
        ]


def canonical(payload: Mapping[str, Any]) -> str:
    """The body as one text, whatever the order of its keys and whether 2 is written 2.0."""
    return json.dumps(_plain(payload), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def payload_hash(payload: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(payload).encode()).hexdigest()


def _urls(ref: Submitted) -> tuple[str, str, str]:
    return ref.status_url, ref.response_url, ref.cancel_url


def _uncertain(row: Purchase, because: DailiesError | None) -> Uncertain:
    why = f" ({because.message})" if because else ""
    return Uncertain(
        f"Nobody knows yet whether {row.endpoint} accepted this request{why}",
        hint="Look for it in your fal dashboard, then attach its id, send it again (may pay twice) or give up. "
        "Dailies keeps looking meanwhile.",
        run=row.run_id,
        step=row.step_id,
    )
