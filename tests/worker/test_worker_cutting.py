"""A cut that makes many files, while each of them is looked at."""

from __future__ import annotations

import random
import time

import pytest

from lib.catalog import CUTS
from lib.catalog.operation import Cut
from lib.chain.files import ASSET
from lib.errors import Cancelled
from lib.media.work import MADE_SHARE
from lib.store.library import Wanted
from lib.worker.cutting import cut
from lib.worker.inputs import Inputs
from tests.worker.bench import Bench

pytestmark = pytest.mark.anyio


async def frames(bench: Bench, told: list[float], *, until: float) -> int:
    """How many pictures are kept of five; it is stopped once more than `until` of it is told to be done."""
    made = CUTS["cut/frames"]
    assert isinstance(made, Cut)
    run = bench.view(bench.start(("f", "cut/frames", {"video_url": "$inputs.clip", "count": 5})))
    inputs = Inputs(bench.store, bench.providers, time.time, random.Random(1))
    given = {"video_url": ASSET + bench.clip().sha256, "which": "evenly", "count": 5}
    output = await cut(
        bench.store, inputs, made, given, run, tell=told.append, cancelled=lambda: any(one > until for one in told)
    )
    return len(output[next(iter(made.media_out()))])


async def test_looking_at_many_files_is_told(bench: Bench) -> None:
    """Each one brings it on; it is at its end when all are seen."""
    told: list[float] = []
    assert await frames(bench, told, until=1) == 5
    assert told == sorted(told)
    assert len([one for one in told if one > MADE_SHARE]) == 5
    assert told[-1] == 1


async def test_looking_at_many_files_can_be_stopped(bench: Bench) -> None:
    """Stopped between two files, nothing is looked at any more, and none of them is kept."""
    told: list[float] = []
    with pytest.raises(Cancelled):
        await frames(bench, told, until=MADE_SHARE)
    assert len([one for one in told if one > MADE_SHARE]) == 1
    assert bench.store.assets.find(Wanted(), "image") == ([], 0)
