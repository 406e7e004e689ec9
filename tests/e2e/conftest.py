"""Debian's Chromium and a served app. Where the browser is missing, tests are skipped; on CI that is a failure."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.served import BROWSER, FLAGS, Served


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For one module only: while Playwright runs, its loop runs, and asynchronous tests could not have theirs."""
    if not BROWSER.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{BROWSER} is missing; the browser tests must run here")
        pytest.skip(f"{BROWSER} is missing")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(BROWSER), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for the tests of a module."""
    server = Served(tmp_path_factory.mktemp("served") / "data")
    server.start()
    yield server
    server.close()


@pytest.fixture
def outside(served: Served) -> Iterator[list[str]]:
    """Every address that a page asked for beyond our own server; must stay empty."""
    seen: list[str] = []
    yield seen
    assert seen == []


@pytest.fixture
def visit(chromium: Browser, served: Served, outside: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a path in a browser of its own: nothing is shared with another visit."""
    contexts = []

    def open_page(path: str = "/", **how: object) -> Page:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, **how)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: note(request.url))
        page.goto(served.base + path)
        return page

    def note(url: str) -> None:
        if not url.startswith((served.base, f"ws://127.0.0.1:{served.port}", "data:", "blob:")):
            outside.append(url)

    yield open_page
    for context in contexts:
        context.close()
