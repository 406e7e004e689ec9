"""The clip player in Chromium, by keyboard and by touch: the picture on screen is the one that is named."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from lib.store.views import Asset
from lib.studio import Studio
from tests.e2e.served import Served, until
from tests.media.barcoded import HEIGHT, WIDTH, ffmpeg_run, noise, number_in, numbers, write
from tests.sampling import seldom
from tests.ui.stage import quiet

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
PIXELS = """(picture, size) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture[size + "Width"], picture[size + "Height"]];
    const pen = canvas.getContext("2d");
    pen.drawImage(picture, 0, 0);
    return [canvas.height, canvas.width, Array.from(pen.getImageData(0, 0, canvas.width, canvas.height).data)];
}"""
FRAMES = 30
BUSY = 20
"""So many pictures, of 0.1 s, a machine with thirty others at work was seen to come late; a cut removes more."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The player alone on a page."""
    server = Served(tmp_path_factory.mktemp("player") / "data", script="tests/e2e/player_app.py")
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Each look may find a picture that is only now decoded, on a machine that does other things as well."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def studio(served: Served) -> Iterator[Studio]:
    made = quiet(served.folder)
    yield made
    made.close()


@pytest.fixture
def add(studio: Studio, tmp_path: Path) -> Callable[..., Asset]:
    """Writes a barcoded clip and has it stored."""

    def added(name: str = "clip.mp4", **how: Any) -> Asset:
        return studio.add_file(write(tmp_path / name, **how), name)

    return added


def opened(visit: Visit, asset: Asset, query: str = "", **how: Any) -> tuple[Page, Locator]:
    """The page and its player, once the first picture is there; the player has the focus."""
    page = visit(f"/?clip={asset.sha256}{query}", **how)
    player = page.locator(".player")
    expect(player).to_have_attribute("data-ready", "", timeout=60_000)
    player.focus()
    return page, player


def settle(player: Locator, picture: int) -> None:
    """That picture is wanted, and presented."""
    expect(player).to_have_attribute("data-picture", str(picture))
    expect(player).to_have_attribute("data-shown", str(picture))


def on_screen(player: Locator) -> int:
    """The number that is in the picture itself, in its upper left corner."""
    return number_of(player.locator("video").evaluate(PIXELS, "video"), corner=True)


def number_of(read: tuple[int, int, list[int]], *, corner: bool = False) -> int:
    height, width, values = read
    pixels = np.array(values, np.uint8).reshape(height, width, 4)[:, :, :3]
    return number_in(pixels[:HEIGHT, :WIDTH] if corner else pixels)


def uneven() -> list[float]:
    gaps = random.Random(5).choices((0.01, 0.03, 0.04, 0.09), k=FRAMES)
    return [round(sum(gaps[:index]), 3) for index in range(FRAMES)]


CLIPS: dict[str, tuple[str, dict[str, Any]]] = {
    "b-pictures": ("clip.mp4", {"bf": "3", "g": "30", "sound": noise(1.2)}),
    "23.976": ("clip.mp4", {"fps": Fraction(24000, 1001), "bf": "2", "g": "250"}),
    "59.94 in milliseconds": ("clip.mkv", {"fps": Fraction(60000, 1001)}),
    "uneven": ("clip.mp4", {"times": uneven(), "bf": "2", "sound": noise(1.2)}),
    "late picture": ("clip.mkv", {"times": [0.5 + n / 25 for n in range(FRAMES)], "sound": noise(2.0)}),
    "vp9": ("clip.webm", {"codec": "libvpx-vp9", "cpu_used": "8", "fps": 16}),
    "hevc": ("clip.mp4", {"codec": "libx265", "x265-params": "log-level=none", "sound": noise(1.2)}),
    "stream": ("clip.ts", {"bf": "2", "fps": Fraction(24000, 1001), "sound": noise(1.2)}),
    "uneven avi's cousin": ("clip.mkv", {"codec": "mpeg4", "times": uneven()}),
}


@pytest.mark.parametrize("name", [seldom(name, ("b-pictures", "uneven", "hevc")) for name in CLIPS])
def test_every_picture_is_the_one_that_is_named(visit: Visit, add: Callable[..., Asset], name: str) -> None:
    """Step by step with the arrow key, then back from the end: barcode, number and browser's clock agree each time."""
    file, how = CLIPS[name]
    page, player = opened(visit, add(file, frames=FRAMES, **how))
    seen = []
    for picture in range(FRAMES):
        settle(player, picture)
        seen.append(on_screen(player))
        page.keyboard.press("ArrowRight")
    assert seen == list(range(FRAMES))
    settle(player, FRAMES - 1)
    for picture in range(FRAMES - 1, FRAMES - 5, -1):
        settle(player, picture)
        assert on_screen(player) == picture
        page.keyboard.press("ArrowLeft")


def test_a_clip_that_hides_its_beginning(visit: Visit, studio: Studio, tmp_path: Path) -> None:
    """With an edit list the first shown picture is picture 0, as the probe counts."""
    whole = write(tmp_path / "whole.mp4", bf="2", g="25", sound=noise(2.0))
    ffmpeg_run("-ss", "0.3", "-i", whole, "-c", "copy", tmp_path / "cut.mp4")
    truth = numbers(tmp_path / "cut.mp4")
    asset = studio.add_file(tmp_path / "cut.mp4", "cut.mp4")
    assert asset.facts.hidden_frames > 0
    page, player = opened(visit, asset)
    for picture in range(6):
        settle(player, picture)
        assert on_screen(player) == truth[picture]
        page.keyboard.press("ArrowRight")


PAINTED = """canvas => {
    const {width, height} = canvas;
    const {data} = canvas.getContext("2d").getImageData(0, height >> 3, width, 1);
    const row = Array.from({length: width}, (_, x) => data.slice(4 * x, 4 * x + 4));
    const has = (like) => row.some(([red]) => like(red));
    return row.every((color) => color[3] === 255) && has((red) => red > 200) && has((red) => red < 50);
}"""
"""Whether a line through the strip has no gap, and both the white and the black of the barcodes."""


def test_the_strip_is_painted_and_nothing_is_refused(visit: Visit, add: Callable[..., Asset]) -> None:
    """Small pictures over the whole width, and nothing that the page asks for is missing or forbidden."""
    asset = add(frames=FRAMES, sound=noise(1.2))
    page, player = opened(visit, asset)
    refused: list[str] = []
    page.on("response", lambda got: refused.append(f"{got.status} {got.url}") if 400 <= got.status < 500 else None)
    page.reload()
    expect(player).to_have_attribute("data-ready", "", timeout=60_000)
    strip = player.locator("canvas.strip")
    until(lambda: strip.evaluate(PAINTED), "painted strip")
    player.focus()
    for key in ("Shift+ArrowRight", "i", "+", "End", "o"):
        page.keyboard.press(key)
    expect(page.get_by_text("marks 10 30 29")).to_be_visible()
    expect(player.locator(".seams img")).to_have_count(2)
    page.wait_for_load_state("networkidle")
    assert refused == []


def test_keys_move_by_one_by_ten_and_to_the_ends(visit: Visit, add: Callable[..., Asset]) -> None:
    """With number, timecode and seconds always there."""
    page, player = opened(visit, add(frames=60, fps=24))
    for key, picture, timecode, seconds in (
        ("ArrowRight", 1, "00:00:00:01", "0.042 s"),
        ("Shift+ArrowRight", 11, "00:00:00:11", "0.458 s"),
        ("End", 59, "00:00:02:11", "2.458 s"),
        ("Shift+ArrowRight", 59, "00:00:02:11", "2.458 s"),
        ("Shift+ArrowLeft", 49, "00:00:02:01", "2.042 s"),
        ("Home", 0, "00:00:00:00", "0.000 s"),
        ("ArrowLeft", 0, "00:00:00:00", "0.000 s"),
    ):
        page.keyboard.press(key)
        settle(player, picture)
        assert on_screen(player) == picture
        expect(player.locator(".readout")).to_contain_text(timecode)
        expect(player.locator(".readout")).to_contain_text(f"picture {picture} / 59")
        expect(player.locator(".readout")).to_contain_text(seconds)


def test_j_k_and_l_run_both_ways(visit: Visit, add: Callable[..., Asset]) -> None:
    """L again is faster, K stops on the picture that is seen, J runs back; at the beginning it stops."""
    page, player = opened(visit, add(frames=400, fps=25, g="12", sound=noise(16.0)))
    video = player.locator("video")
    page.keyboard.press("l")
    until(lambda: picture_of(player) > 5, "motion")
    assert video.evaluate("v => [v.paused, v.playbackRate]") == [False, 1]
    page.keyboard.press("l")
    page.keyboard.press("l")
    expect(player.locator(".speed")).to_have_text("4×")
    assert video.evaluate("v => v.playbackRate") == 4
    until(lambda: picture_of(player) > 80, "motion")
    page.keyboard.press("k")
    assert video.evaluate("v => v.paused")
    stopped = picture_of(player)
    settle(player, stopped)
    assert on_screen(player) == stopped
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(player.locator(".speed")).to_have_text("−2×")
    until(lambda: picture_of(player) < stopped - 20, "motion backward")
    page.keyboard.press("j")
    expect(player).not_to_have_class(re.compile("playing"), timeout=30_000)
    settle(player, 0)


def picture_of(player: Locator) -> int:
    return int(str(player.get_attribute("data-picture")))


def test_space_plays_and_pauses(visit: Visit, add: Callable[..., Asset]) -> None:
    """Also with the focus on another button of the player."""
    page, player = opened(visit, add(frames=200))
    page.keyboard.press("Space")
    until(lambda: picture_of(player) > 2, "motion")
    page.keyboard.press("Space")
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()
    stopped = picture_of(player)
    settle(player, stopped)
    player.get_by_role("button", name="One picture on").click()
    settle(player, stopped + 1)
    page.keyboard.press("ArrowRight")
    settle(player, stopped + 2)


def test_marks_reach_the_form_and_the_form_reaches_the_marks(visit: Visit, add: Callable[..., Asset]) -> None:
    """I and O fill the numbers; a typed number moves the mark; one message each, and no echo. By its handle a mark
    moves by pictures and is announced with its number, and the picture follows.
    """
    page, player = opened(visit, add(frames=50))
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("i")
    expect(page.get_by_label("Start")).to_have_value("10")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("o")
    expect(page.get_by_label("End")).to_have_value("21")
    expect(page.get_by_text("marks 10 21 20")).to_be_visible()
    expect(player.locator("p.kept")).to_have_text("Kept: picture 10 to 20 (11 pictures, 0.440 s)")
    settled_calls = page.get_by_text(re.compile("^calls")).inner_text()
    page.get_by_label("Start").fill("15")
    page.get_by_label("Start").press("Enter")
    expect(page.get_by_text("marks 15 21 20")).to_be_visible()
    expect(player.locator("p.kept")).to_have_text("Kept: picture 15 to 20 (6 pictures, 0.240 s)")
    expect(player.get_by_role("slider", name="In:")).to_have_attribute("aria-valuenow", "15")
    page.get_by_role("button", name="Again").click()
    expect(page.get_by_text("marks 15 21 20")).to_be_visible()
    assert page.get_by_text(re.compile("^calls")).inner_text() == settled_calls
    player.focus()
    for key, picture in (("[", 15), ("]", 20)):
        page.keyboard.press(key)
        settle(player, picture)
    page.keyboard.press("x")
    expect(page.get_by_text(re.compile("marks None None"))).to_be_visible()
    expect(page.get_by_label("Start")).to_have_value("")
    for keys, marks in ((("End", "i"), "49 None 49"), (("Home", "o"), "None 1 0"), (("ArrowRight", "i"), "1 None 1")):
        for key in keys:  # a mark that contradicts the other takes it away
            page.keyboard.press(key)
        expect(page.get_by_text(f"marks {marks}")).to_be_visible()
    page.keyboard.press("x")
    handle = player.get_by_role("slider", name="Out:")
    handle.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowLeft")
    settle(player, 38)
    expect(handle).to_have_attribute("aria-valuetext", "Picture 38, 00:00:01:13")
    expect(page.get_by_text("marks None 39 38")).to_be_visible()
    player.get_by_role("slider", name="In:").focus()
    page.keyboard.press("End")
    expect(page.get_by_text("marks 38 39 38")).to_be_visible()


def test_the_seams_are_the_true_pictures(visit: Visit, add: Callable[..., Asset]) -> None:
    """Beside each mark the pictures on both of its sides, by their barcodes."""
    page, player = opened(visit, add(frames=50, bf="2", g="250"))
    for key in ("Shift+ArrowRight", "i", "Shift+ArrowRight", "o"):
        page.keyboard.press(key)
    stills = player.locator(".seams img")
    expect(stills).to_have_count(4)
    seen = []
    for still in stills.all():
        until(lambda image=still: image.evaluate("i => i.complete && i.naturalWidth > 0"), "still")
        seen.append(number_of(still.evaluate(PIXELS, "natural")))
    assert seen == [9, 10, 20, 21]
    expect(stills.nth(1)).to_have_attribute("alt", "Picture 10, first kept")


SHOWN_SINCE = """player => {
    window.shown = [];
    new MutationObserver(() => window.shown.push(Number(player.dataset.shown)))
        .observe(player, {attributes: true, attributeFilter: ["data-shown"]});
}"""


@pytest.mark.parametrize(("query", "keys", "kept"), [
    ("", ("Shift+ArrowRight", "i", "Shift+ArrowRight", "o"), set(range(10, 21))),
    ("&cuts=5-12,70-76", (), {*range(5, 12), *range(70, 76)}),
])  # fmt: skip
def test_playing_the_result_shows_what_is_kept(
    visit: Visit, add: Callable[..., Asset], query: str, keys: tuple[str, ...], kept: set[int]
) -> None:
    """In a loop, from first to last kept picture of every part, and not on into what is removed.

    A page on a busy machine hears late of what it shows, so a part may run over by a moment; never on to the next one.
    """
    page, player = opened(visit, add(frames=150, g="5", fps=10), query)
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("Home")
    settle(player, 0)
    player.evaluate(SHOWN_SINCE)
    page.keyboard.press("p")
    expect(player.get_by_role("button", name="Play result")).to_have_attribute("aria-pressed", "true")
    first, last = min(kept), max(kept)

    def twice_around() -> bool:
        shown = page.evaluate("window.shown")
        return last in shown and shown[shown.index(last) :].count(first) >= 1 and shown[-1] > first + 2

    until(twice_around, "second round")
    page.keyboard.press("k")
    shown = set(page.evaluate("window.shown")) - {0}
    ends = [picture for picture in kept if picture + 1 not in kept]
    assert shown <= kept | {over for end in ends for over in range(end + 1, end + BUSY)}
    assert {min(kept), *ends} <= shown


def test_the_frames_page_has_no_marks(visit: Visit, add: Callable[..., Asset]) -> None:
    """Only stepping; the picture on screen reaches the page."""
    page, player = opened(visit, add(frames=50), "&plain")
    expect(player.get_by_role("button", name="In", exact=True)).to_have_count(0)
    expect(player.get_by_role("slider")).to_have_count(1)
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("i")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("marks None None 11")).to_be_visible()


def test_fingers_move_marks_and_pictures(visit: Visit, add: Callable[..., Asset]) -> None:
    """A finger on the in handle takes it to the middle, one on the ruler the picture; two fingers zoom in. At 390
    pixels nothing sticks out, and every button is 40 pixels large.
    """
    page, player = opened(visit, add(frames=50), has_touch=True)
    box = player.locator(".timeline").bounding_box()
    assert box is not None
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *points: float, y: float = 60) -> None:
        at = [{"x": box["x"] + x * box["width"], "y": box["y"] + y, "id": place} for place, x in enumerate(points)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", 0.0)
    for x in (0.1, 0.3, 0.5):
        touch("touchMove", x)
    touch("touchEnd")
    expect(page.get_by_text("marks 25 None 25")).to_be_visible()
    touch("touchStart", 0.1, y=10)
    for x in (0.3, 0.6, 0.81):
        touch("touchMove", x, y=10)
    touch("touchEnd")
    settle(player, 40)
    assert on_screen(player) == 40
    touch("touchStart", 0.71)
    touch("touchEnd")
    settle(player, 35)
    touch("touchStart", 0.6, 0.7)
    touch("touchMove", 0.5, 0.8)
    touch("touchMove", 0.4, 0.9)
    touch("touchEnd")
    expect(player.locator(".handle.start")).to_be_hidden()
    settle(player, 35)
    page.keyboard.press("0")
    expect(player.locator(".handle.start")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("?")
    expect(player.get_by_text("one picture; with")).to_be_visible()
    assert player.evaluate("p => p.scrollWidth - p.clientWidth") <= 0
    assert page.get_by_test_id("stMain").evaluate("m => m.scrollWidth - m.clientWidth") <= 0
    sizes = [button.bounding_box() for button in player.get_by_role("button").all()]
    assert all(box and box["width"] >= 40 and box["height"] >= 40 for box in sizes)


def test_the_ruler_scrubs_and_the_zoomed_strip_pans(visit: Visit, add: Callable[..., Asset]) -> None:
    """A drag along the ruler moves the picture; zoomed in, a drag of the strip moves the view, a click the picture."""
    page, player = opened(visit, add(frames=100, g="5"))
    box = player.locator(".timeline").bounding_box()
    assert box is not None

    def drag(y: float, *shares: float) -> None:
        page.mouse.move(box["x"] + shares[0] * box["width"], box["y"] + y)
        page.mouse.down()
        for share in shares[1:]:
            page.mouse.move(box["x"] + share * box["width"], box["y"] + y)
        page.mouse.up()

    drag(10, 0.2, 0.4, 0.505)
    settle(player, 50)
    assert on_screen(player) == 50
    for _ in range(3):
        page.keyboard.press("+")
    drag(60, 0.9, 0.5, 0.1)
    settle(player, 50)
    drag(60, 0.5)
    settle(player, 60)


def test_what_chromium_cannot_play_has_a_proxy(visit: Visit, add: Callable[..., Asset]) -> None:
    """Its making is shown, can be stopped and started again, and a second visit finds it ready."""
    asset = add("slow.mkv", codec="mpeg4", frames=500, size=(960, 640), sound=noise(1.0), sound_codec="aac")
    page = visit(f"/?clip={asset.sha256}")
    player = page.locator(".player")
    expect(player.get_by_text(re.compile("Making a preview .* Cuts use the original"))).to_be_visible(timeout=30_000)
    player.get_by_role("button", name="Cancel").click()
    player.get_by_role("button", name="Make a preview").click()
    expect(player).to_have_attribute("data-ready", "", timeout=90_000)
    player.focus()
    page.keyboard.press("End")
    settle(player, 499)
    assert on_screen(player) == 499
    again = visit(f"/?clip={asset.sha256}").locator(".player")
    expect(again).to_have_attribute("data-ready", "", timeout=30_000)
    expect(again.locator(".notice")).to_be_hidden()


def test_the_clip_that_only_the_browser_refuses_gets_one_too(
    visit: Visit, studio: Studio, served: Served, tmp_path: Path
) -> None:
    """By its facts it plays; when the video element says no, a proxy is asked for, and what comes of it is said."""
    path = write(tmp_path / "odd.mp4", frames=20)
    asset = studio.add_file(path, "odd.mp4")
    assert asset.path is not None
    asset.path.write_bytes(asset.path.read_bytes().replace(b"avcC", b"avcX").replace(b"avc1", b"avcZ"))
    page = visit(f"/?clip={asset.sha256}")
    said = page.locator(".player .said")
    expect(said).to_have_text(re.compile("preview|damaged|keep"), timeout=30_000)
