"""A second reader, which shares nothing with ffmpeg, finds results valid and reads the same samples out of them."""

from __future__ import annotations

import json
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lib.media.smart import h264
from lib.media.smart.boxes import movie
from lib.media.smart.track import read_track
from tests.media_smart.results import RESULTS
from tests.witness.environments import node_home

pytestmark = [pytest.mark.anyio, pytest.mark.node]
HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def reader(pytestconfig: pytest.Config) -> Path:
    """The folder in which mp4box is installed."""
    return node_home(pytestconfig.cache.mkdir("strict"), HERE / "package.json")


def read(reader: Path, path: Path) -> dict[str, Any]:
    script = reader / "strict.mjs"
    script.write_text((HERE / "strict.mjs").read_text())
    done = subprocess.run(["node", script, path], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", RESULTS)
async def test_a_strict_reader_agrees(reader: Path, tmp_path: Path, name: str) -> None:
    """No complaint, the index in front, the same samples at the same times, and no parameter sets under avc1."""
    wanted = await RESULTS[name](tmp_path, tmp_path / "out.mp4")
    said, data = read(reader, tmp_path / "out.mp4"), (tmp_path / "out.mp4").read_bytes()
    tracks = {track["type"]: track for track in said["tracks"]}

    assert (said["problems"], said["progressive"], said["boxes"]) == ([], True, ["ftyp", "moov", "mdat"])
    assert list(tracks) == ["video", "audio"]
    for kind, code in (("video", b"vide"), ("audio", b"soun")):
        samples = tracks[kind]["samples"]
        assert all(offset + size <= len(data) for offset, size, *_ in samples)
        assert all(earlier[2] < later[2] for earlier, later in pairwise(samples))
        if name != "previewed_parts":  # whose edit list our own reader refuses
            ours = read_track(movie(tmp_path / "out.mp4")[1], code)
            assert [(offset, size, cts) for offset, size, _, cts, _ in samples] == list(
                zip(ours.offsets, ours.sizes, ours.pts, strict=True)
            )
    video = tracks["video"]
    shown = sum(
        any(e["media_time"] <= one[3] < _end(e, video, said) for e in video["edits"]) for one in video["samples"]
    )
    assert shown == len(wanted)
    if video["codec"].startswith("avc1"):
        kinds = {h264.kind(unit) for at, size, *_ in video["samples"] for unit in h264.nals(data[at : at + size], 4)}
        assert not kinds & {h264.SPS, h264.PPS}


def _end(edit: dict[str, int], video: dict[str, Any], said: dict[str, Any]) -> float:
    """The tick at which an edit ends; edit lists count in the sound's clock here."""
    scale = next(track["timescale"] for track in said["tracks"] if track["type"] == "audio")
    return edit["media_time"] + int(edit["segment_duration"] * video["timescale"] / scale)
