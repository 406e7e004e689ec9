"""The upload control in a real browser: choosing, dropping, losing the connection, coming back."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from lib.media.samples import sample
from tests.e2e.served import Served, drawn, until
from tests.e2e.wire import Wire

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
MB = 1_000_000
HELD_AT = 5 * MB
SOON_MS, TAKEN_MS = 60_000, 120_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 12 MB: the sample with room behind it, filled so that no two megabytes are alike."""
    path = tmp_path_factory.mktemp("large") / "a walk in the woods.mp4"
    clip = sample("bunny.mp4").read_bytes()
    free = b"".join(hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(12 * MB // 32))
    path.write_bytes(clip + (len(free) + 8).to_bytes(4, "big") + b"free" + free)
    return path


@pytest.fixture
def fresh(served: Served) -> Served:
    """Nothing of another test lies on the incoming desk."""
    for left in waiting(served):
        shutil.rmtree(left.parent)
    return served


@pytest.fixture
def wire(fresh: Served) -> Iterator[Wire]:
    """Five megabytes of an upload pass; then it stands still until the test lets it go."""
    with Wire(fresh.port) as made:
        made.hold_after(HELD_AT)
        yield made


@pytest.fixture
def page(chromium: Browser, wire: Wire) -> Iterator[Page]:
    """The upscaler's form, seen through the wire."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    shown = context.new_page()
    shown.goto(f"{wire.base}/upscaler")
    yield opened(shown)
    context.close()


def waiting(served: Served) -> list[Path]:
    """Uploads whose bytes are still there."""
    return list((served.folder / "incoming" / "front").glob("*.part/bytes"))


def stored(served: Served, path: Path) -> bool:
    """Whether exactly these bytes were kept."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    kept = served.folder / "assets" / digest[:2] / f"{digest}.mp4"
    return kept.is_file() and hashlib.sha256(kept.read_bytes()).hexdigest() == digest


def opened(page: Page) -> Page:
    expect(page.get_by_role("button", name="Upload a video")).to_be_visible(timeout=SOON_MS)
    drawn(page)
    return page


def choose(page: Page, path: Path) -> None:
    ready = page.locator("input[type=file]:enabled")  # for a moment the old control stands beside the new one
    expect(ready).to_have_count(1, timeout=SOON_MS)
    ready.set_input_files(path)


def taken(page: Page) -> None:
    expect(page.get_by_text("640 x 360")).to_be_visible(timeout=TAKEN_MS)


def heard(page: Page) -> list[tuple[str, int]]:
    """Every upload request from now on: its method and the offset it begins at."""
    seen: list[tuple[str, int]] = []

    def note(request: Request) -> None:
        if "/upload" in request.url and request.method in ("POST", "PATCH", "HEAD", "DELETE"):
            seen.append((request.method, int(request.headers.get("upload-offset", 0))))

    page.on("request", note)
    return seen


def progress(page: Page) -> Locator:
    return page.get_by_role("progressbar", name="Upload of a walk in the woods.mp4")


def held(page: Page, served: Served) -> None:
    """Until the upload stands still on its way, with more than four megabytes on the server's disk."""
    expect(progress(page)).to_be_visible(timeout=SOON_MS)
    until(lambda: any(part.stat().st_size > 4 * MB for part in waiting(served)), "upload in the middle")
    until(lambda: int(progress(page).get_attribute("aria-valuenow") or 0) >= 30, "progress on screen")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_alone_chooses_a_file(served: Served, visit: Visit, key: str) -> None:
    """Enter or Space on the button opens the browser's chooser; the file is taken and shown with its facts."""
    page = opened(visit("/upscaler"))
    button = page.get_by_role("button", name="Upload a video")
    page.get_by_role("button", name="Use the sample").focus()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    assert button.evaluate("b => getComputedStyle(b).outlineStyle") == "solid"
    with page.expect_file_chooser() as chooser:
        page.keyboard.press(key)
    chooser.value.set_files(sample("bunny.mp4"))
    taken(page)
    expect(page.get_by_role("button", name="Change")).to_be_visible()
    assert stored(served, sample("bunny.mp4"))


def test_a_dropped_file_is_taken(visit: Visit) -> None:
    """Dragged over the control it says so; dropped it is sent."""
    page = opened(visit("/upscaler"))
    bytes_ = base64.b64encode(sample("bunny.mp4").read_bytes()).decode()
    dragged = page.evaluate_handle(
        """text => {
          const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], "dropped.mp4", { type: "video/mp4" }));
          return data;
        }""",
        bytes_,
    )
    zone = page.locator(".zone")
    zone.dispatch_event("dragover", {"dataTransfer": dragged})
    expect(page.get_by_text("Drop it here")).to_be_visible()
    zone.dispatch_event("drop", {"dataTransfer": dragged})
    taken(page)


def test_a_text_with_the_name_of_a_film_gives_a_sentence(visit: Visit, tmp_path: Path) -> None:
    """Beneath the control, and gone as soon as a real clip is chosen."""
    page, text = opened(visit("/upscaler")), tmp_path / "film.mp4"
    text.write_text("this is no film\n" * 50)
    choose(page, text)
    alert = page.get_by_role("alert").filter(has_text="This is a text, not a video")
    expect(alert).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_role("button", name="Upload a video")).to_be_visible()
    choose(page, sample("bunny.mp4"))
    taken(page)
    expect(alert).to_have_count(0)


def test_a_file_of_another_kind_is_refused_as_ever(visit: Visit, tmp_path: Path) -> None:
    """By its ending before anything is sent; by its content with the words of the field."""
    page, voice = opened(visit("/upscaler")), tmp_path / "voice.mp4"
    seen = heard(page)
    choose(page, sample("speech.wav"))
    expect(page.get_by_text("This field takes a video: MP4, MOV")).to_be_visible(timeout=SOON_MS)
    assert seen == []
    voice.write_bytes(sample("speech.wav").read_bytes())
    choose(page, voice)
    expect(page.get_by_text("is a sound.")).to_be_visible(timeout=SOON_MS)
    choose(page, sample("bunny.mp4"))
    taken(page)
    expect(page.get_by_text("is a sound.")).to_have_count(0)


def test_an_empty_file_is_said_at_once(visit: Visit, tmp_path: Path) -> None:
    page, empty = opened(visit("/upscaler")), tmp_path / "empty.mp4"
    empty.touch()
    choose(page, empty)
    expect(page.get_by_text("empty.mp4 is empty (0 bytes).")).to_be_visible(timeout=SOON_MS)


def test_a_cut_connection_is_resumed(fresh: Served, wire: Wire, page: Page, large: Path) -> None:
    """The line breaks in the middle: that is said, and with the line the rest follows, not the whole."""
    seen = heard(page)
    choose(page, large)
    held(page, fresh)
    expect(page.locator(".figures")).to_have_text(re.compile(r"^[\d.]+ of 12\.\d MB"))
    wire.cut()
    expect(page.locator(".figures")).to_contain_text("Connection lost. It resumes where it stopped.", timeout=SOON_MS)
    wire.let_go()
    taken(page)
    assert stored(fresh, large)
    assert [method for method, _ in seen].count("POST") == 1
    first, *resumed = [offset for method, offset in seen if method == "PATCH"]
    assert first == 0
    assert resumed
    assert min(resumed) > 4 * MB


def test_a_server_that_dies_in_the_middle_finds_the_upload_again(
    fresh: Served, wire: Wire, page: Page, large: Path
) -> None:
    """SIGKILL and a restart: the open page goes on where the server's disk says."""
    seen = heard(page)
    choose(page, large)
    held(page, fresh)
    fresh.kill()
    wire.let_go()
    fresh.start()
    taken(page)
    assert stored(fresh, large)
    assert [method for method, _ in seen].count("POST") == 1
    assert seen[-1][1] > 4 * MB


def test_a_reloaded_page_goes_on_with_the_same_file(fresh: Served, wire: Wire, page: Page, large: Path) -> None:
    """F5 in the middle; whoever chooses the file again sends the rest only. A file that is there is not sent at all."""
    choose(page, large)
    held(page, fresh)
    page.reload()
    wire.lose()
    wire.let_go()
    seen = heard(opened(page))
    choose(page, large)
    taken(page)
    assert stored(fresh, large)
    assert "POST" not in [method for method, _ in seen]
    assert seen[-1][1] > 4 * MB
    page.get_by_role("button", name="Change").click()
    seen.clear()
    choose(opened(page), large)
    taken(page)
    assert {method for method, _ in seen} == {"HEAD"}


def test_cancel_takes_everything_back(fresh: Served, wire: Wire, page: Page, large: Path) -> None:
    """By keyboard: the bytes are gone from the server's disk, and the button has the focus again."""
    choose(page, large)
    held(page, fresh)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Upload a video")).to_be_focused()
    expect(progress(page)).to_have_count(0)
    until(lambda: not waiting(fresh), "empty desk")


def test_it_goes_on_while_another_page_is_shown(fresh: Served, wire: Wire, page: Page, large: Path) -> None:
    """The form may be left: coming back, the same upload is there, and in the end it is taken."""
    seen = heard(page)
    choose(page, large)
    held(page, fresh)
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible(timeout=SOON_MS)
    page.get_by_role("link", name="Video upscaler").click()
    expect(progress(page)).to_be_visible(timeout=SOON_MS)
    wire.let_go()
    taken(page)
    assert stored(fresh, large)
    assert [method for method, _ in seen] == ["POST", "PATCH"]


def test_a_phone_shows_all_of_it(fresh: Served, wire: Wire, page: Page, large: Path) -> None:
    """390 pixels wide nothing sticks out, and fingers find the buttons."""
    page.set_viewport_size({"width": 390, "height": 844})
    button = page.get_by_role("button", name="Upload a video").bounding_box()
    assert button is not None
    assert button["height"] >= 40
    choose(page, large)
    held(page, fresh)
    assert page.get_by_test_id("stMain").evaluate("m => m.scrollWidth - m.clientWidth") <= 0
    box = page.get_by_role("button", name="Cancel", exact=True).bounding_box()
    assert box is not None
    assert min(box["height"], box["width"]) >= 40
    assert box["x"] + box["width"] <= 390
    wire.let_go()
    taken(page)
