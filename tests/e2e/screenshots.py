"""Makes docs/screenshots/*.png from the real app: python -m tests.e2e.screenshots (or make screenshots)."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lib.settings import ROOT
from tests.e2e.served import BROWSER, FLAGS, Served

FOLDER = ROOT / "docs" / "screenshots"
LONGEST_PX = 2600
COLORS = 256


@dataclass(frozen=True, slots=True)
class Look:
    """How the browser stands: its name in the file, size and colour scheme."""

    name: str
    width: int
    height: int
    scheme: str


LOOKS = (Look("light", 1280, 800, "light"), Look("dark", 1280, 800, "dark"), Look("narrow", 390, 844, "light"))


def main() -> int:
    """Runs the golden chain once, then takes every page in every look."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        served = Served(Path(folder) / "data")
        served.start()
        try:
            browser = play.chromium.launch(executable_path=str(BROWSER), args=list(FLAGS))
            run_id = _run_once(browser, served)
            for look in LOOKS:
                _take_all(browser, served, run_id, look)
        finally:
            served.close()
    return 0


def _run_once(browser: Browser, served: Served) -> str:
    page = browser.new_page()
    page.goto(served.base)
    page.get_by_role("button", name="Run the chain").click()
    page.wait_for_url(re.compile(r"run=[0-9a-f]{32}"), timeout=60_000)
    expect(page.get_by_text("Your video is ready")).to_be_visible(timeout=300_000)
    return page.url.split("run=")[1]


def _take_all(browser: Browser, served: Served, run_id: str, look: Look) -> None:
    for name, path in (
        ("start", "/"), ("model", "/pixverse"), ("run", f"/?run={run_id}"), ("runs", "/runs"), ("settings", "/settings")
    ):  # fmt: skip
        context = browser.new_context(
            viewport={"width": look.width, "height": look.height},
            color_scheme="dark" if look.scheme == "dark" else "light",
        )
        page = context.new_page()
        page.goto(served.base + path)
        _settle(page)
        if name == "model":
            page.get_by_role("button", name="Use the example").click()
            expect(page.get_by_text("bunny.mp4").first).to_be_visible(timeout=30_000)
            page.mouse.move(look.width - 5, 5)  # or the help of the button stands over the form
            _settle(page)
        _grow(page, look)
        _save(page.screenshot(), FOLDER / f"{name}-{look.name}.png")
        context.close()


def _settle(page: Page) -> None:
    """The app is connected and at rest, and every picture of a video is there."""
    page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]", timeout=60_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
    page.wait_for_function("[...document.querySelectorAll('video')].every(v => v.readyState >= 3)", timeout=60_000)
    page.wait_for_function("document.fonts.status === 'loaded'")


def _grow(page: Page, look: Look) -> None:
    """The window as high as the page, since Streamlit scrolls inside of it."""
    height = int(page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight"))
    page.set_viewport_size({"width": look.width, "height": min(max(look.height, height), LONGEST_PX)})
    _settle(page)
    page.wait_for_timeout(1_000)  # the sidebar and the players end their fade


def _save(png: bytes, path: Path) -> None:
    """As a palette: a fifth of the size, and nobody sees it."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLORS, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
    sys.stdout.write(f"{path.relative_to(ROOT)} {path.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    sys.exit(main())
