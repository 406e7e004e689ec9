"""The command line hands over and takes in: exit codes, JSON where it is asked for, nothing left of what fails."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lib.chain import presets
from lib.chain.model import read_chain
from lib.chain.writing import write_chain
from lib.cli import main
from lib.studio import Studio
from tests.studio.bundling import finished_run
from tests.ui.stage import quiet

GOLDEN = "extend-lipsync-upscale"
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return quiet(tmp_path / "data")


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """One command on a data folder of its own: exit code, stdout, stderr."""

    def run(*arguments: str | Path, folder: str = "data") -> tuple[int, str, str]:
        monkeypatch.setenv("DAILIES_DATA_DIR", str(tmp_path / folder))
        code = main([str(one) for one in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    path = tmp_path / "chain.json"
    path.write_text(write_chain(presets.preset(GOLDEN)), encoding="utf-8")
    return path


def test_a_chain_is_exported_in_every_form(say: Say, chain: Path, tmp_path: Path) -> None:
    """Printed, or written to a file; a chain comes back as it was, a program holds the seed that it drew."""
    assert say("export", chain, "--as", "chain")[:2] == (0, chain.read_text())
    code, text, _ = say("export", chain, "--as", "python")
    assert code == 0
    assert ast.parse(text)
    assert '"seed": ' in text
    code, out, _ = say("export", chain, "--as", "javascript", "-o", tmp_path / "chain.mjs", "--json")
    assert (code, json.loads(out)) == (0, {"as": "javascript", "file": str(tmp_path / "chain.mjs")})
    assert "await fal.subscribe" in (tmp_path / "chain.mjs").read_text()
    code, out, _ = say("export", chain, "--as", "workflow")
    assert list(json.loads(out)["contents"]["nodes"]) == ["extend", "lipsync", "upscale", "output"]


def test_the_schema_is_printed(say: Say) -> None:
    code, out, _ = say("schema")
    assert code == 0
    assert json.loads(out)["title"] == "Dailies chain, format 1"


def test_what_cannot_be_exported_is_said(say: Say, tmp_path: Path) -> None:
    """No chain, a chain that does not fit, a form that it has not: exit code 2 and a sentence."""
    bad, mute = tmp_path / "bad.json", {"id": "a", "operation": "cut/mute", "input": {"video_url": "$inputs.v"}}
    for content, said in (
        ("{", "not a chain file"),
        (json.dumps({"steps": [mute | {"input": {}}]}), "required"),
        (json.dumps({"inputs": {"v": {"kind": "video"}}, "steps": [mute]}), "cannot do all of this chain: a (mute)"),
    ):
        bad.write_text(content)
        code, out, err = say("export", bad, "--as", "workflow")
        assert (code, out) == (2, "")
        assert said in err
    assert say("export", tmp_path / "none.json", "--as", "python")[0] == 2


def test_a_run_is_bundled_and_opened_elsewhere(say: Say, studio: Studio, tmp_path: Path) -> None:
    """And its program has the seed of the run."""
    run_id, out = finished_run(studio), tmp_path / "run.zip"
    code, said, err = say("bundle", run_id, out, "--json")
    assert code == 0, err
    assert json.loads(said)["files"] == 3
    code, said, _ = say("open", out, "--json", folder="elsewhere")
    opened = json.loads(said)
    assert (code, opened["new"], opened["takes"]) == (0, True, 3)
    code, said, _ = say("open", out, folder="elsewhere")
    assert code == 0
    assert "had been opened before" in said
    code, text, _ = say("export", opened["run_id"], "--as", "python", folder="elsewhere")
    assert code == 0
    assert '"seed": 7,' in text
    assert read_chain(say("export", run_id, "--as", "chain")[1]).name == "Hello <b>& goodbye"


def test_what_is_no_bundle_or_no_run_is_said(say: Say, tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"no zip")
    for arguments in (
        ("open", tmp_path / "no.zip"),
        ("open", tmp_path / "none.zip"),
        ("bundle", "none", tmp_path / "a.zip"),
    ):
        code, out, err = say(*arguments)
        assert (code, out) == (2, "")
        assert len(err.strip().splitlines()) <= 2
    assert not (tmp_path / "a.zip").exists()
