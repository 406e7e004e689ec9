"""The long form: `python -m tests.durability.chaos` kills a hundred times in each list mode and prints what it cost.

`--kills`, `--chains` and `--rounds` make it shorter; the exit code is 1 where anything was lost, bought twice or left.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.durability.chains import Inputs
from tests.durability.full_disk import room_runs_out
from tests.durability.instants import OTHER_INSTANTS, PAID_INSTANTS, Instant, meet
from tests.durability.place import Place, place_in, stop
from tests.durability.storm import END_S, Storm, blow, wait_until_settled
from tests.durability.verdict import Figures, judge

COLUMNS = (
    "kills", "runs", "done", "uncertain", "submits", "distinct", "adopted", "resent", "duplicates", "lost", "files",
)  # fmt: skip
DECLARED_S, LAG_S = 1.5, 0.5
Scene = Callable[[Place], Figures]


def main() -> int:
    """Plays every scene, each in a folder of its own, and prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--chains", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=10, help="how often each named instant is met")
    parser.add_argument("--seed", type=int, default=2)
    given = parser.parse_args()
    print(f"{'scene':30}", *(f"{name:>11}" for name in COLUMNS), f"{'wall s':>8}", flush=True)
    faults = [fault for name, scene in _scenes(given).items() for fault in _play(name, scene)]
    print(*faults or ["Nothing was bought twice, lost, or left behind."], sep="\n")
    return 1 if faults else 0


def _scenes(given: argparse.Namespace) -> dict[str, Scene]:
    storm = Storm(given.kills, given.chains, given.seed, standin_kills=0.1)
    scenes: dict[str, Scene] = {}
    for mode, declared in (("declared", DECLARED_S), ("as live", None)):
        scenes[f"random kills, {mode}"] = _storm(storm, declared)
        scenes[f"each paid instant, {mode}"] = _instants(PAID_INSTANTS, given.rounds, declared)
    scenes["ffmpeg, a performance"] = _instants(OTHER_INSTANTS, given.rounds, DECLARED_S)
    return scenes | {"disk full": room_runs_out}


def _storm(storm: Storm, declared: float | None) -> Scene:
    def play(place: Place) -> Figures:
        place.start_standin(list_complete_after_s=declared, list_lag_s=LAG_S)
        return blow(place, storm, declared=declared is not None)

    return play


def _instants(instants: Mapping[str, Instant], rounds: int, declared: float | None) -> Scene:
    """Each instant in turn, then a worker that completes what was left, so many times."""

    def play(place: Place) -> Figures:
        place.start_standin(time_scale=0, list_complete_after_s=declared)
        inputs = Inputs(place)
        for _ in range(rounds):
            meet(place, inputs, instants)
            worker = place.start_worker()
            wait_until_settled(place, END_S)
            stop(worker)
        place.start_worker()
        found = judge(place, uncertain_allowed=declared is None)
        found.kills = rounds * len(instants)
        return found

    return play


def _play(name: str, scene: Scene) -> list[str]:
    """Prints the line of a scene; its faults, each with the scene's name."""
    began, around = time.monotonic(), Path(tempfile.mkdtemp(prefix="dailies-chaos-"))
    with place_in(around / "data") as place:
        try:
            found = scene(place)
        except AssertionError as error:
            found = Figures(faults=[str(error)])
    if found.faults:
        print(f"{name}: what the processes said is in {around}")
    else:
        shutil.rmtree(around)
    found.wall_s = time.monotonic() - began
    figures = (f"{getattr(found, column):>11}" for column in COLUMNS)
    print(f"{name:30}", *figures, f"{found.wall_s:>8.1f}", *(["FAULTS"] if found.faults else []), flush=True)
    return [f"{name}: {fault}" for fault in found.faults]


if __name__ == "__main__":
    sys.exit(main())
