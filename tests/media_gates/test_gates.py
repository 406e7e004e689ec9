"""Every kind of defect is found in clips that nothing was tuned on, and good clips pass."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from lib.errors import Cancelled
from lib.media.facts import Facts
from lib.media.gates import told
from lib.media.gates.defect import KINDS, Defect, Expected, Kind, defect_of
from lib.media.gates.measure import Clip, measure
from lib.media.gates.rules import ASPECT_SHARE, DURATION_SHARE
from lib.media.probe import probe_blocking
from tests.media_gates.trials import BAD, Trial, trial

FIRST_SEED = 20_000
"""The limits were set by looking at trials with small seeds; these were made afterwards."""
FEW, MANY, GOOD = 1, 30, 150
FACTS = Facts(
    kind="video", content_type="video/mp4", size_bytes=1, duration_s=5.04, fps=23.976, frames=121, width=832,
    height=480,
)  # fmt: skip


def found_in(made: Trial, folder: Path) -> list[Defect]:
    """What is found in the take of a trial."""
    clips = {path: (path, probe_blocking(path)) for path in (made.take, made.pictures, made.sound) if path}
    pictures, sound = (clips[path] if path else None for path in (made.pictures, made.sound))
    return asyncio.run(measure(clips[made.take], made.expected, folder, pictures=pictures, sound=sound))


def missed(kind: Kind, count: int, folder: Path) -> list[int]:
    """The seeds of bad takes in which their defect is not found."""
    seeds = range(FIRST_SEED, FIRST_SEED + count)
    return [seed for seed in seeds if kind not in {one.kind for one in found_in(trial(kind, seed, folder), folder)}]


def test_every_kind_has_its_trials() -> None:
    """But for what cannot be read at all."""
    assert set(BAD) == set(KINDS) - {"unreadable"}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_take_of_each_kind_is_stopped(kind: Kind, tmp_path: Path) -> None:
    """One of each; the long run says how many of all."""
    assert missed(kind, FEW, tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize("kind", BAD)
def test_of_thirty_bad_takes_of_each_kind_all_but_one_are_stopped(kind: Kind, tmp_path: Path) -> None:
    """At least 95 %."""
    lost = missed(kind, MANY, tmp_path)
    assert len(lost) <= MANY * 0.05, lost


def test_a_few_good_takes_pass(tmp_path: Path) -> None:
    """Quiet sound, fades to black, scenes that hardly move, grain, cuts: none of it is a defect."""
    for seed in range(FIRST_SEED, FIRST_SEED + 3):
        assert found_in(trial(None, seed, tmp_path), tmp_path) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_of_many_good_takes_hardly_one_is_stopped(tmp_path: Path) -> None:
    """At most 2 %."""
    seeds = range(FIRST_SEED, FIRST_SEED + GOOD)
    stopped = {seed: found for seed in seeds if (found := found_in(trial(None, seed, tmp_path), tmp_path))}
    assert len(stopped) <= GOOD * 0.02, stopped


def test_what_models_round_is_no_defect() -> None:
    """121 pictures for five seconds, 832 x 480 for 16:9 and 23.976 for 24 are what was asked for."""
    wanted = Expected(duration_s=5, aspect=16 / 9, fps=24)
    assert list(told.faults(FACTS, wanted)) == []
    assert list(told.faults(FACTS, Expected())) == []


def test_a_defect_says_what_was_measured_and_why_that_is_too_much() -> None:
    """The figure, the limit and its reason; and the whole survives the store."""
    (short,) = told.faults(FACTS, Expected(duration_s=8))
    assert short == defect_of(short.as_json() | {"newer": 1})
    assert short.said == "It lasts 5.04 s in place of 8.00 s."
    assert (short.measured, short.limit, short.source) == (0.37, DURATION_SHARE.limit, DURATION_SHARE.source)
    (turned,) = told.faults(FACTS, Expected(width=480, height=832))
    assert (turned.kind, turned.limit) == ("aspect", ASPECT_SHARE.limit)


def test_a_take_that_cannot_be_read_is_said_and_a_cancel_is_heard(tmp_path: Path) -> None:
    """The first is a defect like others, since a step after it would be paid for nothing."""
    rubbish = tmp_path / "rubbish.mp4"
    rubbish.write_bytes(random.Random(1).randbytes(4000))
    clip: Clip = (rubbish, FACTS)
    (found,) = asyncio.run(measure(clip, Expected(), tmp_path))
    assert found.kind == "unreadable"
    with pytest.raises(Cancelled):
        asyncio.run(measure(clip, Expected(), tmp_path, cancelled=lambda: True))
    assert list(tmp_path.iterdir()) == [rubbish]
