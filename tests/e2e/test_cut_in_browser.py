"""The Cut pages in Chromium: a clip is trimmed by keyboard alone and goes on to a model; typed moments and parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import av
import pytest
from playwright.sync_api import Locator, Page, expect

from lib.media.proof.measure import ssim
from lib.media.samples import sample
from lib.settings import Settings
from lib.studio import Studio
from tests.e2e.served import Served, drawn, until
from tests.media.barcoded import noise, write

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
MOST_STOPS = 120
IN, OUT = "In: the first picture", "Out: the last picture"
FIRST, LAST = 12, 72


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """A look may find a page that is only now drawn, on a machine that does other things as well."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


def tab_to(page: Page, wanted: Locator) -> None:
    """Presses Tab until the focus is there, as somebody without a mouse does."""
    expect(wanted).to_be_visible(timeout=60_000)
    for _ in range(MOST_STOPS):
        if wanted.evaluate("one => one.matches(':focus')"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


def pictures(path: Path, *numbers: int) -> list[object]:
    """Those pictures, as luma."""
    with av.open(str(path)) as container:
        shown = list(container.decode(video=0))
        return [shown[number].to_ndarray(format="gray") for number in numbers]


def opened(visit: Visit, path: str) -> tuple[Page, Locator]:
    """The page with the sample, once its player shows it."""
    page = visit(path)
    page.get_by_role("button", name="Use the sample").first.click(timeout=60_000)
    player = page.locator(".player")
    expect(player).to_have_attribute("data-ready", "", timeout=60_000)
    drawn(page)
    return page, player


def test_a_clip_is_trimmed_by_keyboard_alone(served: Served, visit: Visit) -> None:
    """Sample, in, the seam, a handle, Trim at once, Continue, the upscaler, without a mouse: just those pictures."""
    page = visit("/trim")
    sample_button = page.get_by_role("button", name="Use the sample")
    expect(sample_button).to_be_visible(timeout=60_000)
    drawn(page)
    tab_to(page, sample_button)
    page.keyboard.press("Enter")
    player = page.locator(".player")
    expect(player).to_have_attribute("data-ready", "", timeout=60_000)
    tab_to(page, player)
    for key in ["Home", "Shift+ArrowRight", "ArrowRight", "ArrowRight", "i", *["Shift+ArrowRight"] * 7, "o"]:
        page.keyboard.press(key)
    expect(player).to_have_attribute("data-picture", str(LAST + 10))
    expect(page.get_by_role("textbox", name=IN)).to_have_value("00:00:00:12")
    expect(page.get_by_role("textbox", name=OUT)).to_have_value("00:00:03:07")
    expect(page.locator(".player img:visible")).to_have_count(4, timeout=30_000)
    tab_to(page, player.get_by_role("slider", name="Out:"))
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_role("textbox", name=OUT)).to_have_value("00:00:02:22")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Smart cut", exact=False)).to_be_visible(timeout=90_000)
    run_id = page.url.split("run=")[1]
    send = page.get_by_role("button", name="Continue with")
    tab_to(page, send)
    page.keyboard.press("Enter")
    item = page.get_by_role("menuitem", name="Upscale a clip")
    expect(item).to_be_visible()
    for _ in range(MOST_STOPS):
        if item.evaluate("one => one.matches(':focus') || one.getAttribute('aria-selected') === 'true'"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Video upscaler")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("bunny trim")).to_be_visible(timeout=30_000)
    _is_that_part(served, run_id, FIRST, LAST)


def test_parts_are_marked_seen_cut_and_proven(visit: Visit) -> None:
    """Typed and moved marks become parts in the moment of the press; the preview is as long as what Trim makes."""
    page, player = opened(visit, "/trim")
    field = page.get_by_role("textbox", name=IN)
    for typed, shown in (("1.2", "00:00:01:05"), ("#40", "00:00:01:15"), ("00:00:00:10", "00:00:00:10")):
        field.fill(typed)
        field.press("Enter")
        expect(field).to_have_value(shown)
    expect(player.locator("p.kept")).to_contain_text("picture 10 to")
    field.fill("soon")
    field.press("Enter")
    expect(page.get_by_text("'soon' is no moment of a clip.")).to_be_visible()
    expect(player.locator("p.kept")).to_contain_text("picture 10 to")
    assert player.locator(".handle.start").evaluate(MOVED_BY_ONE).startswith("Kept: picture 11 to")
    page.get_by_role("textbox", name=OUT).fill("#20")
    page.get_by_role("textbox", name=OUT).press("Enter")
    expect(page.get_by_role("textbox", name=OUT)).to_have_value("00:00:00:20")
    for _ in range(4):
        player.locator(".handle.start").evaluate(MOVED_BY_ONE)
    page.get_by_role("button", name="Add as a part").evaluate("button => button.click()")
    expect(page.get_by_text("00:00:00:15 to 00:00:00:20, 6 pictures, 0.240 s")).to_be_visible()
    expect(page.get_by_role("textbox", name=IN)).to_have_value("")
    expect(player.locator(".handle.start")).to_have_class(re.compile("unset"))
    page.get_by_role("radio", name="rest").or_(page.get_by_role("button", name="rest")).first.click()
    expect(player.locator("p.kept")).to_contain_text("2 parts, 126 pictures")
    page.get_by_text("Preview the result").click()
    shown = page.locator(".preview video")
    expect(shown).to_have_js_property("readyState", 4, timeout=60_000)
    assert abs(shown.evaluate("video => video.duration") - 126 / 25) < 0.05
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Proven").click(timeout=90_000)
    expect(page.get_by_text("126 of 126")).to_be_visible()
    page.get_by_text("Show the compared pictures side by side").click()
    sheet = page.get_by_role("img", name="Pictures of the result beside those of the source")
    expect(sheet).to_be_visible(timeout=60_000)
    assert sheet.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300


def test_a_preview_that_cannot_be_says_why(served: Served, visit: Visit, tmp_path: Path) -> None:
    """A clip that browsers could only play from its very start: a sentence with the way on, and no empty picture."""
    studio = Studio(Settings(served.folder, Decimal(5), ""))
    clip = write(tmp_path / "open.mp4", frames=900, **{"x264-params": "open-gop=1:keyint=12:bframes=3"})
    studio.add_file(clip, "open.mp4")
    studio.close()
    page = visit("/trim")
    page.get_by_text("Stored", exact=True).click()
    page.get_by_placeholder("Search names, prompts, notes").press_sequentially("open.mp4")
    expect(page.get_by_role("button", name="Use", exact=True)).to_have_count(1, timeout=60_000)
    page.get_by_role("button", name="Use", exact=True).click()
    expect(page.locator(".player")).to_have_attribute("data-ready", "", timeout=60_000)
    page.get_by_role("textbox", name=IN).fill("#800")
    page.get_by_role("textbox", name=IN).press("Enter")
    page.get_by_text("Preview the result").click()
    said = page.locator(".preview .said")
    expect(said).to_contain_text("The cut itself works all the same", timeout=60_000)
    expect(page.locator(".preview video")).to_be_hidden()


def test_the_picture_on_screen_is_the_one_that_is_taken(served: Served, visit: Visit) -> None:
    """Some steps and a click at once: the form has the picture that the player shows, and so has the take."""
    page, player = opened(visit, "/frames")
    player.focus()
    for key in ["Home", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"]:
        page.keyboard.press(key)
    page.get_by_role("button", name="Take the picture on screen").evaluate("button => button.click()")
    expect(player).to_have_attribute("data-picture", "23")
    expect(page.get_by_role("spinbutton", name="Frame")).to_have_value("23")
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Take the picture on screen").click()
    expect(page.get_by_role("spinbutton", name="Frame")).to_have_value("24")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**run=**")
    run_id = page.url.split("run=")[1]
    taken = until(lambda: _take_of(served, run_id), "take", 90)
    near = [ssim(one, pictures(taken, 0)[0]) for one in pictures(sample("bunny.mp4"), *range(20, 30))]
    assert near.index(max(near)) == 24 - 20


def test_clips_are_added_together_moved_and_heard_before_they_are_joined(visit: Visit, tmp_path: Path) -> None:
    """Two files in one go, each by itself on its way; by keyboard a clip goes up; the joint plays across."""
    page = visit("/join")
    clips = [write(tmp_path / f"{name}.mp4", frames=n, sound=noise(2.0)) for name, n in (("one", 50), ("two", 25))]
    page.get_by_role("button", name="Use the sample").click()
    expect(page.get_by_text("Clip 1 · bunny.mp4")).to_be_visible(timeout=60_000)
    page.locator("input[type=file]:enabled").set_input_files(clips)
    for words in ("Clip 2 · one.mp4", "Clip 3 · two.mp4"):
        expect(page.get_by_text(words)).to_be_visible(timeout=60_000)
    up = page.get_by_role("button", name="Move up")
    up.nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Clip 2 · two.mp4")).to_be_visible()
    page.get_by_role("combobox", name="Look at the joint").click()
    page.get_by_role("option", name="2 to 3").click()
    expect(page.get_by_text("First picture of one.mp4")).to_be_visible()
    page.get_by_role("button", name="Play around this joint").click()
    expect(page.locator(".joint video.after")).to_be_visible(timeout=60_000)
    expect(page.locator(".joint .pair")).to_be_visible(timeout=60_000)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("8.3 s, 640 x 360")).to_be_visible(timeout=120_000)


def test_a_sound_is_moved_under_the_clip_and_heard_there(visit: Visit) -> None:
    """By keys and by mouse its beginning goes to a picture; the form follows, and it sounds when that picture comes."""
    page, player = opened(visit, "/sound")
    page.get_by_role("button", name="Use the sample").click()
    lane = player.get_by_role("slider", name="The new sound")
    expect(lane).to_be_visible(timeout=60_000)
    offset = page.get_by_role("spinbutton", name="Start offset")
    lane.focus()
    for key, picture in (("Shift+ArrowRight", 10), ("ArrowRight", 11), ("ArrowRight", 12)):
        page.keyboard.press(key)
        expect(lane).to_have_attribute("aria-valuetext", re.compile(f"begins at picture {picture},"))
    expect(offset).to_have_value("0.48")
    expect(lane).to_have_attribute("aria-valuetext", "begins at picture 12, 0.480 s")
    player.focus()
    page.keyboard.press("Space")
    expect(player).to_have_class(re.compile("playing"))
    page.keyboard.press("Space")
    offset.fill("-1")
    offset.press("Enter")
    expect(lane).to_have_attribute("aria-valuetext", "begins 25 pictures before the clip, -1.000 s")


MOVED_BY_ONE = """handle => {
    handle.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
    return handle.closest(".player").querySelector(".kept").textContent;
}"""


def _take_of(served: Served, run_id: str) -> Path | None:
    """The file that the run made, once it is there."""
    studio = Studio(Settings(served.folder, Decimal(5), ""))
    take = studio.run(run_id).steps[0].take
    path = studio.asset(take.sha256).path if take is not None and take.sha256 is not None else None
    studio.close()
    return path


def _is_that_part(served: Served, run_id: str, first: int, last: int) -> None:
    made = _take_of(served, run_id)
    assert made is not None
    with av.open(str(made)) as container:
        shown = [picture.to_ndarray(format="gray") for picture in container.decode(video=0)]
    assert len(shown) == last - first + 1
    wanted = pictures(sample("bunny.mp4"), first, last)
    assert all(ssim(one, other) > 0.98 for one, other in zip(wanted, (shown[0], shown[-1]), strict=True))
