"""Models that somebody added, through the worker: submitted under their own id, their files found wherever they are."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lib.catalog import operation
from lib.catalog.operation import Endpoint
from lib.errors import Unreachable
from lib.queue.platform import openapi
from lib.worker.outputs import Outputs, first_file
from tests.standin.conftest import Standin
from tests.worker.bench import Bench
from tests.worker.test_worker_flows import _png

pytestmark = pytest.mark.anyio

NARRATOR = "rehearsal/narrator"


async def add(bench: Bench, name: str, document: dict[str, Any] | None = None) -> Endpoint:
    found = document or await openapi((await bench.providers.get("rehearsal")).client, name)
    bench.store.models.keep(name, found, "rehearsal")
    made = operation(name)
    assert isinstance(made, Endpoint)
    return made


async def test_an_added_model_is_bought_collected_and_kept(bench: Bench) -> None:
    """The step keeps the version of the description, the provider is asked for the plain id, the sound comes home."""
    made = await add(bench, NARRATOR)
    run = bench.start(("say", NARRATOR, {"text": "Good evening.", "voice": {"speed": 1.5}}))
    step = await bench.finish(run, "say")
    assert step.take is not None, step.error
    assert step.take.operation == step.operation == made.id
    assert step.purchase is not None
    assert (step.purchase.endpoint, step.purchase.payload) == (NARRATOR, step.take.input)
    assert bench.standin.bill()["accepted"][0]["endpoint"] == NARRATOR
    assert step.take.sha256 is not None
    assert bench.store.assets.get(step.take.sha256).kind == "audio"
    assert step.take.output["words"] == 1


async def test_a_run_keeps_to_the_description_it_was_started_with(bench: Bench) -> None:
    """A newer version that somebody reads meanwhile changes no run that has begun."""
    made = await add(bench, NARRATOR)
    run = bench.start(("say", NARRATOR, {"text": "Good evening."}))
    newer = bench.store.models.document(bench.store.models.get(NARRATOR))
    newer["components"]["schemas"]["GuestInput"] = {"type": "object", "properties": {}}
    assert (await add(bench, NARRATOR, newer)).id != made.id
    assert await bench.stage("begin", run, "say") == "submit"
    assert bench.step(run, "say").input == {"text": "Good evening."}


def described(output: dict[str, Any]) -> dict[str, Any]:
    def told(schema: Any) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": schema}}}

    paths = {
        "/own/model": {"post": {"requestBody": told({"type": "object"})}},
        "/own/model/requests/{request_id}": {"get": {"responses": {"200": told({"properties": output})}}},
    }
    return {"paths": paths}


async def test_files_are_found_wherever_they_are(bench: Bench, standin: Standin) -> None:
    """Nested files, bare addresses, data in the answer itself; what is no file stays as it was, and costs nothing."""
    picture = bench.settings.data_dir / "a.png"
    picture.write_bytes(_png())
    url = standin.upload(picture, "image/png")
    data = "data:image/png;base64," + base64.b64encode(_png()).decode()
    gone = f"{standin.origin}/files/b/none/gone.png"
    output = {
        "video": None,
        "deep": {"parts": [{"thumbnail": {"url": url}}]},
        "links": [url, "not an address"],
        "inline": {"url": data, "width": 3},
        "gone": {"url": gone},
        "page": {"url": "https://", "title": "no file"},
        "nowhere": {"url": "https://no-such-host.invalid/", "title": "a page"},
        "text": "https://example.com/a page about .png",
        "n": [1, 2.5, None, True],
    }
    made = await add(bench, "own/model", described({"video": {"type": "object", "properties": {"url": {}}}}))
    outputs = Outputs(bench.store, bench.providers)
    provider = await bench.providers.get("rehearsal")
    got = await outputs.fetch(made, json.loads(json.dumps(output)), provider, "test", lambda part: None)
    sha256 = got["deep"]["parts"][0]["thumbnail"]["asset"]
    assert bench.store.assets.get(sha256).kind == "image"
    assert got["links"] == [{"url": url, "asset": sha256}, "not an address"]
    assert got["inline"] == {"url": "", "width": 3, "asset": sha256}
    assert first_file(made, got) == sha256
    same = ("video", "gone", "page", "nowhere", "text", "n")
    assert {name: got[name] for name in same} == {name: output[name] for name in same}
    lost = {"clip": {"url": "https://no-such-host.invalid/a.mp4"}}
    with pytest.raises(Unreachable):
        await outputs.fetch(made, lost, provider, "test", lambda part: None)
