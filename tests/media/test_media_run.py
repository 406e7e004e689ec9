"""The runner: progress, and every way in which an ffmpeg ends."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from lib.errors import BadMedia, Cancelled, MediaError, MissingBinary, NoSpace, TooLarge, TooLong
from lib.media.binary import ffmpeg
from lib.media.command import Command
from lib.media.failure import failure
from lib.media.leash import environment, leashed, python
from lib.media.limits import Limits
from lib.media.progress import seconds_left
from lib.media.run import dressed, run
from tests.media.conftest import Clip
from tests.media.waiting import running_with, until

pytestmark = pytest.mark.anyio
ENDLESS = ("-f", "lavfi", "-i", "testsrc2=s=320x240", "-c:v", "libx264", "-preset", "ultrafast")


def making(output: Path, *argv: str, frames: int | None = None) -> Command:
    return Command((*argv, str(output)), output, frames=frames)


async def test_progress_ends_at_one(tmp_path: Path) -> None:
    """Progress only grows, lies between 0 and 1, and is 1 at the end; the folder holds the result alone."""
    output, told = tmp_path / "out.mp4", []
    source = ("-f", "lavfi", "-i", "testsrc2=s=640x360:d=12", "-c:v", "libx264")
    await run(making(output, *source, frames=300), on_progress=told.append)
    assert told == sorted(told)
    assert len(told) > 1
    assert 0 <= told[0] < 1
    assert told[-1] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


ASK = "import os; print(os.sched_getscheduler(0)); os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))"


def test_our_own_python_is_bound_and_sees_little(tmp_path: Path) -> None:
    """It has the limits that it was given, nothing of the caller's folder on its path, and dies with its parent."""
    code = "import resource, sys; print(resource.getrlimit(resource.RLIMIT_CPU)[0], sys.flags.isolated, '' in sys.path)"
    argv = python(code, Limits(cpu_s=7))
    assert subprocess.check_output(argv, text=True, cwd=tmp_path).split() == ["7", "1", "False"]
    other = subprocess.run(
        [*argv[:6], "1", *argv[7:]], capture_output=True, text=True, check=False, cwd=tmp_path
    )  # as if its parent were another
    assert (other.returncode, other.stdout) == (1, "")


@pytest.mark.parametrize("argv", [leashed([sys.executable, "-c", ASK], Limits()), python(ASK, Limits())])
def test_a_child_cannot_become_real_time(tmp_path: Path, argv: list[str]) -> None:
    """Root may ask for real-time priority, and SVT-AV1 does; on a leash it is refused, so other work goes on."""
    child = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert child.stdout.split() == [str(os.SCHED_OTHER)]
    assert "PermissionError" in child.stderr


@pytest.mark.parametrize(
    ("fraction", "elapsed_s", "left_s"),
    [(0.25, 10, 30), (0.5, 8, 8), (1, 8, 0), (1.2, 8, 0), (0, 60, None), (0.01, 60, None), (0.5, 0.4, None),
     (-1, 9, None), (math.nan, 9, None)],
)  # fmt: skip
def test_seconds_left(fraction: float, elapsed_s: float, left_s: float | None) -> None:
    """What is left takes as long as what is done did, once enough is done to tell."""
    assert seconds_left(fraction, elapsed_s) == left_s


async def test_many_files(tmp_path: Path) -> None:
    """A pattern as output gives all its files."""
    await run(making(tmp_path / "%02d.png", "-f", "lavfi", "-i", "testsrc2=s=32x32:d=0.2:r=25"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"0{n}.png" for n in range(1, 6)]


async def test_cancel(tmp_path: Path) -> None:
    """A cancel is obeyed within a second; nothing is left, and no process either."""
    asked: list[float] = []

    def cancelled() -> bool:
        if len(running_with(str(tmp_path))) and not asked and any(tmp_path.glob(".cut-*.part/out.mp4")):
            asked.append(time.monotonic())
        return bool(asked)

    with pytest.raises(Cancelled):
        await run(making(tmp_path / "out.mp4", *ENDLESS), cancelled=cancelled)
    assert time.monotonic() - asked[0] < 1
    assert list(tmp_path.iterdir()) == []
    assert running_with(str(tmp_path)) == []


async def test_a_cancelled_task_takes_ffmpeg_with_it(tmp_path: Path) -> None:
    """When the task that runs it is cancelled, ffmpeg is gone before the cancellation arrives."""
    task = asyncio.create_task(run(making(tmp_path / "out.mp4", *ENDLESS)))
    while not any(tmp_path.glob(".cut-*.part/out.mp4")):
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert running_with(str(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


async def test_deadline(tmp_path: Path) -> None:
    """Work that does not end is ended, with a sentence that says after how long."""
    with pytest.raises(TooLong, match=r"1\.5 s") as caught:
        await run(making(tmp_path / "out.mp4", *ENDLESS), limits=Limits(deadline_s=1.5))
    assert caught.value.command[0].endswith(str(ffmpeg()))
    assert list(tmp_path.iterdir()) == []


async def test_stall(tmp_path: Path) -> None:
    """An ffmpeg that waits for ever (here for a pipe that nobody writes to) is noticed as standing still."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)
    command = Command(
        ("-f", "rawvideo", "-s", "32x32", "-i", str(pipe), str(tmp_path / "out.mp4")), tmp_path / "out.mp4"
    )
    with pytest.raises(TooLong, match="no progress"):
        await run(command, limits=Limits(stall_s=1))
    os.close(writer)


async def test_what_it_said_is_kept(tmp_path: Path) -> None:
    """An ffmpeg that had to be stopped leaves what it said until then."""
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\necho 'half way there' >&2\nexec sleep 600\n")
    silent.chmod(0o755)
    with pytest.raises(TooLong, match="no progress") as caught:
        await run(making(tmp_path / "out.mp4"), limits=Limits(stall_s=1), binary=silent)
    assert caught.value.stderr == "half way there\n"


async def test_disk_full(tmp_path: Path) -> None:
    """A full disk is told as a full disk (here the device that is always full), and no half result is kept."""
    full = ("-f", "lavfi", "-i", "testsrc2=s=320x240:d=1", "-f", "mpegts", "/dev/full")
    with pytest.raises(NoSpace) as caught:
        await run(making(tmp_path / "out.mp4", *full))
    assert "No space left" in caught.value.stderr
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


async def test_disk_full_before_the_start(tmp_path: Path) -> None:
    """A folder that cannot take a file at all is a MediaError with a sentence, not a traceback."""
    with pytest.raises(MediaError, match="could not be written"):
        await run(making(tmp_path / "nowhere" / "out.mp4", *ENDLESS))


async def test_too_large_a_file(tmp_path: Path) -> None:
    """A result that outgrows its limit is stopped by the kernel, and told so."""
    with pytest.raises(TooLarge, match="largest size"):
        await run(making(tmp_path / "out.mp4", *ENDLESS), limits=Limits(file_bytes=200_000))
    assert list(tmp_path.iterdir()) == []


async def test_processor_time(tmp_path: Path) -> None:
    """Work that burns its processor time is stopped, and told so."""
    burning = ("-f", "lavfi", "-i", "testsrc2=s=1280x720", "-c:v", "libx264")
    with pytest.raises(TooLong, match="processor time"):
        await run(making(tmp_path / "out.mp4", *burning), limits=Limits(cpu_s=1, deadline_s=60))


async def test_memory(tmp_path: Path) -> None:
    """An ffmpeg that asks for more memory than allowed fails with a sentence."""
    hungry = ("-f", "lavfi", "-i", "testsrc2=s=4000x4000:d=1", "-c:v", "libx264", "-preset", "veryslow")
    with pytest.raises(TooLarge, match="memory"):
        await run(making(tmp_path / "out.mp4", *hungry), limits=Limits(memory_bytes=500 * 2**20))


async def test_1440p_fits_in_the_default_memory(tmp_path: Path) -> None:
    """The default memory is enough for 2560 x 1440 with x264."""
    large = ("-f", "lavfi", "-i", "testsrc2=s=2560x1440:d=0.4:r=25", "-c:v", "libx264", "-threads", "2")
    await run(making(tmp_path / "out.mp4", *large))
    assert (tmp_path / "out.mp4").stat().st_size > 0


async def test_too_many_pixels(tmp_path: Path, clips: dict[str, Clip]) -> None:
    """A picture over the pixel limit is refused before it is decoded."""
    path = clips["plain"].path
    command = Command(("-i", str(path), str(tmp_path / "out.mp4")), tmp_path / "out.mp4", (path,))
    with pytest.raises(TooLarge, match="pixels"):
        await run(command, limits=Limits(max_pixels=1000))


async def test_error_tells_command_code_and_stderr(tmp_path: Path) -> None:
    """A plain failure carries what is needed to understand it."""
    with pytest.raises(MediaError) as caught:
        await run(making(tmp_path / "out.mp4", "-f", "lavfi", "-i", "nosuchfilter"))
    error = caught.value
    assert error.code
    assert "nosuchfilter" in error.stderr
    assert str(ffmpeg()) in error.command


async def test_only_the_end_of_stderr_is_kept(tmp_path: Path) -> None:
    """An ffmpeg that complains without end does not fill the memory."""
    noisy = tmp_path / "noisy"
    noisy.write_text("#!/bin/sh\nyes 'something is wrong here' | head -c 3000000 >&2\nexit 3\n")
    noisy.chmod(0o755)
    with pytest.raises(MediaError) as caught:
        await run(making(tmp_path / "out.mp4"), binary=noisy)
    assert caught.value.code == 3
    assert len(caught.value.stderr) == 64 * 1024


async def test_missing_binary(tmp_path: Path) -> None:
    """Without ffmpeg there is a sentence about ffmpeg, whether it is not found or does not start."""
    with pytest.raises(MissingBinary, match="not installed"):
        ffmpeg(finders=(lambda: None,))
    with pytest.raises(MissingBinary, match="does not start"):
        await run(making(tmp_path / "out.mp4"), binary=tmp_path / "no-such-ffmpeg")


def test_path_is_the_second_choice() -> None:
    """The wheel's ffmpeg comes first, one from elsewhere second."""
    assert ffmpeg(finders=(lambda: "/first", lambda: "/second")) == Path("/first")
    assert ffmpeg(finders=(lambda: None, lambda: "/second")) == Path("/second")


def test_children_get_a_clean_environment() -> None:
    """No key and no code reaches a child that opens foreign bytes."""
    os.environ["FAL_KEY"] = os.environ["DAILIES_ACCESS_CODE"] = "planted"
    assert "planted" not in environment().values()
    argv = leashed([sys.executable, "-I", "-c", "import os; print(dict(os.environ))"], Limits())
    said = subprocess.run(argv, env=environment(), capture_output=True, text=True, check=True).stdout
    assert "planted" not in said


def test_safety_stands_before_every_input(tmp_path: Path) -> None:
    """Each input gets the whitelists and the pixel limit of its own; a format the app names is allowed with them."""
    a, b, output = tmp_path / "a.mp4", tmp_path / "b.mp4", tmp_path / "out.mp4"
    command = Command(
        ("-i", str(a), "-ss", "1", "-i", str(b), "-f", "lavfi", "-i", "anullsrc", str(output)), output, (a, b)
    )
    argv = dressed(command, tmp_path / "private", Limits(), Path("/bin/ffmpeg"))
    starts = [0, *(place + 2 for place, arg in enumerate(argv) if arg == "-i")]
    inputs = [argv[start:end] for start, end in pairwise(starts)]
    assert [part[-1] for part in inputs] == [f"file:{a}", f"file:{b}", "anullsrc"]
    for part in inputs:
        assert part[part.index("-protocol_whitelist") + 1] == "file,pipe"
        assert part[part.index("-max_pixels") + 1] == "16777216"
    allowed = [part[part.index("-format_whitelist") + 1] for part in inputs]
    assert ["lavfi" in formats for formats in allowed] == [False, False, True]
    assert not any(name in allowed[0] for name in ("hls", "concat", "dash", "sdp", "image2", "svg"))
    assert argv[-1] == f"file:{tmp_path / 'private' / 'out.mp4'}"
    assert "-nostdin" in argv


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        ("av_interleaved_write_frame(): No space left on device\nInvalid data found", NoSpace),
        ("[in#0] Error opening input: Invalid data found when processing input", BadMedia),
        ("[h264] Picture size 9000x9000 exceeds specified max pixel count 16777216", TooLarge),
        ("Error while opening encoder: Cannot allocate memory", TooLarge),
        ("[png @ 0x55d0] inflate returned error -3", BadMedia),
        ("something nobody has seen before", MediaError),
    ],
)
def test_table_of_failures(stderr: str, kind: type[MediaError]) -> None:
    """ffmpeg's last words decide the kind of error, the cause before its consequences."""
    assert type(failure(["ffmpeg"], 1, stderr)) is kind


WORKER = """
import asyncio, sys
from pathlib import Path
from lib.media.command import Command
from lib.media.run import run
output = Path(sys.argv[1])
source = ("-f", "lavfi", "-i", "testsrc2=s=320x240", "-c:v", "libx264", "-preset", "ultrafast")
asyncio.run(run(Command((*source, str(output)), output)))
"""


def test_kill_of_the_parent_leaves_no_ffmpeg(tmp_path: Path) -> None:
    """A `kill -9` of the process that runs ffmpeg takes ffmpeg with it."""
    output = tmp_path / "out.mp4"
    parent = subprocess.Popen([sys.executable, "-c", WORKER, str(output)], cwd=Path.cwd())
    until(lambda: any(tmp_path.glob(".cut-*.part/out.mp4")), "ffmpeg is at work")
    children = [pid for pid in running_with(str(tmp_path)) if pid != parent.pid]
    assert len(children) == 1
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert until(lambda: running_with(str(tmp_path)) == [], "no ffmpeg is left") < 5
