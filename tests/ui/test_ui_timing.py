"""Where the time of a step went, in words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from lib.store.views import StepView
from lib.ui.timing import timing_words
from tests.ui.stage import quiet
from tests.ui.takes import UPSCALE, put_take


def _step(folder: Path) -> StepView:
    studio = quiet(folder)
    take = studio.store.library.get(put_take(studio, UPSCALE, {"video_url": "https://a.example/v.mp4"}, None))
    step = studio.run(take.take.run_id).steps[0]
    studio.close()
    assert step.purchase is not None
    bought = replace(step.purchase, sent_at=102.0, settled_at=170.0, cost_usd=Decimal(0))
    return replace(step, started_at=100.0, finished_at=173.0, purchase=bought)


def test_each_part_is_told_in_order(tmp_path: Path) -> None:
    """From the first preparation to the last byte; a part that took no time is not told."""
    step = _step(tmp_path)
    assert timing_words(step, {"running": 106.0}) == "prepared 2 s, queued 4 s, ran 1 min 4 s, downloaded 3 s"
    assert timing_words(replace(step, started_at=102.0), {"running": 102.1}) == "ran 1 min 8 s, downloaded 3 s"


def test_what_nobody_saw_is_not_made_up(tmp_path: Path) -> None:
    """A request that was over before it was seen at work: queue and work are one number."""
    step = _step(tmp_path)
    assert timing_words(step, {}) == "prepared 2 s, queued and ran 1 min 8 s, downloaded 3 s"
    assert timing_words(replace(step, purchase=None), {}) == ""
    assert timing_words(replace(step, finished_at=None), {}) == ""
