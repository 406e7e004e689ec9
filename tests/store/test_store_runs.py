"""Runs: what each transaction leaves behind, also when it is made twice or by a ticket that is no longer its own."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from lib.errors import NewerSchema, NoSpace, NotFound, StoreError
from lib.store import Store
from lib.store import tables as t
from tests.store.rows import finish, make_run, order_for, states, take_for, ticket_of

CHAIN = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}


def test_one_token_is_one_run(store: Store) -> None:
    """Two presses of one button, even at the same time, make one run."""
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(make_run(store, token="press"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1
    assert store.runs.find("press") == made[0]
    assert store.runs.find("other") is None


def test_successors_are_ready_as_soon_as_the_last_need_is_done(store: Store) -> None:
    """A fan-out and a join follow from rows alone."""
    run = make_run(store, CHAIN)
    assert states(store, run) == {"a": "ready", "b": "waiting", "c": "waiting", "d": "waiting"}
    finish(store, run, "a")
    assert states(store, run) == {"a": "done", "b": "ready", "c": "ready", "d": "waiting"}
    finish(store, run, "b")
    assert states(store, run)["d"] == "waiting"
    finish(store, run, "c")
    assert states(store, run)["d"] == "ready"
    finish(store, run, "d")
    assert store.runs.get(run).status == "done"


def test_the_first_input_stays(store: Store) -> None:
    """Beginning twice gives the seed that was drawn first: the body seen is the body sent."""
    ticket = ticket_of(store, make_run(store))
    assert store.runs.begin(ticket, {"seed": 1}) == {"seed": 1}
    assert store.runs.begin(ticket, {"seed": 2}) == {"seed": 1}


def test_finishing_twice_keeps_one_take(store: Store) -> None:
    """A finish that is repeated after a crash changes nothing."""
    run = make_run(store, CHAIN)
    ticket = ticket_of(store, run, "a")
    store.runs.begin(ticket, {})
    first = take_for(store, ticket)
    store.runs.finish(ticket, first)
    store.runs.finish(ticket, take_for(store, ticket))
    take = store.runs.get(run).step("a").take
    assert take is not None
    assert take.id == first.id
    store.runs.fail(ticket, {"kind": "X", "message": "late"})
    assert states(store, run)["a"] == "done"


def test_a_failure_skips_what_waited_and_keeps_earlier_takes(store: Store) -> None:
    run = make_run(store, CHAIN)
    finish(store, run, "a")
    store.runs.fail(ticket_of(store, run, "b"), {"kind": "X", "message": "no"})
    assert states(store, run) == {"a": "done", "b": "failed", "c": "ready", "d": "skipped"}
    finish(store, run, "c")
    view = store.runs.get(run)
    assert view.status == "failed"
    assert view.step("a").take is not None


def test_a_ticket_that_was_replaced_changes_nothing(store: Store) -> None:
    """An old execution that wakes up late can neither hold nor fail the step that a new one works on."""
    run = make_run(store)
    old = ticket_of(store, run)
    store.runs.begin(old, {})
    assert store.runs.pick_up(old, "running")
    assert not store.runs.pick_up(old, "running")
    store.runs.hold(old, {"kind": "Uncertain", "message": "late"})
    store.runs.fail(old, {"kind": "X", "message": "late"})
    assert store.runs.begin(old, {}) is None
    assert states(store, run) == {"one": "ready"}


def test_a_new_attempt_draws_its_input_anew(store: Store) -> None:
    """Trying again is the next take: another seed, another row in the ledger."""
    run = make_run(store)
    ticket = ticket_of(store, run)
    store.runs.begin(ticket, {"seed": 1})
    store.runs.fail(ticket, {"kind": "X", "message": "no"})
    assert store.runs.retry(ticket, new_attempt=True)
    again = ticket_of(store, run)
    assert (again.attempt, again.resume) == (2, 0)
    assert store.runs.begin(again, {"seed": 2}) == {"seed": 2}


def test_retrying_after_a_cancel_revives_what_waited(store: Store) -> None:
    """Steps that a cancel ended before they began come back with the step they wait for, and only those."""
    run = make_run(store, {"a": (), "b": ("a",), "other": ()})
    store.runs.begin(ticket_of(store, run, "a"), {})
    store.runs.request_cancel(run)
    store.runs.fail(ticket_of(store, run, "a"), {"kind": "Cancelled", "message": "stopped"}, "cancelled")
    assert store.runs.get(run).status == "cancelled"
    assert store.runs.retry(ticket_of(store, run, "a"), new_attempt=True)
    assert states(store, run) == {"a": "ready", "b": "waiting", "other": "cancelled"}
    assert not store.runs.get(run).cancel_requested
    finish(store, run, "a")
    assert states(store, run)["b"] == "ready"


def test_retrying_one_branch_leaves_what_another_blocks(store: Store) -> None:
    """A step that needs two failed ones stays skipped while one of them is still failed."""
    run = make_run(store, {"a": (), "b": (), "both": ("a", "b")})
    for name in ("a", "b"):
        store.runs.fail(ticket_of(store, run, name), {"kind": "X", "message": "no"})
    assert store.runs.retry(ticket_of(store, run, "a"), new_attempt=True)
    assert states(store, run) == {"a": "ready", "b": "failed", "both": "skipped"}
    finish(store, run, "a")
    assert store.runs.get(run).status == "failed"


def test_cancel_ends_what_has_not_begun_and_leaves_what_is_bought(store: Store) -> None:
    """Nobody says "nothing was bought" of a step that has a purchase."""
    run = make_run(store, {"a": (), "b": (), "c": ("a",)})
    store.purchases.open(order_for(ticket_of(store, run, "a"), mode="rehearsal"), day_cap_usd=0)  # type: ignore[arg-type]
    store.runs.request_cancel(run)
    assert states(store, run) == {"a": "ready", "b": "cancelled", "c": "cancelled"}
    assert store.runs.cancelling() == {run}


def test_cancel_leaves_an_uncertain_step_in_question(store: Store) -> None:
    """Cancelling does not answer whether it was bought, and adopting it later does not undo the wish."""
    run = make_run(store, {"a": (), "b": ("a",)})
    ticket = ticket_of(store, run, "a")
    store.runs.begin(ticket, {})
    store.runs.hold(ticket, {"kind": "Uncertain", "message": "?"})
    store.runs.request_cancel(run)
    assert states(store, run) == {"a": "uncertain", "b": "cancelled"}
    assert store.runs.get(run).status == "uncertain"
    assert store.runs.pick_up(ticket, "uncertain")
    assert store.runs.get(run).cancel_requested
    assert states(store, run)["b"] == "cancelled"


def test_cancel_of_an_ended_run_changes_nothing(store: Store) -> None:
    run = make_run(store)
    finish(store, run)
    before = store.runs.get(run)
    store.runs.request_cancel(run)
    assert store.runs.get(run) == before


def test_an_uncertain_run_is_not_active(store: Store) -> None:
    """It waits for a person, so a worker need not stay for it alone."""
    run = make_run(store)
    assert store.runs.active() == 1
    ticket = ticket_of(store, run)
    store.runs.begin(ticket, {})
    store.runs.hold(ticket, {"kind": "Uncertain", "message": "?"})
    assert store.runs.active() == 0
    assert store.runs.tickets("uncertain") == [(ticket, "fal-ai/video-upscaler")]


def test_what_is_not_there_is_said(store: Store) -> None:
    with pytest.raises(NotFound, match="no such run"):
        store.runs.get("0" * 32)
    with pytest.raises(NotFound, match="no step"):
        store.runs.get(make_run(store)).step("nope")


def test_a_newer_folder_is_refused_untouched(store: Store) -> None:
    with store.database.write() as c:
        c.execute(sa.update(t.schema).values(version=t.SCHEMA_VERSION + 1))
        c.execute(sa.text("DROP TABLE progress"))
    with pytest.raises(NewerSchema):
        Store(store.data_dir)
    with store.database.read() as c:
        assert "progress" not in sa.inspect(c).get_table_names()


def test_a_full_disk_is_said_and_nothing_is_half_written(store: Store) -> None:
    """SQLite's own refusal to grow comes out as NoSpace, and the run is not there."""
    with store.database.write() as c:
        pages = c.exec_driver_sql("PRAGMA page_count").scalar_one()
        c.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(NoSpace):
        make_run(store, name="x" * 100, label="y" * 50, inputs={"video": "z" * 100_000})
    assert store.runs.recent() == []


def test_a_damaged_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "dailies.sqlite").write_bytes(b"not a database at all" * 1000)
    with pytest.raises(StoreError, match="damaged"):
        Store(tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be made"):
        Store(tmp_path / "file" / "data")


def test_progress_is_written_once_for_many_tellings(store: Store) -> None:
    """The newest state counts; telling costs nothing until the flush."""
    run = make_run(store)
    ticket = ticket_of(store, run)
    for percent in range(100):
        store.progress.tell(ticket, "Cutting", fraction=percent / 100)
    assert store.runs.get(run).steps[0].progress is None
    store.progress.flush()
    told = store.runs.get(run).steps[0].progress
    assert told is not None
    assert told.fraction == 0.99
