"""Every page of the app, one after another, in one browser: for the tests of the look, and for the screenshots."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Page

from lib.studio import Studio
from lib.ui.samples import sample_asset
from tests.ui.stage import fail, finish, golden_run, quiet
from tests.ui.takes import EXTEND, TRIM, UPSCALE, put_take

SLOW_MS = 60_000
REST = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
DRAWN = """() => document.querySelectorAll('[data-testid=stSkeleton], [data-testid=stSpinner]').length === 0
  && document.querySelectorAll('[data-testid=stMain] h1').length > 0
  && document.fonts.status === 'loaded'
  && [...document.images].every((image) => image.complete)
  && document.getAnimations().every((one) => one.playState !== "running" || one.effect.getTiming().iterations > 99)"""
# Two frames later a change of the theme has reached every element, and what it set in motion has begun to move.
PAINTED = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"""
IN_SCHEME = """dark => {
  const ground = getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor;
  return (ground.match(/\\d+/g).slice(0, 3).reduce((sum, one) => sum + Number(one), 0) < 384) === dark;
}"""


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the app: its name in the sidebar, and its address below the app's own."""

    name: str
    path: str


def places(page: Page) -> list[Place]:
    """Every page that the sidebar leads to, so that none is forgotten."""
    links = page.get_by_test_id("stSidebarNavLink")
    links.first.wait_for(state="attached", timeout=SLOW_MS)
    said = links.evaluate_all("all => all.map((one) => [one.innerText.trim(), one.href])")
    return [Place(name, urlsplit(address).path) for name, address in said]


def turn_to(page: Page, place: Place) -> None:
    """Changes the page as a press in the sidebar does, also where a narrow screen hides it."""
    page.locator(f"a[data-testid=stSidebarNavLink][href$='{place.path}']").evaluate("link => link.click()")
    page.wait_for_function("path => location.pathname === path", arg=place.path, timeout=SLOW_MS)
    settle(page)


def settle(page: Page) -> None:
    """The script is at rest, and everything is drawn."""
    page.wait_for_selector(REST, timeout=SLOW_MS)
    page.wait_for_function(DRAWN, timeout=SLOW_MS)
    page.wait_for_selector(REST, timeout=SLOW_MS)


def recolour(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Gives the page the other theme and waits until all of it has it."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(IN_SCHEME, arg=scheme == "dark", timeout=SLOW_MS)
    page.evaluate(PAINTED)
    settle(page)


def fill_in(page: Page) -> bool:
    """Takes the example of a page that has one, and unfolds what is folded; whether there was one."""
    example = page.get_by_test_id("stMain").get_by_role("button", name="Use the example")
    if not example.count():
        return False
    example.click()
    settle(page)
    page.mouse.move(1, 1)  # or the help of the button stands over the form
    unfold(page)
    return True


def unfold(page: Page) -> None:
    """Opens every folded part, so that nothing is left unseen."""
    page.get_by_test_id("stMain").locator("details:not([open]) > summary").evaluate_all(
        "all => all.forEach((one) => one.click())"
    )
    settle(page)


def grow(page: Page, width: int, least: int, most: int) -> None:
    """Makes the window as high as the page, since Streamlit scrolls inside of it and what is below is not looked at."""
    page.set_viewport_size({"width": width, "height": least})
    for _ in range(2):  # a higher window may show more
        height = int(page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight"))
        page.set_viewport_size({"width": width, "height": min(max(least, height), most)})
        settle(page)


def furnish(folder: Path) -> list[Place]:
    """Runs and takes in every state that lasts, put into the store of `folder`; the addresses that show them."""
    studio = quiet(folder)
    try:
        return _furnish(studio)
    finally:
        studio.close()


def _furnish(studio: Studio) -> list[Place]:
    done, failed = golden_run(studio), golden_run(studio)
    finish(studio, done, "extend", "lipsync", "upscale")
    fail(studio, failed, "extend")
    bunny, portrait = sample_asset(studio, "bunny.mp4"), sample_asset(studio, "portrait.jpg")
    clip, now = {"video_url": f"asset:{bunny.sha256}"}, time.time()
    first = put_take(studio, EXTEND, clip | {"prompt": "a slow dawn", "seed": 1}, bunny.sha256, created_at=now - 60)
    second = put_take(
        studio, EXTEND, clip | {"prompt": "a fast dusk", "seed": 2}, bunny.sha256, mode="live", cost_usd="0.30",
        label="Ada", created_at=now - 4000,
    )  # fmt: skip
    put_take(studio, TRIM, clip | {"start_s": 1}, bunny.sha256, created_at=now - 90_000)
    put_take(studio, "cut/frame", clip | {"which": "last"}, portrait.sha256, created_at=now - 200_000)
    put_take(studio, UPSCALE, clip | {"scale": 2}, None, created_at=now - 300_000)
    return [
        Place("Start, a finished chain", f"/?run={done}"),
        Place("Runs, a failed one open", f"/runs?run={failed}"),
        Place("Takes, one open", f"/takes?take={first}"),
        Place("Compare, two takes", f"/compare?takes={first},{second}"),
    ]
