"""Random kills while chains run: the harness itself."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from tests.durability.chains import Inputs, golden
from tests.durability.instants import stop_standin
from tests.durability.place import Place, stop
from tests.durability.processes import ffmpeg_of
from tests.durability.verdict import Figures, judge
from tests.durability.waiting import SLOW_S, pause, until

ALIVE_S = (0.2, 2.5)
"""How long a worker lives before it is killed, in seconds."""
POLITE = 0.2
"""How many of the kills are SIGTERM, which must be no better and no worse."""
CUT_EVERY = 4
ANSWER_S = 0.3
"""How long an answer to a submit is on its way: the window in which a kill costs money, wide enough to be hit."""
END_S = 300.0


@dataclass(frozen=True, slots=True)
class Storm:
    """How hard it blows: so many kills of the worker while so many chains run, and some of the stand-in."""

    kills: int
    chains: int
    seed: int
    standin_kills: float = 0.0
    """The share of rounds in which the stand-in dies as well."""


def blow(place: Place, storm: Storm, *, declared: bool) -> Figures:
    """The figures after that many kills and a quiet end."""
    began, rng = time.monotonic(), random.Random(storm.seed)
    inputs, started, standin_died = Inputs(place), count(), True
    for _ in range(storm.kills):
        if standin_died:
            _quick_again(place)
        _keep_going(place, inputs, started, storm.chains)
        worker = place.start_worker()
        pause(rng.uniform(*ALIVE_S))
        standin_died = rng.random() < storm.standin_kills
        if standin_died:
            stop_standin(place)
        number = signal.SIGTERM if rng.random() < POLITE else signal.SIGKILL
        _killed(place, worker, number)
    place.start_worker()
    wait_until_settled(place, END_S)
    found = judge(place, uncertain_allowed=not declared)
    found.kills, found.wall_s = storm.kills, time.monotonic() - began
    return found


def wait_until_settled(place: Place, within_s: float = SLOW_S) -> None:
    """Until every run has ended or waits for a person."""
    until(lambda: not place.studio.store.runs.active(), lambda: _report(place), within_s)


def _report(place: Place) -> str:
    """Where the runs stand, for the message of a failure."""
    lines = [
        f"{run.id[:8]}/{step.id}: {step.state} {step.purchase.state if step.purchase else ''} {step.progress}"
        for run in place.studio.store.runs.recent(10_000, active_only=True)
        for step in run.steps
    ]
    return "\n".join(["not settled", *lines, place.said()])


def _quick_again(place: Place) -> None:
    """The quick stand-in in place of the one that a worker started, and its slow answers to submits."""
    stop_standin(place)
    place.start_standin()
    place.fault(match={"route": "submit"}, do="slow", at="after_accept", seconds=ANSWER_S)


def _keep_going(place: Place, inputs: Inputs, started: Iterator[int], chains: int) -> None:
    """Starts new chains in place of those that have ended."""
    for _ in range(chains - place.studio.store.runs.active()):
        chain = golden(cut=next(started) % CUT_EVERY == 0)
        place.studio.start(chain, inputs.of(chain))


def _killed(place: Place, worker: subprocess.Popen[bytes], number: signal.Signals) -> None:
    code = worker.poll()
    assert code is None, f"the worker ended by itself with code {code}: {place.said()}"
    code = stop(worker, number)
    assert code in (-number, 0), f"the worker answered signal {number} with code {code}: {place.said()}"
    until(lambda: not ffmpeg_of(place.folder), "no ffmpeg outlives the worker")
