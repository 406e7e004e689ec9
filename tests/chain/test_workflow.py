"""A chain as a fal workflow: nodes as fal documents them, and cuts refused where fal has none that is exact."""

from __future__ import annotations

import pytest

from lib.chain import presets
from lib.chain.model import make_chain
from lib.chain.workflow import workflow
from lib.errors import ChainError

INPUTS = {"clip": {"kind": "video"}}


def test_a_preset_is_a_workflow() -> None:
    """Every step is a node that depends on what it refers to; results are shown, inputs are fields."""
    made = workflow(presets.preset("extend-lipsync-upscale"))
    nodes, schema = made["contents"]["nodes"], made["contents"]["schema"]
    assert made["name"] == "extend-lip-sync-upscale"
    assert nodes["lipsync"] == {
        "id": "lipsync", "type": "run", "depends": ["extend", "input"], "app": "fal-ai/pixverse/lipsync",
        "input": {"video_url": "$extend.video.url", "audio_url": "$input.voice"},
        "metadata": {"position": {"x": 800, "y": 0}},
    }  # fmt: skip
    assert nodes["output"]["fields"] == {"upscale-video": "$upscale.video"} == made["contents"]["output"]
    assert nodes["output"]["depends"] == ["upscale"]
    assert {name: field["modelId"] for name, field in schema["input"].items()} == {
        "video": "extend",
        "voice": "lipsync",
    }
    assert "not been tried live" in made["contents"]["metadata"]["description"]


def test_the_last_picture_is_one_that_fal_takes_too() -> None:
    """It is called otherwise there, and so is its place in the output."""
    steps = [
        {"id": "last", "operation": "cut/frame", "input": {"video_url": "$inputs.clip"}},
        {"id": "go_on", "operation": "fal-ai/lynx", "input": {"image_url": "$last.image", "prompt": "x", "seed": 1}},
        {"id": "first", "operation": "cut/frame", "input": {"video_url": "$go_on.video", "which": "first"}},
    ]
    nodes = workflow(make_chain({"inputs": INPUTS, "steps": steps}))["contents"]["nodes"]
    assert nodes["last"]["app"] == "fal-ai/ffmpeg-api/extract-frame"
    assert nodes["last"]["input"] == {"video_url": "$input.clip", "frame_type": "last"}
    assert nodes["go-on"]["input"]["image_url"] == "$last.images.0.url"
    assert nodes["first"]["input"] == {"video_url": "$go-on.video.url", "frame_type": "first"}
    assert nodes["output"]["fields"] == {"first-image": "$first.images.0"}


@pytest.mark.parametrize(
    ("operation", "given", "said"),
    [
        ("cut/trim", {"end_s": 1}, "exact picture"),
        ("cut/frame", {"which": "sharpest"}, "no such cut"),
        ("cut/mute", {}, "no such cut"),
        ("cut/loudness", {}, "not the sound of a clip"),
    ],
)
def test_a_cut_without_its_like_is_refused_with_the_reason(operation: str, given: dict[str, object], said: str) -> None:
    step = {"id": "one", "operation": operation, "input": {"video_url": "$inputs.clip", **given}}
    with pytest.raises(ChainError, match=said):
        workflow(make_chain({"inputs": INPUTS, "steps": [step]}))
