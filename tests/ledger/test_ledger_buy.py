"""Never pay twice: for every way in which a submit can end, what is sent, what is reserved, and what a person reads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from lib.errors import (
    AuthRefused,
    BalanceLocked,
    Cancelled,
    CapReached,
    DailiesError,
    InputRefused,
    NoSpace,
    ProtocolError,
    ServerError,
    TooManyRequests,
    Uncertain,
    UnknownRequest,
    Unreachable,
)
from lib.ledger.ledger import MOST_SENDS, Ledger, canonical
from lib.store import Store
from lib.store.purchases import Order, Purchases
from lib.store.views import Purchase
from tests.ledger.scripted import Client, Time
from tests.store.rows import make_run, order_for, ticket_of

pytestmark = pytest.mark.anyio
CAP = Decimal(5)
AMBIGUOUS = [
    Unreachable("reset", sent=True),
    ServerError("500"),
    ServerError("408"),
    ProtocolError("not JSON"),
]
REFUSED = [
    InputRefused("422", fields={"scale": "too much"}),
    AuthRefused("401"),
    BalanceLocked("403"),
    UnknownRequest("404"),
]
NOT_SENT = [Unreachable("refused", sent=False), TooManyRequests("429", after_s=1)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def ledger(store: Store, time: Time) -> Ledger:
    return Ledger(store.purchases, day_cap_usd=CAP, clock=time, sleep=time.sleep, search_s=20)


def an_order(store: Store, **how: object) -> Order:
    return order_for(ticket_of(store, make_run(store, mode="live")), **how)  # type: ignore[arg-type]


def row_of(store: Store, order: Order) -> Purchase:
    row = store.purchases.get(order.ticket.key)
    assert row is not None
    return row


def owed(store: Store) -> Decimal:
    return store.purchases.owed_since(0, "live")


async def test_a_submit_is_written_down_before_and_after(store: Store, ledger: Ledger) -> None:
    """The row stands as "sending" while the POST is out, and has the id when it is back."""
    order, seen = an_order(store), []
    client = Client(["r-1"], at_submit=lambda: seen.append(row_of(store, order).state))
    row = await ledger.buy(order, client.provider())
    assert seen == ["sending"]
    assert (row.state, row.request_id, row.adopted) == ("accepted", "r-1", False)
    assert row == row_of(store, order)
    assert await ledger.buy(order, client.provider()) == row
    assert len(client.posts) == 1


@pytest.mark.parametrize("error", REFUSED, ids=lambda error: type(error).__name__)
async def test_a_refusal_is_final_and_costs_nothing(store: Store, ledger: Ledger, error: DailiesError) -> None:
    order, client = an_order(store), Client([error])
    with pytest.raises(type(error)):
        await ledger.buy(order, client.provider())
    row = row_of(store, order)
    assert (row.state, row.error, owed(store)) == ("refused", error.record(), 0)
    assert (await ledger.buy(order, client.provider())).state == "refused"
    assert len(client.posts) == 1
    assert client.looks == 0


@pytest.mark.parametrize("error", NOT_SENT, ids=lambda error: type(error).__name__)
async def test_what_was_surely_not_accepted_is_sent_again(store: Store, ledger: Ledger, error: DailiesError) -> None:
    """Nothing is reserved meanwhile, nothing is looked up, and the same body goes out under the same key."""
    order, client = an_order(store), Client([error, "r-1"])
    with pytest.raises(type(error)):
        await ledger.buy(order, client.provider())
    assert (row_of(store, order).state, owed(store)) == ("unsent", 0)
    row = await ledger.buy(order, client.provider())
    assert (row.state, row.sends, owed(store)) == ("accepted", 2, 1)
    assert client.posts[0] == client.posts[1]
    assert client.looks == 0


@pytest.mark.parametrize("error", AMBIGUOUS, ids=lambda error: error.message)
@pytest.mark.parametrize("declared", [None, 3.0], ids=["undeclared", "declared"])
@pytest.mark.parametrize("hits", [0, 1, 2])
async def test_the_ambiguous_is_reconciled(
    store: Store, ledger: Ledger, time: Time, error: DailiesError, declared: float | None, hits: int
) -> None:
    """One hit is adopted. None is sent again only where the list can prove it, and several are a person's to judge."""
    order = an_order(store)
    client = Client([error, "r-2"], accepted=[(f"lost-{n}", dict(order.payload)) for n in range(hits)])
    buying = ledger.buy(order, client.provider(declared=declared))
    if hits == 1:
        row = await buying
        assert (row.state, row.request_id, row.adopted) == ("accepted", "lost-0", True)
        assert len(client.posts) == 1
    elif hits == 0 and declared is not None:
        row = await buying
        assert (row.state, row.request_id, row.sends) == ("accepted", "r-2", 2)
        assert time.now_s >= declared
        assert len(client.posts) == 2
    else:
        with pytest.raises(Uncertain, match="Nobody knows") as said:
            await buying
        assert "dashboard" in said.value.hint
        assert row_of(store, order).state == "uncertain"
        assert time.now_s >= (declared or 20)
        assert len(client.posts) == 1
    assert owed(store) == 1


async def test_an_error_that_says_the_list_is_closed_asks_a_person_at_once(
    store: Store, ledger: Ledger, time: Time
) -> None:
    """A key that may submit but not list (as live keys can be) leads to the question, not to a failed run."""
    order, client = an_order(store), Client([ServerError("502")], list_error=AuthRefused("403"))
    with pytest.raises(Uncertain):
        await ledger.buy(order, client.provider())
    assert row_of(store, order).state == "uncertain"
    assert time.now_s == 0


async def test_a_list_that_cannot_be_had_proves_nothing(store: Store, ledger: Ledger, time: Time) -> None:
    """While the list does not answer, nothing is sent again however long it takes; then it is adopted."""
    order = an_order(store)
    client = Client([ServerError("502")], list_error=Unreachable("down"))

    def come_back(now_s: float) -> None:
        if now_s > 60:
            client.list_error = None
            client.accepted = [("lost", dict(order.payload))]

    time.at_sleep, renewed = come_back, []

    async def renew():  # type: ignore[no-untyped-def]
        renewed.append(time.now_s)
        return client.provider(declared=3)

    row = await ledger.buy(order, client.provider(declared=3), renew)
    assert (row.request_id, len(client.posts)) == ("lost", 1)
    assert renewed


async def test_a_crash_after_the_row_is_settled_without_a_post(store: Store, ledger: Ledger) -> None:
    """What "sending" left behind may have been sent: it is looked for first."""
    order = an_order(store)
    store.purchases.open(order, day_cap_usd=CAP)
    client = Client(["r-2"], accepted=[("lost", dict(order.payload))])
    assert (await ledger.buy(order, client.provider(declared=3))).request_id == "lost"
    assert client.posts == []


async def test_a_crash_before_the_post_is_sent_once_after_the_proof(store: Store, ledger: Ledger, time: Time) -> None:
    order = an_order(store)
    store.purchases.open(order, day_cap_usd=CAP)
    client = Client(["r-2"])
    row = await ledger.buy(order, client.provider(declared=3))
    assert (row.request_id, row.sends, len(client.posts)) == ("r-2", 2, 1)
    assert time.now_s >= 3


async def test_a_request_that_shows_up_late_is_still_adopted(store: Store, ledger: Ledger, time: Time) -> None:
    """A list that lags within its promise never leads to a second POST."""
    order, client = an_order(store), Client([Unreachable("cut", sent=True)])

    def show(now_s: float) -> None:
        if now_s >= 2.5 and not client.accepted:
            client.accepted.append(("late", dict(order.payload)))

    time.at_sleep = show
    row = await ledger.buy(order, client.provider(declared=3))
    assert (row.request_id, len(client.posts)) == ("late", 1)


async def test_other_bodies_and_others_requests_are_no_hits(store: Store, ledger: Ledger) -> None:
    """Only the very same body counts, and an id that a purchase has already is nobody else's."""
    first = an_order(store, payload={"seed": 7})
    client = Client(["r-1", ServerError("502")])
    await ledger.buy(first, client.provider())
    client.accepted += [("other", {"seed": 8}), ("kept-secret", None)]
    second = an_order(store, payload={"seed": 7})
    with pytest.raises(Uncertain):
        await ledger.buy(second, client.provider())
    client.accepted.append(("mine", {"seed": 7.0}))
    found = await ledger.find(row_of(store, second), client.provider())
    assert found is not None
    assert found.request_id == "mine"


async def test_an_id_that_somebody_adopted_is_not_taken_from_them(store: Store, ledger: Ledger) -> None:
    """Two equal bodies at once: if one adopts the other's request, the other looks on instead of failing or paying."""
    mine, theirs = an_order(store, payload={"seed": 7}), an_order(store, payload={"seed": 7})
    store.purchases.open(theirs, day_cap_usd=CAP)
    client = Client(["r-1", "r-2"])

    def steal() -> None:
        if len(client.posts) == 1:
            ref = client.reference(theirs.endpoint, "r-1")
            urls = (ref.status_url, ref.response_url, ref.cancel_url)
            store.purchases.accept(theirs.ticket.key, "r-1", urls, adopted=True)

    client.at_submit = steal
    row = await ledger.buy(mine, client.provider(declared=3))
    assert (row.request_id, row_of(store, theirs).request_id) == ("r-2", "r-1")
    assert len(client.posts) == 2


async def test_two_equal_crashed_bodies_share_two_requests(store: Store, ledger: Ledger) -> None:
    """With two hits for one body neither is chosen blindly."""
    orders = [an_order(store, payload={"seed": 7}) for _ in range(2)]
    for order in orders:
        store.purchases.open(order, day_cap_usd=CAP)
    client = Client(["never"], accepted=[("r-1", {"seed": 7}), ("r-2", {"seed": 7})])
    bought = await asyncio.gather(
        *(ledger.buy(order, client.provider(declared=3)) for order in orders), return_exceptions=True
    )
    assert [type(one) for one in bought] == [Uncertain, Uncertain]
    assert client.posts == []


async def test_what_is_proven_lost_each_time_is_given_back(store: Store, ledger: Ledger) -> None:
    """A provider that breaks every submit and never accepts one is not asked for ever."""
    order, client = an_order(store), Client([ServerError("500")])
    with pytest.raises(ServerError):
        await ledger.buy(order, client.provider(declared=1))
    assert len(client.posts) == MOST_SENDS
    assert (row_of(store, order).state, owed(store)) == ("refused", 0)


async def test_a_person_who_gives_up_meanwhile_is_heeded(store: Store, ledger: Ledger, time: Time) -> None:
    """The row that somebody settled during the search is given back as it stands; nothing is sent."""
    order = an_order(store)
    store.purchases.open(order, day_cap_usd=CAP)
    store.purchases.hold(order.ticket.key)
    time.at_sleep = lambda now_s: store.purchases.fail(order.ticket.key, "given_up", billed=None) and None
    client = Client(["r-1"])
    assert (await ledger.buy(order, client.provider(declared=3))).state == "given_up"
    assert client.posts == []


async def test_attaching_asks_the_provider_first(store: Store, ledger: Ledger) -> None:
    """A mistyped id changes nothing: the purchase stays in question."""
    order, client = an_order(store), Client([ServerError("502")])
    with pytest.raises(Uncertain):
        await ledger.buy(order, client.provider())
    with pytest.raises(UnknownRequest):
        await ledger.attach(row_of(store, order), client.provider(), "typo")
    assert row_of(store, order).state == "uncertain"
    client.accepted.append(("real", None))
    row = await ledger.attach(row_of(store, order), client.provider(), "real")
    assert (row.state, row.request_id, row.adopted) == ("accepted", "real", True)


async def test_a_cap_or_a_cancel_sends_nothing(store: Store, ledger: Ledger) -> None:
    client = Client(["r-1"])
    with pytest.raises(CapReached):
        await ledger.buy(an_order(store, usd="5.01"), client.provider())
    order = an_order(store)
    store.runs.begin(order.ticket, {})
    store.runs.request_cancel(order.ticket.run_id)
    with pytest.raises(Cancelled):
        await ledger.buy(order, client.provider())
    assert client.posts == []


class FullDisk(Purchases):
    """Rows on a disk that is full for the first `left` writes of an id."""

    left = 3

    def accept(self, key: str, request_id: str, urls: tuple[str, str, str], *, adopted: bool = False) -> Purchase:
        if self.left:
            self.left -= 1
            raise NoSpace("The disk is full.")
        return super().accept(key, request_id, urls, adopted=adopted)


async def test_an_id_is_held_until_the_disk_takes_it(store: Store, time: Time) -> None:
    """A paid id that cannot be written down is not dropped: nobody else knows it."""
    rows = FullDisk(store.database, time)
    ledger = Ledger(rows, day_cap_usd=CAP, clock=time, sleep=time.sleep)
    order, client = an_order(store), Client(["r-1"])
    assert (await ledger.buy(order, client.provider())).request_id == "r-1"
    assert (rows.left, len(client.posts)) == (0, 1)


def test_bodies_are_equal_whatever_their_order_and_number_form() -> None:
    assert canonical({"a": 2.0, "b": [{"c": 1}]}) == canonical({"b": [{"c": 1.0}], "a": 2})
    assert canonical({"a": True}) != canonical({"a": 1})
    assert canonical({"a": 2.5}) != canonical({"a": 2})
