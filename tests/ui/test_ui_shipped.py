"""The browser files that come with the app."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from lib.settings import ROOT
from lib.ui.shipped import shipped_address, shipped_route

pytestmark = pytest.mark.anyio
NAME = "upload/tus.min.js"


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=[shipped_route()]))
    async with httpx.AsyncClient(transport=transport, base_url="http://dailies.example") as client:
        yield client


async def test_a_shipped_file_is_kept_for_ever_by_the_browser(browser: httpx.AsyncClient) -> None:
    """Its address names its content, its type is said, and guessing is off."""
    answer = await browser.get(shipped_address("", NAME))
    assert answer.content == (ROOT / "lib" / "assets" / NAME).read_bytes()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789abcdef"])
async def test_an_old_page_gets_the_new_file_and_does_not_keep_it(browser: httpx.AsyncClient, query: str) -> None:
    """The wrong hash must never be cached: after an update the page would run the old code."""
    answer = await browser.get(f"/assets/{NAME}{query}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "name",
    ["", "upload", "upload/none.js", "../ui/shipped.py", "..%2fui%2fshipped.py", "upload/../../ui/shipped.py",
     "samples/bunny.mp4", "upload/ORIGIN.md", "%00"],
)  # fmt: skip
async def test_nothing_else_is_served(browser: httpx.AsyncClient, name: str) -> None:
    """Only scripts, styles and drawings of the shipped folder, whatever the address tries."""
    assert (await browser.get(f"/assets/{name}")).status_code == 404
