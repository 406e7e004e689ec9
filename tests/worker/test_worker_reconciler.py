"""What the worker makes good: questions that get answered, and steps that a crash left behind."""

from __future__ import annotations

import asyncio
import time

import pytest

from lib.store.views import Purchase
from tests.worker.bench import Bench

pytestmark = pytest.mark.anyio


async def lost_submit(bench: Bench) -> str:
    """A run whose submit was accepted, its answer cut, and the list of which promises nothing: uncertain."""
    bench.standin.settings(list_complete_after_s=None, list_lag_s=3600)
    bench.standin.fault("cut_after", "submit", times=1)
    run = bench.upscale()
    step = await bench.finish(run)
    assert step.state == "uncertain"
    assert bench.view(run).status == "uncertain"
    assert bench.accepted() == 1
    return run


def row(bench: Bench, run: str) -> Purchase:
    found = bench.step(run).purchase
    assert found is not None
    return found


async def rounds(bench: Bench, run: str, state: str) -> None:
    """Ticks until the step is in that state."""
    deadline = time.monotonic() + 20
    while bench.step(run).state != state:
        assert time.monotonic() < deadline, bench.step(run)
        await bench.reconciler.tick()
        await asyncio.sleep(0.02)


async def test_the_watch_goes_on_and_adopts(bench: Bench) -> None:
    """Once the list shows the request, the step goes on by itself and is bought once."""
    run = await lost_submit(bench)
    await bench.reconciler.tick()
    assert bench.reconciler.watching
    bench.standin.settings(list_lag_s=0)
    await rounds(bench, run, "ready")
    assert row(bench, run).adopted
    assert (await bench.finish(run)).state == "done"
    assert bench.accepted() == 1


async def test_attaching_the_right_id_goes_on(bench: Bench) -> None:
    run = await lost_submit(bench)
    bench.studio.answer(run, "up", "attach", bench.standin.bill()["accepted"][0]["request_id"])
    await rounds(bench, run, "ready")
    assert (await bench.finish(run)).state == "done"
    assert bench.accepted() == 1


async def test_attaching_a_wrong_id_asks_again(bench: Bench) -> None:
    """It says which id was not found, and the question stands."""
    run = await lost_submit(bench)
    bench.studio.answer(run, "up", "attach", "0" * 8)
    deadline = time.monotonic() + 20
    while row(bench, run).answer is not None:
        assert time.monotonic() < deadline
        await bench.reconciler.tick()
        await asyncio.sleep(0.02)
    step = bench.step(run)
    assert step.state == "uncertain"
    assert step.error is not None
    assert "00000000" in step.error["message"]


async def test_giving_up_ends_the_step_and_keeps_the_money_counted(bench: Bench) -> None:
    run = await lost_submit(bench)
    bench.studio.answer(run, "up", "give_up")
    await bench.reconciler.tick()
    step = bench.step(run)
    assert step.error is not None
    assert (step.state, row(bench, run).state) == ("failed", "given_up")
    assert "Given up" in step.error["message"]


async def test_sending_again_is_a_new_attempt(bench: Bench) -> None:
    """It may pay twice, and the ledger has a row for each."""
    run = await lost_submit(bench)
    bench.studio.answer(run, "up", "resend")
    await bench.reconciler.tick()
    assert (bench.step(run).state, bench.step(run).attempt) == ("ready", 2)
    assert (await bench.finish(run)).state == "done"
    assert bench.accepted() == 2
    assert len(bench.store.purchases.in_state("given_up", "completed")) == 2


@pytest.mark.parametrize("choice", ["attach", "resend", "give_up"])
async def test_a_crash_between_purchase_and_step_is_made_good(bench: Bench, choice: str) -> None:
    """The purchase was settled and the worker died: the next round moves the step by what it finds."""
    run = await lost_submit(bench)
    key = bench.ticket(run).key
    bench.store.purchases.answer(key, choice, "r")
    if choice == "attach":
        bench.store.purchases.accept(key, "r", ("s", "r", "c"), adopted=True)
    else:
        bench.store.purchases.fail(key, "given_up", billed=None)
    await bench.reconciler.tick()
    assert bench.step(run).state == ("failed" if choice == "give_up" else "ready")


async def test_a_cancelled_question_stays_one_and_stops_when_it_is_answered(bench: Bench) -> None:
    """Adopted after the wish to cancel, the request is not called unbought: the provider is asked to stop it."""
    bench.standin.stage.open.clear()
    run = await lost_submit(bench)
    bench.studio.cancel(run)
    assert bench.view(run).status == "uncertain"
    bench.standin.settings(list_lag_s=0)
    await rounds(bench, run, "ready")
    assert bench.cancelling == {run}
    step = await asyncio.wait_for(bench.finish(run), 30)
    assert step.error is not None
    assert step.state == "cancelled"
    assert "at the provider" in step.error["message"]


async def test_what_the_engine_lost_is_picked_up_and_what_ended_is_not(bench: Bench) -> None:
    """After a start, a running step whose execution is over gets a new ticket; a done one is left alone."""
    lost, done = bench.upscale(), bench.upscale()
    await bench.until("submit", lost)
    await bench.finish(done)
    old = str(bench.ticket(lost))
    bench.engine.over = {old, str(bench.ticket(done))}
    await bench.reconciler.take_up()
    await bench.reconciler.tick()
    assert bench.ticket(lost).resume == 1
    assert bench.step(done).state == "done"
    assert bench.engine.started == [str(bench.ticket(lost))]


async def test_a_ready_step_is_started_once(bench: Bench) -> None:
    run = bench.upscale()
    for _ in range(3):
        await bench.reconciler.tick()
    assert bench.engine.started == [str(bench.ticket(run))]


@pytest.mark.parametrize("choice", ["resend", "give_up"])
async def test_an_answer_that_comes_between_round_and_look_is_not_lost(bench: Bench, choice: str) -> None:
    """The look behind a round leaves alone what only the next round may carry out."""
    run = await lost_submit(bench)
    await bench.reconciler.tick()
    bench.studio.answer(run, "up", choice)
    await bench.reconciler._look_for([bench.ticket(run, "up")])
    assert (row(bench, run).answer or {}).get("choice") == choice
    await bench.reconciler.tick()
    assert len(bench.store.purchases.in_state("given_up")) == 1
