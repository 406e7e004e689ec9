"""The library in a real browser: finding, opening again, comparing in lock-step, and the reference."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lib.store.views import Asset, Mode
from lib.studio import Studio
from lib.ui.samples import sample_asset
from tests.e2e.served import Served, drawn, until
from tests.media.barcoded import ffmpeg_run, noise, write
from tests.ui.stage import quiet
from tests.ui.takes import EXTEND, TRIM, UPSCALE, put_take

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
SLOW_MS = 60_000
FPS, FRAMES = 25, 100


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Take ids by name, and under "folder" where they are: barcoded clips, one of them shorter, and a picture."""
    folder = tmp_path_factory.mktemp("served") / "data"
    studio = quiet(folder)
    try:
        return {"folder": str(folder)} | _made(studio)
    finally:
        studio.close()


def _made(studio: Studio) -> dict[str, str]:
    bunny, portrait = sample_asset(studio, "bunny.mp4"), sample_asset(studio, "portrait.jpg")
    own, now = {"video_url": f"asset:{bunny.sha256}"}, time.time()
    first, second, short = (_clip(studio, name, frames) for name, frames in (("a", 100), ("b", 100), ("c", 40)))

    def put(operation_id: str, asset: Asset, age_s: float, mode: Mode = "rehearsal", **given: object) -> str:
        how: dict[str, Any] = {"mode": mode, "cost_usd": "0.30" if mode == "live" else "0"}
        return put_take(studio, operation_id, own | given, asset.sha256, created_at=now - age_s, **how)

    return {
        "first": put(EXTEND, first, 1, prompt="a slow dawn", seed=1),
        "second": put(EXTEND, second, 2, prompt="a fast dusk", seed=2),
        "short": put(TRIM, short, 3, start_s=1),
        "picture": put("cut/frame", portrait, 4, which="last"),
        "bought": put(UPSCALE, bunny, 5, "live", scale=2),
    }


def _clip(studio: Studio, name: str, frames: int) -> Asset:
    plain, path = (studio.settings.data_dir / f"{name}{more}.mp4" for more in ("", "-large"))
    write(plain, frames=frames, fps=FPS, sound=noise(frames / FPS), g="25")
    ffmpeg_run("-i", plain, "-vf", "scale=384:256:flags=neighbor", "-c:a", "copy", path)
    return studio.add_file(path, f"{name}.mp4")


@pytest.fixture(scope="module")
def served(takes: dict[str, str]) -> Iterator[Served]:
    server = Served(Path(takes["folder"]))
    server.start()
    yield server
    server.close()


def calm(page: Page) -> Page:
    """The script is at rest and every widget is drawn."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=SLOW_MS)
    return page


@pytest.fixture
def library(visit: Visit) -> Page:
    return calm(visit("/takes"))


@pytest.fixture
def two(visit: Visit, takes: dict[str, str]) -> Page:
    """Two clips of equal length, ready to be compared."""
    return ready(visit(f"/compare?takes={takes['first']},{takes['second']}"), 2)


def ready(page: Page, clips: int) -> Page:
    calm(page)
    expect(page.locator("video")).to_have_count(clips, timeout=SLOW_MS)
    page.wait_for_function(f"({VIDEOS}).every((one) => one.readyState >= 3)", timeout=SLOW_MS)
    page.locator(".stage").focus()
    return page


# Playwright's locators look into the shadow root, a script has to be shown the way.
VIDEOS = """[...document.querySelectorAll("*")].flatMap(
  (each) => [...(each.shadowRoot?.querySelectorAll("video") ?? [])]
)"""
IN_PICTURE = """(video) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 96, height: 64 });
  const draw = canvas.getContext("2d");
  draw.drawImage(video, 0, 0, 96, 64);
  let number = 0;
  for (let bit = 0; bit < 12; bit += 1) {
    const [pixel] = draw.getImageData((bit % 6) * 16 + 8, Math.floor(bit / 6) * 16 + 8, 1, 1).data;
    if (pixel > 128) number += 2 ** bit;
  }
  return number;
}"""
# How far the two are apart at every picture of the screen while they play, in seconds.
APART = f"""() => new Promise((resolve) => {{
  const [first, second] = {VIDEOS};
  const apart = [];
  const look = () => {{
    if (first.currentTime > 0.6 && !first.paused) apart.push(Math.abs(first.currentTime - second.currentTime));
    if (first.currentTime > 2.6) resolve(apart);
    else requestAnimationFrame(look);
  }};
  look();
}})"""


def pictures(page: Page) -> list[int]:
    """The barcodes that are really on screen."""
    return [int(each.evaluate(IN_PICTURE)) for each in page.locator("video").all()]


def shows(page: Page, *wanted: int) -> None:
    until(lambda: pictures(page) == list(wanted), f"{wanted} on screen", 30)


def test_every_card_shows_a_picture_of_its_file(library: Page, outside: list[str]) -> None:
    """Posters come by themselves, each of the same size; nothing is fetched from outside."""
    posters = library.locator("img[src*='/posters/']")
    expect(posters).to_have_count(5, timeout=SLOW_MS)
    for poster in posters.all():
        element = poster.element_handle()
        library.wait_for_function("(one) => one.complete && one.naturalWidth === 480", arg=element, timeout=SLOW_MS)


def test_a_take_is_found_and_its_inputs_are_opened_again(library: Page) -> None:
    """Two words typed, one take left; opened, its address can be passed on; then its form, filled in."""
    library.get_by_placeholder("Search prompts, names, notes").press_sequentially("dusk fast")
    expect(library.get_by_text("1 take", exact=True)).to_be_visible(timeout=SLOW_MS)
    drawn(library)
    library.get_by_role("button", name="Open", exact=True).click()
    library.wait_for_url(re.compile(r"take=[0-9a-f]{32}"), timeout=SLOW_MS)
    library.reload()
    library.get_by_role("button", name="Use these inputs again").click(timeout=SLOW_MS)
    expect(library.get_by_role("heading", name="PixVerse", exact=True)).to_be_visible(timeout=SLOW_MS)
    expect(library.get_by_label("Prompt", exact=True)).to_have_value("a fast dusk", timeout=SLOW_MS)
    expect(library.get_by_text("bunny.mp4")).to_be_visible(timeout=SLOW_MS)


def test_a_take_is_starred_deleted_and_had_back(library: Page, takes: dict[str, str]) -> None:
    """A paid one asks first; Undo brings it back, its star still on it."""
    card = library.locator(f".st-key-take-{takes['bought']}")
    card.get_by_role("button", name="☆").click()
    expect(card.get_by_role("button", name="★")).to_be_visible(timeout=SLOW_MS)
    card.get_by_role("button", name="Open", exact=True).click()
    library.get_by_role("button", name="Delete", exact=True).click(timeout=SLOW_MS)
    expect(library.get_by_text("This take cost $0.30")).to_be_visible(timeout=SLOW_MS)
    library.get_by_role("button", name="Delete the paid take").click()
    expect(card).to_have_count(0, timeout=SLOW_MS)
    library.get_by_role("button", name="Undo").click()
    expect(card.get_by_role("button", name="★")).to_be_visible(timeout=SLOW_MS)


def test_ticked_takes_are_compared_with_what_differs(library: Page, takes: dict[str, str]) -> None:
    """From the library to the comparison; equal inputs have no row, other ones stand side by side."""
    for name in ("first", "second"):
        library.locator(f".st-key-take-{takes[name]}").get_by_text("Compare").click()
        calm(library)
    library.locator(".st-key-compare-line").get_by_role("button", name="Compare").click()
    page = ready(library, 2)
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows.nth(1)).to_have_text(re.compile(r"Prompt\s*a slow dawn\s*a fast dusk"))
    expect(rows.filter(has_text="Seed")).to_have_count(1)
    expect(rows.filter(has_text="bunny")).to_have_count(0)


def test_keys_step_both_by_whole_pictures(two: Page) -> None:
    """Arrows by one, with Shift by ten, Home and End: both clips show the very same picture each time."""
    shows(two, 0, 0)
    for keys, wanted in ((["ArrowRight"] * 3, 3), (["ArrowLeft"], 2), (["Shift+ArrowRight"] * 2, 22), (["End"], 99),
                         (["ArrowRight"], 99), (["Home"], 0)):  # fmt: skip
        for key in keys:
            two.keyboard.press(key)
        shows(two, wanted, wanted)


def test_playing_they_stay_within_one_picture(two: Page) -> None:
    """Space plays and pauses; while they play they are hardly ever a picture apart, and they stop on the same one.

    A browser that gets no processor shows a picture late: one look in ten may find that, by two pictures.
    """
    two.keyboard.press("Space")
    apart = two.evaluate(APART)
    two.keyboard.press("Space")
    expect(two.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert len(apart) > 5
    late = [gap for gap in apart if gap > 1 / FPS]
    assert len(late) <= len(apart) / 10, json.dumps(apart)
    assert max(apart) <= 3 / FPS, json.dumps(apart)
    number = int(str(two.locator(".at").input_value()))
    assert 50 < number < FRAMES
    shows(two, number, number)


def test_a_shorter_clip_waits_on_its_last_picture(visit: Visit, takes: dict[str, str]) -> None:
    """The longer one goes on beside it; a picture stands beside both."""
    page = ready(visit(f"/compare?takes={takes['first']},{takes['short']},{takes['picture']}"), 2)
    page.keyboard.press("End")
    shows(page, 99, 39)
    page.keyboard.press("Home")
    shows(page, 0, 0)
    expect(page.locator(".pane img")).to_be_visible()


def test_the_wipe_follows_mouse_and_keys(two: Page) -> None:
    """Dragged, it stands where the pointer is; its own arrow keys move it and step no picture."""
    two.get_by_role("button", name="Wipe").click()
    handle, stage = two.get_by_role("slider", name="Wipe"), two.locator(".stage")
    box = stage.bounding_box()
    assert box is not None
    two.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    two.mouse.down()
    two.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2, steps=4)
    two.mouse.up()
    expect(handle).to_have_attribute("aria-valuenow", "80")
    two.mouse.move(box["x"] + 5, box["y"] + 5)
    expect(handle).to_have_attribute("aria-valuenow", "80")
    expect(handle).to_be_focused()
    two.keyboard.press("ArrowLeft")
    two.keyboard.press("Shift+ArrowLeft")
    expect(handle).to_have_attribute("aria-valuenow", "68")
    shows(two, 0, 0)
    clipped = two.locator(".pane.over").evaluate("(one) => getComputedStyle(one).clipPath")
    assert clipped == "inset(0px 0px 0px 68%)"


def test_the_wipe_follows_a_finger(chromium: Browser, served: Served, takes: dict[str, str]) -> None:
    """On a narrow touch screen, whose page needs no sideways scrolling."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{served.base}/compare?takes={takes['first']},{takes['second']}")
    ready(page, 2).get_by_role("button", name="Wipe").tap()
    stage = page.locator(".stage")
    stage.scroll_into_view_if_needed()
    touch(page, stage, 0.5, 0.2)
    expect(page.get_by_role("slider", name="Wipe")).to_have_attribute("aria-valuenow", "20")
    assert page.get_by_test_id("stMain").evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0
    context.close()


def touch(page: Page, stage: Locator, begins: float, ends: float) -> None:
    """One finger, from one part of the width to another."""
    box, client = stage.bounding_box(), page.context.new_cdp_session(page)
    assert box is not None
    y = box["y"] + box["height"] / 2
    at = [box["x"] + box["width"] * part for part in (begins, (begins + ends) / 2, ends)]
    for kind, x in zip(("touchStart", "touchMove", "touchMove"), at, strict=True):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_the_reference_is_reached_from_a_form(visit: Visit) -> None:
    """The id beside the form leads to what is written about it, and from there back to the form."""
    page = calm(visit("/upscaler"))
    page.get_by_role("link", name="fal-ai/video-upscaler").click()
    expect(page.get_by_role("heading", name="Reference", exact=True)).to_be_visible(timeout=SLOW_MS)
    page.wait_for_url(re.compile("operation=fal-ai"), timeout=SLOW_MS)
    expect(page.get_by_role("heading", name="Upscale a clip")).to_be_visible()
    page.get_by_role("button", name="Open its form").click()
    expect(page.get_by_role("heading", name="Video upscaler", exact=True)).to_be_visible(timeout=SLOW_MS)


def test_an_anchor_leads_to_its_operation(visit: Visit) -> None:
    """An address with a hash opens the page at that operation."""
    page = calm(visit("/reference#pixverse-lipsync"))
    expect(page.locator("#pixverse-lipsync")).to_be_in_viewport(timeout=SLOW_MS)


@pytest.mark.parametrize("path", ["/takes", "/compare", "/reference"])
def test_a_narrow_screen_needs_no_sideways_scrolling(visit: Visit, path: str) -> None:
    """At 390 pixels nothing sticks out."""
    page = visit(path)
    page.set_viewport_size({"width": 390, "height": 844})
    calm(page)
    assert page.get_by_test_id("stMain").evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0
