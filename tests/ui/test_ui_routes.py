"""What the server answers beside the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from lib.media.facts import Facts
from lib.store.secret import Signer
from lib.store.views import Asset
from lib.studio import Studio
from lib.ui.links import base_of, signature
from lib.ui.routes import routes
from lib.ui.samples import sample_asset
from tests.ui.stage import quiet

pytestmark = pytest.mark.anyio


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path)
    yield made
    made.close()


def client_of(studio_of: Callable[[], Studio]) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=routes(studio_of)))
    return httpx.AsyncClient(transport=transport, base_url="http://dailies.example")


@pytest.fixture
async def browser(studio: Studio) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(lambda: studio) as client:
        yield client


def address(studio: Studio, asset: Asset) -> str:
    return f"/files/{asset.sha256}?key={signature(studio, asset.sha256)}"


async def test_health_needs_nothing() -> None:
    """/healthz answers JSON even where the studio cannot be opened at all."""

    def broken() -> Studio:
        raise AssertionError("asked for the studio")

    async with client_of(broken) as client:
        answer = await client.get("/healthz")
    assert answer.json() == {"status": "ok", "app": "dailies"}


async def test_a_signed_address_gives_the_bytes_and_ranges(studio: Studio, browser: httpx.AsyncClient) -> None:
    """The whole file, and any part of it, so that a player can seek."""
    asset = sample_asset(studio, "bunny.mp4")
    assert asset.path is not None
    whole = await browser.get(address(studio, asset))
    part = await browser.get(address(studio, asset), headers={"Range": "bytes=1000-1999"})
    assert whole.content == asset.path.read_bytes()
    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{asset.size_bytes}"


async def test_a_file_is_shown_as_what_it_is_and_cannot_act(studio: Studio, browser: httpx.AsyncClient) -> None:
    """The type is ours, guessing is off, and nothing in it may run."""
    answer = await browser.get(address(studio, sample_asset(studio, "portrait.jpg")))
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["content-disposition"].startswith("inline")


async def test_what_is_no_media_is_only_saved(studio: Studio, browser: httpx.AsyncClient) -> None:
    """Other bytes come as an attachment, whatever their name says."""
    part = studio.store.assets.part()
    part.write_bytes(b"<script>alert(1)</script>")
    facts = Facts(kind="other", content_type="text/html", size_bytes=25)
    asset = studio.store.assets.keep(part, facts, name='a"/../x.mp4', origin="upload")
    answer = await browser.get(address(studio, asset))
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "/" not in answer.headers["content-disposition"].split("filename", 1)[1].replace("utf-8''", "")


async def test_download_saves_under_its_name(studio: Studio, browser: httpx.AsyncClient) -> None:
    """The same address with download=1 is an attachment."""
    answer = await browser.get(address(studio, sample_asset(studio, "bunny.mp4")) + "&download=1")
    assert answer.headers["content-disposition"] == 'attachment; filename="bunny.mp4"'


async def test_no_signature_no_file(studio: Studio, browser: httpx.AsyncClient) -> None:
    """Missing, foreign, expired and unknown are all the same 404."""
    asset, other = sample_asset(studio, "bunny.mp4"), sample_asset(studio, "speech.wav")
    unknown = "0" * 64
    for asked in (
        f"/files/{asset.sha256}",
        f"/files/{asset.sha256}?key={signature(studio, other.sha256)}",
        f"/files/{asset.sha256}?key={studio.signer.sign(asset.sha256, -1)}",
        f"/files/{unknown}?key={signature(studio, unknown)}",
        "/files/..%2F..%2Fdailies.sqlite",
    ):
        assert (await browser.get(asked)).status_code == 404, asked


async def test_a_file_that_was_cleaned_up_is_gone(studio: Studio, browser: httpx.AsyncClient) -> None:
    """After a clean-up its address answers 404, not an error page."""
    asset = sample_asset(studio, "bunny.mp4")
    studio.clean(0)
    assert (await browser.get(address(studio, asset))).status_code == 404


def test_an_address_stays_the_same_for_hours(studio: Studio) -> None:
    """Or a player would start again each time the page looks at the run."""
    start = 6 * 3600 * 80_000

    def at(now: float) -> str:
        studio.signer = Signer(studio.settings.data_dir, clock=lambda: now)
        return signature(studio, "a", now=now)

    first, later, after = at(start + 1.3), at(start + 6 * 3600 - 0.2), at(start + 6 * 3600 + 1)
    assert first == later != after


@pytest.mark.parametrize(
    ("page", "path", "base"),
    [
        ("http://127.0.0.1:8501/", "", "http://127.0.0.1:8501"),
        ("http://127.0.0.1:8501/pixverse", "pixverse", "http://127.0.0.1:8501"),
        ("https://host.example/team/dailies/runs", "runs", "https://host.example/team/dailies"),
        ("https://dailies.streamlit.app/", "", None),
        (None, "", None),
    ],
)
def test_the_base_of_the_app_is_read_off_the_page(page: str | None, path: str, base: str | None) -> None:
    """A path prefix is kept; where routes cannot be relied on there is no base."""
    assert base_of(page, path) == base
