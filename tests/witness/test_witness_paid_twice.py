"""Why Dailies has a ledger: the answer to a submit gets lost, and who has bought how often."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lib.ledger.ledger import Ledger, payload_hash
from lib.net import open_client
from lib.queue.provider import standin_provider
from lib.queue.upload import upload
from lib.store import Store
from lib.store.purchases import Order
from lib.store.views import Purchase, Ticket
from tests.witness.environments import HERE, Official
from tests.witness.rehearsal import Rehearsal

UPSCALER = "fal-ai/video-upscaler"


def lose_an_answer(rehearsal: Rehearsal) -> None:
    """The next submit is accepted, and its connection cut before the answer."""
    rehearsal.fault("cut_after", "submit", times=1)


def uploaded(rehearsal: Rehearsal, clip: Path) -> str:
    """The address of a fresh upload, by which the purchases of one test are told from the others."""
    key, wanted = {"Authorization": "Key a:b"}, {"file_name": clip.name, "content_type": "video/mp4"}
    put = rehearsal.http.post("/storage/upload/initiate?storage_type=fal-cdn-v3", json=wanted, headers=key).json()
    assert rehearsal.http.put(put["upload_url"], content=clip.read_bytes()).status_code == 200
    return str(put["file_url"])


@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_official_python_client_buys_again(rehearsal: Rehearsal, python_folder: Path, clip: Path, how: str) -> None:
    """It repeats the POST after a lost answer: one call, one id given back, two purchases on the bill."""
    command = (str(python_folder / "bin" / "python"), str(HERE / "drive.py"))
    url = uploaded(rehearsal, clip)
    lose_an_answer(rehearsal)
    found = Official(command, python_folder, rehearsal.origin, how)("submit", given={"video_url": url})
    bought = rehearsal.bought_with(url)
    assert len(bought) == 2
    assert bought[-1] == found["request_id"]


@pytest.mark.node
def test_the_official_javascript_client_buys_again(rehearsal: Rehearsal, node_folder: Path, clip: Path) -> None:
    """It does the same, only slower."""
    url = uploaded(rehearsal, clip)
    lose_an_answer(rehearsal)
    official = Official(("node", str(HERE / "drive.mjs")), node_folder, rehearsal.origin, "middleware")
    found = official("submit", input={"video_url": url})
    bought = rehearsal.bought_with(url)
    assert len(bought) == 2
    assert bought[-1] == found["requestId"]


@pytest.mark.anyio
async def test_ours_buys_once(rehearsal: Rehearsal, clip: Path, tmp_path: Path) -> None:
    """After the same lost answer the ledger looks for the request in the provider's list and adopts it."""
    lose_an_answer(rehearsal)
    payload, purchase = await _buy(rehearsal, clip, Store(tmp_path))
    assert (purchase.state, purchase.adopted, purchase.sends) == ("accepted", True, 1)
    assert rehearsal.bought_with(payload["video_url"]) == [purchase.request_id]


async def _buy(rehearsal: Rehearsal, clip: Path, store: Store) -> tuple[dict[str, Any], Purchase]:
    """One step of one run, bought through the ledger: its body and its row."""
    steps = [("upscale", UPSCALER, [], {})]
    run_id = store.runs.create({}, steps, mode="rehearsal", inputs={}, name="witness")
    async with open_client(trusted=frozenset({rehearsal.origin})) as http:
        provider = await standin_provider(rehearsal.origin, http)
        payload = {"video_url": await upload(provider.client, clip, "video/mp4", clip.name), "scale": 2}
        order = Order(Ticket(run_id, "upscale", 1, 0), "rehearsal", UPSCALER, payload, payload_hash(payload), None)
        bought = await Ledger(store.purchases, day_cap_usd=Decimal(5)).buy(order, provider)
    store.close()
    return payload, bought
