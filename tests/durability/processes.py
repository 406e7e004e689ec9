"""Which processes belong to a data folder: found in /proc by command line, environment and working folder."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.durability.waiting import until


def belonging_to(folder: Path) -> dict[int, str]:
    """Process id -> command line of every living process that works in or for `folder`, except this one."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            named = command + b"\0" + (entry / "environ").read_bytes() + b"\0" + os.fsencode((entry / "cwd").readlink())
        except OSError:  # it ended while we looked, or is not ours
            continue
        if command and int(entry.name) != os.getpid() and os.fsencode(folder) in named:
            found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace").strip()
    return found


def ffmpeg_of(folder: Path) -> list[int]:
    """Ids of the ffmpeg processes, and of our own cutter, that read or write in `folder`; all are past the leash."""
    found = belonging_to(folder).items()
    media = [pid for pid, command in found if "ffmpeg" in _program(pid) or "lib.media.smart.work" in command]
    return [pid for pid in media if _is_leashed(pid)]


def _is_leashed(pid: int) -> bool:
    """Whether its limits are set, which comes right after the wish to die with its parent."""
    try:
        limits = Path(f"/proc/{pid}/limits").read_text()
    except OSError:  # it has ended
        return False
    return any(
        line.startswith("Max address space") and "unlimited" not in line.split()[3] for line in limits.splitlines()
    )


def performers_of(folder: Path) -> list[int]:
    """Ids of the stand-in's performing children."""
    return [pid for pid, command in belonging_to(folder).items() if "performers.child" in command]


def stop_all(folder: Path) -> None:
    """Kills whatever belongs to `folder` and waits until nothing does."""
    for pid in belonging_to(folder):
        kill(pid, signal.SIGKILL)
    until(lambda: not _again(folder), f"the processes of {folder.name} are gone")


def kill(pid: int, number: signal.Signals) -> None:
    """Sends the signal; a process that is gone already is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _again(folder: Path) -> dict[int, str]:
    """Those that are left, each killed once more: one may have started another meanwhile."""
    left = belonging_to(folder)
    for pid in left:
        kill(pid, signal.SIGKILL)
    return left


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/exe").readlink().name
    except OSError:
        return ""
