"""Model pages as a person uses them: any other model from its id to its take, a form passed on and reset."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.served import drawn

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
SLOW_MS = 60_000
DONE_MS = 120_000


def finished(page: Page) -> str:
    """Waits until the run that the address names is done; its id."""
    page.wait_for_url(re.compile(r"run=[0-9a-f]{32}"), timeout=SLOW_MS)
    run_id = re.findall(r"run=([0-9a-f]{32})", page.url)[0]
    expect(page.locator(f".st-key-run-{run_id}").get_by_text("Done", exact=True).first).to_be_visible(timeout=DONE_MS)
    drawn(page)
    return str(run_id)


def test_any_other_model_from_its_id_to_another_take(visit: Visit) -> None:
    """Pasted, filled in, run by keyboard; once more with another seed; its request as code; its inputs opened again."""
    page = visit("/any")
    page.set_default_timeout(SLOW_MS)
    box = page.get_by_role("textbox", name="Model id or address")
    box.fill("rehearsal/painter")
    box.press("Enter")
    prompt = page.get_by_role("textbox", name="Prompt", exact=True)
    expect(prompt).to_be_visible(timeout=SLOW_MS)
    drawn(page)
    prompt.fill("a harbour at dusk")
    prompt.press("Control+Enter")
    first = finished(page)

    page.get_by_role("button", name="Again with another seed").click()
    page.wait_for_function("old => !location.search.includes(old)", arg=first, timeout=SLOW_MS)
    second = finished(page)
    assert second != first

    page.get_by_text("As code").first.click()
    expect(page.get_by_role("tab", name="JavaScript")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_text("a harbour at dusk").first).to_be_visible(timeout=SLOW_MS)

    page.get_by_role("link", name="Takes").click()
    expect(page.get_by_role("button", name="Open", exact=True)).to_have_count(2, timeout=SLOW_MS)
    drawn(page)
    page.get_by_role("button", name="Open", exact=True).first.click()
    page.get_by_role("button", name="Use these inputs again").click()
    expect(page.get_by_role("textbox", name="Prompt", exact=True)).to_have_value("a harbour at dusk", timeout=SLOW_MS)


def test_a_form_survives_a_page_switch_is_passed_on_and_reset(visit: Visit) -> None:
    """What was typed is there again after another page; the link opens it in another browser; Reset keeps the file."""
    page = visit("/lynx")
    page.set_default_timeout(SLOW_MS)
    page.get_by_role("button", name="Use the sample").click()
    expect(page.get_by_text("portrait.jpg")).to_be_visible(timeout=SLOW_MS)
    number = page.get_by_role("spinbutton", name="Number of frames")
    number.fill("33")
    number.press("Enter")
    expect(page.get_by_role("slider", name="Number of frames")).to_have_value("33")
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("link", name="Lynx").click()
    expect(number).to_have_value("33", timeout=SLOW_MS)
    drawn(page)

    page.get_by_role("button", name="Copy link").click()
    address = page.locator("code").filter(has_text="form=").inner_text()
    page.keyboard.press("Escape")
    other = visit(address[address.index("/lynx") :].strip())
    expect(other.get_by_role("spinbutton", name="Number of frames")).to_have_value("33", timeout=SLOW_MS)
    expect(other.get_by_text("portrait.jpg")).to_have_count(0)

    page.get_by_role("button", name="Reset", exact=True).click()
    expect(number).to_have_value("81", timeout=SLOW_MS)
    expect(page.get_by_text("portrait.jpg")).to_be_visible()
