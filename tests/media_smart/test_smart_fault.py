"""A fault of ours is told as one: never as the clip's, and never by silently taking another way."""

from __future__ import annotations

import logging
import signal
from pathlib import Path
from typing import Any

import pytest

from lib.errors import BadMedia, InternalError, MediaError, NoSpace, TooLarge, TooLong
from lib.media.children import death
from lib.media.limits import Limits
from lib.media.probe import probe
from lib.media.smart import work
from lib.media.smart.child import QUIET, child
from lib.media.smart.running import Progress, Running
from lib.media.smart.trim import Cut, smart_trim
from lib.media.trim import Span
from tests.media.barcoded import ffmpeg_run, write

pytestmark = pytest.mark.anyio
CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)


async def test_a_bug_in_a_child_is_ours(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that nobody foresaw says what to do, and blames no clip; the log has its place."""
    logger = logging.getLogger("lib.media.children")
    monkeypatch.setattr(logger, "disabled", False)  # a library that another test of this process uses may have done so
    caplog.set_level(logging.ERROR, logger=logger.name)
    running = Running(Progress(None), None, Limits())
    async with child(tmp_path, Limits()) as worker:
        with pytest.raises(InternalError) as caught:
            await worker.ask({"do": "prove"}, running.watch(0, 1))

    assert (
        caught.value.message
        == "Something went wrong inside Dailies while proving the result. Your file is not to blame."
    )
    assert "report it" in caught.value.hint
    assert not isinstance(caught.value, MediaError)
    assert "KeyError: 'times'" in caplog.text
    assert "judge.py" in caplog.text


async def test_a_bug_takes_no_other_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the smart cut has a bug, all is not encoded instead, and nothing is left behind."""
    source = write(tmp_path / "clip.mp4", frames=40, g="10")
    asked = Cut._request

    def broken(*given: Any) -> dict[str, Any]:
        request = asked(*given)
        return request | {"ranges": ["not a range"]}

    monkeypatch.setattr(Cut, "_request", broken)
    with pytest.raises(InternalError, match="while cutting"):
        await smart_trim(source, await probe(source), tmp_path / "out.mp4", [Span(3, 33)])
    assert list(tmp_path.iterdir()) == [source]


async def test_each_work_tells_or_is_quiet() -> None:
    """What never says how far it is does not count as standing still; every work is one or the other."""
    assert {*work.REPORTING, *QUIET} == {*work.WORKS}
    assert not {*work.REPORTING} & {*QUIET}


@pytest.mark.parametrize(
    ("code", "stderr", "kind"),
    [
        (1, "Traceback …\nKeyError: 'times'", InternalError),
        (1, "Traceback …\nMemoryError", TooLarge),
        (1, "OSError: [Errno 28] No space left on device", NoSpace),
        *((-crash, "", BadMedia) for crash in CRASHES),
        (-signal.SIGXCPU, "", TooLong),
        (-signal.SIGKILL, "", TooLarge),
    ],
)
def test_what_a_death_means(code: int, stderr: str, kind: type[Exception]) -> None:
    """Only a decoder that crashed is the file's doing, not what the system ends for its time or its memory."""
    assert type(death(code, stderr, of="cutting")) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(28, "No space left on device"), "NoSpace"),
        (OSError(27, "File too large"), "TooLarge"),
        (OSError(5, "Input/output error"), "MediaError"),
    ],
)
def test_what_the_disk_does_is_not_a_bug(monkeypatch: pytest.MonkeyPatch, error: OSError, kind: str) -> None:
    """A full or failing disk is told as that."""

    def done(_: object) -> dict[str, Any]:
        raise error

    monkeypatch.setattr(work, "_done", done)
    assert work._answer({"do": "cut"})["error"]["kind"] == kind


def test_a_form_that_pyav_refuses_is_not_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """But the same kind of exception out of our own code is, and is left to end the child."""

    def of_av(_: object) -> dict[str, Any]:
        import av

        return {"made": av.VideoFrame(16, 16, "uyyvyy411").to_ndarray()}

    monkeypatch.setattr(work, "_done", of_av)
    assert work._answer({"do": "cut"})["error"]["kind"] == "Unsupported"
    monkeypatch.setattr(work, "_done", lambda _: {"number": int("ours")})
    with pytest.raises(ValueError, match="ours"):
        work._answer({"do": "cut"})


@pytest.mark.parametrize("asked", [{"do": "take", "which": "numbers", "numbers": [0]}, {"do": "prove"}])
def test_a_file_without_pictures_is_not_a_bug(tmp_path: Path, asked: dict[str, Any]) -> None:
    """Where a clip should be and only sound is, that is said."""
    path = tmp_path / "sound.wav"
    ffmpeg_run("-f", "lavfi", "-i", "anoisesrc=d=0.2", path)
    usual = {"source": str(path), "output": str(path), "folder": str(tmp_path), "suffix": ".png", "comment": ""}
    clock = {"frames": 5, "rate": 25.0, "times_s": ()}
    more = {"clock": clock, "zero_s": 0.0, "part": (0, 5), "most": 9, "threshold": 10, "times": [0.0], "rate": 48_000}
    said = work._answer(usual | more | asked)
    assert said["error"]["kind"] == "BadMedia"
    assert "no picture" in said["error"]["message"]
