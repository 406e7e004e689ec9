"""What a child that cuts tells while it works, so that nobody takes it for one that stands still."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lib.media.smart import report
from lib.media.smart.cutter import cut
from lib.media.smart.joiner import join
from lib.media.smart.report import UNITS, Steps
from tests.media.barcoded import noise, write

SECONDS = 4.0
PACKETS_A_SECOND = 48_000 / 1024


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, list[int]]:
    """What was said under each name, in its order."""
    said: dict[str, list[int]] = {}
    for line in capsys.readouterr().out.split():
        name, _, value = line.partition("=")
        if name != "progress":
            said.setdefault(name, []).append(int(value))
    return said


def source(folder: Path) -> Path:
    return write(folder / "clip.mp4", frames=100, sound=noise(SECONDS), g="10", bf="2")


def common(folder: Path) -> dict[str, Any]:
    own = {"output": str(folder / "made.mp4"), "folder": str(folder), "rate": 48_000, "layout": "mono"}
    return own | {"comment": "", "crf": 16}


def of_cut(folder: Path) -> None:
    """Only key pictures begin and end the parts, so that sound alone is encoded."""
    own = {"source": str(source(folder)), "ranges": [(0, 40), (50, 100)], "frames": 100, "sound": True}
    assert cut(common(folder) | own, Steps())["plans"] == [[0, 40, 0], [0, 50, 0]]


def of_join(folder: Path) -> None:
    path = str(source(folder))
    movies = [{"path": path, "frames": 100, "first": 0, "end": 100, "length_s": [4, 1]}] * 2
    sounds = [{"path": path, "zero_s": 0.0, "begin_s": [0, 1], "gain": 1.0}] * 2
    own = {"movies": movies, "sounds": sounds, "seams": [], "fps": [25, 1], "model": 0}
    assert join(common(folder) | own, Steps())["plans"] == [[0, 100, 0]] * 2


@pytest.mark.parametrize(("work", "seconds"), [(of_cut, 3.6), (of_join, 8.0)])
def test_encoded_sound_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, work: Any, seconds: float
) -> None:
    """While only sound is encoded, every packet of it is told, and most of the progress is its."""
    monkeypatch.setattr(report, "EVERY_S", 0.0)

    work(tmp_path)

    said = told(capsys)
    heard = sorted(set(said["out_time_us"]))
    assert heard[-1] == pytest.approx(seconds * 1e6, abs=1000)
    assert len(heard) == pytest.approx(seconds * PACKETS_A_SECOND, abs=2)
    assert said["frame"] == sorted(said["frame"])
    assert said["frame"][-1] == UNITS
    after_half = said["frame"][said["out_time_us"].index(heard[len(heard) // 2])]
    assert 0.3 * UNITS < after_half < 0.5 * UNITS


def test_copied_sound_is_no_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the sound is copied, all of the progress is that of the bytes."""
    monkeypatch.setattr(report, "EVERY_S", 0.0)
    own = {"source": str(source(tmp_path)), "ranges": [(0, 40)], "frames": 100, "sound": True}

    assert cut(common(tmp_path) | own, Steps())["sound"] == "copied"

    said = told(capsys)
    assert set(said["out_time_us"]) == {0}
    assert said["frame"][-1] == UNITS
