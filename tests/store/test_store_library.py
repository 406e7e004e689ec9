"""The library of takes: found by what they are about, marked, deleted and brought back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from lib.errors import NotFound
from lib.store import Store
from lib.store import tables as t
from lib.store.library import GRACE_S, Wanted
from tests.store.rows import Hands, finish, keep, make_run, order_for, take_for, ticket_of, urls


def make_take(store: Store, input: Mapping[str, Any] | None = None, **how: Any) -> str:
    """A take of its own run, made now; `operation` is its own, all else is the run's."""
    operation = how.pop("operation", "fal-ai/video-upscaler")
    sha256 = how.pop("sha256", None)
    run_id = make_run(store, **how)
    ticket = ticket_of(store, run_id)
    store.runs.begin(ticket, dict(input or {}))
    take = take_for(store, ticket)
    made = {"input": dict(input or {}), "operation": operation, "created_at": store.library._clock(), "sha256": sha256}
    store.runs.finish(ticket, replace(take, **made))
    return take.id


def buy_take(store: Store, reserved: str | None, cost: str | None) -> str:
    """A live take with what was reserved for it and what it cost; None where that is not known."""
    run_id = make_run(store, mode="live", accept_unknown_price=True)
    ticket = ticket_of(store, run_id)
    store.purchases.open(order_for(ticket, reserved), day_cap_usd=Decimal(99))
    store.purchases.accept(ticket.key, run_id, urls(run_id))
    store.purchases.keep_output(ticket.key, {}, None if cost is None else Decimal(cost), None)
    finish(store, run_id)
    taken = store.runs.get(run_id).steps[0].take
    assert taken is not None
    return taken.id


def found(store: Store, **wanted: Any) -> list[str]:
    takes, total = store.library.find(Wanted(**wanted))
    assert total == len(takes)
    return [kept.take.id for kept in takes]


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """Every statement that readers send."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(store.database._reader, "before_cursor_execute", note)
    yield seen
    sa.event.remove(store.database._reader, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("words", "finds"),
    [("RABBIT", True), ("looks rabbit", True), ("übel", True), ("rab_it", False), ("100%", True), ("10%%", False),
     ("golden", True), ("ada", True), ("upscaler", True), ("keeper", True), ("extend", True), ("prompt", False),
     ("rabbit missing", False), ("seed", False)],
)  # fmt: skip
def test_words_are_found_wherever_people_wrote_them(store: Store, words: str, *, finds: bool) -> None:
    """In the prompt, the name, who started it, the note, the operation; never a field's name or a pattern."""
    given = {"prompt": "The rabbit looks up, 100% übel", "seed": 7}
    made = make_take(store, given, name="golden", label="Ada")
    store.library.set_note(made, " a keeper ")
    make_take(store, {"prompt": "a train"}, name="other", operation="cut/trim")
    named = {"extend": ["fal-ai/video-upscaler"]}
    assert found(store, words=words, named=named) == ([made] if finds else [])


def test_takes_are_told_apart_by_all_else(store: Store, hands: Hands) -> None:
    """Operation, who, mode, time and star; what is left open matches all, the newest first."""
    first = make_take(store, label="Ada", operation="cut/trim")
    hands.now_s += 100
    second = make_take(store, mode="live", label="Bob")
    store.library.set_favourite(first, favourite=True)
    assert found(store) == [second, first]
    assert found(store, order="oldest") == [first, second]
    assert found(store, operations=["cut/trim"]) == [first]
    assert found(store, but=["cut/trim"]) == [second]
    assert found(store, label="Bob") == [second]
    assert found(store, mode="rehearsal") == [first]
    assert found(store, since=hands.now_s) == [second]
    assert found(store, before=hands.now_s) == [first]
    assert found(store, favourite=True) == [first]
    assert store.library.labels() == ["Ada", "Bob"]
    assert store.library.operations() == {"cut/trim", "fal-ai/video-upscaler"}


def test_takes_are_found_by_what_they_cost(store: Store) -> None:
    """What is known counts, else what was reserved; an unknown price may be anything, and a rehearsal is free."""
    free, cheap, dear = make_take(store), buy_take(store, "1", "0.30"), buy_take(store, "2", None)
    unknown, gift = buy_take(store, None, None), buy_take(store, "1", "0")
    assert set(found(store, paid=True)) == {cheap, dear, unknown}
    assert set(found(store, paid=False)) == {free, gift}
    assert set(found(store, least_usd=Decimal("0.31"))) == {dear, unknown}
    assert found(store, order="costliest")[:2] == [dear, cheap]
    costs = {kept.take.id: (kept.paid, kept.cost_usd) for kept in store.library.find(Wanted())[0]}
    assert costs[free] == costs[gift] == (False, 0)
    assert (costs[cheap], costs[unknown]) == ((True, Decimal("0.3")), (True, None))


def test_a_page_of_thousands_is_two_queries(store: Store) -> None:
    """With 2,000 takes a page is its own 24 of them, in order, with nothing missing and nothing twice."""
    run_id = make_run(store)
    row = {"run_id": run_id, "step_id": "one", "operation": "cut/trim", "mode": "rehearsal", "output": {}}
    own = ({"id": f"{at:032}", "attempt": at, "created_at": at, "input": {"prompt": f"no {at}"}} for at in range(2000))
    with store.database.write() as c:
        c.execute(sa.insert(t.take), [row | each for each in own])
    with counted(store) as statements:
        takes, total = store.library.find(Wanted(), offset=48)
    assert total == 2000
    assert [kept.take.attempt for kept in takes] == list(range(1951, 1927, -1))
    assert len([one for one in statements if one.startswith("SELECT")]) == 2
    assert [kept.take.attempt for kept in store.library.find(Wanted(words="no 1234"))[0]] == [1234]


def test_a_deleted_take_comes_back_until_its_time_is_over(store: Store, hands: Hands) -> None:
    """It leaves the list, lies with the deleted ones, and after the grace period with neither; its run still has it."""
    made = make_take(store)
    store.library.delete(made)
    assert (found(store), found(store, deleted=True)) == ([], [made])
    store.library.restore(made)
    assert (found(store), found(store, deleted=True)) == ([made], [])
    store.library.delete(made)
    hands.now_s += GRACE_S + 1
    assert (found(store), found(store, deleted=True)) == ([], [])
    assert store.runs.recent()[0].steps[0].take is not None


def test_what_is_said_of_a_take_stays_beside_what_was_said_before(store: Store) -> None:
    """A star, then a note, then no star: each changes its own; of a take that nobody has, it is said so."""
    made = make_take(store)
    store.library.set_favourite(made, favourite=True)
    store.library.set_note(made, "the best one")
    kept = store.library.get(made)
    assert (kept.favourite, kept.note, kept.deleted_at) == (True, "the best one", None)
    store.library.set_favourite(made, favourite=False)
    assert (store.library.get(made).favourite, store.library.get(made).note) == (False, "the best one")
    with pytest.raises(NotFound):
        store.library.set_note("0" * 32, "nobody's")
    with pytest.raises(NotFound):
        store.library.get("0" * 32)


def test_takes_come_in_the_order_in_which_they_are_named(store: Store) -> None:
    """Each once, and without those that are not there."""
    first, second = make_take(store), make_take(store)
    assert [kept.take.id for kept in store.library.some([second, "gone", first, second])] == [second, first]


def test_an_earlier_attempt_has_no_time_of_its_own(store: Store, hands: Hands) -> None:
    """How long it took is known of the last attempt only, and is never borrowed from it."""
    run_id = make_run(store)
    ticket = ticket_of(store, run_id)
    store.runs.begin(ticket, {})
    hands.now_s += 12
    store.runs.finish(ticket, take_for(store, ticket))
    (only,), _ = store.library.find(Wanted())
    assert only.took_s == 12
    with store.database.write() as c:
        c.execute(sa.update(t.step).values(attempt=2))
    assert store.library.get(only.take.id).took_s is None


def test_the_file_of_a_deleted_take_is_the_first_to_go(store: Store, hands: Hands) -> None:
    """Only once it cannot be brought back, and not while another take has the same file."""
    old, unwanted = (keep(store, content, origin="take", mode="rehearsal") for content in (b"old", b"unwanted"))
    make_take(store, sha256=old.sha256)
    twins = [make_take(store, sha256=unwanted.sha256) for _ in range(2)]
    hands.now_s += 10
    for made in twins:
        store.library.delete(made)
    assert goes_first(store) == "old"
    hands.now_s += GRACE_S + 1
    store.library.restore(twins[0])
    assert goes_first(store) == "old"
    store.library.delete(twins[0])
    hands.now_s += GRACE_S + 1
    assert goes_first(store) == "unwanted"


def goes_first(store: Store) -> str:
    """Which of the two files a clean-up would take if one has to go."""
    size = store.cleaning.plan(8).size_bytes
    return {3: "old", 8: "unwanted"}[size]


def test_kept_files_are_found_by_name_or_by_what_made_them(store: Store) -> None:
    """Newest first and by page; every word counts, wherever it stands; a deleted take tells nothing of its file."""
    clock = store.assets._clock
    assert isinstance(clock, Hands)
    files = []
    for content in (b"one", b"two", b"three"):
        clock.now_s += 10
        files.append(keep(store, content).sha256)
    take_id = make_take(store, {"prompt": "a lighthouse at dusk"}, sha256=files[0])

    def seen(words: str = "", **how: Any) -> list[str]:
        return [asset.sha256 for asset in store.assets.find(Wanted(words=words), "video", **how)[0]]

    assert seen() == files[::-1]
    assert (seen(limit=2), seen(offset=2, limit=2)) == (files[:0:-1], files[:1])
    assert store.assets.find(Wanted(), "video", limit=1)[1] == 3
    assert store.assets.find(Wanted(), "image") == ([], 0)
    assert seen("lighthouse DUSK") == [files[0]]
    assert seen("clip dusk") == [files[0]]
    assert seen("lighthouse noon") == []
    assert seen("50%") == []
    store.library.delete(take_id)
    assert seen("lighthouse") == []
    assert seen("clip") == files[::-1]
