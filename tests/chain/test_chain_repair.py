"""A finding offers what would make it go away for nothing: visible steps, that can be edited like all others."""

from __future__ import annotations

import pytest

from lib.chain.check import check
from lib.chain.flow import Known
from lib.chain.model import Chain, make_chain
from lib.chain.repair import Repair, repairs
from tests.chain.making import ANIMATE, MAGI, PIX, UP, WAN, ZOOM, Row, chain_of, clip, known, voice

V = {"video_url": "$inputs.video"}
P = {"prompt": "a hill"}
A = {"audio_url": "$inputs.voice"}


def offered(chain: Chain, rule: str, facts: Known) -> dict[str, Repair]:
    """By title, for the first finding of that rule."""
    finding = next(one for one in check(chain, facts) if one.rule == rule)
    return {one.title: one for one in repairs(chain, finding, facts)}


def test_a_cut_is_put_in_before_the_step_that_complains() -> None:
    """It takes what the step took, and the step takes what it gives; nothing else is touched."""
    cut: Row = ("cut", "cut/trim", V | {"end_frame": 60})
    chain = chain_of(
        cut, ("wan", f"{WAN}/reframe", {"video_url": "$cut.video"}), ("up", UP, {"video_url": "$wan.video"})
    )
    made = offered(chain, "frames", known())["Hold the last picture"]
    assert [step.id for step in made.chain.steps] == ["cut", "wan-fit", "wan", "up"]
    assert made.chain.step("wan-fit").input == {"video_url": "$cut.video", "last_frames": 21}
    assert made.chain.step("wan").input == {"video_url": "$wan-fit.video"}
    assert (made.chain.step("cut"), made.chain.step("up")) == (chain.step("cut"), chain.step("up"))
    assert made.steps == ("wan-fit",)
    assert made.changes == (
        "wan-fit (Hold): 2.5 s, 1280 x 720, 24 fps, sound becomes 3.38 s, 1280 x 720, 24 fps, sound.",
    )
    assert chain.step("wan").input == {"video_url": "$cut.video"}


@pytest.mark.parametrize(
    ("row", "facts", "rule", "titles"),
    [
        (("s", f"{WAN}/reframe", V), known(clip(60)), "frames", {"Hold the last picture", "Loop it", "Make it fit"}),
        (("s", f"{WAN}/reframe", V), known(clip(300)), "frames", {"Cut the end off", "Make it fit"}),
        (("s", f"{WAN}/reframe", V), known(clip(120, 60)), "rate", {"Make it fit", "Let the number decide"}),
        (("s", f"{WAN}/reframe", V), known(clip(240, 60)), "rate", {"Bring it to a rate that fits"}),
        (("s", f"{MAGI}/extend-video", V | P | {"start_frame": 121}), known(), "start",
         {"Go on from near the end", "Go on from the end"}),
        (("s", ANIMATE, V | P), known(), "seconds", {"Use all of it", "Cut the end off"}),
        (("s", UP, V | {"scale": 12}), known(), "pixels", {"Enlarge it less", "Make it smaller before"}),
        (("s", f"{PIX}/lipsync", V | A), known(sound=voice(7)), "sound-longer",
         {"Hold the last picture", "Loop the picture", "Slow the picture down", "Cut the sound"}),
        (("s", ZOOM, P | {"image_url": "$inputs.video"}), known(), "kind",
         {"Take the last picture", "Take the first picture"}),
        (("s", f"{WAN}/depth", V | P | {"aspect_ratio": "1:1"}), known(), "shape",
         {"Crop it", "Give it bars", "Keep its own shape"}),
        (("s", f"{WAN}/depth", V | P | {"num_frames": 300}), known(clip(600)), "values", {"Take 241"}),
        (("s", ZOOM, P | {"image_url": "$inputs.image", "num_frames": 90}), known(), "values", {"Take 81", "Take 161"}),
        (("s", f"{PIX}/v4.5/text-to-video", P | {"resolution": "1080p", "duration": "8"}), known(), "values",
         {"Take 5 s", "Take 720p"}),
    ],
)  # fmt: skip
def test_what_is_offered_depends_on_what_is_wrong(row: Row, facts: Known, rule: str, titles: set[str]) -> None:
    """Local cuts or other values; each is told in words."""
    made = offered(chain_of(row), rule, facts)
    assert titles <= made.keys()
    assert all(one.why.endswith(".") and one.changes for one in made.values())


def test_a_voice_is_cut_to_the_picture_by_two_steps() -> None:
    """Laid on the picture and taken out again: exactly as long."""
    chain, facts = chain_of(("lips", f"{PIX}/lipsync", V | A)), known(sound=voice(9))
    made = offered(chain, "sound-longer", facts)["Cut the sound"]
    assert made.steps == ("lips-fit", "lips-fit-2")
    assert made.chain.step("lips-fit").input == V | A
    assert made.chain.step("lips").input == V | {"audio_url": "$lips-fit-2.audio"}


def test_only_what_helps_is_offered() -> None:
    """A clip so short that slowing it down would show it at a fifth is not slowed down."""
    made = offered(chain_of(("lips", f"{PIX}/lipsync", V | A)), "sound-longer", known(clip(24), sound=voice(9)))
    assert "Slow the picture down" not in made
    assert "Hold the last picture" in made


def test_names_stay_free_and_short() -> None:
    """A second repair of the same step has another name, and a long one still fits the format."""
    long = "a" * 40
    chain = chain_of((long, f"{WAN}/reframe", V | {"aspect_ratio": "auto"}), (f"{long[:-1]}b", UP, V))
    made = offered(chain, "frames", known(clip(60)))["Loop it"]
    assert all(len(step.id) <= 40 for step in made.chain.steps)
    assert len({step.id for step in made.chain.steps}) == 3


def test_a_place_in_a_list_is_repaired_alone() -> None:
    """The second clip of a join is brought to the rate of the first; the first stays."""
    chain = chain_of(("join", "cut/join", {"video_urls": ["$inputs.video", "$inputs.other"]}))
    made = offered(chain, "rates", known(other=clip(60, 16)))["Bring it to that rate"]
    assert made.chain.step("join").input == {"video_urls": ["$inputs.video", "$join-fit.video"]}
    assert chain.step("join").input == {"video_urls": ["$inputs.video", "$inputs.other"]}


def test_a_repaired_chain_survives_as_a_file() -> None:
    made = offered(chain_of(("s", f"{WAN}/reframe", V)), "frames", known(clip(60)))
    for one in made.values():
        assert make_chain(one.chain.model_dump(mode="json", exclude_none=True)) == one.chain


def test_what_needs_a_person_has_no_repair() -> None:
    """Nobody can guess a prompt."""
    chain = chain_of(("s", f"{WAN}/depth", V))
    finding = next(one for one in check(chain, known()) if one.field == "prompt")
    assert repairs(chain, finding, known()) == []
