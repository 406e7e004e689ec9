"""The ledger's rows. A row is committed before anything is sent; its money is reserved in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from lib.catalog.price import money
from lib.errors import Cancelled, CapReached, NotFound
from lib.store import tables as t
from lib.store.database import Clock, Database
from lib.store.read import as_purchase
from lib.store.views import Mode, Purchase, PurchaseState, Ticket


@dataclass(frozen=True, slots=True)
class Order:
    """What is about to be bought. `reserve_usd` is the upper end of the estimate, or None: unknown."""

    ticket: Ticket
    mode: Mode
    endpoint: str
    payload: Mapping[str, Any]
    payload_sha256: str
    reserve_usd: Decimal | None


class Purchases:
    """Every change is a compare-and-set on the state and gives the row as it then stands: look at its `state`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def open(self, order: Order, *, day_cap_usd: Decimal) -> tuple[Purchase, bool]:
        """The row of this purchase, and whether it is to be sent now ("sending", its money reserved).

        Live purchases must fit under the day's cap and the run's own, and an unknown price needs somebody's yes.
        Raises CapReached, or Cancelled where the run was asked to stop; then nothing is reserved.
        """
        with self._db.write() as c:
            known = _one(c, order.ticket.key)
            if known is not None and known.state != "unsent":
                return known, False
            run = c.execute(sa.select(t.run).where(t.run.c.id == order.ticket.run_id)).one()
            if run.cancel_requested:
                raise Cancelled("Cancelled before it was sent.", hint="Nothing was bought.")
            if order.mode == "live":
                self._require_room(c, order, run, day_cap_usd)
            values = {"state": "sending", "sent_at": self._clock(), "reserved_usd": order.reserve_usd}
            if known is None:
                c.execute(sa.insert(t.purchase).values(_described(order) | values | {"sends": 1, "adopted": False}))
            else:
                again = values | {"sends": known.sends + 1, "error": None}
                c.execute(sa.update(t.purchase).where(t.purchase.c.key == known.key).values(again))
            made = _one(c, order.ticket.key)
            assert made is not None
            return made, True

    def get(self, key: str) -> Purchase | None:
        with self._db.read() as c:
            return _one(c, key)

    def in_state(self, *states: PurchaseState) -> list[Purchase]:
        query = sa.select(t.purchase).where(t.purchase.c.state.in_(states)).order_by(t.purchase.c.sent_at)
        with self._db.read() as c:
            return [as_purchase(row) for row in c.execute(query)]

    def send_again(self, key: str) -> Purchase:
        """The row, marked as sent once more; only after it was proven that the last send was not accepted.

        It keeps its reserve and counts for the day on which it was first sent.
        """
        return self._change(key, ("sending", "uncertain"), state="sending", sends=t.purchase.c.sends + 1)

    def accept(self, key: str, request_id: str, urls: tuple[str, str, str], *, adopted: bool = False) -> Purchase:
        """The row with its request id and (status, response, cancel) addresses.

        A first id is never replaced, and an id that another purchase has is nobody else's: then nothing changes.
        """
        status, response, cancel = urls
        return self._change(
            key, ("sending", "uncertain"), ~_is_taken(key, request_id), state="accepted", request_id=request_id,
            status_url=status, response_url=response, cancel_url=cancel, adopted=adopted, answer=None,
        )  # fmt: skip

    def hold(self, key: str) -> Purchase:
        return self._change(key, ("sending", "uncertain"), state="uncertain")

    def answer(self, key: str, choice: str, request_id: str = "") -> None:
        """Writes down what a person chose for an uncertain purchase; the worker carries it out."""
        row = self._change(key, ("uncertain",), answer={"choice": choice, "request_id": request_id})
        if row.state != "uncertain":
            raise NotFound("This question is settled already.", hint="Reload the page.")

    def ask_again(self, key: str) -> Purchase:
        """Forgets an answer that could not be carried out."""
        return self._change(key, ("uncertain",), answer=None)

    def not_sent(self, key: str) -> Purchase:
        """Nothing can have been accepted: the reserve is free until it is opened again."""
        return self._change(key, ("sending",), state="unsent")

    def refuse(self, key: str, error: Mapping[str, Any]) -> Purchase:
        """Nothing was bought, for this reason: the reserve is free again."""
        return self._change(
            key, ("unsent", "sending"), state="refused", reserved_usd=Decimal(0), error=dict(error),
            settled_at=self._clock(),
        )  # fmt: skip

    def keep_output(self, key: str, output: Mapping[str, Any], cost_usd: Decimal | None, units: str | None) -> Purchase:
        """The provider's answer, kept before its files are fetched, and what it cost."""
        return self._change(
            key, ("accepted",), state="completed", output=dict(output), cost_usd=cost_usd, units=units,
            settled_at=self._clock(),
        )  # fmt: skip

    def fail(
        self, key: str, state: PurchaseState, *, billed: bool | None, error: Mapping[str, Any] | None = None
    ) -> Purchase:
        """The request ended without a result. What may have been billed stays reserved."""
        values: dict[str, Any] = {"state": state, "settled_at": self._clock(), "error": dict(error) if error else None}
        if billed is False:
            values["reserved_usd"] = Decimal(0)
        return self._change(key, ("accepted", "uncertain"), **values)

    def known_requests(self, mode: Mode, endpoint: str) -> set[str]:
        """Request ids that already belong to a purchase: they are nobody else's."""
        query = sa.select(t.purchase.c.request_id).where(t.purchase.c.mode == mode, t.purchase.c.endpoint == endpoint)
        with self._db.read() as c:
            return {str(row[0]) for row in c.execute(query) if row[0]}

    def sent_before(self, mode: Mode, endpoint: str, payload_sha256: str) -> bool:
        """Whether the very same body was sent before, so that a list could not tell the two apart."""
        query = sa.select(t.purchase.c.key).where(
            t.purchase.c.mode == mode, t.purchase.c.endpoint == endpoint, t.purchase.c.payload_sha256 == payload_sha256
        )
        with self._db.read() as c:
            return c.execute(query.limit(1)).scalar() is not None

    def owed_since(self, since: float, mode: Mode) -> Decimal:
        """Dollars spent or reserved by purchases sent since then."""
        with self._db.read() as c:
            return _owed(c, t.purchase.c.sent_at >= since, t.purchase.c.mode == mode)

    def today_start(self) -> float:
        """Seconds at which the current UTC day began. A purchase belongs to the day on which it was sent."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()

    def _require_room(self, c: sa.Connection, order: Order, run: Any, day_cap_usd: Decimal) -> None:
        """An unknown price fits nowhere by itself: it needs a yes, and a cap that is not used up."""
        if order.reserve_usd is None and not run.accept_unknown_price:
            raise CapReached(
                f"The price of {order.endpoint} is not known.",
                hint="Accept an unknown price for this run to go on (--accept-unknown-price).",
            )
        today = _owed(c, t.purchase.c.sent_at >= self.today_start(), t.purchase.c.mode == "live")
        _require(today, order, day_cap_usd, "today's", "Raise DAILIES_MAX_USD_PER_DAY, or go on tomorrow (UTC).")
        if run.max_usd is not None:
            of_run = _owed(c, t.purchase.c.run_id == order.ticket.run_id)
            _require(of_run, order, run.max_usd, "this run's", "Start again and allow more (--max-cost).")

    def _change(
        self, key: str, from_states: tuple[PurchaseState, ...], *where: sa.ColumnElement[bool], **values: Any
    ) -> Purchase:
        """Of two that change a row the first wins, and both read what it did."""
        is_it = (t.purchase.c.key == key, t.purchase.c.state.in_(from_states), *where)
        with self._db.write() as c:
            c.execute(sa.update(t.purchase).where(*is_it).values(**values))
            row = _one(c, key)
        if row is None:
            raise NotFound("There is no such purchase.", hint="Reload the page.")
        return row


def _described(order: Order) -> dict[str, Any]:
    return {
        "key": order.ticket.key, "run_id": order.ticket.run_id, "step_id": order.ticket.step_id, "mode": order.mode,
        "endpoint": order.endpoint, "payload": dict(order.payload), "payload_sha256": order.payload_sha256,
    }  # fmt: skip


def _one(c: sa.Connection, key: str) -> Purchase | None:
    row = c.execute(sa.select(t.purchase).where(t.purchase.c.key == key)).one_or_none()
    return as_purchase(row) if row is not None else None


def _is_taken(key: str, request_id: str) -> sa.ColumnElement[bool]:
    """Whether another purchase of the same mode has this request."""
    other = t.purchase.alias()
    same = (other.c.request_id == request_id, other.c.mode == t.purchase.c.mode, other.c.key != key)
    return sa.select(other.c.key).where(*same).correlate(t.purchase).exists()


def _owed(c: sa.Connection, *where: sa.ColumnElement[bool]) -> Decimal:
    """What was spent, where that is known, else what is reserved."""
    total = sa.func.coalesce(t.purchase.c.cost_usd, t.purchase.c.reserved_usd)
    query = sa.select(total).where(*where, t.purchase.c.state != "unsent")
    return sum((value for value in c.execute(query).scalars() if value), Decimal(0))


def _require(taken: Decimal, order: Order, cap: Decimal, whose: str, hint: str) -> None:
    reserve = order.reserve_usd
    if taken + (reserve or 0) > cap or (reserve is None and taken >= cap):
        price = money(reserve) if reserve is not None else "something unknown"
        raise CapReached(
            f"This step may cost {price}, and {money(taken)} of {whose} {money(cap)} are taken.", hint=hint
        )
