"""Starts a program that cannot outlive its parent nor outgrow its limits.

Run as `python -I -S leash.py PARENT_PID LIMITS -- program arguments`: it asks the kernel to be killed with its parent,
sets its limits, gives up real-time priority and becomes the program. So no `preexec_fn` runs in a threaded process,
and a `kill -9` of the parent leaves nothing behind. The parent is the thread that started it: start it from one that
waits for its end.
Only light modules are imported here, because this is the start-up time of every ffmpeg.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lib.media.limits import Limits

PR_SET_PDEATHSIG = 1
PR_CAPBSET_DROP = 24
CAP_SYS_NICE = 23
SIGKILL = 9
CPU_GRACE_S = 5  # at the limit the kernel says SIGXCPU, which ffmpeg reports; only later it kills
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120 - light
START = (
    "import os, sys; sys.path[:0] = sys.argv.pop(1).split(os.pathsep); "
    "from lib.media.leash import enter; enter(sys.argv.pop(1), sys.argv.pop(1)); "
)
CAPABILITIES_3 = 0x20080522  # the version of the sets (linux/capability.h)
KEPT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")


def leashed(argv: Sequence[str], limits: Limits) -> list[str]:
    """The command line that runs `argv` (its program an absolute path) on the leash of this process."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), _said(limits), "--", *argv]


def python(code: str, limits: Limits, *arguments: str) -> list[str]:
    """The command line of a Python of ours, which puts itself on the leash before it does anything else.

    That spares the start of a second interpreter. -I and -S keep the caller's folder and variables out, and what a
    start usually looks through; only our code and the packages are put back on its path.
    """
    packages = (folder for folder in sys.path if folder.endswith(("site-packages", "dist-packages")))
    path = os.pathsep.join([ROOT, *packages])
    return [sys.executable, "-I", "-S", "-c", START + code, path, str(os.getpid()), _said(limits), *arguments]


def _said(limits: Limits) -> str:
    return f"AS={limits.memory_bytes},CPU={limits.cpu_s},FSIZE={limits.file_bytes},CORE=0"


def environment() -> dict[str, str]:
    """All that a media child gets of our environment: nothing secret, and few memory arenas."""
    kept = {name: value for name in KEPT if (value := os.environ.get(name))}
    return kept | {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def enter(parent: str, bounds: str) -> None:
    """Puts this process on the leash."""
    _die_with(int(parent))
    _bound(bounds)
    wait_in_line()


def main() -> None:
    parent, bounds, _, *argv = sys.argv[1:]
    enter(parent, bounds)
    try:
        os.execv(argv[0], argv)  # noqa: S606 - the point of this file
    except OSError as error:
        print(f"cannot start {argv[0]}: {error.strerror}", file=sys.stderr)
        os._exit(127)


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel knew
        os._exit(1)


def _bound(bounds: str) -> None:
    for name, value in (pair.split("=") for pair in bounds.split(",")):
        kind = getattr(resource, f"RLIMIT_{name}")
        grace = CPU_GRACE_S if name == "CPU" else 0
        hard = resource.getrlimit(kind)[1]
        soft, most = (int(value) + extra for extra in (0, grace))
        if hard != resource.RLIM_INFINITY:
            soft, most = min(soft, hard), min(most, hard)
        resource.setrlimit(kind, (soft, most))


def wait_in_line() -> None:
    """As root, SVT-AV1 makes its threads and its caller's real-time (SCHED_FIFO 99): two cores then do nothing else.

    A capability outside the bounding set is not had again by `exec`, and this process gives it up now; who is not root
    never had it.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    libc.prctl(PR_CAPBSET_DROP, CAP_SYS_NICE, 0, 0, 0)
    who, sets = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)()
    if libc.capget(who, sets) == 0:
        for place in range(3):  # what is in effect, what may be, what is handed on
            sets[place] &= ~(1 << CAP_SYS_NICE)
        libc.capset(who, sets)


if __name__ == "__main__":
    main()
