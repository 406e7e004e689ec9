"""A form filled in with what is cut right at its fields, and run once by two presses of Ctrl+Enter, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from lib.chain.files import ASSET
from lib.media.proof.measure import ssim
from lib.media.samples import sample
from lib.settings import Settings
from lib.store.views import RunView
from lib.studio import Studio
from tests.e2e.served import Served, drawn, until
from tests.e2e.test_cut_in_browser import pictures

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
PROMPT = "the rabbit looks up"


def ready_player(page: Page) -> Locator:
    player = page.locator(".player")
    expect(player).to_have_attribute("data-ready", "", timeout=60_000)
    player.focus()
    return player


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def made_by(studio: Studio, operation_id: str) -> list[RunView]:
    return [run for run in studio.runs() if run.steps[0].operation == operation_id]


def test_files_are_cut_at_their_fields_and_the_form_runs_once(served: Served, visit: Visit) -> None:
    """The picture on screen, then the marked part, become the files of two forms, by cuts with takes of their own."""
    page = visit("/magi")
    page.set_default_timeout(60_000)
    page.get_by_text("Start from a picture").click()
    page.get_by_text("From a clip").click()
    expect(page.get_by_text("Choose the clip that has the picture.")).to_be_visible(timeout=60_000)
    drawn(page)  # or the sample of the upload still stands beside the clip's
    page.get_by_role("button", name="Use the sample").click()
    ready_player(page)
    press(page, "Home", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
    page.get_by_role("button", name="Use this picture").evaluate("button => button.click()")
    expect(page.get_by_role("button", name="Change")).to_be_visible(timeout=120_000)
    prompt = page.get_by_role("textbox", name="Prompt").first
    prompt.fill(PROMPT)
    press(page, "Control+Enter", "Control+Enter")
    page.wait_for_url("**run=**", timeout=60_000)

    studio = Studio(Settings(served.folder, Decimal(5), ""))
    runs = made_by(studio, "fal-ai/magi/image-to-video")
    assert [run.chain["steps"][0]["input"]["prompt"] for run in runs] == [PROMPT]
    picture = studio.asset(runs[0].chain["steps"][0]["input"]["image_url"].removeprefix(ASSET)).path
    assert picture is not None
    taken = pictures(picture, 0)[0]
    near = [ssim(one, taken) for one in pictures(sample("bunny.mp4"), *range(20, 30))]
    assert near.index(max(near)) == 23 - 20

    page.goto(f"{served.base}/upscaler")
    page.get_by_text("Stored").click()
    page.get_by_role("button", name="Use", exact=True).last.click()
    page.get_by_role("button", name="Trim").click()
    ready_player(page)
    press(page, "Home", *["Shift+ArrowRight"] * 3, "i", *["Shift+ArrowRight"] * 3, "o")
    page.get_by_role("button", name="Use this part").evaluate("button => button.click()")
    trims = until(lambda: made_by(studio, "cut/trim"), "trim")
    given = trims[0].chain["steps"][0]["input"]
    assert (len(trims), given["start_frame"], given["end_frame"]) == (1, 30, 61)
    expect(page.get_by_text("bunny trim")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("1.2 s, 640 x 360", exact=False)).to_be_visible()
    assert len(made_by(studio, "fal-ai/magi/image-to-video")) == 1
    studio.close()
