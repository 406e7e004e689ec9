"""A whole chain as a program: run as it stands, it sends the bodies that the app sent and ends with equal files."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from lib.catalog import operation
from lib.catalog.operation import media_given
from lib.chain.model import make_chain
from lib.chain.programs.javascript import javascript
from lib.chain.programs.python import python
from lib.chain.seeds import with_seeds
from lib.ledger.ledger import payload_hash
from lib.media.binary import ffmpeg
from lib.media.samples import sample
from lib.record import last_files
from lib.settings import ROOT, Settings
from lib.store import Store
from lib.store.views import RunView
from lib.worker.launch import ensure_standin
from tests.cli.conftest import Shell, tell
from tests.witness.environments import KEY
from tests.witness.test_witness_code import NASTY

PROGRAM_S = 240.0
CHAIN = {
    "dailies": 1,
    "gates": "off",  # the quick stand-in gives clips that a gate would rightly ask about
    "name": 'branch "and" \u2028 join \\',
    "inputs": {"video": {"kind": "video"}, "the-voice": {"kind": "audio"}},
    "steps": [
        {"id": "merge", "operation": "fal-ai/ffmpeg-api/merge-audio-video",
         "input": {"video_url": "$class.video", "audio_url": "$inputs.the-voice", "start_offset": 0.0}},
        {"id": "extend", "operation": "fal-ai/pixverse/extend/fast",
         "input": {"video_url": "$inputs.video", "prompt": NASTY, "negative_prompt": None, "resolution": "360p"}},
        {"id": "up-load", "operation": "fal-ai/video-upscaler", "input": {"scale": 1.5, "video_url": "$trim.video"}},
        {"id": "trim", "operation": "cut/trim",
         "input": {"video_url": "$extend.video", "parts": [{"start": 0, "end": "0.5"}, {"start": "#10"}]}},
        {"id": "class", "operation": "cut/join", "input": {"video_urls": ["$trim.video", "$up-load.video.url"]}},
        {"id": "sheet", "operation": "cut/sheet",
         "input": {"video_url": "$extend.video", "rows": 2, "columns": 2, "timecode": False, "width": 320}},
        {"id": "wave", "operation": "cut/waveform", "input": {"audio_url": "$inputs.the-voice", "width": 320}},
        {"id": "stills", "operation": "cut/frames", "input": {"video_url": "$inputs.video", "which": "evenly",
                                                              "count": 2, "every": 3}},
    ],
}  # fmt: skip
"""Two branches from `extend`, joined again; steps not in order, names that programs have other uses for."""
POINT_PYTHON = """
import runpy, sys
import fal_client.client as wire
origin, program = sys.argv[1:3]
wire.QUEUE_URL_FORMAT, wire.REST_URL, wire.CDN_URL = origin + "/", origin, origin
sys.argv = sys.argv[2:]
runpy.run_path(program, run_name="__main__")
"""
POINT_JAVASCRIPT = """
import { fal } from "@fal-ai/client";
const moved = (url) => url.replace(/^https:\\/\\/(queue\\.fal\\.run|rest\\.fal\\.ai)/, process.env.ORIGIN);
fal.config({ requestMiddleware: async (request) => ({ ...request, url: moved(request.url) }) });
"""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The chain's run in the app, the stand-in that it ran on, and the files that it was given."""

    run: RunView
    store: Store
    origin: str
    given: Mapping[str, Path]

    def accepted(self) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.origin}/_standin/bill", trust_env=False).json()
        return list(answer["accepted"])

    def exported(self, language: Callable[..., str]) -> str:
        drawn = {step.id: step.input or {} for step in self.run.steps}
        return language(with_seeds(make_chain(self.run.chain), drawn, random.Random(0)))

    def finished(self) -> dict[str, str]:
        """SHA-256 by the name under which the last takes are delivered."""
        return {f"{step}-{field}": sha256 for step, field, sha256 in last_files(self.run)}


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Iterator[Rehearsed]:
    folder = tmp_path_factory.mktemp("chains")
    shell = Shell(folder / "data")
    origin = ensure_standin(Settings(shell.folder, Decimal(5), ""))
    tell(origin, "settings", time_scale=0, queue_delay_s=0)
    path = folder / "chain.json"
    path.write_text(json.dumps(CHAIN), encoding="utf-8")
    given = {"video": clip, "the-voice": sample("speech.wav")}
    code, out, err = shell.run("run", path, *(f"--input={name}={file}" for name, file in given.items()))
    assert code == 0, err
    store = Store(shell.folder)
    yield Rehearsed(store.runs.get(json.loads(out)["run"]), store, origin, given)
    store.close()
    shell.clean()


def ran(rehearsed: Rehearsed, argv: list[str | Path], folder: Path) -> dict[str, str]:
    """SHA-256 of what the program has put into its folder, by name without ending."""
    (folder / "voice.wav").write_bytes(rehearsed.given["the-voice"].read_bytes())  # named as people do, in this folder
    asked = ["--video", rehearsed.given["video"], "--the-voice", "voice.wav", "--out", "kept"]
    kept = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "ORIGIN": rehearsed.origin}
    environment = kept | {
        "FAL_KEY": KEY,
        "DAILIES_HOME": str(ROOT),
        "DAILIES_PYTHON": sys.executable,
        "FFMPEG": str(ffmpeg()),
    }
    done = subprocess.run(
        list(map(str, [*argv, *asked])), cwd=folder, env=environment, capture_output=True, text=True,
        timeout=PROGRAM_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    files = sorted((folder / "kept").iterdir())
    return {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def by_bytes(origin: str, endpoint: str, payload: Mapping[str, Any]) -> str:
    """The canonical body (RFC 8785), hashed, with every file by what is served at its address."""
    held = dict(payload)
    for field, url, _ in media_given(operation(endpoint).validate(payload)):
        assert url.startswith(origin)
        held[field] = hashlib.sha256(httpx.get(url, trust_env=False).raise_for_status().content).hexdigest()
    return payload_hash(held)


def same(rehearsed: Rehearsed, before: int, files: Mapping[str, str]) -> None:
    """What was accepted since is what the app's run bought, and the files are those of its last takes."""
    sent = {one["endpoint"]: one["payload"] for one in rehearsed.accepted()[before:]}
    bought = {step.operation: step.purchase.payload for step in rehearsed.run.steps if step.purchase}
    assert len(rehearsed.accepted()) - before == len(bought) == 3
    assert sent.keys() == bought.keys()
    for endpoint, payload in bought.items():
        assert by_bytes(rehearsed.origin, endpoint, sent[endpoint]) == by_bytes(rehearsed.origin, endpoint, payload)
    assert files == rehearsed.finished()


def test_the_python_program_does_what_the_chain_does(rehearsed: Rehearsed, python_folder: Path, tmp_path: Path) -> None:
    """With branches, a join, cuts, uploads, downloads, a drawn seed: equal bodies, equal files."""
    before = len(rehearsed.accepted())
    (tmp_path / "chain.py").write_text(rehearsed.exported(python), encoding="utf-8")
    argv = [python_folder / "bin" / "python", "-c", POINT_PYTHON, rehearsed.origin, "chain.py"]
    same(rehearsed, before, ran(rehearsed, argv, tmp_path))


@pytest.mark.long
@pytest.mark.node
def test_the_javascript_program_does_what_the_chain_does(
    rehearsed: Rehearsed, node_folder: Path, tmp_path: Path
) -> None:
    """The same with fal's client for JavaScript."""
    before = len(rehearsed.accepted())
    (tmp_path / "node_modules").symlink_to(node_folder / "node_modules")
    (tmp_path / "point.mjs").write_text(POINT_JAVASCRIPT)
    (tmp_path / "chain.mjs").write_text(rehearsed.exported(javascript), encoding="utf-8")
    same(rehearsed, before, ran(rehearsed, ["node", "--import", "./point.mjs", "chain.mjs"], tmp_path))
