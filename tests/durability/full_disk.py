"""A disk that is really full: the data folder on a file system of its own, which root may mount."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.durability.chains import Inputs, golden
from tests.durability.place import Place, place_in
from tests.durability.storm import wait_until_settled
from tests.durability.verdict import Figures, judge
from tests.durability.waiting import pause, until

SIZE = "24m"
KEPT_FREE_BYTES = 64 * 1024
MORE = 12
TO_THE_LAST_BYTE_S = 10.0
"""How long not even a row can be written."""


def room_runs_out(outer: Place) -> Figures:
    """Runs go on until the disk is full, say so, and are completed by a retry when there is room.

    The stand-in writes elsewhere: it is the worker's disk that fills up. Not root: that is said, and nothing is judged.
    """
    if os.geteuid() != 0:
        print("disk full: needs root to mount a small file system; not played")
        return Figures()
    with _mounted(outer.logs / "small") as small, place_in(small) as place:
        elsewhere = outer.folder / "standin"
        elsewhere.mkdir(parents=True)
        place.folder.joinpath("standin").symlink_to(elsewhere)
        place.start_standin(time_scale=0, list_complete_after_s=1.0)
        return _fill_and_free(place, small)


def _fill_and_free(place: Place, small: Path) -> Figures:
    inputs, chain = Inputs(place), golden(cut=True)
    ballast = small / "ballast"
    worker = place.start_worker()
    runs = [place.studio.start(chain, inputs.of(chain)) for _ in range(MORE)]
    until(lambda: any(step.state == "done" for run in runs for step in place.studio.run(run).steps), place.said)
    _fill(ballast, shutil.disk_usage(small).free - KEPT_FREE_BYTES)
    until(lambda: _complaints(place, runs), lambda: f"a run says that the disk is full: {place.said()}")
    _fill(ballast, ballast.stat().st_size + shutil.disk_usage(small).free)
    pause(TO_THE_LAST_BYTE_S)
    assert worker.poll() is None, f"the worker gave up with code {worker.returncode}: {place.said()}"
    ballast.unlink()
    wait_until_settled(place)
    complaints = _complaints(place, runs)
    for run, step in complaints:
        place.studio.retry(run, step)
    wait_until_settled(place)
    return judge(place, uncertain_allowed=False)


def _complaints(place: Place, runs: list[str]) -> list[tuple[str, str]]:
    """(run, step) of the steps that failed for want of room."""
    steps = [(run, step) for run in runs for step in place.studio.run(run).steps]
    return [(run, step.id) for run, step in steps if (step.error or {}).get("kind") == "NoSpace"]


def _fill(path: Path, size_bytes: int) -> None:
    with path.open("wb") as file:
        file.write(b"\0" * size_bytes)


@contextmanager
def _mounted(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
