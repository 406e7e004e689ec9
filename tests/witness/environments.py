"""The official clients, each in an environment of its own, made once per machine and set of pins."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

HERE = Path(__file__).parent
KEY = "witness:secret"
INSTALL_S = 300.0
DRIVE_S = 120.0


@dataclass(frozen=True, slots=True)
class Official:
    """An official client: the command that drives it (`how` names its flavour), and the folder it runs in."""

    command: tuple[str, ...]
    folder: Path
    origin: str
    how: str
    key: str | None = KEY

    def __call__(self, scenario: str, **options: Any) -> Any:
        """What the driver's scenario found, as JSON."""
        argv = [*self.command, self.origin, self.how, scenario, json.dumps(options, default=str)]
        done = subprocess.run(
            argv, cwd=self.folder, env=self._environment(), capture_output=True, text=True, timeout=DRIVE_S, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    def without_key(self) -> Official:
        return replace(self, key=None)

    def _environment(self) -> dict[str, str]:
        """Nothing of ours, so that the client finds only its own packages and this key."""
        key = {} if self.key is None else {"FAL_KEY": self.key}
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8"} | key


def python_home(cache: Path) -> Path:
    """A virtual environment with fal-client; skips the test where it cannot be made."""
    pins = HERE / "requirements.txt"
    python = Path("bin", "python")

    def install(folder: Path) -> None:
        _run([sys.executable, "-m", "venv", str(folder)], folder)
        pip = [str(folder / python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        _run([*pip, "--require-hashes", "-r", str(pins)], folder)

    # With the interpreter in it, since an environment does not outlive the Python that it was made from.
    return _made_once(cache, "python", pins.read_text() + sys.version + sys.base_prefix, install)


def node_home(cache: Path, pins: Path = HERE / "package.json") -> Path:
    """A folder with @fal-ai/client, or what else `pins` asks for; skips the test where it cannot be made."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        unavailable("node and npm are not installed")

    def install(folder: Path) -> None:
        shutil.copy(pins, folder)
        _run([npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"], folder)

    return _made_once(cache, "node", pins.read_text(), install)


def unavailable(reason: str) -> NoReturn:
    """Skips the test on a developer's machine; where everything must be tried (CI) it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _made_once(cache: Path, name: str, pins: str, install: Callable[[Path], None]) -> Path:
    """The installed folder for these pins. Several test processes may ask at once; one of them makes it."""
    digest = hashlib.sha256(pins.encode()).hexdigest()[:12]
    folder, done = cache / f"{name}-{digest}", cache / f"{name}-{digest}.done"
    with (cache / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            install(folder)
            done.touch()
    return folder


def _run(argv: Sequence[str], folder: Path) -> None:
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    if done.returncode != 0:
        unavailable(f"the official client could not be installed: {done.stderr[-500:]}")
