"""Files that mean harm: nothing but the given file is read, nothing is called, and everything ends with a sentence."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lib.errors import BadMedia, DailiesError, TooLong
from lib.media.limits import Limits
from lib.media.probe import probe
from tests.media import hostile_files as files
from tests.media.barcoded import numbers, write

pytestmark = pytest.mark.anyio
GB = 1000
ALL = 99
SPOILT = re.compile(r"Traceback|\.py\b|0x[0-9a-f]{4}|\n|Error\(|<class|None\b")


@pytest.fixture
def canary_socket() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine, and what was ever sent to it."""
    listener, came = socket.create_server(("127.0.0.1", 0)), []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # closed: the test is over
                return
            came.append(b"connected")
            connection.close()

    thread = threading.Thread(target=accept)
    thread.start()
    yield listener.getsockname()[1], came
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@cache
def strace() -> list[str]:
    """The command that watches which files and addresses a process and its children open; empty where it may not."""
    argv = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=open,openat,openat2,connect"]
    if shutil.which("strace") is None or subprocess.run([*argv, "true"], capture_output=True, check=False).returncode:
        return []
    return argv


def tried(
    folder: Path, paths: Sequence[Path], *, per_file: int | str = ALL, seed: int = 0, forged: bool = False
) -> list[dict[str, Any]]:
    """What came of each file; fails where memory, sentences, leftovers or the canary are not as they must be."""
    log, room = folder / "strace.log", folder / "room"
    room.mkdir()
    argv = [sys.executable, "-m", "tests.media.hostile", str(room), str(per_file), str(seed), str(int(forged))]
    watched = [*strace(), "-o", str(log)] if strace() else []
    done = subprocess.run([*watched, *argv, *map(str, paths)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]

    assert [one["file"] for one in verdicts] == [path.name for path in paths]
    assert [fault for one in verdicts for fault in faults(one)] == []
    assert [path.name for path in room.iterdir()] == ["friend.mp4"]
    if watched:
        opened = log.read_text(errors="replace")
        assert paths[-1].name in opened
        assert [line for line in opened.splitlines() if "canary" in line or "AF_INET" in line] == []
    return verdicts


def faults(one: dict[str, Any]) -> Iterator[str]:
    """What is wrong with what a file came to."""
    name = one["file"]
    if one["peak_mb"] >= GB:
        yield f"{name}: a child took {one['peak_mb']} MB"
    for way, said in one["said"].items():
        if "made" in said:
            if files.CANARIES.intersection(said["made"]):
                yield f"{name}: {way} shows the canary"
        elif said["kind"] == "Cancelled":
            yield f"{name}: {way} did not end by itself"
        elif not said["message"].endswith((".", ")")) or SPOILT.search(said["message"] + said["hint"]):
            yield f"{name}: {way} says {said['message']!r}"
        elif said["left"]:
            yield f"{name}: {way} left {said['left']}"


def refused(verdicts: Sequence[dict[str, Any]], way: str) -> dict[str, str]:
    """File -> kind of the error, for those that were refused there."""
    return {one["file"]: one["said"][way]["kind"] for one in verdicts if "kind" in one["said"].get(way, {})}


@pytest.mark.parametrize("suffixes", [("",), pytest.param(files.FALSE, marks=pytest.mark.long)])
def test_pointing_files(tmp_path: Path, canary_socket: tuple[int, list[bytes]], suffixes: tuple[str, ...]) -> None:
    """No playlist or script is followed, whatever its name, even by cuts that were told that it is a clip."""
    port, came = canary_socket
    files.canary(tmp_path)
    paths = files.pointing(tmp_path, port, suffixes)
    verdicts = tried(tmp_path, paths, per_file=1 if "" in suffixes else ALL, forged=True)

    assert set(refused(verdicts, "probe").values()) == {"BadMedia"}
    assert all("kind" in said for one in verdicts for said in one["said"].values())
    assert len(refused(verdicts, "probe")) == len(paths)
    assert came == []


def test_names_do_not_help(tmp_path: Path, canary_socket: tuple[int, list[bytes]]) -> None:
    """The probe and the bare runner refuse each under an ending that is none of its own."""
    port, came = canary_socket
    files.canary(tmp_path)
    paths = files.pointing(tmp_path, port, files.FALSE, each=1)
    verdicts = tried(tmp_path, paths, per_file=0)

    assert len(refused(verdicts, "probe")) == len(refused(verdicts, "run")) == len(paths)
    assert came == []


def test_containers_that_carry_a_pointer(tmp_path: Path, canary_socket: tuple[int, list[bytes]]) -> None:
    """Data references of a MOV, playlists attached to an MKV and an AVI's subtitle are never followed."""
    port, came = canary_socket
    files.canary(tmp_path)
    verdicts = tried(tmp_path, files.carriers(tmp_path, port), forged=True)

    own = verdicts[0]
    assert own["file"] == "attached.mkv"
    assert set(own["said"]["cut/trim"]["made"]) <= set(range(10))
    assert came == []


def test_the_canary_is_readable(tmp_path: Path) -> None:
    """The file that the pointers name would open and show its numbers, so that their absence means something."""
    assert numbers(files.canary(tmp_path)) == sorted(files.CANARIES)


def test_bombs(tmp_path: Path) -> None:
    """Pictures that say they are enormous are refused within the memory of a small one, by the probe and by cuts."""
    verdicts = tried(tmp_path, files.bombs(tmp_path), forged=True, per_file=1)
    kinds = refused(verdicts, "probe")

    assert {kinds.get(name) for name in ("bomb.png", "bomb.gif", "huge.mp4")} == {"TooLarge"}
    assert {"bomb.jpg", "bomb.webp"} <= kinds.keys()


def test_the_largest_picture(tmp_path: Path) -> None:
    """Pictures as large as are taken, with all the references that there can be, stay within the memory."""
    tried(tmp_path, [files.largest(tmp_path)], per_file="cut/frame,cut/trim")


def test_gaps_of_hours(tmp_path: Path) -> None:
    """Pictures ten hours apart are refused as too long; whatever is let through ends by itself."""
    *ten, five = files.gaps(tmp_path)
    verdicts = tried(tmp_path, ten, forged=True, per_file=1)

    assert refused(verdicts, "probe") == {path.name: "TooLong" for path in ten}
    shutil.rmtree(tmp_path / "room")
    verdicts = tried(tmp_path, [five], per_file="every second,cut/frame,exact")
    assert all("made" in said for said in verdicts[0]["said"].values())


async def test_streams_without_end(tmp_path: Path) -> None:
    """A pipe, a device and a file that grows while it is looked at end with an answer."""
    pipe, device, growing = tmp_path / "pipe.mp4", tmp_path / "zero.mp4", tmp_path / "growing.ts"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        with pytest.raises(BadMedia, match="not a file"):
            await probe(path)
    stream = write(growing, frames=25).read_bytes()
    over = threading.Event()

    def grow() -> None:
        with growing.open("ab") as file:
            while not over.is_set() and file.tell() < 2**32:
                file.write(stream * 500)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        with pytest.raises(TooLong):
            await probe(growing, limits=Limits(deadline_s=3, memory_bytes=2**30, cpu_s=20, file_bytes=0))
    finally:
        over.set()
        writer.join()
        growing.unlink()


async def test_a_hundred_gigabytes_of_nothing(tmp_path: Path) -> None:
    """A file that is only a length is refused, not read through."""
    for name, head in (
        ("a.mp4", b""),
        ("b.mp4", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"),
        ("c.png", b"\x89PNG\r\n\x1a\n"),
    ):
        path = tmp_path / name
        path.write_bytes(head)
        os.truncate(path, 100 * 10**9)
        with pytest.raises(DailiesError):
            await probe(path)


@pytest.mark.parametrize("tenths", [(5,), pytest.param((1, 2, 7, 9), marks=pytest.mark.long)])
def test_truncated(tmp_path: Path, tenths: tuple[int, ...]) -> None:
    """Files of every kind without their end: each is refused, or cut as far as it goes."""
    paths = files.cut_short(tmp_path, files.seeds(tmp_path), tenths)
    verdicts = tried(tmp_path, paths, per_file=1, seed=2)

    assert len(refused(verdicts, "probe")) > len(paths) // 4


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("count", "per_file"), [(40, 1), pytest.param(500, 6, marks=pytest.mark.long)], ids=["forty", "five hundred"]
)
def test_fuzzed(tmp_path: Path, count: int, per_file: int) -> None:
    """Files of every kind damaged at random: refused with a sentence or cut, in bounded memory and time."""
    files.canary(tmp_path)
    verdicts = tried(tmp_path, files.damaged(tmp_path, files.seeds(tmp_path), count, 3), per_file=per_file)
    passed = count - len(refused(verdicts, "probe"))

    assert count // 5 < passed < count
    assert sum(len(one["said"]) > 2 for one in verdicts) > count // 5
