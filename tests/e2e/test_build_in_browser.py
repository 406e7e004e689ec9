"""The whole journey of a chain in Chromium: built, refused, mended, rehearsed, changed, compared, handed over."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lib.chain.model import read_chain
from lib.settings import Settings
from lib.studio import Studio
from tests.e2e.served import Served, drawn

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
SLOW_MS = 60_000
ENDS_WITHIN_MS = 180_000


def add_step(page: Page, words: str) -> None:
    """Adds the one operation that these words find."""
    page.get_by_role("button", name="Add a step").click()
    window = page.get_by_role("dialog")
    window.get_by_role("textbox", name="Search").fill(words)
    window.get_by_role("textbox", name="Search").press("Enter")
    add = window.get_by_role("button", name="Add", exact=True)
    expect(add).to_have_count(1, timeout=SLOW_MS)
    drawn(page)
    add.click()
    expect(window).to_have_count(0, timeout=SLOW_MS)
    drawn(page)


def write(page: Page, name: str, text: str) -> None:
    box = page.get_by_role("textbox", name=name, exact=True)
    expect(box).to_be_visible(timeout=SLOW_MS)
    box.fill(text)
    box.press("Tab")
    drawn(page)


def run_to_its_end(page: Page, label: str) -> str:
    """Presses the button and waits until that run is done; its id."""
    before = page.url.partition("run=")[2]
    page.get_by_role("button", name=label).click()
    page.wait_for_function("old => location.search.includes('run=') && !location.search.includes(`run=${old || '-'}`)",
                           arg=before[:32], timeout=SLOW_MS)  # fmt: skip
    run_id = re.findall(r"run=([0-9a-f]{32})", page.url)[0]
    expect(page.locator(f".st-key-run-{run_id}").get_by_text("Your video is ready")).to_be_visible(
        timeout=ENDS_WITHIN_MS
    )
    return str(run_id)


def test_a_chain_from_nothing_to_other_hands(served: Served, visit: Visit, tmp_path: Path) -> None:
    """A clip too short for the model that follows: told before anything is sent, mended by a press, rehearsed.
    Then a prompt changes: only its step runs again, the two takes stand side by side, and the chain goes out
    as a file.
    """
    page = visit("/build")
    page.set_default_timeout(SLOW_MS)
    page.get_by_role("button", name="Add a file").click()
    page.get_by_role("button", name="A video", exact=True).click()
    page.get_by_role("button", name="Use the sample").click()
    expect(page.get_by_text("bunny.mp4")).to_be_visible(timeout=SLOW_MS)
    drawn(page)
    add_step(page, "cut/trim")
    page.get_by_role("spinbutton", name="End").first.fill("0.8")
    page.get_by_role("spinbutton", name="End").first.press("Enter")
    drawn(page)
    add_step(page, "magi extend-video")
    write(page, "Prompt", "the rabbit looks up")
    expect(page.get_by_text("The clip has 20 pictures", exact=False)).to_be_visible(timeout=SLOW_MS)
    run = page.get_by_role("button", name="Run the chain")
    expect(run).to_be_disabled()

    page.get_by_role("button", name=re.compile("Hold the last picture|Loop it")).first.click()
    expect(page.get_by_text("It fits.")).to_be_visible(timeout=SLOW_MS)
    drawn(page)
    first = run_to_its_end(page, "Run the chain")

    page.reload()
    expect(page.get_by_text("3 steps keep their takes")).to_be_visible(timeout=SLOW_MS)
    drawn(page)
    page.get_by_role("button", name="Settings", exact=True).nth(2).click()
    write(page, "Prompt", "the rabbit looks down")
    expect(page.get_by_text("2 steps keep their takes")).to_be_visible(timeout=SLOW_MS)
    second = run_to_its_end(page, "Run 1 step")

    studio = Studio(Settings(served.folder, Decimal(5), ""))
    before, after = studio.run(first), studio.run(second)
    assert [step.reused for step in after.steps] == [True, True, False]
    assert [step.take for step in after.steps[:2]] == [step.take for step in before.steps[:2]]
    assert [one.steps[2].take.input["prompt"] for one in (before, after) if one.steps[2].take] == [
        "the rabbit looks up", "the rabbit looks down",
    ]  # fmt: skip

    page.reload()
    page.get_by_role("button", name="2 takes").click()
    expect(page.get_by_text("Flows on")).to_be_visible(timeout=SLOW_MS)
    page.keyboard.press("Escape")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").click()
    saved.value.save_as(tmp_path / "chain.json")
    chain = read_chain((tmp_path / "chain.json").read_text())
    assert [step.operation for step in chain.steps][::2] == ["cut/trim", "fal-ai/magi/extend-video"]
    assert chain.steps[2].input["prompt"] == "the rabbit looks down"
    assert "take" not in json.loads((tmp_path / "chain.json").read_text())["steps"][2]

    page.get_by_role("button", name="2 takes").click()
    page.get_by_role("link", name="Compare the newest").click()
    expect(page.locator(".compare video")).to_have_count(2, timeout=SLOW_MS)
    expect(page.get_by_role("cell", name="the rabbit looks up")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_role("cell", name="the rabbit looks down")).to_be_visible(timeout=SLOW_MS)
    studio.close()
