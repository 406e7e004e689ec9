"""The life of a step against a real stand-in: each stage, each crash between two, each way to fail or be stopped."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from lib.errors import AccessRefused, CapReached, MissingKey
from lib.store.files import hash_file
from lib.studio import Studio
from lib.worker.inputs import ADDRESS_VALID_S
from tests.worker.bench import UPSCALE, Bench

pytestmark = pytest.mark.anyio


async def test_a_step_is_bought_collected_and_kept(bench: Bench) -> None:
    """The take's file is the one that the provider made, and the bill has one line."""
    run = bench.upscale()
    step = await bench.finish(run)
    assert (step.state, bench.view(run).status) == ("done", "done")
    assert step.take is not None
    assert step.take.sha256 is not None
    asset = bench.store.assets.get(step.take.sha256)
    assert hash_file(bench.store.assets.file(step.take.sha256)) == asset.sha256
    assert (asset.origin, asset.mode, asset.facts.width) == ("take", "rehearsal", 64)
    assert step.purchase is not None
    assert (step.purchase.state, step.purchase.sends) == ("completed", 1)
    assert bench.accepted() == 1
    assert list((bench.settings.data_dir / "incoming").rglob("*.part")) == []


async def test_a_chain_hands_takes_on(bench: Bench) -> None:
    """The second step begins with the first one's take; what the provider has already is not uploaded again."""
    run = bench.start(("up", UPSCALE, {"video_url": "$inputs.clip"}), ("again", UPSCALE, {"video_url": "$up.video"}))
    first = await bench.finish(run)
    bench.standin.fault("status", "upload", code=500)
    second = await bench.finish(run, "again")
    assert second.state == "done"
    assert first.take is not None
    assert second.input == {"video_url": f"asset:{first.take.sha256}"}
    assert second.purchase is not None
    assert second.purchase.payload["video_url"] == first.take.output["video"]["url"]


async def test_a_file_is_uploaded_once_until_its_address_is_too_old(bench: Bench) -> None:
    """Runs with the same bytes, one after the other or at once, share one upload; after its time there is another."""
    counter = bench.standin.fault("slow", "upload", seconds=0)
    first = await bench.finish(bench.start(("up", UPSCALE, {"video_url": "$inputs.clip"})))
    once = bench.standin.rule(counter)["hits"]
    second = await bench.finish(bench.start(("up", UPSCALE, {"video_url": "$inputs.clip", "scale": 3})))
    assert first.purchase is not None
    assert second.purchase is not None
    assert (second.state, once > 0, bench.standin.rule(counter)["hits"]) == ("done", True, once)
    assert second.purchase.payload["video_url"] == first.purchase.payload["video_url"]

    with bench.store.database.write() as c:
        c.exec_driver_sql("UPDATE address SET created_at = created_at - ?", (ADDRESS_VALID_S + 1,))
    runs = [bench.start(("up", UPSCALE, {"video_url": "$inputs.clip", "scale": scale})) for scale in (4, 5)]
    both = await asyncio.gather(*(bench.finish(run) for run in runs))
    assert [step.state for step in both] == ["done", "done"]
    assert bench.standin.rule(counter)["hits"] == 2 * once
    later = {step.purchase.payload["video_url"] for step in both if step.purchase is not None}
    assert later.isdisjoint({first.purchase.payload["video_url"]})
    assert len(later) == 1


async def test_it_is_noted_when_a_request_was_first_seen_at_work(bench: Bench) -> None:
    """Once, however often it is looked at; a result tells from it where the time went."""
    bench.standin.stage.open.clear()
    run = bench.upscale()
    await bench.until("wait", run)
    waiting = asyncio.create_task(bench.stage("wait", run))

    async def seen() -> dict[str, float]:
        async with asyncio.timeout(20):
            while not bench.store.progress.told:
                await asyncio.sleep(0.01)
        bench.store.progress.flush()
        return bench.store.progress.moments(run, "up", 1)

    while not (first := await seen()):
        continue
    assert first.keys() == {"running"}
    assert await seen() == first
    bench.standin.stage.open.set()
    await asyncio.wait_for(waiting, 20)
    assert bench.store.progress.moments(run, "up", 2) == {}


async def test_a_file_that_is_told_as_a_mere_address_is_kept_and_handed_on(bench: Bench) -> None:
    """compose answers with two addresses: both files are taken home, and the clip goes on as any other does."""
    keyframe = {"timestamp": 0, "duration": 500, "url": "$inputs.clip"}
    tracks = [{"id": "a", "type": "video", "keyframes": [keyframe]}]
    run = bench.start(
        ("put", "fal-ai/ffmpeg-api/compose", {"tracks": tracks}), ("up", UPSCALE, {"video_url": "$put.video_url"})
    )
    first = await bench.finish(run, "put")
    assert first.take is not None, first.error
    kinds = {name: bench.store.assets.get(file["asset"]).kind for name, file in first.take.output.items()}
    assert kinds == {"video_url": "video", "thumbnail_url": "image"}
    second = await bench.finish(run)
    assert second.input == {"video_url": f"asset:{first.take.sha256}"}
    assert second.state == "done"


@pytest.mark.parametrize("stages", [["begin"], ["begin", "submit"], ["begin", "submit", "wait"], ["wait", "fetch"]])
async def test_every_stage_may_run_again(bench: Bench, stages: list[str]) -> None:
    """A crash after a stage and before it is noted repeats it: one purchase, one take."""
    run = bench.upscale()
    await bench.until(stages[0], run)
    ticket = str(bench.ticket(run))
    for stage in stages:
        await bench.flows.perform(stage, ticket)
        await bench.flows.perform(stage, ticket)
    assert (await bench.finish(run)).state == "done"
    assert bench.accepted() == 1


async def test_a_crash_between_a_failure_and_its_note_ends_the_step_all_the_same(bench: Bench) -> None:
    """The purchase remembers why it failed; the step never stays "running" for ever."""
    run = bench.upscale()
    await bench.until("wait", run)
    error = {"kind": "RequestFailed", "message": "The model failed: no", "hint": ""}
    bench.store.purchases.fail(bench.ticket(run).key, "failed", billed=False, error=error)
    assert await bench.stage("wait", run) is None
    step = bench.step(run)
    assert (step.state, step.error) == ("failed", error)


async def test_a_model_that_fails_is_said_and_costs_nothing(bench: Bench) -> None:
    bench.standin.http.post("/_standin/faults", json={"do": "fail", "error": "out of memory"})
    step = await bench.finish(bench.upscale())
    assert step.state == "failed"
    assert step.error is not None
    assert step.error["kind"] == "RequestFailed"
    assert "out of memory" in step.error["message"]
    assert step.purchase is not None
    assert (step.purchase.state, step.purchase.reserved_usd) in (("failed", 0), ("failed", None))
    assert Studio.retry_pays(step)


async def test_a_refused_input_names_its_field(bench: Bench) -> None:
    """422 at the submit: final, nothing bought, and a retry is a new attempt under a new key."""
    body = {"detail": [{"loc": ["body", "scale"], "msg": "too much", "type": "value_error"}]}
    bench.standin.fault("status", "submit", code=422, body=body, times=1)
    run = bench.upscale()
    step = await bench.finish(run)
    assert step.state == "failed"
    assert step.error is not None
    assert step.error["fields"] == {"scale": "too much"}
    bench.studio.retry(run, "up")
    assert (await bench.finish(run)).state == "done"
    assert bench.step(run).attempt == 2
    assert bench.accepted() == 1


async def test_a_result_that_is_gone_says_where_to_look(bench: Bench) -> None:
    """404: the money stays counted, and trying again is said to buy anew."""
    bench.standin.fault("expire_result", "result")
    run = bench.upscale()
    step = await bench.finish(run)
    assert step.error is not None
    assert step.error["kind"] == "UnknownRequest"
    assert "dashboard" in step.error["hint"]
    assert "buys it anew" in step.error["hint"]
    assert step.purchase is not None
    assert step.purchase.state == "failed"
    assert Studio.retry_pays(step)


async def test_a_download_that_breaks_off_is_made_again(bench: Bench) -> None:
    """The stand-in cuts the file twice in the middle; the take is whole and bought once."""
    bench.standin.fault("truncate", "file", times=2)
    step = await bench.finish(bench.upscale())
    assert step.state == "done"
    assert step.take is not None
    assert step.take.sha256 == hash_file(bench.standin.stage.clip)
    assert bench.accepted() == 1


async def test_a_file_of_the_wrong_kind_is_not_taken_for_a_clip(bench: Bench, tmp_path: Path) -> None:
    """It is the bytes that are judged, whatever the provider calls them."""
    run = bench.upscale()
    picture = tmp_path / "picture.png"
    picture.write_bytes(_png())
    bench.standin.stage.clip = picture
    step = await bench.finish(run)
    assert step.error is not None
    assert (step.state, step.error["kind"]) == ("failed", "BadMedia")
    assert "image" in step.error["message"]


async def test_a_key_that_is_refused_meanwhile_loses_nothing(bench: Bench) -> None:
    """401 while waiting: the purchase stays, the step says so, and a retry collects without buying."""
    run = bench.upscale()
    await bench.until("wait", run)
    bench.standin.fault("status", "status", code=401, times=1)
    assert await bench.stage("wait", run) is None
    step = bench.step(run)
    assert step.error is not None
    assert (step.state, step.error["kind"]) == ("failed", "AuthRefused")
    assert "trying again collects it" in step.error["hint"]
    assert not Studio.retry_pays(step)
    bench.studio.retry(run, "up")
    assert (await bench.finish(run)).state == "done"
    assert bench.accepted() == 1


async def test_cancelling_before_the_submit_buys_nothing(bench: Bench) -> None:
    run = bench.upscale()
    await bench.until("submit", run)
    bench.studio.cancel(run)
    assert await bench.stage("submit", run) is None
    step = bench.step(run)
    assert step.error is not None
    assert (step.state, step.error["hint"], bench.accepted()) == ("cancelled", "Nothing was bought.", 0)


async def test_cancelling_a_running_request_asks_the_provider(bench: Bench) -> None:
    """The run is cancelled by what the provider did, and says what that means for money."""
    bench.standin.stage.open.clear()
    run = bench.upscale()
    await bench.until("wait", run)
    waiting = asyncio.create_task(bench.stage("wait", run))
    bench.studio.cancel(run)
    bench.cancelling.add(run)
    await asyncio.wait_for(waiting, 20)
    step = bench.step(run)
    assert step.error is not None
    assert (step.state, bench.view(run).status) == ("cancelled", "cancelled")
    assert "billed" in step.error["hint"]
    assert step.purchase is not None
    assert step.purchase.state == "cancelled"


async def test_a_cancel_that_comes_too_late_keeps_the_take(bench: Bench) -> None:
    """What was paid for is not thrown away, and nothing after it is bought."""
    run = bench.start(("up", UPSCALE, {"video_url": "$inputs.clip"}), ("again", UPSCALE, {"video_url": "$up.video"}))
    await bench.until("fetch", run)
    bench.studio.cancel(run)
    bench.cancelling.add(run)
    assert await bench.stage("fetch", run) is None
    assert [step.state for step in bench.view(run).steps] == ["done", "cancelled"]
    assert bench.view(run).status == "cancelled"
    assert bench.accepted() == 1


async def test_the_same_body_again_goes_to_a_fresh_address(bench: Bench) -> None:
    """Where no seed was drawn, the address of the file tells two requests apart."""
    for _ in range(2):
        assert (await bench.finish(bench.upscale())).state == "done"
    bodies = [one["payload"] for one in bench.standin.bill()["accepted"]]
    assert bodies[0] != bodies[1]


async def test_a_chosen_seed_sent_twice_is_told_apart_as_well(bench: Bench) -> None:
    given = {"video_url": "$inputs.clip", "prompt": "x", "seed": 42}
    for _ in range(2):
        await bench.finish(bench.start(("ext", "fal-ai/pixverse/extend/fast", given)), "ext")
    bodies = [one["payload"] for one in bench.standin.bill()["accepted"]]
    assert [body["seed"] for body in bodies] == [42, 42]
    assert bodies[0] != bodies[1]


async def test_an_open_seed_is_drawn_shown_and_sent(bench: Bench) -> None:
    run = bench.start(("ext", "fal-ai/pixverse/extend/fast", {"video_url": "$inputs.clip", "prompt": "x"}))
    step = await bench.finish(run, "ext")
    assert step.input is not None
    assert step.purchase is not None
    assert step.purchase.payload["seed"] == step.input["seed"]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://127.0.0.1:9/clip.mp4", "public internet"),
        ("data:video/mp4;base64,@@@", "not whole"),
        ("data:video/mp4;base64,AAAA", ""),
    ],
)
async def test_a_pasted_address_that_gives_no_clip_is_said_at_its_field(
    bench: Bench, address: str, message: str
) -> None:
    """Nothing on this machine can be reached by pasting, and nothing is bought for a file that is none."""
    run = bench.start(("up", UPSCALE, {"video_url": address}))
    step = await bench.finish(run)
    assert step.error is not None
    assert step.state == "failed"
    assert message in step.error["fields"]["video_url"]
    assert bench.accepted() == 0


async def test_cuts_take_lists_and_run_here(bench: Bench) -> None:
    """Joining a clip to itself: no purchase, a real file of twice the length."""
    run = bench.start(("join", "cut/join", {"video_urls": ["$inputs.clip", "$inputs.clip"]}))
    step = await bench.finish(run, "join")
    assert step.state == "done", step.error
    assert step.take is not None
    assert step.take.sha256 is not None
    assert bench.store.assets.get(step.take.sha256).facts.duration_s == pytest.approx(2, abs=0.2)
    assert step.purchase is None


async def test_a_live_run_takes_no_rehearsed_file_unless_somebody_chose_it(bench: Bench) -> None:
    """Neither at the start nor at the upload; choosing it as a source is a person's word."""
    os.environ["FAL_KEY"] = "planted:secret"
    rehearsed = bench.upscale()
    step = await bench.finish(rehearsed)
    assert step.take is not None
    assert step.take.sha256 is not None
    how: dict[str, Any] = {"mode": "live", "accept_unknown_price": True}
    values = {"video_url": f"asset:{step.take.sha256}", "scale": 3}
    bench.store.assets.choose(step.take.sha256)
    run = bench.studio.start_one(UPSCALE, values, **how)
    assert bench.view(run).mode == "live"
    with bench.store.database.write() as c:
        c.exec_driver_sql("UPDATE asset SET mode = 'rehearsal' WHERE sha256 = ?", (step.take.sha256,))
    with pytest.raises(AccessRefused, match="made by the stand-in"):
        bench.studio.start_one(UPSCALE, values, **how)
    late = await bench.finish(run, bench.view(run).steps[0].id)
    assert late.error is not None
    assert (late.state, late.error["kind"], bench.accepted()) == ("failed", "AccessRefused", 1)


async def test_live_asks_for_key_price_and_room(bench: Bench) -> None:
    """Each refusal comes before a run exists."""
    with pytest.raises(MissingKey):
        bench.upscale(mode="live")
    os.environ["FAL_KEY"] = "planted:secret"
    with pytest.raises(CapReached, match="not known"):
        bench.upscale(mode="live")
    dear = {"video_url": "$inputs.clip", "prompt": "x"}
    with pytest.raises(CapReached, match=r"\$0\.40, more than the \$0\.10 allowed"):
        bench.start(("ext", "fal-ai/pixverse/extend/fast", dear), mode="live", max_usd=_usd("0.1"))
    steps = [(f"ext{n}", "fal-ai/pixverse/extend/fast", dear) for n in range(13)]
    with pytest.raises(CapReached, match=r"\$5\.20"):
        bench.start(*steps, mode="live")
    assert bench.studio.runs() == []


async def test_a_press_is_one_run_even_when_the_cap_is_full_now(bench: Bench) -> None:
    """The second click of a double click gives the run of the first, not a refusal."""
    first = bench.upscale(token="press")
    assert bench.upscale(token="press") == first


def _usd(text: str) -> Any:
    from decimal import Decimal

    return Decimal(text)


def _png() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()
