"""Starting the worker: one at a time, however often and by however many it is asked for."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.settings import Settings
from lib.worker.launch import ensure_worker
from tests.durability.processes import belonging_to
from tests.durability.waiting import until


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = Settings(data_dir=tmp_path / "data")
    yield made
    shutil.rmtree(made.data_dir, ignore_errors=True)
    until(lambda: not workers(made.data_dir), "the worker left with its folder")


def workers(folder: Path) -> list[int]:
    """Process ids of the workers that were told this folder."""
    return [pid for pid, command in belonging_to(folder).items() if command.endswith("-m lib worker")]


def test_many_who_ask_at_once_start_one(settings: Settings) -> None:
    """While the first one is still loading, nobody starts a second."""
    asking = [threading.Thread(target=ensure_worker, args=(settings,)) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    ensure_worker(settings)
    assert len(workers(settings.data_dir)) == 1
    until((settings.data_dir / "worker.told").exists, "the worker is up")
    ensure_worker(settings)
    (pid,) = workers(settings.data_dir)
    assert (settings.data_dir / "worker.lock").read_text() == str(pid)
