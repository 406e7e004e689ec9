"""A submit of which nobody knows whether it was accepted: a person's three answers, and the watch that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.store.views import StepView
from tests.durability.chains import Inputs, single
from tests.durability.place import Place, place_in, stop
from tests.durability.verdict import judge
from tests.durability.waiting import until

HIDDEN_S = 3600.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A folder whose provider hides fresh requests for an hour and promises nothing, as live may."""
    with place_in(tmp_path / "data") as made:
        made.start_standin(time_scale=0, list_complete_after_s=None, list_lag_s=HIDDEN_S)
        yield made


def test_each_answer_is_carried_out_and_the_watch_adopts_what_shows_up_later(place: Place) -> None:
    """Attach and the watch buy nothing more, giving up ends the step, and only "resend" pays twice, as it says."""
    runs = _killed_after_acceptance(place, 4)
    attached, resent, given_up, watched = runs
    place.start_worker()
    until(lambda: _statuses(place, runs) == ["uncertain"] * 4, place.said)

    place.studio.answer(attached, "only", "attach", _request_of(place, attached))
    place.studio.answer(resent, "only", "resend")
    place.studio.answer(given_up, "only", "give_up")
    until(lambda: _statuses(place, runs) == ["done", "done", "failed", "uncertain"], lambda: _told(place, runs))
    assert (_step(place, given_up).error or {})["kind"] == "Uncertain"

    place.ask("POST", "settings", json={"list_lag_s": 0})
    until(lambda: _statuses(place, [watched]) == ["done"], place.said)
    assert [_step(place, run).attempt for run in runs] == [1, 2, 1, 1]
    assert len(place.bought()) == 5
    found = judge(place, uncertain_allowed=False)
    assert [fault for fault in found.faults if given_up not in fault and resent not in fault] == []


def test_an_id_that_the_provider_does_not_know_or_that_is_taken_is_asked_for_again(place: Place) -> None:
    """A slip of the hand loses nothing: the step says why and stays in question, and the right id completes it."""
    runs = _killed_after_acceptance(place, 2)
    first, second = runs
    place.start_worker()
    until(lambda: _statuses(place, runs) == ["uncertain"] * 2, place.said)
    right = _request_of(place, first)
    for wrong, complaint in (("no-such-request", "has no request"), (right, "another step")):
        place.studio.answer(second, "only", "attach", wrong)
        until(lambda told=complaint: told in (_step(place, second).error or {})["message"], place.said)
        if wrong != right:
            place.studio.answer(first, "only", "attach", right)
            until(lambda: _statuses(place, [first]) == ["done"], place.said)
    assert _statuses(place, [second]) == ["uncertain"]
    place.studio.answer(second, "only", "attach", _request_of(place, second))
    until(lambda: _statuses(place, runs) == ["done"] * 2, place.said)
    found = judge(place, uncertain_allowed=False)
    assert not found.faults
    assert found.submits == 2


def _killed_after_acceptance(place: Place, count: int) -> list[str]:
    """That many runs whose requests were accepted, each with its answer lost."""
    inputs, chain = Inputs(place), single()
    rule = place.fault(match={"route": "submit"}, do="hold", at="after_accept", times=count)
    runs = [place.studio.start(chain, inputs.of(chain)) for _ in range(count)]
    worker = place.start_worker()
    until(lambda: place.held(rule) == count, place.said)
    stop(worker)
    place.ask("DELETE", f"faults/{rule}")
    return runs


def _statuses(place: Place, runs: list[str]) -> list[str]:
    return [place.studio.run(run).status for run in runs]


def _step(place: Place, run: str) -> StepView:
    return place.studio.run(run).steps[0]


def _request_of(place: Place, run: str) -> str:
    """What the person finds in the dashboard: the request with this body."""
    row = _step(place, run).purchase
    assert row is not None
    return next(one["request_id"] for one in place.bought() if one["payload"]["seed"] == row.payload["seed"])


def _told(place: Place, runs: list[str]) -> str:
    """Where each run stands, and what the children said."""
    steps = [_step(place, run) for run in runs]
    rows = [(step.state, step.attempt, step.resume, step.progress and step.progress.phase) for step in steps]
    bought = [step.purchase and (step.purchase.state, step.purchase.answer) for step in steps]
    return f"{rows} {bought} {place.said()}"
