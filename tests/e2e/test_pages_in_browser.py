"""Single pages in a real browser; that all of them look right is told by test_look_in_browser.py."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from lib.settings import Settings
from lib.worker.launch import ensure_standin
from tests.cli.conftest import tell
from tests.e2e.served import Served

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def test_a_deep_link_is_the_first_visit(served: Served, visit: Visit) -> None:
    """The first page that a fresh server is asked for is the right one, with nothing in front of it."""
    page = visit("/pixverse")
    expect(page.get_by_role("heading", name="PixVerse", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_role("link", name="Settings")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Use the sample").click()
    expect(page.get_by_text("bunny.mp4")).to_be_visible(timeout=30_000)


def test_the_one_button_is_seen_without_scrolling(visit: Visit) -> None:
    """On a laptop's 1280 x 800 the Start page shows its button whole."""
    page = visit("/")
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.get_by_text("the rabbit looks up")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Run the chain")).to_be_in_viewport(ratio=1)


def test_an_empty_list_leads_to_the_start(visit: Visit) -> None:
    """Who has no runs finds the way to the first one."""
    page = visit("/runs")
    page.get_by_role("link", name="Go to Start").click()
    expect(page.get_by_role("button", name="Run the chain")).to_be_visible(timeout=30_000)


def test_a_model_page_makes_a_video_that_can_be_saved(served: Served, visit: Visit) -> None:
    """Sample, Run, and beside the form a video that plays and downloads under its own name."""
    page = visit("/upscaler")
    page.get_by_role("button", name="Use the sample").click()
    expect(page.get_by_text("bunny.mp4")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Run").click()
    save = page.get_by_role("link", name="Download")
    expect(save).to_be_visible(timeout=180_000)
    video = page.locator("video").last.element_handle()
    page.wait_for_function("v => v.readyState >= 2 && v.videoWidth === 1280", arg=video, timeout=30_000)
    answer = page.request.get(str(save.get_attribute("href")))
    assert answer.status == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.body()[4:8] == b"ftyp"


def test_what_a_model_refuses_leads_back_to_its_field(served: Served, visit: Visit) -> None:
    """Its words come up at the field while the page is watched; from the list of runs one press opens that form."""
    said = {"detail": [{"loc": ["body", "video_url"], "msg": "The clip is too dark.", "type": "value_error"}]}
    origin = ensure_standin(Settings(served.folder, Decimal(5), ""))
    tell(origin, "faults", match={"route": "submit"}, do="detail_422", body=said, times=1)
    page = visit("/upscaler")
    page.get_by_role("button", name="Use the sample").click()
    expect(page.get_by_text("bunny.mp4")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text(re.compile("^error The clip is too dark"))).to_be_visible(timeout=60_000)
    other = visit("/runs?" + page.url.split("?")[1])
    other.get_by_role("button", name="Change the input first").click()
    expect(other.get_by_role("heading", name="Video upscaler", exact=True)).to_be_visible(timeout=30_000)
    expect(other.get_by_text(re.compile("^error The clip is too dark"))).to_be_visible(timeout=30_000)
    expect(other.get_by_text("bunny.mp4")).to_be_visible(timeout=30_000)


def test_the_server_says_how_it_is_and_stays_small(served: Served) -> None:
    """/healthz is JSON; after these pages no pandas was loaded, which alone would cost 100 MB."""
    with urllib.request.urlopen(f"{served.base}/healthz") as answer:
        assert json.load(answer)["status"] == "ok"
        assert answer.headers["content-type"] == "application/json"
    assert not served.has_loaded("pandas")
    assert served.memory_mb() < 200
