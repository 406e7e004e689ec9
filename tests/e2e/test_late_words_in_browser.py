"""What the browser says before it has heard the server's last word does not undo that word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


class Line:
    """The page's web socket, on which what the server says can be held back for a while."""

    def __init__(self, page: Page) -> None:
        self._browser: WebSocketRoute | None = None
        self._held: list[str | bytes] | None = None
        self.asked = 0
        page.route_web_socket("**/_stcore/stream", self._join)

    def hold(self) -> None:
        """From now on the browser hears nothing, as on a slow line; what it says still arrives."""
        self._held, self.asked = [], 0

    def let_go(self) -> None:
        """All that was held back, in its order."""
        held, self._held = self._held or [], None
        for message in held:
            self._tell(message)

    def _join(self, browser: WebSocketRoute) -> None:
        self._browser = browser
        server = browser.connect_to_server()
        browser.on_message(lambda message: self._ask(server, message))
        server.on_message(self._answer)

    def _ask(self, server: WebSocketRoute, message: str | bytes) -> None:
        self.asked += 1
        server.send(message)

    def _answer(self, message: str | bytes) -> None:
        if self._held is None:
            self._tell(message)
        else:
            self._held.append(message)

    def _tell(self, message: str | bytes) -> None:
        assert self._browser is not None
        self._browser.send(message)


def open_on_line(visit: Visit, path: str) -> tuple[Page, Line]:
    page = visit("/healthz")
    line = Line(page)
    page.goto(page.url.replace("/healthz", path))
    return page, line


def asked(page: Page, line: Line, times: int) -> None:
    """Waits until the browser has asked the server so often since the line was held."""
    for _ in range(200):
        if line.asked >= times:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"the browser asked {line.asked} times, not {times}")


def test_a_number_typed_is_not_undone_by_its_slider(visit: Visit) -> None:
    """The slider hears of the number late; until then the browser sends the slider's old place along."""
    page, line = open_on_line(visit, "/lynx")
    number = page.get_by_role("spinbutton", name="Number of frames")
    expect(number).to_have_value("81", timeout=60_000)
    line.hold()
    number.fill("33")
    number.press("Enter")
    asked(page, line, 1)
    other = page.get_by_role("spinbutton", name="Identity scale")
    other.fill("2")
    other.press("Enter")
    asked(page, line, 2)
    line.let_go()
    expect(page.get_by_role("slider", name="Number of frames")).to_have_value("33")
    expect(number).to_have_value("33")


def test_marks_set_in_quick_succession_all_stay(visit: Visit) -> None:
    """In, out and a moved out, while the fields beside the player still show what was before."""
    page, line = open_on_line(visit, "/trim")
    page.get_by_role("button", name="Use the sample").first.click(timeout=60_000)
    player = page.locator(".player")
    expect(player).to_have_attribute("data-ready", "", timeout=60_000)
    player.focus()
    line.hold()
    for times, keys in enumerate((("Home", "Shift+ArrowRight", "i"), (*["Shift+ArrowRight"] * 7, "o")), 1):
        for key in keys:
            page.keyboard.press(key)
        asked(page, line, times)
    line.let_go()
    expect(page.get_by_role("textbox", name="In: the first picture")).to_have_value("00:00:00:10")
    expect(page.get_by_role("textbox", name="Out: the last picture")).to_have_value("00:00:03:05")
    expect(player.locator("p.kept")).to_contain_text("picture 10 to 80")
