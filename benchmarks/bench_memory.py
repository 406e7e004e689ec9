"""Memory of all our processes together while the golden chain runs, and how long the chain takes.

PSS (proportional set size) shares out what processes share, so that the sum is what the machine really gives. The aim
is under 600 MB, since Streamlit Community Cloud gives 690 MB in the worst case. The named peer is `streamlit hello`,
measured in the same run.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.chain.presets import preset  # noqa: E402
from lib.settings import Settings  # noqa: E402
from lib.studio import Studio  # noqa: E402

MARK = "DAILIES_BENCH_ID"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        own = str(os.getpid())
        with served(["run", "streamlit_app.py"], folder, own):
            idle = pss(own)
            peak, names, seconds = chain_peak(Path(folder), own)
        stop_all(own)
        with served(["hello"], folder, own + "-hello"):
            hello = pss(own + "-hello")
    print(f"golden chain, press to end        {seconds:6.1f} s")
    print(f"PSS before, all processes         {sum(idle.values()):6.0f} MB")
    print(f"PSS peak, all processes           {peak:6.0f} MB  (aim: under 600)")
    for name, size in sorted(names.items(), key=lambda item: -item[1]):
        print(f"    {name:30}{size:6.0f} MB")
    print(f"peer: streamlit hello             {sum(hello.values()):6.0f} MB  ratio {peak / sum(hello.values()):.2f}")


@contextmanager
def served(arguments: list[str], folder: str, mark: str) -> Iterator[None]:
    """A Streamlit server on a free port with one page visited."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", *arguments, "--server.port", str(port), "--server.headless", "true"],
        cwd=ROOT,
        env=dict(os.environ) | {"DAILIES_DATA_DIR": folder, MARK: mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield
    finally:
        server.terminate()
        server.wait()


def chain_peak(folder: Path, mark: str) -> tuple[float, dict[str, float], float]:
    """Highest sum in MB, its parts, and the seconds that the chain took."""
    os.environ[MARK] = mark
    studio = Studio(Settings(data_dir=folder))
    began = time.monotonic()
    run_id = studio.start(preset("extend-lipsync-upscale"))
    peak, parts = 0.0, dict[str, float]()
    while not studio.run(run_id).ended:
        now = pss(mark)
        if sum(now.values()) > peak:
            peak, parts = sum(now.values()), now
        time.sleep(0.1)
    seconds = time.monotonic() - began
    assert studio.run(run_id).status == "done", studio.run(run_id)
    return peak, parts, seconds


def pss(mark: str) -> dict[str, float]:
    """MB by process, for every process that carries our mark in its environment, but this one."""
    found: dict[str, float] = {}
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            if f"{MARK}={mark}\0".encode() not in (process / "environ").read_bytes() + b"\0" and not ours(process):
                continue
            rollup = (process / "smaps_rollup").read_text()
            name = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it has just ended
        size = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        found[f"{short(name)} {process.name}"] = size / 1024
    return found


def ours(process: Path) -> bool:
    """Media children get a cleaned environment; they are known by their parent."""
    parent = next(line for line in (process / "status").read_text().splitlines() if line.startswith("PPid:")).split()[1]
    try:
        return f"{MARK}=".encode() in (Path("/proc") / parent / "environ").read_bytes()
    except OSError:
        return False


def short(command: str) -> str:
    for word in ("streamlit", "lib worker", "lib standin", "ffmpeg", "performers", "look"):
        if word in command:
            return word
    return command[:28]


def stop_all(mark: str) -> None:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.name != str(os.getpid()) and f"{MARK}={mark}".encode() in (process / "environ").read_bytes():
                os.kill(int(process.name), 15)
        except OSError:
            continue


def wait_for(address: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{address} did not answer")


if __name__ == "__main__":
    main()
