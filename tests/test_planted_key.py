"""A live run against a second stand-in, with a planted key: it is sent where it belongs and is found nowhere else."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Shell, clip, shell, standing_in, tell

__all__ = ["clip", "shell"]
KEY = "planted-key-7f3a9c:planted-secret-51d0e8"
EXTEND = {
    "id": "extend",
    "operation": "fal-ai/pixverse/extend/fast",
    "input": {"video_url": "$inputs.video", "prompt": "it goes on", "resolution": "360p"},
}


def spoken(code_out_err: tuple[int, str, str]) -> str:
    return code_out_err[1] + code_out_err[2]


def files_with(folder: Path, needles: list[bytes]) -> list[str]:
    """Every file below that holds one of them."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in files if any(needle in path.read_bytes() for needle in needles)]


@pytest.fixture
def fal(tmp_path: Path, shell: Shell) -> Iterator[str]:
    """Who plays fal: it takes the planted key and no other."""
    with standing_in(tmp_path / "fal", shell.environ()) as origin:
        tell(origin, "settings", keys=[KEY])
        yield origin


def bill(origin: str) -> list[dict[str, object]]:
    return list(httpx.get(f"{origin}/_standin/bill", trust_env=False).json()["accepted"])


def test_a_live_run_sends_the_key_to_fal_and_leaves_it_nowhere(
    shell: Shell, fal: str, clip: Path, tmp_path: Path
) -> None:
    """Bought at fal and not at our stand-in, under the cap; no file, record, message or command line has the key."""
    shell.environment = {"FAL_KEY": KEY, "DAILIES_FAL_ORIGIN": fal, "DAILIES_MAX_USD_PER_DAY": "0.5"}
    chain, given = shell.chain(EXTEND), ("--input", f"video={clip}")
    heard = [""]

    started = shell.open("run", chain, *given, "--live", "--out", tmp_path / "out")
    out = err = None
    while out is None or err is None:
        heard += shell.processes().values()
        with contextlib.suppress(subprocess.TimeoutExpired):
            out, err = started.communicate(timeout=0.5)
    heard += [out, err]
    record = json.loads(out)
    assert (started.returncode, record["mode"], record["status"]) == (0, "live", "done"), err
    assert record["known_cost_usd"] == "0.3"
    (bought,) = bill(fal)
    assert bought["request_id"] == record["steps"][0]["request"]["request_id"]
    assert not (shell.folder / "standin").exists()

    refused = shell.run("run", chain, *given, "--live")
    heard.append(spoken(refused))
    assert refused[0] == 4
    assert "of today's $0.50 are taken" in refused[2]
    assert len(bill(fal)) == 1

    tell(fal, "settings", keys=["another:key"])
    shell.environment["DAILIES_MAX_USD_PER_DAY"] = "1"
    wrong = shell.run("run", chain, *given, "--live")
    heard.append(spoken(wrong))
    assert wrong[0] == 1
    assert "The key was not accepted" in wrong[2]

    needles = [KEY.encode(), *(part.encode() for part in KEY.split(":"))]
    assert files_with(shell.folder, needles) == []
    assert files_with(tmp_path / "out", needles) == []
    assert [text for text in heard for needle in needles if needle.decode() in text] == []
    assert any("-m lib worker" in text for text in heard), "no process was looked at"


def test_a_rehearsal_never_sends_the_key(shell: Shell, clip: Path) -> None:
    """With the key at hand, our stand-in still gets its own and would refuse any other."""
    shell.environment = {"FAL_KEY": KEY}
    with standing_in(shell.folder / "standin", shell.environ()) as origin:
        tell(origin, "settings", keys=["rehearsal:rehearsal"])
        code, out, err = shell.run("run", shell.chain(EXTEND), "--input", f"video={clip}")
        assert (code, json.loads(out)["status"]) == (0, "done"), err
        assert len(bill(origin)) == 1
    assert files_with(shell.folder, [KEY.encode()]) == []
