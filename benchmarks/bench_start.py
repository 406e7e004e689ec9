"""From starting the server to its first page in a browser, against `streamlit hello`.

Runs are interleaved and the medians compared. The browser is open already and empty each time; ours has a new data
folder in every other round, as on the first day, and the same one as before in the others. The aim: within 1.3 times.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.bare import Bare  # noqa: E402
from tests.e2e.served import BROWSER, FLAGS, Served  # noqa: E402

ROUNDS = 8
OURS, HELLO = "From one clip to a finished video", "Welcome to Streamlit"


def first_page(browser: Browser, server: Served, title: str) -> tuple[float, float]:
    """Seconds until the server answers, and until the title stands on the page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    began = time.monotonic()
    server.start()
    answered = time.monotonic() - began
    try:
        page.goto(server.base, wait_until="commit")
        page.get_by_role("heading", name=title).wait_for(timeout=60_000)
        return answered, time.monotonic() - began
    finally:
        server.close()
        context.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(BROWSER), args=list(FLAGS))
        ours, hello = [], []
        for turn in range(ROUNDS):
            home = Path(folder) / f"ours{turn // 2}"
            home.mkdir(exist_ok=True)
            ours.append(first_page(browser, Served(home / "data"), OURS))
            hello.append(first_page(browser, Bare(Path(folder)), HELLO))
    show("server answers", [each[0] for each in ours], [each[0] for each in hello])
    show("first page", [each[1] for each in ours], [each[1] for each in hello], "  (aim 1.3)")


def show(what: str, ours: list[float], hello: list[float], aim: str = "") -> None:
    mine, peer = statistics.median(ours), statistics.median(hello)
    print(f"{what:15} {mine:5.2f} s  streamlit hello {peer:5.2f} s  {mine / peer:.2f}{aim}")


if __name__ == "__main__":
    main()
