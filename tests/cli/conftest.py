"""A data folder whose processes are gone when the test is over, and the command line on it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.standin.conftest import clip

__all__ = ["clip", "shell"]
ROOT = Path(__file__).parents[2]


@dataclass
class Shell:
    """`python -m lib …` as another program calls it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def environ(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("DAILIES_", "FAL_"))}
        return kept | {"DAILIES_DATA_DIR": str(self.folder)} | self.environment

    def open(self, *arguments: str | Path) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "lib", *map(str, arguments)]
        pipe = subprocess.PIPE
        return subprocess.Popen(argv, cwd=ROOT, env=self.environ(), stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        started = self.open(*arguments)
        out, err = started.communicate(timeout=120)
        return started.returncode, out, err

    def chain(self, *steps: dict[str, Any], name: str = "chain.json") -> Path:
        path = self.folder.parent / name
        inputs = {"video": {"kind": "video", "sample": "bunny.mp4"}}
        path.write_text(json.dumps({"dailies": 1, "inputs": inputs, "steps": list(steps)}))
        return path

    def clean(self) -> None:
        """Our processes leave when their folder is gone."""
        shutil.rmtree(self.folder, ignore_errors=True)
        deadline = time.monotonic() + 20
        while self.processes():
            assert time.monotonic() < deadline, self.processes()
            time.sleep(0.05)
            shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self) -> dict[int, str]:
        """Command lines of the living processes that were told this folder."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                told = f"DAILIES_DATA_DIR={self.folder}".encode() in (entry / "environ").read_bytes().split(b"\0")
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:  # it has ended, or is not ours to read
                continue
            if told and line:
                found[int(entry.name)] = line
        return found


@contextlib.contextmanager
def standing_in(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The origin of a stand-in on that folder, which ends with the block."""
    argv = [sys.executable, "-m", "lib", "standin", "--port", "0", "--folder", str(folder)]
    with subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            yield started.stdout.readline().removeprefix("ready ").strip()
        finally:
            started.terminate()


def tell(origin: str, what: str, **body: Any) -> None:
    """Sets a knob or a fault of a stand-in."""
    assert httpx.post(f"{origin}/_standin/{what}", json=body, trust_env=False).is_success


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path / "data")
    yield made
    made.clean()
