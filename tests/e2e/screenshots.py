"""Takes every page in every look, empty and full: python -m tests.e2e.screenshots [NAME...] (or make screenshots).

All go to .screenshots/ to be looked at; those that the README shows are kept in docs/screenshots/ as well.
"""

from __future__ import annotations

import io
import re
import shutil
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from lib.settings import ROOT
from tests.e2e.served import BROWSER, FLAGS, Served
from tests.e2e.walk import Place, fill_in, grow, places, settle, turn_to

ALL, SHOWN = ROOT / ".screenshots", ROOT / "docs" / "screenshots"
IN_README = ("start-run-light", "trim-full-dark", "wan-full-narrow")
LONGEST_PX = 3200
COLORS = 256
PLAYS = "[...document.querySelectorAll('video')].every((one) => one.readyState >= 3 || one.error)"


@dataclass(frozen=True, slots=True)
class Look:
    """How the browser stands: its name in the file, size and colour scheme."""

    name: str
    width: int
    height: int
    scheme: str


LOOKS = (Look("light", 1280, 800, "light"), Look("dark", 1280, 800, "dark"), Look("narrow", 390, 844, "light"))


def main(only: Collection[str] = ()) -> int:
    """The empty pages first, then runs are made in rehearsal, and all is taken again with what they left.

    `only` names the pictures that are wanted; without it all are taken.
    """
    if not only:
        shutil.rmtree(ALL, ignore_errors=True)
    for folder in (ALL, SHOWN):
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        served = Served(Path(folder) / "data")
        served.start()
        try:
            browser = play.chromium.launch(executable_path=str(BROWSER), args=list(FLAGS))
            for look in LOOKS:
                _take_empty(browser, served, look, only)
            named = _run_all(browser, served)
            for look in LOOKS:
                _take_full(browser, served, look, named, only)
        finally:
            served.close()
    return 0


def _wanted(name: str, look: Look, only: Collection[str]) -> bool:
    return not only or f"{name}-{look.name}" in only


def _take_empty(browser: Browser, served: Served, look: Look, only: Collection[str]) -> None:
    with _opened(browser, look) as context:
        page = _start(context, served)
        for place in places(page):
            if not _wanted(f"{_file(place)}-empty", look, only):
                continue
            turn_to(page, place)
            _take(page, f"{_file(place)}-empty", look)


def _take_full(browser: Browser, served: Served, look: Look, named: list[Place], only: Collection[str]) -> None:
    with _opened(browser, look) as context:
        page = _start(context, served)
        for place in places(page):
            if not _wanted(f"{_file(place)}-full", look, only):
                continue
            turn_to(page, place)
            fill_in(page)
            _take(page, f"{_file(place)}-full", look)
        for place in named:
            if not _wanted(place.name, look, only):
                continue
            page.goto(served.base + place.path)
            settle(page)
            _take(page, place.name, look)


def _run_all(browser: Browser, served: Served) -> list[Place]:
    """The golden chain, an upscale and a cut, made as a person makes them; the addresses that show them."""
    with _opened(browser, LOOKS[0]) as context:
        page = _start(context, served)
        chain = _run(page, served, "/", "Run the chain", "Your video is ready")
        cut = _run(page, served, "/trim", "Trim", "Download")
        takes = _takes(page, served)
    return [
        Place("start-run", f"/?run={chain}"),
        Place("trim-run", f"/trim?run={cut}"),
        Place("runs-open", f"/runs?run={chain}"),
        Place("takes-open", f"/takes?take={takes[0]}"),
        Place("compare-two", f"/compare?takes={','.join(takes[:2])}"),
    ]


def _run(page: Page, served: Served, path: str, press: str, ready: str) -> str:
    page.goto(served.base + path)
    settle(page)
    fill_in(page)
    page.get_by_role("button", name=re.compile(f"^{press}( .*Ctrl.*)?$")).first.click()
    page.wait_for_url(re.compile(r"run=[0-9a-f]{32}"), timeout=60_000)
    expect(page.get_by_text(ready).first).to_be_visible(timeout=300_000)
    return page.url.split("run=")[1][:32]


def _takes(page: Page, served: Served) -> list[str]:
    """Take ids, as the library has them: the newest first."""
    page.goto(f"{served.base}/takes")
    settle(page)
    classes = page.locator("[class*='st-key-take-']").evaluate_all("all => all.map((one) => one.className)")
    return [found.group(1) for each in classes if (found := re.search(r"st-key-take-([0-9a-f]{32})", each))]


def _opened(browser: Browser, look: Look) -> BrowserContext:
    return browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.scheme == "dark" else "light",
    )


def _start(context: BrowserContext, served: Served) -> Page:
    page = context.new_page()
    page.goto(served.base)
    settle(page)
    return page


def _file(place: Place) -> str:
    return place.path.strip("/") or "start"


def _take(page: Page, name: str, look: Look) -> None:
    """The whole page in one picture."""
    page.wait_for_function(PLAYS, timeout=60_000)
    grow(page, look.width, look.height, LONGEST_PX)
    page.wait_for_timeout(600)  # the sidebar and the players end their fade
    _save(page.screenshot(), f"{name}-{look.name}")
    page.set_viewport_size({"width": look.width, "height": look.height})


def _save(png: bytes, name: str) -> None:
    """As a palette: a fifth of the size, and nobody sees it."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLORS, dither=Image.Dither.FLOYDSTEINBERG)
    for folder in (ALL, *([SHOWN] if name in IN_README else [])):
        path = folder / f"{name}.png"
        picture.save(path, optimize=True)
        sys.stdout.write(f"{path.relative_to(ROOT)} {path.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
