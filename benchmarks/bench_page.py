"""Turning to the page of Wan VACE, and a rerun of it, against a plain Streamlit page with the same widgets.

Both are served at once and looked at in one browser, turn by turn, so that a busy machine slows both alike. A time is
from the press to the script's rest, in the browser's own clock. The aim: the slow ones (p95) within 1.5 times.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.same_widgets import write_same  # noqa: E402
from tests.e2e.bare import Bare  # noqa: E402
from tests.e2e.served import BROWSER, FLAGS, Served  # noqa: E402
from tests.e2e.walk import settle  # noqa: E402

ROUNDS, FIRST = 40, 3
PAGE = "models/wan"
# From the press to the moment at which the script has run and the title wanted is there.
TIMED = """([selector, title]) => new Promise((resolve) => {
  const app = document.querySelector("[data-testid=stApp]");
  const pressed = document.querySelector(selector);
  let changes = 0;
  const began = performance.now();
  const look = (seen) => {
    changes += seen.length;
    if (changes < 2 || app.dataset.testScriptState !== "notRunning") return;
    if (document.querySelector("[data-testid=stMain] h1")?.innerText !== title) return;
    watch.disconnect();
    resolve(performance.now() - began);
  };
  const watch = new MutationObserver(look);
  watch.observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
  pressed.click();
})"""
CHOICE = "[role=radiogroup][aria-label=Resolution] button[aria-checked=false]"


class Tab:
    """One of the two, open in the browser."""

    def __init__(self, browser: Browser, base: str, path: str, home: str, title: str) -> None:
        self._page: Page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        self._path, self._home, self._title = path, home, title
        self._page.goto(base + path)
        settle(self._page)
        self.times: dict[str, list[float]] = {"page switch": [], "rerun": []}

    def once(self) -> None:
        home = f"a[data-testid=stSidebarNavLink][href$='{self._home}']"
        there = f"a[data-testid=stSidebarNavLink][href$='{self._path}']"
        self._page.locator(home).evaluate("link => link.click()")
        self._page.wait_for_function("title => document.querySelector('h1')?.innerText !== title", arg=self._title)
        settle(self._page)
        self.times["page switch"].append(self._page.evaluate(TIMED, [there, self._title]))
        settle(self._page)
        self.times["rerun"].append(self._page.evaluate(TIMED, [CHOICE, self._title]))
        settle(self._page)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        script, widgets = write_same(PAGE, Path(folder))
        ours, bare = Served(Path(folder) / "ours" / "data"), Bare(Path(folder) / "bare", script)
        for server in (ours, bare):
            server.folder.parent.mkdir()
            server.start()
        try:
            browser = play.chromium.launch(executable_path=str(BROWSER), args=list(FLAGS))
            tabs = (
                Tab(browser, ours.base, "/wan", "/settings", "Wan VACE"),
                Tab(browser, bare.base, "/second", "/", "Wan VACE"),
            )
            for _ in range(FIRST + ROUNDS):
                for tab in tabs:
                    tab.once()
        finally:
            ours.close()
            bare.close()
    print(", ".join(f"{count} {what.removeprefix('st.')}" for what, count in widgets.most_common()))
    for what in ("page switch", "rerun"):
        show(what, *(tab.times[what][FIRST:] for tab in tabs))


def show(what: str, ours: list[float], bare: list[float]) -> None:
    for name, part in (("p50", 50), ("p95", 95)):
        mine, peer = (statistics.quantiles(times, n=100)[part - 1] for times in (ours, bare))
        aim = "  (aim 1.5)" if part == 95 else ""
        print(f"{what:12} {name}  {mine:6.0f} ms  plain Streamlit {peer:6.0f} ms  {mine / peer:.2f}{aim}")


if __name__ == "__main__":
    main()
