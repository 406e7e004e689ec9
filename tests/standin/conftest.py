"""A stand-in on a real port, with performers that a test can hold."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from lib.catalog import ENDPOINTS
from lib.media.binary import ffmpeg
from lib.standin.app import create_app
from lib.standin.perform import CONTENT_TYPES, Made, Task
from lib.standin.process import Server, app_config

FREE = "fal-ai/luma-dream-machine/ray-2/image-to-video"
"""An endpoint that needs no file."""


@dataclass
class Stage:
    """Performers that hand out one small clip, once `open` is set."""

    clip: Path
    open: threading.Event = field(default_factory=threading.Event)
    tasks: list[Task] = field(default_factory=list)
    error: Exception | None = None

    async def perform(self, task: Task) -> Made:
        self.tasks.append(task)
        task.log(f"rehearsing {task.endpoint}")
        await asyncio.to_thread(self.open.wait)
        if self.error is not None:
            raise self.error
        endpoint = ENDPOINTS[task.endpoint]
        values: dict[str, Any] = {"seed": task.seed} if "seed" in endpoint.output.model_fields else {}
        files = {name: self._file(task, name, mark.kind) for name, mark in endpoint.media_out().items()}
        return Made(files, values, {name: CONTENT_TYPES[path.suffix] for name, path in files.items()})

    def _file(self, task: Task, name: str, kind: str) -> Path:
        """The clip, or a tiny picture where one is wanted."""
        stem = "output" if name == "video" else name
        path = task.folder / f"{stem}{'.png' if kind == 'image' else '.mp4'}"
        if kind == "image":
            Image.new("RGB", (16, 16)).save(path)
        else:
            shutil.copy(self.clip, path)
        return path


@dataclass
class Standin:
    """A running stand-in and a client with a key for it."""

    origin: str
    folder: Path
    stage: Stage
    http: httpx.Client
    anyone: httpx.Client
    """A client without a key."""

    def submit(self, endpoint: str = FREE, payload: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        answer = self.http.post(f"/{endpoint}", json={"prompt": "a hill"} if payload is None else payload, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def status(self, request: dict[str, Any]) -> dict[str, Any]:
        return dict(self.http.get(request["status_url"], params={"logs": 1}).json())

    def running(self, request: dict[str, Any]) -> None:
        until(lambda: self.status(request)["status"] == "IN_PROGRESS" and self.stage.tasks)

    def finished(self, request: dict[str, Any]) -> httpx.Response:
        """The result's answer, once there is one."""
        until(lambda: self.status(request)["status"] == "COMPLETED")
        return self.http.get(request["response_url"])

    def fault(self, do: str, route: str | None = None, **rule: Any) -> int:
        """The id of a new rule."""
        match = {} if route is None else {"route": route}
        answer = self.http.post("/_standin/faults", json={"match": match, "do": do, **rule})
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def rule(self, id: int) -> dict[str, Any]:
        return dict(self.http.get(f"/_standin/faults/{id}").json())

    def settings(self, **knobs: Any) -> None:
        assert self.http.post("/_standin/settings", json=knobs).status_code == 200

    def bill(self) -> dict[str, Any]:
        return dict(self.http.get("/_standin/bill").json())

    def upload(self, file: Path, content_type: str) -> str:
        wanted = {"file_name": file.name, "content_type": content_type}
        put = self.http.post("/storage/upload/initiate?storage_type=fal-cdn-v3", json=wanted).json()
        assert self.anyone.put(put["upload_url"], content=file.read_bytes()).status_code == 200
        return str(put["file_url"])


def until(condition: Callable[[], Any], within_s: float = 20.0) -> None:
    """Returns when the condition holds; fails the test when it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of moving test picture with a tone."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=8:duration=1", "-f", "lavfi", "-i", "sine=duration=1"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
    subprocess.run([str(ffmpeg()), "-v", "error", *source, *coded, str(path)], check=True)
    return path


@pytest.fixture
def standin(tmp_path: Path, clip: Path) -> Iterator[Standin]:
    """A fresh stand-in whose performers answer at once."""
    stage = Stage(clip)
    stage.open.set()
    folder = tmp_path / "standin"
    app = create_app(folder, performers=dict.fromkeys(ENDPOINTS, stage.perform))
    ready = threading.Event()
    server = Server(app_config(app), folder, ready.set)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        assert ready.wait(10)
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        key = {"Authorization": "Key id:secret"}
        with (
            httpx.Client(base_url=origin, headers=key, timeout=20, verify=False, trust_env=False) as http,
            httpx.Client(base_url=origin, timeout=20, verify=False, trust_env=False) as anyone,
        ):
            yield Standin(origin, folder, stage, http, anyone)
            stage.open.set()
            http.delete("/_standin/faults")
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


class Hook(ThreadingHTTPServer):
    """A receiver that keeps what it gets and answers with `codes` in turn, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.codes: list[int] = []
        self.got: list[tuple[dict[str, str], bytes, float]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?step=42"


class _Answering(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body, time.time()))
        self.send_response(self.server.codes.pop(0) if self.server.codes else 200)
        self.send_header("Location", self.server.url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *parts: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
