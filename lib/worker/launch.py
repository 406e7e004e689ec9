"""Starting our other two processes when they are not running: detached, with what they need to know and no more."""

from __future__ import annotations

import fcntl
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from lib.errors import SettingsError
from lib.settings import ROOT, Settings, fal_key
from lib.store.secret import Signer

READY_WITHIN_S = 30.0
LEAVES_WITHIN_S = 3.0
TOLD = "worker.told"
LOCK_FD = "DAILIES_WORKER_LOCK_FD"
LOG_LIMIT_BYTES = 5 << 20


def ensure_worker(settings: Settings) -> None:
    """A worker runs for this data folder, or is starting.

    Whoever starts one takes the lock first and hands it over, so that nobody starts a second one while the first is
    still loading.
    """
    _folder(settings.data_dir)
    lock = Lock(settings.data_dir / "worker.lock")
    if _locked(lock.path) or not lock.acquire():
        return
    try:
        told = _inherited(settings) | {LOCK_FD: str(lock.number)}
        log = settings.data_dir / "logs" / "worker.log"
        lock.sign(_start(["worker"], settings, log, told, handed=(lock.number,)).pid)
    finally:
        lock.release()


def dismiss_other(settings: Settings) -> None:
    """A worker that was told another cap or key leaves, before a live run starts that it would do by the old ones.

    Its settings are as old as its process. What it does is taken up by the next one.
    """
    told = settings.data_dir / TOLD
    if not told.exists() or told.read_text(encoding="utf-8") == told_of(settings):
        return
    told.write_text(told_of(settings), encoding="utf-8")
    until = time.monotonic() + LEAVES_WITHIN_S
    while _locked(settings.data_dir / "worker.lock") and time.monotonic() < until:
        time.sleep(0.05)


def told_of(settings: Settings) -> str:
    """What a worker goes by, as a signature that gives nothing away."""
    told = [str(settings.max_usd_per_day), settings.fal_origin or "", fal_key() or ""]
    return Signer(settings.data_dir).mark("\n".join(told))


def ensure_standin(settings: Settings) -> str:
    """The address of this folder's stand-in, "http://127.0.0.1:N", started if need be. Raises SettingsError."""
    if known := _standing_in(settings):
        return known
    _folder(settings.data_dir)
    with (settings.data_dir / "standin.starting").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # of many who miss it, one starts it and the others wait for that
        return _standing_in(settings) or _start_standin(settings)


def _standing_in(settings: Settings) -> str | None:
    known = _address(settings.standin_dir)
    return known if known and _locked(settings.standin_dir / "lock") and _answers(known) else None


def _start_standin(settings: Settings) -> str:
    environment = {k: v for k, v in _inherited(settings).items() if k != "FAL_KEY"}
    arguments = ["standin", "--port", "0", "--folder", str(settings.standin_dir)]
    log = settings.data_dir / "logs" / "standin.log"
    started = _start(arguments, settings, log, environment, piped=True)
    assert started.stdout is not None
    with started.stdout:
        line = _first_line(started.stdout, READY_WITHIN_S)
    if not line.startswith("ready "):
        raise SettingsError("The rehearsal server did not start.", hint=f"Its own words are in logs/{log.name}.")
    return line.removeprefix("ready ").strip()


class Lock:
    """One process per folder: held until this process ends, however it ends."""

    def __init__(self, path: Path, *, handed: int | None = None) -> None:
        """`handed` is the number of an open file that already holds the lock, from whoever started us."""
        self.path = path
        self._file: IO[str] | None = None
        if handed is not None:
            os.set_inheritable(handed, False)
            self._file = os.fdopen(handed, "a+")

    @property
    def number(self) -> int:
        """The open file's number."""
        assert self._file is not None
        return self._file.fileno()

    def acquire(self, patience_s: float = 0.0) -> bool:
        """Whether it is ours now. Somebody may be looking whether it is held: hence the patience."""
        until = time.monotonic() + patience_s
        while self._file is None and not self._acquire():
            if time.monotonic() >= until:
                return False
            time.sleep(0.02)
        return True

    def _acquire(self) -> bool:
        file = self.path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def sign(self, pid: int) -> None:
        """Writes whose it is into the file, for people and tests."""
        assert self._file is not None
        self._file.truncate(0)
        self._file.write(str(pid))
        self._file.flush()

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _locked(path: Path) -> bool:
    """Whether a process holds this lock; looking changes nothing in the file."""
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"The data folder cannot be made: {error.strerror}.", hint="Set DAILIES_DATA_DIR to another folder."
        ) from error


def _start(
    arguments: list[str],
    settings: Settings,
    log: Path,
    environment: Mapping[str, str],
    *,
    piped: bool = False,
    handed: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    mode = "wb" if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES else "ab"
    with log.open(mode) as out:
        return subprocess.Popen(
            [sys.executable, "-m", "lib", *arguments],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if piped else out,
            stderr=out,
            start_new_session=True,
            pass_fds=handed,
        )


def _inherited(settings: Settings) -> dict[str, str]:
    """Our own environment; the folder is named, so that a child means the same one."""
    return dict(os.environ) | {"DAILIES_DATA_DIR": str(settings.data_dir)}


def _address(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / "address.json").read_text())["origin"])
    except (OSError, ValueError, KeyError):
        return None


def _answers(origin: str) -> bool:
    place = urlsplit(origin)
    try:
        with socket.create_connection((place.hostname or "", place.port or 0), timeout=1):
            return True
    except OSError:
        return False


def _first_line(stream: IO[bytes], within_s: float) -> str:
    """The first line of a pipe, or "" when it ends or takes too long."""
    until, line = time.monotonic() + within_s, b""
    while not line.endswith(b"\n") and (left := until - time.monotonic()) > 0:
        if select.select([stream], [], [], left)[0]:
            byte = os.read(stream.fileno(), 1)
            if not byte:
                break
            line += byte
    return line.decode(errors="replace")
