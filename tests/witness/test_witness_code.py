"""A take as code: every program that the app shows is run as it stands, and sends the very body that was sent."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from lib.catalog import operation
from lib.catalog.operation import media_given
from lib.ledger.ledger import payload_hash
from lib.settings import Settings
from lib.store import Store
from lib.store.views import Purchase, StepView
from lib.ui.code_card import programs
from lib.worker.launch import ensure_standin
from tests.cli.conftest import Shell, tell
from tests.witness.environments import KEY

NASTY = "She said \"it's 5 o'clock\"; $HOME `date` \\n\n\t${x} $(id) </script> 日本 🐇 \u2028 %s {0}"
STEPS = {
    "extend": {"operation": "fal-ai/pixverse/extend/fast", "input": {
        "video_url": "$inputs.video", "prompt": NASTY, "negative_prompt": "", "resolution": "360p", "seed": 7,
    }},
    "upscale": {"operation": "fal-ai/video-upscaler", "input": {"video_url": "$inputs.video", "scale": 1.5}},
}  # fmt: skip
PROGRAM_S = 120.0
POINT_PYTHON = """
import runpy, sys
import fal_client.client as wire
wire.QUEUE_URL_FORMAT = sys.argv[1] + "/"
runpy.run_path(sys.argv[2], run_name="__main__")
"""
POINT_JAVASCRIPT = """
import { fal } from "@fal-ai/client";
const moved = (url) => url.replace("https://queue.fal.run", process.env.ORIGIN);
fal.config({ requestMiddleware: async (request) => ({ ...request, url: moved(request.url) }) });
"""
POINT_CURL = """
curl() { command curl --silent --fail "${@//https:\\/\\/queue.fal.run/$ORIGIN}"; }
. "$1"
"""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A data folder with one finished take of each step, and the stand-in that made them."""

    shell: Shell
    store: Store
    origin: str
    run_id: str

    def step(self, id: str) -> StepView:
        return self.store.runs.get(self.run_id).step(id)

    def bought(self, id: str) -> Purchase:
        found = self.step(id).purchase
        assert found is not None
        return found

    def accepted(self) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.origin}/_standin/bill", trust_env=False).json()
        return list(answer["accepted"])

    def program(self, id: str, name: str) -> str:
        step = self.step(id)
        shown = programs(step.operation, (step.take.input if step.take else {}), step.purchase)
        return next(text for title, _, text in shown if title == name)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Iterator[Rehearsed]:
    shell = Shell(tmp_path_factory.mktemp("code") / "data")
    origin = ensure_standin(Settings(shell.folder, Decimal(5), ""))
    tell(origin, "settings", time_scale=0, queue_delay_s=0)
    chain = shell.chain(*({"id": name, **step} for name, step in STEPS.items()))
    code, out, err = shell.run("run", chain, "--input", f"video={clip}")
    assert code == 0, err
    store = Store(shell.folder)
    yield Rehearsed(shell, store, origin, json.loads(out)["run"])
    store.close()
    shell.clean()


@pytest.fixture
def run_python(python_folder: Path) -> Callable[[str, str, Path], None]:
    def run(origin: str, text: str, folder: Path) -> None:
        path = folder / "take.py"
        path.write_text(text, encoding="utf-8")
        _run([python_folder / "bin" / "python", "-c", POINT_PYTHON, origin, path], folder, {})

    return run


@pytest.fixture
def run_javascript(node_folder: Path) -> Callable[[str, str, Path], None]:
    def run(origin: str, text: str, folder: Path) -> None:
        (folder / "node_modules").symlink_to(node_folder / "node_modules")
        (folder / "point.mjs").write_text(POINT_JAVASCRIPT)
        (folder / "take.mjs").write_text(text, encoding="utf-8")
        _run(["node", "--import", "./point.mjs", "take.mjs"], folder, {"ORIGIN": origin})

    return run


def run_curl(origin: str, text: str, folder: Path) -> None:
    path = folder / "take.sh"
    path.write_text(text, encoding="utf-8")
    _run(["bash", "-c", POINT_CURL, "bash", path], folder, {"ORIGIN": origin})


@pytest.mark.parametrize("id", STEPS)
@pytest.mark.parametrize("name", ["Python", pytest.param("JavaScript", marks=pytest.mark.node), "cURL"])
def test_a_program_sends_the_body_that_was_sent(
    request: pytest.FixtureRequest, rehearsed: Rehearsed, tmp_path: Path, name: str, id: str
) -> None:
    """Run with the official client (or curl), it is accepted once, for the same endpoint and the same body."""
    fixture = {"Python": "run_python", "JavaScript": "run_javascript"}.get(name)
    run = request.getfixturevalue(fixture) if fixture else run_curl
    before, bought = len(rehearsed.accepted()), rehearsed.bought(id)
    run(rehearsed.origin, rehearsed.program(id, name), tmp_path)
    (sent,) = rehearsed.accepted()[before:]
    assert sent["endpoint"] == bought.endpoint
    assert sent["payload"] == bought.payload
    assert payload_hash(sent["payload"]) == bought.payload_sha256


@pytest.mark.parametrize("id", STEPS)
def test_the_chain_sends_the_same_body_with_the_same_files(rehearsed: Rehearsed, tmp_path: Path, id: str) -> None:
    """Run by our own command line. Only the address of a file may differ, never its bytes."""
    path = tmp_path / "take.json"
    path.write_text(rehearsed.program(id, "Chain"), encoding="utf-8")
    code, out, err = rehearsed.shell.run("run", path)
    assert code == 0, err
    again = rehearsed.store.runs.get(json.loads(out)["run"]).steps[0].purchase
    assert again is not None
    assert again.key != rehearsed.bought(id).key
    assert by_bytes(again.endpoint, again.payload) == by_bytes(again.endpoint, rehearsed.bought(id).payload)


def by_bytes(endpoint: str, payload: Mapping[str, Any]) -> str:
    """The body's hash with every file by what is served at its address."""
    held = dict(payload)
    for field, url, _ in media_given(operation(endpoint).validate(payload)):
        held[field] = httpx.get(url, trust_env=False).raise_for_status().content.hex()[:400]
    assert held != payload
    return payload_hash(held)


def _run(argv: list[str | Path], folder: Path, more: Mapping[str, str]) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "FAL_KEY": KEY} | more
    done = subprocess.run(
        list(map(str, argv)),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PROGRAM_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
