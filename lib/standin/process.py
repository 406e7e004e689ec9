"""The stand-in's process: one per folder, on one port that stays, until it is told to stop or its folder goes."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

import httpx
import uvicorn
from starlette.types import ASGIApp

from lib.errors import SettingsError
from lib.standin.app import create_app
from lib.standin.clock import Clock
from lib.standin.perform import PERFORMERS, Performer
from lib.standin.tap import Line

HOST = "127.0.0.1"
TICK_S = 1.0
GRACE_S = 1
PATIENCE_S = 15.0


def serve(
    folder: Path, port: int, *, performers: Mapping[str, Performer] = PERFORMERS, clock: Clock | None = None
) -> None:
    """Serves until SIGTERM or SIGINT. Prints `ready http://127.0.0.1:N`, also when another process already serves.

    Port 0 is the port of last time, else a free one. Raises SettingsError when the port is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        if not _locked(lock, folder, port):
            return
        with _socket(folder, port) as listening:
            app = create_app(folder, performers=performers, clock=clock)
            server = Server(app_config(app), folder, lambda: _announce(folder, listening))
            asyncio.run(server.serve([listening]))


def app_config(app: ASGIApp) -> uvicorn.Config:
    """uvicorn as the stand-in wants it: quiet, and able to cut a connection when a test asks."""
    return uvicorn.Config(
        app,
        http=Line,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
    )


class Server(uvicorn.Server):
    """uvicorn's server with signals that end in exit code 0, one look a second, and an eye on its folder."""

    def __init__(self, config: uvicorn.Config, folder: Path, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._folder = folder
        self._inode = _inode(folder)
        self._on_ready = on_ready
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        self._loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.add_signal_handler(number, self._stop.set)
        yield

    def stop(self) -> None:
        """Ends the server from another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)

    async def main_loop(self) -> None:
        """Serves until it is told to stop or its folder is gone."""
        self._on_ready()
        while not self._stop.is_set() and _inode(self._folder) == self._inode:
            await self.on_tick(0)  # renews the Date header
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), TICK_S)


def read_origin(folder: Path) -> str | None:
    """The origin of the stand-in that lives in this folder, None when none answers."""
    try:
        address = json.loads((folder / "address.json").read_text(encoding="utf-8"))
        info = httpx.get(f"{address['origin']}/_standin/info", timeout=2.0, trust_env=False).json()
    except (OSError, ValueError, KeyError, httpx.HTTPError):
        return None
    return str(address["origin"]) if info.get("pid") == address["pid"] else None


def _inode(folder: Path) -> int | None:
    """Which folder it is; None when there is none. One that was removed and made anew is another."""
    try:
        return folder.stat().st_ino
    except FileNotFoundError:
        return None


def _locked(lock: IO[str], folder: Path, port: int) -> bool:
    """True when this process may serve; False when another one does, which has then been said."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            origin = read_origin(folder)
            if origin is not None and port and not origin.endswith(f":{port}"):
                raise SettingsError(
                    f"The stand-in of this folder already serves at {origin}.",
                    hint="Leave the port open, name another --folder, or end that process first.",
                ) from None
            if origin is not None:
                print(f"ready {origin}", flush=True)
                return False
            time.sleep(0.05)  # it is starting or just leaving; there is no signal for either
        else:
            return True
    raise SettingsError(
        "Another stand-in holds this folder but does not answer.", hint="End that process, then try again."
    )


def _socket(folder: Path, port: int) -> socket.socket:
    """A listening address: the asked port, else that of last time, else any."""
    if port:
        return _bound(port)
    try:
        return _bound(int(json.loads((folder / "address.json").read_text(encoding="utf-8"))["port"]))
    except (OSError, ValueError, KeyError, SettingsError):
        return _bound(0)


def _bound(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise SettingsError(f"Port {port} is taken.", hint="Choose another port, or 0 for a free one.") from error
    return listening


def _announce(folder: Path, listening: socket.socket) -> None:
    """Writes address.json whole, then prints the ready line."""
    port = listening.getsockname()[1]
    address = {"origin": f"http://{HOST}:{port}", "pid": os.getpid(), "port": port}
    fresh = folder / "address.json.part"
    fresh.write_text(json.dumps(address), encoding="utf-8")
    fresh.replace(folder / "address.json")
    print(f"ready {address['origin']}", flush=True)
