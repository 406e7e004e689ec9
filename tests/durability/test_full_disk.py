"""A disk that is full: the run says so, nothing is lost or bought twice, and it goes on when there is room."""

from __future__ import annotations

from pathlib import Path

from tests.durability.chains import Inputs, single
from tests.durability.place import place_in, stop
from tests.durability.storm import wait_until_settled
from tests.durability.verdict import judge


def test_a_result_that_does_not_fit_is_collected_later_without_buying_it_again(tmp_path: Path) -> None:
    """The step fails with a sentence; a retry, once files may grow again, fetches what was bought."""
    with place_in(tmp_path / "data") as place:
        place.start_standin(time_scale=0, list_complete_after_s=1.0, variant={"padding_bytes": str(16 << 20)})
        inputs, chain = Inputs(place), single()
        run = place.studio.start(chain, inputs.of(chain))
        worker = place.start_worker("--largest-file-bytes", str(8 << 20))
        wait_until_settled(place)
        step = place.studio.run(run).steps[0]
        assert (step.state, (step.error or {})["kind"]) == ("failed", "NoSpace")
        assert (step.error or {})["hint"]
        stop(worker)
        place.studio.retry(run, "only")
        place.start_worker()
        wait_until_settled(place)
        found = judge(place, uncertain_allowed=False)
        assert not found.faults
        assert found.submits == 1
