"""Between two purchases: a take is looked at, a person is asked, and each answer is carried out on real rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lib.catalog import operation
from lib.chain.model import Chain
from lib.errors import InputError, NotFound
from lib.media.facts import Facts
from lib.worker.gating import expected_of, mode_of
from tests.media.barcoded import ffmpeg_run
from tests.worker.bench import UPSCALE, Bench

pytestmark = pytest.mark.anyio
EXTEND = "fal-ai/pixverse/extend/fast"
FIRST: dict[str, Any] = {"id": "ext", "operation": EXTEND, "input": {"video_url": "$inputs.clip", "prompt": "x"}}
THEN: dict[str, Any] = {"id": "up", "operation": UPSCALE, "input": {"video_url": "$ext.video"}}
CUT: dict[str, Any] = {"id": "cut", "operation": "cut/trim", "input": {"video_url": "$ext.video"}}


def chain(*steps: dict[str, Any], **how: Any) -> Chain:
    inputs = {"clip": {"kind": "video"}}
    return Chain.model_validate({"name": "test", "inputs": inputs, "steps": steps, **how})


def start(bench: Bench, *, seed: int | None = None, **how: Any) -> str:
    """A run of two paid steps; the first one's take is black but for the test."""
    first = FIRST | {"input": FIRST["input"] | ({"seed": seed} if seed is not None else {})}
    return bench.studio.start(chain(first, THEN, **how), {"clip": bench.clip().sha256})


@pytest.fixture
def black(bench: Bench, tmp_path: Path) -> Path:
    """From now on the stand-in hands out a black clip."""
    made = tmp_path / "black.mp4"
    ffmpeg_run("-f", "lavfi", "-i", "color=black:s=96x64:r=16:d=1", "-pix_fmt", "yuv420p", made)
    bench.standin.stage.clip = made
    return made


@pytest.fixture
def sound(bench: Bench, tmp_path: Path) -> Path:
    """From now on the stand-in hands out a clip with nothing wrong, and other pictures than the input's."""
    made = tmp_path / "sound.mp4"
    ffmpeg_run("-f", "lavfi", "-i", "gradients=s=96x64:r=24:d=1:speed=0.1:seed=7", "-pix_fmt", "yuv420p", made)
    bench.standin.stage.clip = made
    return made


@pytest.mark.parametrize(
    ("steps", "how", "step", "wanted"),
    [
        ((FIRST, THEN), {}, "ext", "automatic"),
        ((FIRST, THEN), {}, "up", "off"),
        ((FIRST,), {}, "ext", "off"),
        ((FIRST, CUT), {}, "ext", "off"),
        ((FIRST, CUT, THEN | {"input": {"video_url": "$cut.video"}}), {}, "ext", "automatic"),
        ((FIRST, CUT, THEN | {"input": {"video_url": "$cut.video"}}), {"gates": "ask"}, "cut", "off"),
        ((FIRST, THEN), {"gates": "ask"}, "ext", "ask"),
        ((FIRST, THEN), {"gates": "ask"}, "up", "off"),
        ((FIRST | {"gate": "off"}, THEN), {"gates": "ask"}, "ext", "off"),
        ((FIRST | {"gate": "ask"},), {}, "ext", "ask"),
    ],
)
def test_only_what_leads_to_a_purchase_is_looked_at(steps: Any, how: Any, step: str, wanted: str) -> None:
    """A step's own word wins, cuts are never looked at, and the last purchase of a chain needs no gate."""
    assert mode_of(chain(*steps, **how), step) == wanted


def test_what_a_take_should_be_follows_from_its_operation(facts: Facts) -> None:
    """With a prompt pictures change, with a voice there is sound; an upscaler may give the same pictures again."""
    given = {"video_url": facts, "audio_url": facts}
    assert expected_of(operation(EXTEND), given).differs
    assert not expected_of(operation(UPSCALE), given).differs
    assert expected_of(operation("fal-ai/pixverse/lipsync"), given).has_sound


@pytest.mark.usefixtures("sound")
async def test_a_good_take_goes_on_by_itself(bench: Bench) -> None:
    """It is remembered that it was looked at, and nothing was found."""
    run = start(bench, gates="automatic")
    step = await bench.finish(run, "ext")
    assert (step.state, bench.step(run, "up").state) == ("done", "ready"), step.gate
    assert step.gate is not None
    assert (step.gate.found, step.gate.answer) == ((), None)


@pytest.mark.usefixtures("black")
async def test_a_black_take_waits_for_a_person_and_goes_on_when_accepted(bench: Bench) -> None:
    """Nothing more is bought before the answer; then the next step takes the very take that was accepted."""
    run = start(bench)
    step = await bench.finish(run, "ext")
    assert (step.state, bench.view(run).status, bench.accepted()) == ("asking", "uncertain", 1)
    assert step.error is not None
    assert step.error["message"] == "The clip is black."
    bench.studio.decide(run, "ext", "accept", attempt=1)
    with pytest.raises(NotFound):
        bench.studio.decide(run, "ext", "accept", attempt=1)
    await bench.reconciler.tick()
    assert bench.engine.started[-1] == str(bench.ticket(run))
    assert (await bench.finish(run)).state == "done"
    assert step.take is not None
    assert bench.step(run).input == {"video_url": f"asset:{step.take.sha256}"}


@pytest.mark.usefixtures("black")
@pytest.mark.parametrize("seed", [None, 42])
async def test_made_again_it_is_bought_anew_with_another_seed(bench: Bench, seed: int | None) -> None:
    """Also where the chain names the seed; the first take stays, and the new one is looked at like the first."""
    run = start(bench, seed=seed)
    first = await bench.finish(run, "ext")
    bench.studio.decide(run, "ext", "redo")
    second = await bench.finish(run, "ext")
    assert (second.state, second.attempt, bench.accepted()) == ("asking", 2, 2)
    assert first.input is not None
    assert second.input is not None
    assert first.input["seed"] != second.input["seed"]
    assert [take.take.attempt for take in bench.store.library.find(_all())[0]] in ([2, 1], [1, 2])
    with pytest.raises(NotFound):
        bench.studio.decide(run, "ext", "accept", attempt=1)  # a tab that still shows the first take


@pytest.mark.usefixtures("black")
async def test_stopped_it_can_be_taken_up_again_without_buying(bench: Bench) -> None:
    """The question comes back, and the bill does not grow."""
    run = start(bench)
    await bench.finish(run, "ext")
    bench.studio.decide(run, "ext", "stop")
    assert bench.view(run).status == "cancelled"
    bench.studio.retry(run, "ext")
    assert (await bench.finish(run, "ext")).state == "asking"
    assert bench.accepted() == 1


@pytest.mark.usefixtures("sound")
async def test_asked_for_it_waits_although_nothing_was_found(bench: Bench) -> None:
    run = start(bench, gates="ask")
    step = await bench.finish(run, "ext")
    assert step.state == "asking"
    assert step.error is not None
    assert step.error["message"].startswith("Nothing was found")
    with pytest.raises(InputError):
        bench.studio.decide(run, "ext", "perhaps")


@pytest.mark.usefixtures("black")
async def test_a_cancel_while_it_is_looked_at_keeps_the_take(bench: Bench) -> None:
    """It is paid for: the step is done, nobody is asked, and nothing follows."""
    run = start(bench)
    await bench.until("fetch", run, "ext")
    bench.studio.cancel(run)
    bench.cancelling.add(run)
    await bench.stage("fetch", run, "ext")
    assert [step.state for step in bench.view(run).steps] == ["done", "cancelled"]


@pytest.mark.usefixtures("black")
async def test_the_stage_may_run_again_after_a_crash(bench: Bench) -> None:
    """One take, one question, one purchase; an answered question is not asked a second time by a late ticket."""
    run = start(bench)
    await bench.until("fetch", run, "ext")
    ticket = str(bench.ticket(run, "ext"))
    for _ in range(2):
        await bench.flows.perform("fetch", ticket)
    assert bench.step(run, "ext").state == "asking"
    bench.studio.decide(run, "ext", "accept")
    await bench.flows.perform("fetch", ticket)
    assert (bench.step(run, "ext").state, bench.accepted()) == ("done", 1)


def _all() -> Any:
    from lib.store.library import Wanted

    return Wanted()
