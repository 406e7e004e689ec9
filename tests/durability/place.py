"""A data folder under test with everything that runs in it: the worker we kill, the stand-in that keeps the bill."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from lib.ledger.ledger import canonical
from lib.settings import ROOT, Settings
from lib.studio import Studio
from tests.durability.processes import kill, stop_all
from tests.durability.waiting import SLOW_S, until

HERE = Path(__file__).parent


class Quiet(Studio):
    """A studio that starts no process: here the test says when a worker lives."""

    def wake(self) -> None:
        return


class Place:
    """One folder, its studio, and the processes that a test starts and kills."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(data_dir=folder)
        self.studio = Quiet(self.settings)
        self.logs = folder.with_name(f"{folder.name}-logs")
        self.logs.mkdir(exist_ok=True)
        self.origin = ""
        self._children: list[subprocess.Popen[bytes]] = []

    def environment(self) -> dict[str, str]:
        """What a child of ours gets; compiled modules are kept even where the outer environment says otherwise."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DAILIES_", "FAL_"))}
        if kept.pop("PYTHONDONTWRITEBYTECODE", None) is not None:
            kept["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / f"dailies-pycache-{os.getuid()}")
        return kept | {"DAILIES_DATA_DIR": str(self.folder), "PYTHONPATH": str(ROOT)}

    def spawn(self, *arguments: str, out: int | None = None) -> subprocess.Popen[bytes]:
        """Python with these arguments; what it says goes to the logs beside the folder."""
        with (self.logs / "said.txt").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL,
                stdout=log if out is None else out, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._children.append(child)
        return child

    def start_standin(self, *, quick: bool = True, **knobs: Any) -> None:
        """Starts the stand-in where none lives (`quick`: without encoders) and turns its knobs."""
        folder = str(self.settings.standin_dir)
        command = (str(HERE / "witness.py"), folder) if quick else ("-m", "lib", "standin", "--folder", folder)
        child = self.spawn(*command, out=subprocess.PIPE)
        assert child.stdout is not None
        assert select.select([child.stdout], [], [], SLOW_S)[0], self.said()
        ready = child.stdout.readline().decode()
        assert ready.startswith("ready "), self.said()
        self.origin = ready.split()[1]
        if knobs:
            self.ask("POST", "settings", json=knobs)

    def start_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """A worker with a quicker pace, which holds the folder when this returns."""
        child = self.spawn(str(HERE / "dying_worker.py"), *options)
        until(lambda: self._held_by(child), lambda: f"a worker holds the folder: {self.said()}")
        return child

    def start_dying_worker(self, at: str) -> subprocess.Popen[bytes]:
        """A worker that kills itself at this instant, once."""
        return self.spawn(str(HERE / "dying_worker.py"), f"--at={at}", f"--origin={self.origin}")

    def ask(self, method: str, path: str, **content: Any) -> Any:
        """What the stand-in answers under /_standin/."""
        answer = httpx.request(method, f"{self.origin}/_standin/{path}", timeout=SLOW_S, trust_env=False, **content)
        assert answer.is_success, answer.text
        return answer.json()

    def fault(self, **rule: Any) -> int:
        """The id of a new fault rule."""
        return int(self.ask("POST", "faults", json=rule)["id"])

    def held(self, rule: int) -> int:
        """How many requests a "hold" rule holds now."""
        return int(self.ask("GET", f"faults/{rule}")["held"])

    def bought_for(self, run: str) -> int:
        """How many accepted requests have the body of the run's first step."""
        rows = [step.purchase for step in self.studio.run(run).steps if step.purchase]
        return sum(canonical(one["payload"]) == canonical(rows[0].payload) for one in self.bought()) if rows else 0

    def bought(self) -> list[dict[str, Any]]:
        """Every request that the stand-in has accepted."""
        return list(self.ask("GET", "bill")["accepted"])

    def said(self) -> str:
        """The end of what the children said."""
        return (self.logs / "said.txt").read_text(errors="replace")[-3000:]

    def close(self) -> None:
        """Nothing of this place runs or remains."""
        stop_all(self.folder)
        for child in self._children:
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
        self.studio.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _held_by(self, child: subprocess.Popen[bytes]) -> bool:
        assert child.poll() is None, f"the worker ended by itself with code {child.returncode}: {self.said()}"
        lock = self.folder / "worker.lock"
        return lock.exists() and lock.read_text() == str(child.pid)


@contextmanager
def place_in(folder: Path) -> Iterator[Place]:
    """A place that is closed at the end, however it ends."""
    place = Place(folder)
    try:
        yield place
    finally:
        place.close()


def stop(child: subprocess.Popen[bytes], number: signal.Signals = signal.SIGKILL) -> int:
    """Ends the process by this signal; its exit code (negative: the signal's number)."""
    kill(child.pid, number)
    return child.wait(SLOW_S)


def wait_for_end(child: subprocess.Popen[bytes]) -> int:
    """The exit code of a process that ends by itself."""
    return child.wait(SLOW_S)
