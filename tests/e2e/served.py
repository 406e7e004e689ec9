"""A really started server on a folder of its own, and what must be stopped after it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Page, expect

from lib.settings import ROOT

T = TypeVar("T")
BROWSER = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
LOOK_EVERY_S = 0.1


def until(look: Callable[[], T], what: str, within_s: float = 60) -> T:
    """The first true answer of `look`. Fails, saying what was waited for."""
    deadline = time.monotonic() + within_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"after {within_s} s there is still no {what}"
        time.sleep(LOOK_EVERY_S)
    return seen


def drawn(page: Page) -> None:
    """Until the page's script has ended: no control is about to be put in another's place."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


class Served:
    """`streamlit run streamlit_app.py`, on loopback; `kill` and `start` as a crash and a restart would."""

    def __init__(
        self,
        folder: Path,
        more: Mapping[str, str] | None = None,
        python: Path = Path(sys.executable),
        script: str = "streamlit_app.py",
    ) -> None:
        self.folder = folder
        self._script = script
        self._python = python
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._more = dict(more or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the server process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Up when /healthz answers."""
        log = (self.folder.parent / "streamlit.log").open("ab")
        environment = os.environ | {"DAILIES_DATA_DIR": str(self.folder)} | self._more
        with log:
            self._process = subprocess.Popen(
                [
                    self._python, "-m", "streamlit", *self._what(), "--server.port", str(self.port),
                    "--server.address", "127.0.0.1", "--server.headless", "true",
                ],
                cwd=self._home(), env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        until(self._is_up, "server", 60)

    def kill(self) -> None:
        """As when the machine takes it away: SIGKILL, no goodbye."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def memory_mb(self) -> float:
        """What the server process holds for itself (PSS), in MB."""
        assert self._process is not None
        rows = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text().splitlines()
        return next(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1000

    def has_loaded(self, package: str) -> bool:
        """Whether the server process has that package's compiled parts in its memory."""
        assert self._process is not None
        return f"/site-packages/{package}/" in Path(f"/proc/{self._process.pid}/maps").read_text()

    def log(self) -> str:
        return (self.folder.parent / "streamlit.log").read_text(errors="replace")

    def close(self) -> None:
        """Stops the server, and the worker and the stand-in of its folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)
        for pid in self._others():
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                continue

    def _what(self) -> list[str]:
        return ["run", self._script]

    def _home(self) -> Path:
        """Where Streamlit looks for its settings, and with them for the theme."""
        return ROOT

    def _others(self) -> list[int]:
        """The worker and the stand-in write their process ids into the folder."""
        found = []
        lock, address = self.folder / "worker.lock", self.folder / "standin" / "address.json"
        if lock.exists() and lock.read_text().strip().isdigit():
            found.append(int(lock.read_text()))
        if address.exists():
            found.append(int(json.loads(address.read_text())["pid"]))
        return found

    def _is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/healthz", timeout=2) as answer:
                return bool(json.load(answer)["status"] == "ok")
        except (OSError, ValueError):
            return False
