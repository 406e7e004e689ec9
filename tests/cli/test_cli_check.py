"""`check` and `price` on the command line: what they print, what they exit with, and that they keep nothing."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lib.chain.model import make_chain
from lib.chain.presets import preset
from lib.cli import main
from tests.media import barcoded

CUT = {"id": "cut", "operation": "cut/trim", "input": {"video_url": "$inputs.video", "end_frame": 40}}
WAN = {"id": "wan", "operation": "fal-ai/wan-vace-14b/reframe", "input": {"video_url": "$cut.video"}}
UP = {"id": "up", "operation": "fal-ai/video-upscaler", "input": {"video_url": "$inputs.video"}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAILIES_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def written(folder: Path, *steps: dict[str, Any], sample: str | None = "bunny.mp4") -> str:
    path = folder / "chain.json"
    given = {"kind": "video"} | ({"sample": sample} if sample else {})
    path.write_text(json.dumps({"dailies": 1, "name": "mine", "inputs": {"video": given}, "steps": list(steps)}))
    return str(path)


def test_what_fits_exits_with_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A preset's samples count as its inputs; nothing is kept and no process started."""
    path = folder / "preset.json"
    path.write_text(preset("extend-lipsync-upscale").model_dump_json())
    assert main(["check", str(path)]) == 0
    assert capsys.readouterr().out == "extend, lip-sync, upscale can start.\n"
    assert not (folder / "data").exists()


def test_what_does_not_fit_exits_with_2_and_offers_what_would(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `run` does for a chain that cannot start."""
    assert main(["check", written(folder, CUT, WAN)]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("error: step wan: The clip has 40 pictures")
    assert any(line.startswith("    Free: Hold the last picture.") for line in lines)
    assert lines[-1] == "mine does not fit (1 error)."


def test_as_json_it_can_be_used_by_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each repair comes with the chain that it makes, and that one fits."""
    assert main(["check", written(folder, CUT, WAN), "--json"]) == 2
    record = json.loads(capsys.readouterr().out)
    assert record["fits"] is False
    (finding,) = record["findings"]
    assert (finding["level"], finding["rule"], finding["step"]) == ("error", "frames", "wan")
    assert record["steps"]["cut"]["video"]["frames"] == [40, 40]
    repaired = folder / "repaired.json"
    repaired.write_text(json.dumps(finding["repairs"][0]["chain"]))
    assert len(make_chain(finding["repairs"][0]["chain"]).steps) == 3
    assert main(["check", str(repaired), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fits"] is True


def test_a_file_of_one_s_own_is_looked_at(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Given by name; without any, what depends on it is not checked, and that is said."""
    wan = {**WAN, "input": {"video_url": "$inputs.video"}}
    chain = written(folder, wan, sample=None)
    assert main(["check", chain]) == 0
    assert "the input video has no file yet" in capsys.readouterr().out
    clip = barcoded.write(folder / "short.mp4", frames=20)
    assert main(["check", chain, "--input", f"video={clip}"]) == 2
    assert "20 pictures" in capsys.readouterr().out


@pytest.mark.parametrize("given", ["video", "video=nope.mp4", "other=chain.json", "video=chain.json"])
def test_what_is_no_file_of_the_chain_is_said(
    folder: Path, given: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chain = written(folder, UP)
    monkeypatch.chdir(folder)
    assert main(["check", chain, "--input", given]) == 2
    assert capsys.readouterr().err


def test_a_price_is_told_for_each_step_and_in_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    modify = {"id": "look", "operation": "fal-ai/luma-dream-machine/ray-2/modify", "input": {"video_url": "$cut.video"}}
    assert main(["price", written(folder, CUT, modify)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "cut: free"
    assert lines[1].startswith("look: $0.50 to $1.00 (third-party")
    assert lines[2:] == ["In all: $0.50 to $1.00", "The dear step is look."]


def test_a_price_as_json_says_what_is_not_known(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Money as text; an unknown price has no upper end."""
    zoom = {"id": "ray", "operation": "fal-ai/luma-dream-machine/ray-2/image-to-video",
            "input": {"prompt": "x", "resolution": "720p"}}  # fmt: skip
    assert main(["price", written(folder, zoom, UP), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["low_usd"], record["high_usd"], record["unknown"]) == ("1.00", None, ["up"])
    assert record["savings"] == [{"step": "ray", "field": "resolution", "value": "540p", "saves_usd": "0.50"}]
    assert Decimal(record["steps"]["ray"]["high_usd"]) == 1


@pytest.mark.parametrize(("cap", "code"), [("1", 0), ("0.99", 4)])
def test_a_cap_is_held_against_the_price(folder: Path, cap: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Above it the exit code is that of a run that was refused."""
    zoom = {"id": "ray", "operation": "fal-ai/luma-dream-machine/ray-2/image-to-video",
            "input": {"prompt": "x", "resolution": "720p"}}  # fmt: skip
    assert main(["price", written(folder, zoom), "--max-cost", cap]) == code
    assert bool(capsys.readouterr().err) == bool(code)


def test_a_run_of_what_does_not_fit_sends_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused on what flows through it, before a worker or a stand-in was started."""
    assert main(["run", written(folder, CUT, WAN)]) == 2
    record = json.loads(capsys.readouterr().out)
    assert (record["run"], record["error"]["kind"]) == (None, "DoesNotFit")
    assert "40 pictures" in record["error"]["message"]
    assert not (folder / "data" / "worker.lock").exists()
    assert not (folder / "data" / "standin").exists()


@pytest.mark.parametrize(("cap", "code"), [("0.83", 4)])
def test_max_cost_counts_what_follows_from_a_take(
    folder: Path, cap: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lip-sync of 10.28 s, as the extend may give, costs up to $0.44: with the extend's $0.40 more than the cap."""
    extend = {"id": "extend", "operation": "fal-ai/pixverse/extend/fast",
              "input": {"video_url": "$inputs.video", "prompt": "x"}}  # fmt: skip
    lips = {"id": "lips", "operation": "fal-ai/pixverse/lipsync", "input": {"video_url": "$extend.video"}}
    monkeypatch.setenv("FAL_KEY", "a:b")
    assert main(["run", written(folder, extend, lips), "--live", "--max-cost", cap]) == code
    assert "may cost $0.84" in capsys.readouterr().err
