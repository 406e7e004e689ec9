"""Processes that start together, leave politely, or die in pairs; and bodies that look alike."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.durability.chains import UPSCALER, Inputs, golden, single
from tests.durability.instants import stop_standin
from tests.durability.place import Place, place_in, stop
from tests.durability.storm import wait_until_settled
from tests.durability.verdict import judge
from tests.durability.waiting import until


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A folder with its stand-in; no worker."""
    with place_in(tmp_path / "data") as made:
        made.start_standin(time_scale=0, list_complete_after_s=1.0)
        yield made


def test_of_two_workers_that_start_together_one_leaves_and_the_other_does_the_work(place: Place) -> None:
    """The one that is too late ends by itself with code 0; the same token was one run, bought once."""
    inputs, chain = Inputs(place), golden(cut=True)
    runs = {place.studio.start(chain, inputs.of(chain), token="pressed twice") for _ in range(2)}
    both = [place.spawn("-m", "lib", "worker") for _ in range(2)]
    until(lambda: any(child.poll() is not None for child in both), place.said)
    assert sorted(child.poll() or 0 for child in both if child.poll() is not None) == [0]
    wait_until_settled(place)
    found = judge(place, uncertain_allowed=False)
    assert not found.faults
    assert (len(runs), found.runs, found.submits) == (1, 1, 3)


def test_a_polite_end_and_a_dead_standin_cost_nothing(place: Place) -> None:
    """SIGTERM ends the worker with 0 at once; the next finds the stand-in dead, starts it, and buys nothing twice."""
    inputs, chain = Inputs(place), golden()
    place.studio.start(chain, inputs.of(chain))
    rule = place.fault(match={"route": "status"}, do="hold", at="after_accept", times=1)
    worker = place.start_worker()
    until(lambda: place.held(rule), place.said)
    assert stop(worker, signal.SIGTERM) == 0
    stop_standin(place)
    place.start_worker()
    wait_until_settled(place)
    found = judge(place, uncertain_allowed=False)
    assert not found.faults
    assert found.submits == 3


def test_two_steps_with_the_same_body_are_told_apart_after_a_kill(place: Place) -> None:
    """No seed tells them apart, so each has its file at an own address: both are adopted, neither is in question."""
    inputs, chain = Inputs(place), single(UPSCALER)
    for _ in range(2):
        place.studio.start(chain, inputs.of(chain))
    rule = place.fault(match={"route": "submit"}, do="hold", at="after_accept", times=2)
    worker = place.start_worker()
    until(lambda: place.held(rule) == 2, place.said)
    stop(worker)
    place.ask("DELETE", f"faults/{rule}")
    place.start_worker()
    wait_until_settled(place)
    found = judge(place, uncertain_allowed=False)
    assert not found.faults
    assert (found.submits, found.adopted) == (2, 2)
