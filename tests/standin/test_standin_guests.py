"""Models that are in no catalog: the stand-in makes some up, and rehearses any whose document it is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lib.catalog import ENDPOINTS
from lib.catalog.openapi import endpoint_of
from lib.media.probe import probe
from lib.media.samples import sample
from lib.standin.guests import LONGEST_ID, lay_before, made_up
from tests.sampling import seldom
from tests.standin.conftest import Standin

pytestmark = pytest.mark.anyio

GIVES: dict[str, dict[str, str]] = {
    "rehearsal/moving-picture": {"video": "video", "frames": "image"},
    "rehearsal/narrator": {"audio_url": "audio"},
    "rehearsal/painter": {"images": "image"},
}


def document(standin: Standin, id: str) -> Any:
    answer = standin.anyone.get("/api/openapi/queue/openapi.json", params={"endpoint_id": id})
    return answer.json() if answer.status_code == 200 else None


def files(standin: Standin, output: dict[str, Any], name: str) -> bytes:
    found = output[name][0] if isinstance(output[name], list) else output[name]
    return standin.anyone.get(found if isinstance(found, str) else found["url"]).content


@pytest.mark.parametrize("id", [seldom(name, ("rehearsal/moving-picture",)) for name in GIVES])
async def test_a_guest_gives_what_its_description_says(standin: Standin, id: str, tmp_path: Path) -> None:
    """Real media of the kinds that the output names, said to be rehearsed, and values of the right types."""
    made = endpoint_of(document(standin, id), id)
    body = made.validate(made.example).payload()
    if "start" in body:
        body["start"] = standin.upload(sample("portrait.jpg"), "image/jpeg")
    output = standin.finished(standin.submit(id, body)).json()
    assert made.output.model_validate(output)
    for name, kind in GIVES[id].items():
        (tmp_path / name).write_bytes(files(standin, output, name))
        facts = await probe(tmp_path / name)
        assert (facts.kind, facts.rehearsal) == (kind, True)
    assert isinstance(output.get("seed", 1), int)


def test_every_made_up_model_says_that_it_exists_in_rehearsals_only(standin: Standin) -> None:
    assert made_up() == sorted(GIVES)
    for name in GIVES:
        assert "rehearsals only" in document(standin, name)["info"]["x-fal-metadata"]["about"]


def test_a_document_laid_before_it_is_rehearsed(standin: Standin) -> None:
    """A model of which it had never heard is known from then on, without a new start."""
    told = document(standin, "rehearsal/narrator")
    assert document(standin, "some/model") is None
    assert standin.http.post("/some/model", json={"text": "x"}).status_code == 404
    lay_before(standin.folder, "some/model", told)
    assert document(standin, "some/model") == told
    refused = standin.finished(standin.submit("some/model", {"text": ""}))
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "text"])


@pytest.mark.parametrize("id", ["", "..", "../../etc/passwd", "a" * (LONGEST_ID + 1), "a/\x00", "rehearsal/nobody"])
def test_no_other_id_finds_a_document(standin: Standin, id: str) -> None:
    """404 with null, whatever is asked for."""
    answer = standin.anyone.get("/api/openapi/queue/openapi.json", params={"endpoint_id": id})
    assert (answer.status_code, answer.json()) == (404, None)


def test_the_catalog_comes_first(standin: Standin) -> None:
    """Nobody's document takes the place of a documented model."""
    known = next(iter(ENDPOINTS))
    before = document(standin, known)
    lay_before(standin.folder, known, {"paths": {}})
    assert document(standin, known) == before
