"""The command line as other programs use it: exit codes, one JSON record on stdout, everything else on stderr."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from pathlib import Path

import pytest

from lib.catalog import ENDPOINTS
from lib.cli import main
from tests.cli.conftest import Shell, standing_in, tell

UP = {"id": "up", "operation": "fal-ai/video-upscaler", "input": {"video_url": "$inputs.video", "scale": 2}}
CUT = {"id": "cut", "operation": "cut/trim", "input": {"video_url": "$up.video", "end_s": 0.5}}
GIVEN = {"video_url": "$inputs.video", "prompt": "x"}
SLOW = {"id": "slow", "operation": "fal-ai/pixverse/extend/fast", "input": GIVEN}


def test_a_chain_runs_to_its_end(shell: Shell, clip: Path, tmp_path: Path) -> None:
    """From a clip to a delivered take, through the worker and the stand-in that the command itself starts."""
    out = tmp_path / "out" / "deep"
    code, said, progress = shell.run("run", shell.chain(UP, CUT), "--input", f"video={clip}", "--out", out)
    record = json.loads(said)
    assert (code, record["status"], record["mode"]) == (0, "done", "rehearsal"), progress
    assert [step["id"] for step in record["steps"]] == ["up", "cut"]
    up, cut = record["steps"]
    assert up["request"]["state"] == "completed"
    assert up["request"]["request_id"]
    assert up["take"]["files"]["video"]["facts"]["width"] == 128
    assert cut["request"] is None
    (delivered,) = record["files"]
    content = Path(delivered["path"]).read_bytes()
    assert Path(delivered["path"]) == out / "cut-video.mp4"
    assert hashlib.sha256(content).hexdigest() == delivered["sha256"] == cut["take"]["files"]["video"]["sha256"]
    assert "up: done" in progress
    again = shell.run("watch", record["run"])
    assert (again[0], json.loads(again[1])["run"]) == (0, record["run"])


def test_interrupting_says_how_to_go_on_and_how_to_stop(shell: Shell) -> None:
    """Ctrl-C ends the command, not the run; `cancel` ends the run and `watch` says what came of it."""
    with standing_in(shell.folder / "standin", shell.environ()) as origin:
        tell(origin, "settings", queue_delay_s=600)  # it is under way for longer than any machine is slow
        started = shell.open("run", shell.chain(SLOW))
        assert started.stderr is not None
        while "in the queue" not in (line := started.stderr.readline()):
            assert line, "it ended before it ran"
        started.send_signal(signal.SIGINT)
        _, said = started.communicate(timeout=60)
        assert started.returncode == 130
        run_id = said.split("lib watch ")[1].split()[0]
        assert f"lib cancel {run_id}" in said
        assert shell.run("cancel", run_id)[0] == 0
        code, record, _ = shell.run("watch", run_id)
        assert (code, json.loads(record)["status"]) == (1, "cancelled")
        assert json.loads(record)["error"]["kind"] == "Cancelled"


def test_a_lost_answer_ends_in_exit_code_3(shell: Shell, clip: Path) -> None:
    """With a list that promises nothing and may not be read, nobody can know: uncertain, with what to do."""
    with standing_in(shell.folder / "standin", shell.environ()) as origin:
        tell(origin, "settings", list_complete_after_s=None)
        tell(origin, "faults", match={"route": "list"}, do="status", code=403)
        tell(origin, "faults", match={"route": "submit"}, do="cut_after")
        code, said, progress = shell.run("run", shell.chain(UP), "--input", f"video={clip}")
    record = json.loads(said)
    assert (code, record["status"]) == (3, "uncertain"), progress
    assert "attach its id" in progress
    assert record["steps"][0]["request"]["state"] == "uncertain"


def test_a_take_in_question_ends_in_exit_code_3_and_is_answered(shell: Shell, clip: Path) -> None:
    """The question and the three answers are said; a second answer is refused, and the run goes on by `watch`."""
    asking = UP | {"gate": "ask"}
    code, said, progress = shell.run("run", shell.chain(asking), "--input", f"video={clip}")
    record = json.loads(said)
    assert (code, record["status"], record["steps"][0]["state"]) == (3, "uncertain", "asking"), progress
    assert record["steps"][0]["gate"]["answer"] is None
    assert f"lib answer {record['run']} up redo     (another take with another seed: free)" in progress
    assert shell.run("answer", record["run"], "up", "accept")[0] == 0
    again = shell.run("answer", record["run"], "up", "redo")
    assert (again[0], "settled already" in again[2]) == (2, True)
    code, said, _ = shell.run("watch", record["run"])
    assert (code, json.loads(said)["steps"][0]["gate"]["answer"]) == (0, "accept")


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """Inputs that are none."""
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("this is not a video, whatever its name says")
    (tmp_path / "broken.json").write_text('{"dailies": 1,\n "steps": [')
    for name, step in {
        "unknown": UP | {"operation": "fal-ai/nope"},
        "field": UP | {"input": {"video_url": "$inputs.video", "scale": -1}},
        "good": UP,
    }.items():
        inputs = {"video": {"kind": "video"}}
        (tmp_path / f"{name}.json").write_text(json.dumps({"dailies": 1, "inputs": inputs, "steps": [step]}))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["missing.json"], 2, "cannot be read as a chain"),
        (["broken.json"], 2, "line 2 is not JSON"),
        (["unknown.json", "--input", "video={clip}"], 2, "There is no operation 'fal-ai/nope'"),
        (["field.json", "--input", "video={clip}"], 2, "Must be more than 0"),
        (["good.json"], 2, "The input 'video' is missing"),
        (["good.json", "--input", "clip={clip}"], 2, "This chain has no input clip"),
        (["good.json", "--input", "video=missing.mp4"], 2, "names no file"),
        (["good.json", "--input", "video"], 2, "Write --input NAME=PATH"),
        (["good.json", "--input", "video={bad}/empty.mp4"], 2, "empty"),
        (["good.json", "--input", "video={bad}/text.mp4"], 2, ""),
        (["good.json", "--input", "video={clip}", "--live"], 2, "FAL_KEY is not set"),
    ],
)
def test_bad_input_is_said_and_nothing_is_made(
    bad: Path, clip: Path, arguments: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sentence on stderr, a JSON record on stdout, the right exit code, and no run."""
    os.environ["DAILIES_DATA_DIR"] = str(bad / "data")
    chain, *more = (part.format(clip=clip, bad=bad) for part in arguments)
    assert main(["run", str(bad / chain), *more]) == code
    said = capsys.readouterr()
    assert sentence in said.err
    assert "Traceback" not in said.err
    record = json.loads(said.out)
    assert (record["run"], record["steps"]) == (None, [])
    assert record["error"]["message"] in said.err
    assert not (bad / "data" / "worker.lock").exists()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [([], "not known"), (["--accept-unknown-price"], "may cost $0.08"), (["--max-cost", "0.01"], "may cost $0.08")],
)
def test_price_and_cap_refuse_with_exit_code_4(
    bad: Path, clip: Path, more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unknown price without the yes; the day's cap; the run's own."""
    priced = {"id": "amt", "operation": "fal-ai/amt-interpolation", "input": {"video_url": "$inputs.video"}}
    steps = [priced | {"id": "a"}, priced | {"id": "b"}] + ([UP] if not more else [])
    chain = {"dailies": 1, "inputs": {"video": {"kind": "video"}}, "steps": steps}
    (bad / "chain.json").write_text(json.dumps(chain))
    os.environ |= {"DAILIES_DATA_DIR": str(bad / "data"), "FAL_KEY": "a:b", "DAILIES_MAX_USD_PER_DAY": "0.03"}
    assert main(["run", str(bad / "chain.json"), "--input", f"video={clip}", "--live", *more]) == 4
    said = capsys.readouterr()
    assert sentence in said.err
    assert json.loads(said.out)["status"] == "refused"


def test_a_setting_that_cannot_be_read_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    os.environ["DAILIES_MAX_USD_PER_DAY"] = "lots"
    assert main(["preset", "--list"]) == 2
    assert "DAILIES_MAX_USD_PER_DAY" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["run"], ["nope"], ["run", "x", "--max-cost", "-1"], ["preset"]])
def test_usage_is_exit_code_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_presets_and_catalog_are_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """The forms that other programs rely on."""
    assert main(["preset", "--list"]) == 0
    assert "extend-lipsync-upscale" in capsys.readouterr().out.splitlines()
    assert main(["preset", "extend-lipsync-upscale"]) == 0
    assert "video" in json.loads(capsys.readouterr().out)["inputs"]
    assert main(["preset", "nope"]) == 2
    assert "There are: " in capsys.readouterr().err
    assert main(["catalog", "--json"]) == 0
    endpoints = json.loads(capsys.readouterr().out)
    assert len(endpoints) == len(ENDPOINTS)
    assert all({"id", "title", "input", "output", "example"} <= set(one) for one in endpoints)
    assert not any(one["id"].startswith("cut/") for one in endpoints)
    assert main(["catalog"]) == 0
    lines = dict(line.split("\t", 1) for line in capsys.readouterr().out.splitlines())
    assert "guess" in lines["fal-ai/luma-dream-machine/ray-2"]
    assert "guess" not in lines["fal-ai/luma-dream-machine/ray-2/modify"]
