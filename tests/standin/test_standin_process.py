"""The process: one per folder, on a port that stays, through kills, and gone when it should be."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from lib.errors import SettingsError
from lib.standin.process import read_origin, serve
from tests.standin.conftest import FREE, Hook, until

ROOT = Path(__file__).resolve().parents[2]
# A performer that waits for a file named "go" beside the stand-in's folder, then hands out the clip.
SCRIPT = """
import asyncio, shutil, sys
from pathlib import Path
from lib.catalog import ENDPOINTS
from lib.standin.perform import Made
from lib.standin.process import serve
folder, port, clip = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
async def perform(task):
    task.log("waiting")
    while not folder.with_name("go").exists():
        await asyncio.sleep(0.02)
    shutil.copy(clip, task.folder / "output.mp4")
    return Made({"video": task.folder / "output.mp4"}, {}, {"video": "video/mp4"})
serve(folder, port, performers={id: perform for id in ENDPOINTS})
"""
KEY = {"Authorization": "Key a:b"}

Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "standin"


@pytest.fixture
def start(folder: Path, clip: Path) -> Iterator[Start]:
    """Starts the process; gives it and the line that it printed."""
    started: list[subprocess.Popen[str]] = []

    def begin(port: int = 0) -> tuple[subprocess.Popen[str], str]:
        argv = [sys.executable, "-c", SCRIPT, str(folder), str(port), str(clip)]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield begin
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _client(line: str) -> httpx.Client:
    return httpx.Client(base_url=line.removeprefix("ready "), headers=KEY, timeout=20, verify=False, trust_env=False)


def test_ready_is_said_and_written(start: Start, folder: Path) -> None:
    """The ready line, address.json and the info route agree, on loopback."""
    process, line = start()
    address = json.loads((folder / "address.json").read_text())
    assert line == f"ready {address['origin']}" == f"ready http://127.0.0.1:{address['port']}"
    assert address["pid"] == process.pid
    assert read_origin(folder) == address["origin"]
    with _client(line) as http:
        assert http.get("/_standin/info").json()["pid"] == process.pid


def test_sigterm_is_exit_0_even_while_a_client_waits(start: Start) -> None:
    """A running request and an open stream do not keep it."""
    process, line = start()
    with _client(line) as http:
        request = http.post(f"/{FREE}", json={"prompt": "x"}).json()
        with http.stream("GET", request["status_url"] + "/stream") as stream:
            next(stream.iter_lines())
            process.terminate()
            assert process.wait(10) == 0


def test_killed_in_the_middle_it_goes_on_and_bills_once(start: Start, folder: Path) -> None:
    """kill -9 while one runs and one waits: the same port serves both to the end, each billed once."""
    process, line = start()
    with _client(line) as http:
        running, waiting = (http.post(f"/{FREE}", json={"prompt": name}).json() for name in ("one", "two"))
        until(lambda: http.get(running["status_url"]).json()["status"] == "IN_PROGRESS")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    folder.with_name("go").touch()
    _, again = start()
    assert again == line
    with _client(again) as http:
        for request in (running, waiting):
            until(lambda: http.get(request["status_url"]).json()["status"] == "COMPLETED")  # noqa: B023
            assert http.get(request["response_url"]).status_code == 200
        bill = http.get("/_standin/bill").json()
    assert sorted(row["request_id"] for row in bill["lines"]) == sorted(
        request["request_id"] for request in (running, waiting)
    )
    assert [row["payload"]["prompt"] for row in bill["accepted"]] == ["one", "two"]
    assert bill["accepted"][0]["attempts"] == 2


def test_uploads_settings_and_the_key_survive_a_kill(start: Start) -> None:
    """A file, a begun multipart upload, the token, the knobs and the webhook key are the same afterwards."""
    process, line = start()
    with _client(line) as http:
        token = http.post("/storage/auth/token", json={}).json()["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        url = http.post("/files/upload", content=b"abc", headers=bearer).json()["access_url"]
        big = http.post("/files/upload/multipart", headers=bearer).json()
        base = f"{big['access_url']}/multipart/{big['uploadId']}"
        http.put(f"{base}/1", content=b"first ")
        http.post("/_standin/settings", json={"list_complete_after_s": None})
        keys = http.get("/.well-known/jwks.json").json()
        process.kill()
        process.wait()
    _, again = start()
    with _client(again) as http:
        assert http.get(url).content == b"abc"
        http.put(f"{base}/2", content=b"second")
        parts = [{"partNumber": number, "etag": "x"} for number in (2, 1)]
        assert http.post(f"{base}/complete", json={"parts": parts}).status_code == 200
        assert http.get(big["access_url"]).content == b"first second"
        assert http.post("/files/upload", content=b"d", headers=bearer).status_code == 200
        assert http.get("/_standin/info").json()["list_complete_after_s"] is None
        assert http.get("/.well-known/jwks.json").json() == keys


def test_an_unacknowledged_webhook_is_taken_up_after_a_kill(start: Start, folder: Path, hook: Hook) -> None:
    """The receiver was not ready, the stand-in was killed: the next process delivers it."""
    hook.codes = [503]
    folder.with_name("go").touch()
    process, line = start()
    with _client(line) as http:
        http.post(f"/{FREE}", json={"prompt": "x"}, params={"fal_webhook": hook.url})
        until(lambda: hook.got)
    process.kill()
    process.wait()
    start()
    until(lambda: len(hook.got) == 2)
    assert hook.got[0][1] == hook.got[1][1]


def test_a_second_process_points_to_the_first(start: Start) -> None:
    """It prints the same line and leaves with 0."""
    first, line = start()
    second, same = start()
    assert same == line
    assert second.wait(10) == 0
    assert first.poll() is None


def test_it_goes_with_its_folder(start: Start, folder: Path) -> None:
    """Without its folder it ends by itself."""
    process, _ = start()
    shutil.rmtree(folder)
    assert process.wait(15) == 0


def test_a_taken_port_is_said(folder: Path) -> None:
    """An asked port that somebody else has is an error with a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError, match="is taken"):
        serve(folder, taken.getsockname()[1], performers={})


def test_a_remembered_port_that_is_taken_is_replaced(start: Start, folder: Path) -> None:
    """Port 0 falls back to a free one, which is then the written one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        folder.mkdir()
        port = taken.getsockname()[1]
        (folder / "address.json").write_text(json.dumps({"origin": "", "pid": 1, "port": port}))
        _, line = start()
    assert line.startswith("ready http://127.0.0.1:")
    assert not line.endswith(f":{port}")


def test_idle_costs_next_to_nothing(start: Start) -> None:
    """Three idle seconds use less than a tenth of a second of processor."""
    process, _ = start()

    def used_s() -> float:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used_s()
    time.sleep(3)  # idling is what is measured
    assert used_s() - before < 0.1
