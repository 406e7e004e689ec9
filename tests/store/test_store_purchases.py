"""The ledger's rows: caps are escrow, ids are nobody else's, and each change is made once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lib.errors import Cancelled, CapReached, NotFound
from lib.store import Store
from tests.store.rows import Hands, make_run, order_for, ticket_of, urls

CAP = Decimal(5)


def bought(store: Store, usd: str | None = "1", request_id: str = "r-1", **how: object) -> str:
    """The key of an accepted live purchase."""
    order = order_for(ticket_of(store, make_run(store, mode="live", **how)), usd)
    store.purchases.open(order, day_cap_usd=CAP)
    return store.purchases.accept(order.ticket.key, request_id, urls(request_id)).key


def owed(store: Store) -> Decimal:
    return store.purchases.owed_since(store.purchases.today_start(), "live")


def test_opening_twice_sends_once(store: Store) -> None:
    order = order_for(ticket_of(store, make_run(store, mode="live")))
    row, fresh = store.purchases.open(order, day_cap_usd=CAP)
    assert (row.state, row.sends, fresh) == ("sending", 1, True)
    assert store.purchases.open(order, day_cap_usd=CAP) == (row, False)


def test_a_cap_holds_under_threads(tmp_path: Path) -> None:
    """Of many that reserve at the same time through connections of their own, no more fit than the cap allows."""
    stores = [Store(tmp_path) for _ in range(4)]
    orders = [order_for(ticket_of(stores[0], make_run(stores[0], mode="live")), "0.7") for _ in range(16)]
    opened: list[bool] = []

    def open_some(store: Store, mine: list) -> None:
        for order in mine:
            try:
                opened.append(store.purchases.open(order, day_cap_usd=CAP)[1])
            except CapReached:
                opened.append(False)

    threads = [threading.Thread(target=open_some, args=(store, orders[at::4])) for at, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 16
    assert sum(opened) == 7
    assert owed(stores[0]) == Decimal("4.9")
    for store in stores:
        store.close()


def test_what_fits_no_more_leaves_no_row(store: Store) -> None:
    order = order_for(ticket_of(store, make_run(store, mode="live")), "5.01")
    with pytest.raises(CapReached, match=r"\$5\.01.*\$0\.00 of today's \$5\.00"):
        store.purchases.open(order, day_cap_usd=CAP)
    assert store.purchases.get(order.ticket.key) is None
    assert owed(store) == 0


def test_a_reserve_is_rounded_up(store: Store) -> None:
    """A fraction of a millionth counts whole: many small ones can never sum to more than was reserved."""
    bought(store, "0.0000001")
    assert owed(store) == Decimal("0.000001")


def test_a_run_cap_is_rounded_down(store: Store) -> None:
    run = make_run(store, mode="live", max_usd=Decimal("0.9999999"))
    assert store.runs.get(run).max_usd == Decimal("0.999999")


def test_the_runs_own_cap_counts_all_its_purchases(store: Store) -> None:
    run = make_run(store, {"one": (), "two": ()}, mode="live", max_usd=Decimal("1.5"))
    store.purchases.open(order_for(ticket_of(store, run, "one")), day_cap_usd=CAP)
    with pytest.raises(CapReached, match="this run's"):
        store.purchases.open(order_for(ticket_of(store, run, "two")), day_cap_usd=CAP)


def test_an_unknown_price_needs_a_yes(store: Store) -> None:
    ticket = ticket_of(store, make_run(store, mode="live"))
    with pytest.raises(CapReached, match="not known"):
        store.purchases.open(order_for(ticket, None), day_cap_usd=CAP)
    yes = ticket_of(store, make_run(store, mode="live", accept_unknown_price=True))
    assert store.purchases.open(order_for(yes, None), day_cap_usd=CAP)[0].reserved_usd is None


def test_an_unknown_price_does_not_fit_a_cap_that_is_used_up(store: Store) -> None:
    """A yes to an unknown price is no yes to spending past the cap; with a cap of nothing, nothing is bought."""
    yes = ticket_of(store, make_run(store, mode="live", accept_unknown_price=True))
    with pytest.raises(CapReached, match="something unknown"):
        store.purchases.open(order_for(yes, None), day_cap_usd=Decimal(0))


def test_rehearsal_never_asks(store: Store) -> None:
    ticket = ticket_of(store, make_run(store))
    assert store.purchases.open(order_for(ticket, None, mode="rehearsal"), day_cap_usd=Decimal(0))[1]
    assert owed(store) == 0


def test_the_day_is_utc_and_that_of_the_sending(store: Store, hands: Hands) -> None:
    """What was sent before midnight and settles after it belongs to yesterday, and never to both."""
    hands.now_s = datetime(2026, 3, 1, 23, 59, 50, tzinfo=UTC).timestamp()
    key = bought(store, "4")
    assert owed(store) == 4
    hands.now_s += 60
    assert owed(store) == 0
    store.purchases.keep_output(key, {}, Decimal("3.5"), "7")
    assert owed(store) == 0
    bought(store, "4.5", "r-2")
    hands.now_s -= 3600
    assert store.purchases.owed_since(store.purchases.today_start(), "live") == Decimal(8)


def test_settling_counts_the_cost_instead_of_the_reserve(store: Store) -> None:
    key = bought(store, "4")
    row = store.purchases.keep_output(key, {"video": {}}, Decimal("0.5"), "1")
    assert (row.state, owed(store)) == ("completed", Decimal("0.5"))
    assert store.purchases.keep_output(key, {"other": {}}, Decimal(9), "9") == row


@pytest.mark.parametrize(("billed", "left"), [(False, 0), (None, 2), (True, 2)])
def test_a_failure_frees_only_what_was_surely_not_billed(store: Store, billed: bool | None, left: int) -> None:
    key = bought(store, "2")
    store.purchases.fail(key, "failed", billed=billed, error={"kind": "X", "message": "no"})
    assert owed(store) == left


def test_refused_and_unsent_free_their_reserve(store: Store) -> None:
    """And what is sent after all reserves again, if it still fits."""
    first = order_for(ticket_of(store, make_run(store, mode="live")), "3")
    second = order_for(ticket_of(store, make_run(store, mode="live")), "3")
    store.purchases.open(first, day_cap_usd=CAP)
    store.purchases.not_sent(first.ticket.key)
    assert owed(store) == 0
    store.purchases.open(second, day_cap_usd=CAP)
    with pytest.raises(CapReached):
        store.purchases.open(first, day_cap_usd=CAP)
    store.purchases.refuse(second.ticket.key, {"kind": "InputRefused", "message": "no"})
    row, fresh = store.purchases.open(first, day_cap_usd=CAP)
    assert (row.state, row.sends, fresh) == ("sending", 2, True)
    assert owed(store) == 3


def test_a_cancelled_run_buys_nothing_more(store: Store) -> None:
    """The wish is looked at in the very transaction that would write the row."""
    run = make_run(store, mode="live")
    store.runs.begin(ticket_of(store, run), {})
    store.runs.request_cancel(run)
    with pytest.raises(Cancelled):
        store.purchases.open(order_for(ticket_of(store, run)), day_cap_usd=CAP)


def test_a_first_id_is_never_replaced(store: Store) -> None:
    key = bought(store)
    assert store.purchases.accept(key, "r-2", urls("r-2")).request_id == "r-1"


def test_an_id_belongs_to_one_purchase(store: Store) -> None:
    """A second purchase that finds the same id stays open, so that its own request is looked for on."""
    bought(store)
    order = order_for(ticket_of(store, make_run(store, mode="live")))
    store.purchases.open(order, day_cap_usd=CAP)
    row = store.purchases.accept(order.ticket.key, "r-1", urls("r-1"), adopted=True)
    assert (row.state, row.request_id) == ("sending", None)
    other = order_for(ticket_of(store, make_run(store)), mode="rehearsal")
    store.purchases.open(other, day_cap_usd=CAP)
    assert store.purchases.accept(other.ticket.key, "r-1", urls("r-1")).state == "accepted"


def test_an_answer_fits_only_a_question(store: Store) -> None:
    order = order_for(ticket_of(store, make_run(store, mode="live")))
    store.purchases.open(order, day_cap_usd=CAP)
    with pytest.raises(NotFound, match="settled already"):
        store.purchases.answer(order.ticket.key, "give_up")
    store.purchases.hold(order.ticket.key)
    store.purchases.answer(order.ticket.key, "attach", "r-9")
    row = store.purchases.get(order.ticket.key)
    assert row is not None
    assert row.answer == {"choice": "attach", "request_id": "r-9"}
    assert store.purchases.ask_again(order.ticket.key).answer is None
    with pytest.raises(NotFound):
        store.purchases.answer("no/such/1", "give_up")


def test_given_up_stays_counted(store: Store) -> None:
    """Nobody knows whether it was bought, so its price is not free again."""
    order = order_for(ticket_of(store, make_run(store, mode="live")), "2")
    store.purchases.open(order, day_cap_usd=CAP)
    store.purchases.hold(order.ticket.key)
    store.purchases.fail(order.ticket.key, "given_up", billed=None)
    assert owed(store) == 2
