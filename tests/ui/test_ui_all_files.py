"""All files of a take in one zip, written while it is read."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from starlette.applications import Starlette

from lib.chain.files import ASSET
from lib.store.views import Take
from lib.studio import Studio
from lib.ui.all_files import zipped
from lib.ui.links import signature
from lib.ui.many import all_files_text
from lib.ui.routes import routes
from lib.ui.samples import sample_asset
from tests.ui.stage import begin, quiet


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path / "data")
    yield made
    made.close()


def taken(studio: Studio) -> tuple[str, str]:
    """A take of three pictures, two of them the same file."""
    one, other = (sample_asset(studio, name).sha256 for name in ("portrait.jpg", "bunny.mp4"))
    run_id = studio.start_one("cut/frames", {"video_url": ASSET + other})
    ticket = begin(studio, run_id, studio.run(run_id).steps[0].id, {})
    images = [{"asset": sha256} for sha256 in (one, one, other)]
    studio.store.runs.finish(ticket, Take(
        id=run_id, run_id=run_id, step_id=ticket.step_id, attempt=ticket.attempt, operation="cut/frames",
        mode="rehearsal", input={}, output={"images": images, "frames": [0, 65, 131]}, sha256=one, created_at=1.0,
    ))  # fmt: skip
    return run_id, ticket.step_id


@pytest.mark.anyio
async def test_every_file_is_in_it_and_strangers_get_nothing(studio: Studio) -> None:
    """In order and under the number that a picture has in its clip; without the right signature it is not there."""
    run_id, step_id = taken(studio)
    transport = httpx.ASGITransport(Starlette(routes=routes(lambda: studio)))
    async with httpx.AsyncClient(transport=transport, base_url="http://dailies.example") as browser:
        key = signature(studio, all_files_text(run_id, step_id))
        answer = await browser.get(f"/all-files/{run_id}/{step_id}?key={key}")
        refused = await browser.get(f"/all-files/{run_id}/{step_id}?key={key[:-1]}x")
        other = await browser.get(f"/all-files/{run_id}/other?key={signature(studio, all_files_text(run_id, 'other'))}")
    assert answer.headers["content-disposition"].startswith("attachment")
    with ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "0001-picture-000000.jpg", "0002-picture-000065.jpg", "0003-picture-000131.mp4",
        ]  # fmt: skip
        portrait = sample_asset(studio, "portrait.jpg").path
        assert portrait is not None
        assert archive.read("0002-picture-000065.jpg") == portrait.read_bytes()
    assert (refused.status_code, other.status_code) == (404, 404)


def test_a_large_take_is_not_held_in_memory(tmp_path: Path) -> None:
    """Of 64 MB there are never more than a few in memory, and what comes is whole."""
    large, whole = tmp_path / "large.mp4", tmp_path / "whole.zip"
    with large.open("wb") as file:
        file.truncate(64 << 20)
    tracemalloc.start()
    with whole.open("wb") as to:
        for block in zipped([("a.mp4", large), ("b.mp4", large)]):
            to.write(block)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
    with ZipFile(whole) as archive:
        assert [info.file_size for info in archive.infolist()] == [64 << 20] * 2
