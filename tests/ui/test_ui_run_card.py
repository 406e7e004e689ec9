"""How often an open page looks at a run again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.studio import Studio
from lib.ui.run_card import pace
from tests.ui.stage import begin, finish, golden_run, quiet


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path)
    yield made
    made.close()


def test_what_takes_long_is_looked_at_less_often(studio: Studio) -> None:
    """Each second at first, then every two and four, and not at all once it has ended."""
    run_id = golden_run(studio)
    run = studio.run(run_id)
    assert [pace(run, run.created_at + age_s) for age_s in (0, 29, 31, 179, 181, 9000)] == [1, 1, 2, 2, 4, 4]
    finish(studio, run_id, "extend", "lipsync", "upscale")
    assert pace(studio.run(run_id), run.created_at + 1) is None


def test_a_step_that_begins_is_looked_at_closely(studio: Studio) -> None:
    """The clock begins anew with each step."""
    run_id = golden_run(studio)
    begin(studio, run_id, "extend")
    run = studio.run(run_id)
    started = run.step("extend").started_at
    assert started is not None
    assert started > run.created_at
    assert pace(run, started + 29.9) == 1
    assert pace(run, started + 30.1) == 2
