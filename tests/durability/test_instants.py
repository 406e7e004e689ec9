"""A kill at each named instant, with a list that is declared complete and with one that is not, as live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.durability.chains import Inputs
from tests.durability.instants import GATE_INSTANTS, OTHER_INSTANTS, PAID_INSTANTS, meet
from tests.durability.place import Place, place_in
from tests.durability.storm import wait_until_settled
from tests.durability.verdict import judge
from tests.durability.waiting import until

DECLARED_S = 1.0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A folder with nothing running."""
    with place_in(tmp_path / "data") as made:
        yield made


def test_with_a_declared_list_every_run_completes_and_each_step_is_bought_once(place: Place) -> None:
    """A kill at any instant costs nothing but time where the provider says when its list is complete."""
    place.start_standin(time_scale=0, list_complete_after_s=DECLARED_S)
    runs = meet(place, Inputs(place), PAID_INSTANTS)
    place.start_worker()
    wait_until_settled(place)
    found = judge(place, uncertain_allowed=False)
    assert not found.faults
    assert {name: place.studio.run(run).status for name, run in runs.items()} == dict.fromkeys(runs, "done")
    assert found.submits == 5
    assert found.adopted >= 2  # a kill may hit what an earlier one left to be sent again: then that is adopted too
    assert found.resent >= 1


def test_as_live_only_what_was_never_sent_is_in_question_and_nothing_is_bought_twice(place: Place) -> None:
    """Where no list proves absence, what may have been sent waits for a person; what the list shows is adopted."""
    place.start_standin(time_scale=0, list_complete_after_s=None)
    runs = meet(place, Inputs(place), PAID_INSTANTS)
    place.start_worker()
    wait_until_settled(place)
    found = judge(place, uncertain_allowed=True)
    assert not found.faults
    wanted = dict.fromkeys(runs, "done") | {"before POST": "uncertain"}
    assert {name: place.studio.run(run).status for name, run in runs.items()} == wanted
    assert (found.submits, found.adopted, found.resent) == (4, 2, 0)


def test_children_die_with_their_parent_and_the_work_is_done_again(place: Place) -> None:
    """Neither the worker's ffmpeg nor the stand-in's performer outlives a kill; the runs complete, bought once."""
    place.start_standin(time_scale=0, list_complete_after_s=DECLARED_S)
    runs = meet(place, Inputs(place), OTHER_INSTANTS)
    place.start_worker()
    wait_until_settled(place)
    found = judge(place, uncertain_allowed=False)
    assert not found.faults
    assert {name: place.studio.run(run).status for name, run in runs.items()} == dict.fromkeys(runs, "done")
    assert found.submits == 1


def test_a_question_and_its_answer_survive_and_nothing_is_bought_unasked(place: Place) -> None:
    """Wherever the worker dies around a gate, what is asked is asked, and each answer is carried out once."""
    place.start_standin(time_scale=0, list_complete_after_s=DECLARED_S)
    runs = meet(place, Inputs(place), GATE_INSTANTS)
    looked, accepted, redone = runs.values()
    place.start_worker()
    for run, attempt in ((looked, 1), (redone, 2)):
        until(lambda run=run: place.studio.run(run).step("first").state == "asking", place.said)
        assert place.studio.run(run).step("first").attempt == attempt
        assert place.studio.run(run).step("then").purchase is None
        place.studio.decide(run, "first", "accept", attempt=attempt)
    wait_until_settled(place)
    found = judge(place, uncertain_allowed=False)
    assert [fault for fault in found.faults if redone not in fault] == []
    assert {place.studio.run(run).status for run in (looked, accepted, redone)} == {"done"}
    assert found.submits == 7  # two for each run, and the take that was made again
