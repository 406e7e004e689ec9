"""Live in a real browser, a second stand-in playing fal: the code is asked, money counted, the key never seen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from lib.catalog import FAMILIES
from tests.cli.conftest import standing_in, tell
from tests.e2e.served import Served

pytestmark = pytest.mark.browser

KEY = "planted-key-90ab41:planted-secret-c2d7e3"
CODE = "open sesame 4711"


@pytest.fixture(scope="module")
def fal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with standing_in(tmp_path_factory.mktemp("fal"), dict(os.environ)) as origin:
        tell(origin, "settings", keys=[KEY])
        yield origin


@pytest.fixture(scope="module")
def live(fal: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that may go live, with a code and a cap of one dollar."""
    told = {
        "FAL_KEY": KEY,
        "DAILIES_FAL_ORIGIN": fal,
        "DAILIES_ACCESS_CODE": CODE,
        "DAILIES_MAX_USD_PER_DAY": "1",
    }
    server = Served(tmp_path_factory.mktemp("live") / "data", told)
    server.start()
    yield server
    server.close()


@pytest.fixture
def heard(chromium: Browser, live: Served) -> Iterator[tuple[Page, list[bytes]]]:
    """A page, and everything that the browser sends or gets while it is open: answers and websocket frames."""
    said: list[bytes] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()

    def frame(payload: str | bytes) -> None:
        said.append(payload.encode() if isinstance(payload, str) else payload)

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", frame)
        socket.on("framereceived", frame)

    page.on("websocket", listen)
    page.goto(live.base)
    yield page, said
    context.close()


def settled(page: Page) -> None:
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=30_000)


def test_a_live_run_asks_the_code_buys_once_and_shows_no_key(
    heard: tuple[Page, list[bytes]], live: Served, fal: str
) -> None:
    """A wrong code is refused, the right one starts one paid request; neither page nor frame nor file has the key."""
    page, said = heard
    for path in ["/", "/runs", "/settings", *(f"/{family.slug}" for family in FAMILIES)]:
        page.goto(live.base + path)
        settled(page)
        said.append(page.content().encode())
    page.goto(live.base + "/amt")
    page.get_by_role("button", name="Use the example").click()
    expect(page.get_by_text("bunny.mp4")).to_be_visible(timeout=30_000)
    page.get_by_text("Live", exact=True).click()
    page.get_by_role("textbox", name="Access code").fill("let me in")
    page.get_by_role("button", name="Unlock live").click()
    expect(page.get_by_text("That is not the access code.")).to_be_visible(timeout=30_000)
    page.get_by_role("textbox", name="Access code").fill(CODE)
    page.get_by_role("button", name="Unlock live").click()
    expect(page.get_by_role("textbox", name="Access code")).to_have_count(0, timeout=30_000)
    settled(page)
    page.get_by_role("button", name=re.compile("^Run")).first.dblclick()
    expect(page.get_by_role("link", name="Download").first).to_be_visible(timeout=180_000)
    said.append(page.content().encode())

    bought = httpx.get(f"{fal}/_standin/bill", trust_env=False).json()["accepted"]
    assert [line["endpoint"] for line in bought] == ["fal-ai/amt-interpolation"]
    needles = [part.encode() for part in (KEY, *KEY.split(":"))]
    assert len(said) > 40
    assert not [words for words in said if any(needle in words for needle in needles)]
    files = [path for path in Path(live.folder).rglob("*") if path.is_file()]
    assert not [path for path in files if any(needle in path.read_bytes() for needle in needles)]
    assert not any(needle.decode() in live.log() for needle in needles)
