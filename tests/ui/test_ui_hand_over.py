"""Handing over from a run's card: the menu when it has ended, its texts, and the bundle by a signed address."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from lib.chain.exports import FORMS
from lib.studio import Studio
from lib.studio.unbundle import open_bundle
from lib.ui.hand_over import text_of
from lib.ui.links import signature
from lib.ui.routes import routes
from tests.studio.bundling import finished_run
from tests.ui.stage import golden_run, open_app, quiet, words


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path / "data")
    yield made
    made.close()


def test_a_run_that_ended_offers_its_forms(studio: Studio) -> None:
    """Programs and the chain as downloads, a workflow's refusal in words; none of it while a run goes on."""
    app = open_app(studio, "chains/runs", run=finished_run(studio))
    assert not app.exception
    labels = [button.label for button in app.get("download_button")]
    assert [label for label in labels if label in {form.title for form in FORMS.values()}] == [
        "Python program", "JavaScript program", "Chain file"
    ]  # fmt: skip
    assert "no documented way to cut at an exact picture" in words(app)
    assert "python -m lib bundle" in words(app)
    going = open_app(studio, "chains/runs", run=golden_run(studio))
    assert "Python program" not in [button.label for button in going.get("download_button")]


def test_the_text_has_the_seed_of_the_run(studio: Studio) -> None:
    """Each time the same; and it is a program."""
    run = studio.run(finished_run(studio))
    text = text_of(run, FORMS["python"])
    assert text == text_of(run, FORMS["python"])
    assert ast.parse(text)
    assert '"seed": 7,' in text


@pytest.mark.anyio
async def test_the_bundle_comes_by_a_signed_address_alone(studio: Studio, tmp_path: Path) -> None:
    """It opens elsewhere, and nothing of it is left here."""
    run_id = finished_run(studio)
    transport = httpx.ASGITransport(Starlette(routes=routes(lambda: studio)))
    async with httpx.AsyncClient(transport=transport, base_url="http://dailies.example") as browser:
        refused = await browser.get(f"/bundle/{run_id}?key={signature(studio, run_id)}")
        answer = await browser.get(f"/bundle/{run_id}?key={signature(studio, f'bundle/{run_id}')}")
    assert (refused.status_code, answer.status_code) == (404, 200)
    assert f"dailies-{run_id[:8]}.zip" in answer.headers["content-disposition"]
    (tmp_path / "got.zip").write_bytes(answer.content)
    other = quiet(tmp_path / "other")
    assert open_bundle(other.store, tmp_path / "got.zip").takes == 3
    other.close()
    assert list((studio.settings.data_dir / "incoming").glob("*/*")) == []
