"""The official tus client on Node against the app's own upload route: whoever speaks the protocol can upload."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from lib.media.samples import sample
from lib.settings import ROOT
from lib.studio import Studio
from lib.ui.upload_routes import TICKET
from tests.ui.stage import quiet
from tests.ui.uploading import MIB, folder_of, serving
from tests.witness.environments import HERE, Official

pytestmark = pytest.mark.node

Drive = Callable[..., Any]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A clip of a little over four megabytes, and not a whole number of them."""
    path, clip = tmp_path / "film.mp4", sample("bunny.mp4").read_bytes()
    free = b"".join(hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(4 * MIB // 32 + 5))
    path.write_bytes(clip + (len(free) + 8).to_bytes(4, "big") + b"free" + free)
    return path


@pytest.fixture(params=["", "/team/dailies"], ids=["root", "below a path"])
def base(studio: Studio, request: pytest.FixtureRequest) -> Iterator[str]:
    with serving(studio, request.param) as address:
        yield address


@pytest.fixture
def drive(studio: Studio, base: str, film: Path, node_folder: Path) -> Drive:
    official = Official(("node", str(HERE / "drive_tus.mjs")), node_folder, f"{base}/upload", "any")
    given = {"path": film, "size": film.stat().st_size, "ticket": studio.signer.sign(TICKET, 3600)}
    return lambda scenario, **more: official(scenario, **given | more)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("scenario", ["whole", "parts", "by_post"])
def test_a_file_arrives_as_it_was(drive: Drive, studio: Studio, base: str, film: Path, scenario: str) -> None:
    """In one request, in parts, and through a proxy that knows only POST; also where the app lies below a path."""
    found = drive(scenario)
    assert found["done"]
    assert found["url"].startswith(f"{base}/upload/")
    parts = [said for said in found["seen"] if said[1] == 204]
    assert len(parts) == (1 if scenario == "whole" else -(-film.stat().st_size // MIB))
    assert parts[-1][2] == str(film.stat().st_size)
    path = studio.asset(sha256(film)).path
    assert path is not None
    assert sha256(path) == sha256(film)
    asked = httpx.get(found["url"], headers={"Upload-Ticket": studio.signer.sign(TICKET, 3600)})
    assert asked.json()["name"] == "film.mp4"


def test_what_was_stopped_goes_on(drive: Drive, studio: Studio, film: Path) -> None:
    """Another client, later, begins where the first one ended."""
    first = drive("stops", cut=2 * MIB)
    assert first["stopped"] == 2 * MIB
    second = drive("goes_on", url=first["url"])
    assert second["done"]
    assert second["seen"][0][:2] == ["HEAD", 200]
    assert second["seen"][1] == ["PATCH", 204, str(3 * MIB)]
    assert studio.asset(sha256(film)).size_bytes == film.stat().st_size


def test_termination_is_understood(drive: Drive, studio: Studio) -> None:
    """The client takes back what it began, and nothing is left of it."""
    found = drive("terminates", cut=MIB)
    assert not folder_of(studio, found["url"]).exists()


def test_refusals_reach_whoever_uploads(drive: Drive) -> None:
    """Without a ticket, and with a size over the limit: our sentence, and no second try."""
    without = drive("parts", ticket="")
    assert without["error"][0] == 403
    assert "permission" in without["error"][1]["message"]
    large = drive("parts", size=(2 << 30) + 1)
    assert large["error"] == [413, {"message": "film.mp4 is larger than 2 GB.", "hint": "Trim or compress it first."}]
    assert [said[0] for said in without["seen"] + large["seen"]] == ["POST", "POST"]


def test_what_the_browser_gets_is_the_official_client(node_folder: Path) -> None:
    """The shipped file is, byte for byte, that of the package."""
    shipped = ROOT / "lib" / "assets" / "upload" / "tus.min.js"
    assert shipped.read_bytes() == (node_folder / "node_modules/tus-js-client/dist/tus.min.js").read_bytes()
