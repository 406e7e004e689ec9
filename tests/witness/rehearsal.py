"""A real stand-in process, and what a test may ask of it beside the wire."""

from __future__ import annotations

import hashlib
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
START_S = 30.0
WAIT_S = 30.0
PLAIN = {"time_scale": 0, "queue_delay_s": 0}


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The process at `origin`, and a client without a key for it."""

    origin: str
    http: httpx.Client

    def settings(self, **knobs: Any) -> None:
        assert self.http.post("/_standin/settings", json=knobs).status_code == 200

    def fault(self, do: str, route: str, **rule: Any) -> int:
        """The id of a new rule."""
        answer = self.http.post("/_standin/faults", json={"match": {"route": route}, "do": do, **rule})
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def hits(self, rule: int) -> int:
        return int(self.http.get(f"/_standin/faults/{rule}").json()["hits"])

    def plain(self) -> None:
        """As it started: no faults, no waits."""
        self.http.delete("/_standin/faults")
        self.settings(**PLAIN)

    def accepted(self) -> list[dict[str, Any]]:
        """Every submit that was taken, the oldest first."""
        return list(self.http.get("/_standin/bill").json()["accepted"])

    def request(self, request_id: str) -> dict[str, Any]:
        """That one of them."""
        return next(one for one in self.accepted() if one["request_id"] == request_id)

    def taken_with(self, video_url: str) -> list[str]:
        """Ids of the requests on this video."""
        return [one["request_id"] for one in self.accepted() if one["payload"].get("video_url") == video_url]

    def bought_with(self, video_url: str) -> list[str]:
        """Ids of the requests on this video that have been billed, once all of them have ended."""
        taken = self.taken_with(video_url)
        until(lambda: all(self.request(one)["state"] == "COMPLETED" for one in taken))
        lines = self.http.get("/_standin/bill").json()["lines"]
        return [line["request_id"] for line in lines if line["request_id"] in taken]

    def sha256(self, url: str) -> str:
        """The digest of what is served at that address."""
        digest = hashlib.sha256()
        with self.http.stream("GET", url) as answer:
            assert answer.status_code == 200, url
            for chunk in answer.iter_bytes(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()

    def save(self, file: dict[str, Any], to: Path) -> Path:
        """The file that an output names, checked against what it says about itself."""
        answer = self.http.get(file["url"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == file["content_type"]
        assert len(answer.content) == file["file_size"]
        to.write_bytes(answer.content)
        return to


@contextmanager
def rehearsal_in(folder: Path) -> Iterator[Rehearsal]:
    """`python -m lib standin` over this folder; at the end both are gone, since large files lie in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DAILIES_", "FAL_"))}
    argv = [sys.executable, "-m", "lib", "standin", "--port", "0", "--folder", str(folder)]
    process = subprocess.Popen(argv, cwd=ROOT, env=kept, stdout=subprocess.PIPE, text=True)
    try:
        with httpx.Client(base_url=_ready(process), timeout=WAIT_S, verify=False, trust_env=False) as http:
            rehearsal = Rehearsal(str(http.base_url).rstrip("/"), http)
            rehearsal.plain()
            yield rehearsal
    finally:
        process.kill()
        process.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def until(condition: Callable[[], Any], within_s: float = WAIT_S) -> None:
    """Returns when the condition holds; fails the test when it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def _ready(process: subprocess.Popen[str]) -> str:
    """The origin that the process says it serves."""
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], START_S)[0], "the stand-in did not start in time"
    line = process.stdout.readline()
    assert line.startswith("ready http://127.0.0.1:"), line
    return line.split()[1]
