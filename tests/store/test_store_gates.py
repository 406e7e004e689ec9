"""A take that waits for a person: each answer is one transaction, and only the first one counts."""

from __future__ import annotations

import pytest

from lib.errors import Doubtful, NotFound
from lib.store import Store
from lib.store.views import Ticket
from tests.store.rows import make_run, states, take_for, ticket_of

ERROR = Doubtful("The picture stands still.", hint="Decide.").record()
FOUND = [{"kind": "frozen", "said": "The picture stands still.", "at_s": 1.5}]


def asking(store: Store) -> Ticket:
    """A step whose take is in question, with one that waits for it."""
    run = make_run(store, {"a": (), "b": ("a",)})
    ticket = ticket_of(store, run, "a")
    store.runs.begin(ticket, {"seed": 1})
    store.gates.ask(ticket, take_for(store, ticket), FOUND, ERROR)
    return ticket


def test_a_take_in_question_is_kept_and_what_follows_waits(store: Store) -> None:
    """The run waits for a person, and the worker has nothing to do on it."""
    ticket = asking(store)
    run = store.runs.get(ticket.run_id)
    assert states(store, run.id) == {"a": "asking", "b": "waiting"}
    assert (run.status, store.runs.active()) == ("uncertain", 0)
    assert run.step("a").take is not None
    assert run.step("a").gate is not None
    assert [one["kind"] for one in run.step("a").gate.found] == ["frozen"]
    assert run.step("a").error == ERROR


def test_accepting_lets_it_go_on(store: Store) -> None:
    ticket = asking(store)
    store.gates.answer(ticket, "accept")
    run = store.runs.get(ticket.run_id)
    assert states(store, run.id) == {"a": "done", "b": "ready"}
    assert (run.status, run.step("a").error) == ("running", None)
    assert run.step("a").gate is not None
    assert run.step("a").gate.answer == "accept"


def test_making_it_again_is_the_next_attempt_and_keeps_the_take(store: Store) -> None:
    """The new attempt has no input yet, so that its seed is drawn; it knows that a person wanted it."""
    ticket = asking(store)
    store.gates.answer(ticket, "redo")
    step = store.runs.get(ticket.run_id).step("a")
    assert (step.state, step.attempt, step.input, step.take, step.gate) == ("ready", 2, None, None, None)
    assert store.gates.redone(ticket.run_id, "a", 2)
    assert not store.gates.redone(ticket.run_id, "a", 1)
    with store.database.read() as c:
        assert c.exec_driver_sql("SELECT attempt FROM take").scalars().all() == [1]


def test_stopping_ends_the_run_and_it_can_be_taken_up_again(store: Store) -> None:
    """What waited is skipped; trying again asks anew, and the earlier answer does not count."""
    ticket = asking(store)
    store.gates.answer(ticket, "stop")
    assert states(store, ticket.run_id) == {"a": "cancelled", "b": "skipped"}
    assert store.runs.get(ticket.run_id).status == "cancelled"
    assert store.runs.retry(ticket, new_attempt=False)
    again = ticket_of(store, ticket.run_id, "a")
    store.runs.begin(again, {})
    store.gates.ask(again, take_for(store, again), FOUND, ERROR)
    step = store.runs.get(ticket.run_id).step("a")
    assert step.state == "asking"
    assert step.gate is not None
    assert step.gate.answer is None


@pytest.mark.parametrize("first", ["accept", "redo", "stop"])
def test_only_the_first_answer_counts(store: Store, first: str) -> None:
    """A double click, or another tab: said to be settled, and nothing moves."""
    ticket = asking(store)
    store.gates.answer(ticket, first)  # type: ignore[arg-type]
    before = states(store, ticket.run_id)
    for answer in ("accept", "redo", "stop"):
        with pytest.raises(NotFound):
            store.gates.answer(ticket, answer)  # type: ignore[arg-type]
    assert states(store, ticket.run_id) == before


def test_a_run_that_is_stopped_asks_nothing(store: Store) -> None:
    """The take is kept, its step is done and nothing follows; a question that is open then is closed."""
    ticket = asking(store)
    store.runs.request_cancel(ticket.run_id)
    assert states(store, ticket.run_id) == {"a": "cancelled", "b": "cancelled"}
    assert store.runs.get(ticket.run_id).step("a").take is not None
    run = make_run(store, {"a": (), "b": ("a",)})
    late = ticket_of(store, run, "a")
    store.runs.begin(late, {})
    store.runs.request_cancel(run)
    store.gates.ask(late, take_for(store, late), FOUND, ERROR)
    assert states(store, run) == {"a": "done", "b": "cancelled"}


def test_a_ticket_that_was_overtaken_asks_nothing(store: Store) -> None:
    ticket = asking(store)
    store.gates.answer(ticket, "redo")
    store.gates.ask(ticket, take_for(store, ticket), FOUND, ERROR)
    assert states(store, ticket.run_id) == {"a": "ready", "b": "waiting"}
