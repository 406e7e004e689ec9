"""What runs of a chain with steps that are off, and with sweeps."""

from __future__ import annotations

from typing import Any

import pytest

from lib.chain.check import check
from lib.chain.expand import MOST_STEPS, expand, expanded
from lib.chain.model import Chain, make_chain
from lib.chain.presets import NAMES, preset
from lib.chain.reference import references
from lib.errors import DoesNotFit, InputError

UPSCALE, EXTEND, FRAME = "fal-ai/video-upscaler", "fal-ai/pixverse/extend/fast", "cut/frame"
INPUTS = {"video": {"kind": "video", "sample": "bunny.mp4"}}


def chain_of(*steps: dict[str, Any]) -> Chain:
    return make_chain({"inputs": INPUTS, "steps": list(steps)})


def extend(source: str = "$inputs.video", **more: Any) -> dict[str, Any]:
    return {"id": "extend", "operation": EXTEND, "input": {"video_url": source, "prompt": "x"}} | more


def upscale(source: str, id: str = "up", **more: Any) -> dict[str, Any]:
    return {"id": id, "operation": UPSCALE, "input": {"video_url": source}} | more


def flow(chain: Chain) -> dict[str, list[str]]:
    return {step.id: [str(ref) for _, ref in references(step.input)] for step in chain.steps}


@pytest.mark.parametrize("name", [name for name in NAMES if not any(step.sweep for step in preset(name).steps)])
def test_a_plain_chain_is_its_own_expansion(name: str) -> None:
    assert expand(preset(name)) == preset(name)


def test_a_step_that_is_off_passes_on_what_it_was_given() -> None:
    """Also through two of them."""
    chain = chain_of(extend(off=True), upscale("$extend.video", off=True), upscale("$up.video", "last"))
    assert flow(expand(chain)) == {"last": ["$inputs.video"]}


def test_a_step_that_is_off_and_has_nothing_to_pass_on_is_named() -> None:
    """A picture cannot stand for a clip."""
    frame = {"id": "frame", "operation": FRAME, "input": {"video_url": "$inputs.video", "which": "last"}, "off": True}
    zoom = {"id": "zoom", "operation": "fal-ai/lyra-2/zoom", "input": {"image_url": "$frame.image", "prompt": "x"}}
    with pytest.raises(DoesNotFit, match="Step frame is switched off") as caught:
        expand(chain_of(frame, zoom))
    assert caught.value.step == "frame"
    with pytest.raises(InputError, match="Every step"):
        expand(chain_of(extend(off=True)))


def test_a_sweep_runs_once_for_each_value_and_so_does_what_follows() -> None:
    """Three seeds: three clips, each enlarged; each says where it comes from."""
    chain = chain_of(extend(sweep={"seed": [1, 2, 3]}), upscale("$extend.video"))
    made, origin = expanded(chain)
    assert flow(made) == {
        "extend-1": ["$inputs.video"], "extend-2": ["$inputs.video"], "extend-3": ["$inputs.video"],
        "up-1": ["$extend-1.video"], "up-2": ["$extend-2.video"], "up-3": ["$extend-3.video"],
    }  # fmt: skip
    assert [step.input.get("seed") for step in made.steps[:3]] == [1, 2, 3]
    assert origin == {**{f"extend-{n}": "extend" for n in (1, 2, 3)}, **{f"up-{n}": "up" for n in (1, 2, 3)}}
    assert check(made) == []


def test_a_list_takes_all_of_a_sweep() -> None:
    """They are joined into one clip, in their order, between the others."""
    clips = ["$inputs.video", "$extend.video", "$inputs.video"]
    join = {"id": "join", "operation": "cut/join", "input": {"video_urls": clips}}
    made = expand(chain_of(extend(sweep={"seed": [4, 5]}), join))
    assert flow(made)["join"] == ["$inputs.video", "$extend-1.video", "$extend-2.video", "$inputs.video"]


def test_two_sweeps_multiply_and_meet_again() -> None:
    """Two prompts by two scales; what needs two swept steps runs for each pair."""
    both = {"video_url": "$up.video", "audio_url": "$extend.video"}
    sound = {"id": "sound", "operation": "cut/add-sound", "input": both}
    larger = upscale("$extend.video", sweep={"scale": [2, 3]})
    made = expand(chain_of(extend(sweep={"prompt": ["a", "b"]}), larger, sound))
    assert [step.id for step in made.steps if step.id.startswith("up")] == ["up-1", "up-2", "up-3", "up-4"]
    assert len([step for step in made.steps if step.id.startswith("sound")]) == 8


def test_one_value_keeps_the_name_of_the_step() -> None:
    assert flow(expand(chain_of(extend(sweep={"seed": [9]})))) == {"extend": ["$inputs.video"]}


def test_a_name_that_is_taken_or_long_is_avoided() -> None:
    long = upscale("$inputs.video", "a" * 40, sweep={"scale": [2, 3]})
    chain = chain_of(extend(sweep={"seed": [1, 2]}), upscale("$inputs.video", "extend-1"), long)
    made = expand(chain)
    assert len({step.id for step in made.steps}) == len(made.steps) == 5
    assert max(len(step.id) for step in made.steps) == 40


@pytest.mark.parametrize(
    ("sweep", "said"), [({"seed": []}, "has no values"), ({"seed": list(range(MOST_STEPS + 1))}, "more than 200")]
)
def test_too_few_and_too_many_are_refused(sweep: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        expand(chain_of(extend(sweep=sweep)))


def test_a_sweep_of_a_sweep_is_stopped_before_it_fills_the_memory() -> None:
    """Two hundred by two hundred values are never made."""
    many = list(range(200))
    with pytest.raises(InputError, match="more than 200"):
        expand(chain_of(extend(sweep={"seed": many, "prompt": [str(n) for n in range(10_000)]})))
