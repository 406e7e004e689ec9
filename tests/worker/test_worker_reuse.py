"""A chain that is run again after a change: just what depends on the change runs, and nothing is bought twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lib.chain.model import Chain, make_chain
from lib.chain.reference import references
from lib.errors import NotFound
from lib.store.views import ENDED_STEP, RunView
from tests.media.barcoded import ffmpeg_run
from tests.worker.bench import UPSCALE, Bench

pytestmark = pytest.mark.anyio
EXTEND = "fal-ai/pixverse/extend/fast"
BOARD = "b" * 32
STEPS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a": (EXTEND, {"video_url": "$inputs.clip", "prompt": "a hill"}, {"prompt": "a hill at night"}),
    "b": (UPSCALE, {"video_url": "$a.video"}, {"scale": 3}),
    "c": ("cut/trim", {"video_url": "$b.video", "end_frame": 8}, {"end_frame": 9}),
    "d": (EXTEND, {"video_url": "$c.video", "prompt": "a lake"}, {"prompt": "a pond"}),
    "e": (UPSCALE, {"video_url": "$d.video"}, {"scale": 4}),
    "f": ("cut/reverse", {"video_url": "$a.video"}, {"video_url": "$inputs.clip"}),
    "g": (UPSCALE, {"video_url": "$f.video"}, {"scale": 3}),
}
"""Seven steps: operation, input, and a change of it. a feeds two branches: b, c, d, e and f, g."""
FREE = {"c", "f"}


def chain(changes: dict[str, dict[str, Any]] | None = None, first: int = 7, **choices: str) -> Chain:
    steps = [
        {"id": name, "operation": made, "input": given | (changes or {}).get(name, {}), "take": choices.get(name)}
        for name, (made, given, _) in list(STEPS.items())[:first]
    ]
    inputs = {"clip": {"kind": "video"}}
    return make_chain({"name": "seven", "gates": "off", "inputs": inputs, "steps": steps})


def dependants(of: str, made: Chain) -> set[str]:
    """Found by walking the other way than the planner: from the changed step to what refers to it."""
    ahead, found = [of], {of}
    while ahead:
        name = ahead.pop()
        more = {step.id for step in made.steps for _, ref in references(step.input) if ref.source == name} - found
        found |= more
        ahead += sorted(more)
    return found


async def run(bench: Bench, made: Chain, **how: Any) -> RunView:
    """Starts the chain from the board and works on it to its end."""
    run_id = bench.studio.start(made, {"clip": bench.clip().sha256}, **({"board": BOARD} | how))
    while ready := [step.id for step in bench.view(run_id).steps if step.state == "ready"]:
        await bench.finish(run_id, ready[0])
    assert {step.state for step in bench.view(run_id).steps} <= set(ENDED_STEP)
    return bench.view(run_id)


def made_anew(view: RunView) -> set[str]:
    return {step.id for step in view.steps if not step.reused}


async def test_just_the_dependants_of_a_change_run(bench: Bench) -> None:
    """For each step of seven: what the change reaches is made anew and bought once, all else is the take of before."""
    first = await run(bench, chain())
    assert (first.status, made_anew(first), bench.accepted()) == ("done", set(STEPS), 5)
    for changed, (_, _, change) in STEPS.items():
        bought, changed_chain = bench.accepted(), chain({changed: change})
        wanted = dependants(changed, changed_chain)
        assert set(bench.studio.plan(changed_chain, first.inputs, "rehearsal", board=BOARD).runs) == wanted

        view = await run(bench, changed_chain)
        assert (view.status, made_anew(view)) == ("done", wanted)
        assert bench.accepted() == bought + len(wanted - FREE)
        kept = {name: view.step(name).take for name in set(STEPS) - wanted}
        assert all(take is not None and take.sha256 for take in kept.values())

        back = await run(bench, chain())  # every take is there still
        assert (back.status, made_anew(back), bench.accepted()) == ("done", set(), bought + len(wanted - FREE))


async def test_what_is_kept_needs_no_address(bench: Bench) -> None:
    """Every file of the provider answers 410, and the provider has forgotten what it made: the takes are here."""
    first = await run(bench, chain())
    bench.standin.fault("status", "file", code=410)
    bench.standin.fault("expire_result", "result")
    second = await run(bench, chain({"c": {"end_frame": 7}, "e": {"scale": 3}}))
    assert made_anew(second) == {"c", "d", "e"}
    for name in ("a", "b", "f", "g"):
        take = second.step(name).take
        assert take is not None
        assert take.sha256 is not None
        assert bench.store.assets.file(take.sha256).stat().st_size > 0
    assert second.step("c").state == "done"  # the cut is made here, of a file that is here
    assert second.step("d").state == "failed"
    assert first.step("d").take is not None


async def test_a_branch_from_the_middle_buys_the_shared_part_once(bench: Bench) -> None:
    """Two more branches from b, in one run: only what is new in them is bought."""
    await run(bench, chain())
    bought = bench.accepted()
    record = chain().model_dump(mode="json", exclude_none=True)
    for name, scale in (("x", 3), ("y", 4)):
        record["steps"].append({"id": name, "operation": UPSCALE, "input": {"video_url": "$b.video", "scale": scale}})
    view = await run(bench, make_chain(record))
    assert (view.status, made_anew(view), bench.accepted()) == ("done", {"x", "y"}, bought + 2)


async def test_the_chosen_take_flows_on(bench: Bench, tmp_path: Path) -> None:
    """Of two takes of a step the earlier one is chosen: what follows is made of it, and what only led to it is left."""
    first = await run(bench, chain())
    other = tmp_path / "other.mp4"
    ffmpeg_run("-f", "lavfi", "-i", "testsrc2=s=96x64:r=16:d=1", "-pix_fmt", "yuv420p", other)
    bench.standin.stage.clip = other
    second = await run(bench, chain({"d": {"prompt": "a pond"}}))
    old, new = first.step("d").take, second.step("d").take
    assert old is not None
    assert new is not None
    assert old.sha256 != new.sha256

    asked = chain({"d": {"prompt": "a sea"}, "e": {"scale": 3}}, d=old.id)
    third = await run(bench, asked)
    assert [step.id for step in third.steps] == ["a", "d", "e", "f", "g"]  # b and c led to d only
    assert made_anew(third) == {"e"}
    assert third.step("d").take == old
    assert third.step("e").input == {"video_url": f"asset:{old.sha256}", "scale": 3}


async def test_anew_makes_everything_anew(bench: Bench) -> None:
    await run(bench, chain(first=2))
    view = await run(bench, chain(first=2), anew=True)
    assert (view.status, made_anew(view), bench.accepted()) == ("done", {"a", "b"}, 4)


async def test_another_board_or_nobody_s_press_reuses_nothing_unless_a_run_is_named(bench: Bench) -> None:
    first = await run(bench, chain(first=2))
    assert made_anew(await run(bench, chain(first=2), board="c" * 32)) == {"a", "b"}
    assert made_anew(await run(bench, chain(first=2), board="", after=[first.id])) == set()


async def test_a_take_that_was_deleted_or_cleaned_up_is_made_again(bench: Bench) -> None:
    """Its file gone, or hidden by a person, it stands for nothing; what follows it depends on the new one."""
    first = await run(bench, chain())
    take = first.step("g").take
    assert take is not None
    bench.store.library.delete(take.id)
    assert bench.studio.plan(chain(), first.inputs, "rehearsal", board=BOARD).runs == ["g"]
    planned = bench.studio.plan(chain({"e": {"scale": 4}}), first.inputs, "rehearsal", board=BOARD)
    bench.store.cleaning.clean(0)
    assert set(bench.studio.plan(chain(), {}, "rehearsal", board=BOARD).runs) == set(STEPS)
    with pytest.raises(NotFound, match="just cleaned up"):
        bench.store.runs.create(
            planned.chain.model_dump(mode="json"), [(step.id, step.operation, [], {}) for step in planned.chain.steps],
            mode="rehearsal", inputs=first.inputs, name="late", reused=planned.reused,
        )  # fmt: skip
    assert [run.name for run in bench.store.runs.recent()] == ["seven"]


async def test_two_steps_that_leave_the_seed_open_each_have_a_take(bench: Bench) -> None:
    """A duplicate of a step is there to be another take; with the seed named it would be the same one."""
    await run(bench, chain(first=2))
    given = STEPS["a"][1]
    record = chain(first=2).model_dump(mode="json", exclude_none=True)
    record["steps"].append({"id": "again", "operation": EXTEND, "input": given})
    assert bench.studio.plan(make_chain(record), {"clip": bench.clip().sha256}, "rehearsal", board=BOARD).runs == [
        "again"
    ]
    seed = bench.view(bench.studio.runs()[0].id).step("a").take
    assert seed is not None
    record["steps"][-1]["input"] = given | {"seed": seed.input["seed"]}
    assert bench.studio.plan(make_chain(record), {"clip": bench.clip().sha256}, "rehearsal", board=BOARD).runs == []


async def test_a_rehearsed_take_never_stands_in_a_live_run(bench: Bench) -> None:
    first = await run(bench, chain(first=4))
    take = first.step("d").take
    assert take is not None
    planned = bench.studio.plan(chain(first=4, d=take.id), first.inputs, "live", board=BOARD)
    assert planned.runs == ["a", "b", "c", "d"]
