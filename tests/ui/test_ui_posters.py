"""Posters: one small picture for each kind of file, made once, and a blank one where there is none."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from lib.media.facts import Facts
from lib.store.views import Asset
from lib.studio import Studio
from lib.studio.posters import HEIGHT, WIDTH, Posters
from lib.ui.links import signature
from lib.ui.posters import poster_route
from lib.ui.samples import sample_asset
from tests.media.barcoded import ffmpeg_run
from tests.ui.stage import quiet

pytestmark = pytest.mark.anyio


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
async def browser(studio: Studio) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=[poster_route(lambda: studio)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://dailies.example") as client:
        yield client


def address(studio: Studio, asset: Asset) -> str:
    return f"/posters/{asset.sha256}?key={signature(studio, asset.sha256)}"


@pytest.mark.parametrize("name", ["bunny.mp4", "portrait.jpg", "speech.wav"])
async def test_a_clip_a_picture_and_a_sound_have_one(studio: Studio, browser: httpx.AsyncClient, name: str) -> None:
    """A JPEG of one size for all, with something to be seen on it, which the browser may keep."""
    answer = await browser.get(address(studio, sample_asset(studio, name)))
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (WIDTH, HEIGHT)
    low, high = picture.convert("L").getextrema()
    assert high - low > 60  # type: ignore[operator]


async def test_a_clip_that_begins_in_the_dark_shows_what_comes(studio: Studio, browser: httpx.AsyncClient) -> None:
    """Two black seconds, then white ones: the poster is of the white."""
    path = studio.settings.data_dir / "dark.mp4"
    scene = "color=c={}:s=64x48:r=10:d={},format=yuv420p"
    ffmpeg_run("-f", "lavfi", "-i", scene.format("black", 2), "-f", "lavfi", "-i", scene.format("white", 6),
               "-filter_complex", "[0][1]concat", "-g", "20", str(path))  # fmt: skip
    answer = await browser.get(address(studio, studio.add_file(path, "dark.mp4")))
    middle = Image.open(io.BytesIO(answer.content)).convert("L").getpixel((WIDTH // 2, HEIGHT // 2))
    assert int(middle) > 200  # type: ignore[arg-type]


async def test_it_is_made_once_however_many_ask(studio: Studio) -> None:
    """Ten at the same moment get the same file, also later when the clip itself was cleaned up."""
    folder, asset = studio.settings.data_dir / "posters", sample_asset(studio, "bunny.mp4")
    posters = Posters(folder)
    paths = await asyncio.gather(*(posters.get(asset) for _ in range(10)))
    assert set(paths) == {folder / f"{asset.sha256}.jpg"}
    made_at = (folder / f"{asset.sha256}.jpg").stat().st_mtime_ns
    assert [path.name for path in folder.iterdir()] == [f"{asset.sha256}.jpg"]
    studio.clean(0)
    again = await Posters(folder).get(studio.asset(asset.sha256))
    assert again is not None
    assert again.stat().st_mtime_ns == made_at


async def test_what_cannot_be_read_has_a_blank_one(studio: Studio, browser: httpx.AsyncClient, tmp_path: Path) -> None:
    """Bytes that are no clip at all, and a file that is gone: a picture that nobody keeps, never an error."""
    part = studio.store.assets.part()
    part.write_bytes(b"not a clip")
    facts = Facts(
        kind="video", content_type="video/mp4", size_bytes=10, duration_s=9, container="mov,mp4,m4a,3gp,3g2,mj2"
    )
    asset = studio.store.assets.keep(part, facts, name="broken.mp4", origin="take")
    for sha256 in (asset.sha256, "0" * 64):
        answer = await browser.get(f"/posters/{sha256}?key={signature(studio, sha256)}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.headers["cache-control"] == "no-store"


async def test_nobody_sees_one_without_a_signature(studio: Studio, browser: httpx.AsyncClient) -> None:
    """Without a key, and with that of another file."""
    asset, other = sample_asset(studio, "bunny.mp4"), sample_asset(studio, "portrait.jpg")
    assert (await browser.get(f"/posters/{asset.sha256}")).status_code == 404
    wrong = f"/posters/{asset.sha256}?key={signature(studio, other.sha256)}"
    assert (await browser.get(wrong)).status_code == 404
