"""The upload routes behind a real server, in this process or one of its own, and a small client that can misbehave."""

from __future__ import annotations

import base64
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from lib.settings import ROOT
from lib.studio import Studio
from lib.ui.routes import routes
from lib.ui.upload_routes import TICKET
from tests.ui.stage import quiet

T = TypeVar("T")
MIB = 1 << 20
BYTES = {"Content-Type": "application/offset+octet-stream"}


def until(look: Callable[[], T], what: str, within_s: float = 120) -> T:
    """The first true answer of `look`. Fails, saying what was waited for."""
    deadline = time.monotonic() + within_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"after {within_s} s there is still no {what}"
        time.sleep(0.01)
    return seen


class Tus:
    """A client with a ticket, and headers of its own to lie with."""

    def __init__(self, base: str, studio: Studio, **headers: str) -> None:
        self.studio = studio
        self.ticket = studio.signer.sign(TICKET, 3600)
        self.headers = {"Tus-Resumable": "1.0.0", "Upload-Ticket": self.ticket} | headers
        self.http = httpx.Client(base_url=base, headers=self.headers, timeout=60)

    def create(self, size_bytes: int | str, name: str = "clip.mp4", **headers: str) -> httpx.Response:
        told = {"Upload-Length": str(size_bytes), "Upload-Metadata": f"filename {encoded(name)}".strip()}
        return self.http.post("/upload", headers=told | headers)

    def begin(self, size_bytes: int, name: str = "clip.mp4") -> str:
        """The address of a new upload."""
        answer = self.create(size_bytes, name)
        assert answer.status_code == 201, answer.text
        return str(answer.request.url.join(answer.headers["Location"]))

    def patch(self, at: str, offset: int, body: Any, **headers: str) -> httpx.Response:
        return self.http.patch(at, headers=BYTES | {"Upload-Offset": str(offset)} | headers, content=body)

    def offset(self, at: str) -> int:
        answer = self.http.head(at)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def outcome(self, at: str) -> httpx.Response:
        return self.http.get(at)

    def send(self, content: bytes, name: str = "clip.mp4") -> httpx.Response:
        """All of it in one go, and what became of it."""
        at = self.begin(len(content), name)
        sent = self.patch(at, 0, content)
        assert sent.status_code == 204, sent.text
        return self.outcome(at)

    def half(self, at: str, offset: int, promised: int, sent: bytes) -> http.client.HTTPConnection:
        """A PATCH that promises more than it sends, and stays open."""
        url = httpx.URL(at)
        connection = http.client.HTTPConnection(url.host, url.port, timeout=60)
        connection.putrequest("PATCH", url.path)
        told = self.headers | BYTES | {"Upload-Offset": str(offset), "Content-Length": str(promised)}
        for name, value in told.items():
            connection.putheader(name, value)
        connection.endheaders(sent)
        return connection

    def on_disk(self, at: str) -> int:
        """How many bytes of it the server has written."""
        return (folder_of(self.studio, at) / "bytes").stat().st_size


def encoded(name: str) -> str:
    return base64.b64encode(name.encode()).decode()


def folder_of(studio: Studio, at: str) -> Path:
    return studio.store.assets.part().with_name(f"{at.rsplit('/', 1)[-1]}.part")


@contextmanager
def serving(studio: Studio, prefix: str = "") -> Iterator[str]:
    """The app's own routes on a real socket, below a path where one is given; their base address."""
    held = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Mount(prefix, routes=routes(lambda: studio))])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [held]})
    thread.start()
    try:
        until(lambda: server.started, "server")
        yield f"http://127.0.0.1:{held.getsockname()[1]}{prefix}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
        held.close()


class Apart:
    """The same in a process of its own, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as held:
            self.port = int(held.getsockname()[1])
        self.base = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        argv = [sys.executable, "-m", "tests.ui.uploading", str(self._folder), str(self.port)]
        self._process = subprocess.Popen(argv, cwd=ROOT, env=dict(os.environ))
        until(self._is_up, "server")

    def kill(self) -> None:
        """SIGKILL, no goodbye."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def peak_mb(self) -> float:
        """The most memory that the process ever had at once (RSS)."""
        assert self._process is not None
        rows = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(row.split()[1]) for row in rows if row.startswith("VmHWM")) / 1000

    def _is_up(self) -> bool:
        try:
            return httpx.get(f"{self.base}/healthz").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def serving_apart(folder: Path) -> Iterator[Apart]:
    server = Apart(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


if __name__ == "__main__":
    kept = quiet(Path(sys.argv[1]))
    uvicorn.run(Starlette(routes=routes(lambda: kept)), port=int(sys.argv[2]), log_level="error")
