"""The golden chain in a real browser against really started processes."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.served import Served, until

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
ENDS_WITHIN_MS = 240_000
SAMPLE_S = 5.28
CLOSED_S = 60


def press(page: Page) -> str:
    """Presses the one button of the Start page; the id of the run."""
    page.get_by_role("button", name="Run the chain").click()
    page.wait_for_url(re.compile(r"[?&]run=[0-9a-f]{32}"), timeout=60_000)
    return page.url.split("run=")[1]


def card(page: Page, run_id: str) -> Locator:
    return page.locator(f".st-key-run-{run_id}")


def wait_for_end(page: Page, run_id: str) -> None:
    expect(card(page, run_id).get_by_text("Your video is ready")).to_be_visible(timeout=ENDS_WITHIN_MS)


def video_facts(page: Page, video: Locator) -> dict[str, float]:
    """Plays the video and says how long and how large it is, once it really runs."""
    handle = video.element_handle()
    assert handle is not None
    handle.evaluate("v => { v.muted = true; return v.play(); }")
    page.wait_for_function("v => v.readyState >= 3 && v.currentTime > 0.2", arg=handle, timeout=30_000)
    return dict(handle.evaluate("v => ({length_s: v.duration, width: v.videoWidth, height: v.videoHeight})"))


def runs(served: Served) -> list[tuple[str, str]]:
    with sqlite3.connect(served.folder / "dailies.sqlite") as connection:
        return connection.execute("SELECT id, status FROM run ORDER BY created_at").fetchall()


def test_one_press_makes_a_longer_and_larger_video(served: Served, visit: Visit) -> None:
    """From the Start page to a video that plays: longer than the input, and twice as wide at the last step."""
    page = visit()
    run_id = press(page)
    wait_for_end(page, run_id)
    finished = video_facts(page, card(page, run_id).locator("video").first)
    before = video_facts(page, page.locator(f".st-key-step-{run_id}-lipsync video"))
    assert finished["length_s"] > SAMPLE_S + 1
    assert (finished["width"], finished["height"]) == (2 * before["width"], 2 * before["height"])
    assert "Traceback" not in served.log()
    print(f"\nmemory of the server process: {served.memory_mb():.0f} MB")


def test_reload_second_browser_and_closed_tabs(served: Served, visit: Visit) -> None:
    """F5 in the middle, a second browser, all tabs closed for a while: the run goes on and is found."""
    first = visit()
    run_id = press(first)
    expect(card(first, run_id).get_by_text("Running").first).to_be_visible(timeout=60_000)
    first.reload()
    expect(card(first, run_id).get_by_text("Step 1 of 3")).to_be_visible(timeout=30_000)
    second = visit(f"/runs?run={run_id}")
    expect(card(second, run_id)).to_be_visible(timeout=30_000)
    first.context.close()
    second.context.close()
    until(lambda: dict(runs(served))[run_id] == "done", "end while nobody looks", ENDS_WITHIN_MS / 1000)
    again = visit(f"/?run={run_id}")
    wait_for_end(again, run_id)
    assert video_facts(again, card(again, run_id).locator("video").first)["length_s"] > SAMPLE_S + 1


@pytest.mark.long
def test_all_tabs_closed_for_a_minute(served: Served, visit: Visit) -> None:
    """Nobody looks for a full minute from the press on: the run ends by itself and is found with its video."""
    page = visit()
    run_id = press(page)
    page.context.close()
    closed_at = time.monotonic()
    until(lambda: time.monotonic() - closed_at >= CLOSED_S, "end of the minute", CLOSED_S + 5)
    until(lambda: dict(runs(served))[run_id] == "done", "end while nobody looks", ENDS_WITHIN_MS / 1000)
    again = visit(f"/?run={run_id}")
    wait_for_end(again, run_id)
    assert video_facts(again, card(again, run_id).locator("video").first)["length_s"] > SAMPLE_S + 1


def test_a_killed_server_is_found_again_by_the_open_tab(served: Served, visit: Visit) -> None:
    """SIGKILL of Streamlit in the middle of a run, and a restart: the same tab shows the end of the same run."""
    page = visit()
    run_id = press(page)
    expect(card(page, run_id).get_by_text("Running").first).to_be_visible(timeout=60_000)
    served.kill()
    served.start()
    wait_for_end(page, run_id)
    assert page.url.endswith(run_id)


def test_a_double_click_starts_one_run(served: Served, visit: Visit) -> None:
    """Two clicks in a hurry, one run; and it can be cancelled."""
    known = len(runs(served))
    page = visit()
    button = page.get_by_role("button", name="Run the chain")
    expect(button).to_be_enabled(timeout=30_000)
    button.dblclick()
    page.wait_for_url(re.compile(r"[?&]run="), timeout=60_000)
    run_id = page.url.split("run=")[1]
    expect(card(page, run_id)).to_be_visible(timeout=30_000)
    card(page, run_id).get_by_role("button", name="Cancel").click()
    until(lambda: dict(runs(served))[run_id] in ("cancelled", "done"), "cancelled run", 60)
    assert len(runs(served)) == known + 1
