"""An hour of 2 GB, and pictures of 16 million pixels: cut as exactly as a second, and never held in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from tests.cli.conftest import ROOT
from tests.media.barcoded import ffmpeg_run, number_in, picture

RATE, PIECE, TIMES = 25, 1500, 60  # a numbered minute, sixty times
MOST_MB = 400
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def minute(path: Path) -> Path:
    """Numbered pictures of 1248 x 832 with so much grain that a minute takes 35 MB."""
    rng = np.random.default_rng(5)
    grain = [rng.integers(-24, 24, (832, 1248, 1), np.int16) for _ in range(8)]
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "b": "4800k", "g": "250"})
        video.width, video.height, video.pix_fmt = 1248, 832, "yuv420p"
        for number in range(PIECE):
            large = picture(number).repeat(13, 0).repeat(13, 1).astype(np.int16) + grain[number % 8]
            frame = av.VideoFrame.from_ndarray(np.clip(large, 0, 255).astype(np.uint8), format="rgb24")
            container.mux(video.encode(frame))
        container.mux(video.encode())
    return path


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("hour")
    piece, listed, clip = minute(folder / "minute.mp4"), folder / "list.txt", folder / "hour.mp4"
    listed.write_text(f"file '{piece}'\n" * TIMES)
    heard = ("-f", "lavfi", "-i", f"anoisesrc=r=48000:a=0.3:d={TIMES * PIECE // RATE}")
    ffmpeg_run("-f", "concat", "-safe", "0", "-i", listed, *heard, "-c:v", "copy", "-c:a", "aac", clip)
    yield clip
    clip.unlink()


def measured(*words: str | Path) -> tuple[dict[str, object], float]:
    """What a cut on the command line says, and the most memory in MB that one of its processes took."""
    argv = [sys.executable, "-c", MEASURED, sys.executable, "-m", "lib", "cut", *map(str, words)]
    said, peak_kb = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True).stdout.rsplit("}", 1)
    return json.loads(said + "}"), int(peak_kb) / 1024


def shown(path: Path, first: int, count: int) -> list[int]:
    """The numbers of some pictures, sought by their time."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        container.seek(int((first - 0.5) / RATE / stream.time_base), stream=stream)
        frames = (one for one in container.decode(stream) if one.time > (first - 0.5) / RATE)
        return [number_in(frame.to_ndarray(format="rgb24")) for frame, _ in zip(frames, range(count), strict=False)]


@pytest.mark.long
def test_an_hour(hour: Path, tmp_path: Path) -> None:
    """A part of 37 minutes has just its pictures at both ends and in the middle, in less memory than a fifth of it."""
    first, end = 30_864, 86_420
    out = tmp_path / "part.mp4"
    said, peak_mb = measured("trim", hour, "--start", f"f{first}", "--end", f"f{end}", "--out", out)
    assert hour.stat().st_size > 2e9
    assert (said["method"], said["proof"]["frames"], said["proof"]["faults"]) == ("smart", end - first, [])  # type: ignore[index]
    for at in (0, 20_000, end - first - 10):
        assert shown(out, at, 10) == [(first + at + place) % PIECE for place in range(10)]
    assert peak_mb < MOST_MB
    out.unlink()


@pytest.mark.long
def test_the_last_picture_of_an_hour(hour: Path, tmp_path: Path) -> None:
    """It is found, proven and written, in little memory."""
    out = tmp_path / "last.png"
    said, peak_mb = measured("frame", hour, "--which", "last", "--out", out)
    assert (said["frames"], said["proof"]["faults"]) == ([PIECE * TIMES - 1], [])  # type: ignore[index]
    assert peak_mb < MOST_MB


@pytest.mark.long
def test_large_pictures(tmp_path: Path) -> None:
    """Two clips of 4096 x 4096 are joined, one of them encoded, and no process takes more than 1 GB."""
    drawn, paths = "testsrc2=s=4096x4096:r=25:d=1,noise=alls=8:allf=t", [tmp_path / "one.mp4", tmp_path / "two.mp4"]
    for path, profile in zip(paths, ("high", "main"), strict=True):
        coding = ("-pix_fmt", "yuv420p", "-preset", "ultrafast", "-profile:v", profile)
        ffmpeg_run("-f", "lavfi", "-i", drawn, *coding, path)
    said, peak_mb = measured("join", *paths, "--out", tmp_path / "out.mp4")
    assert said["proof"]["frames"] == 50  # type: ignore[index]
    assert peak_mb < 1024
