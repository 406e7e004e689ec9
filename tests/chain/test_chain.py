"""Chains: the grammar of references, order, circles, and what does not fit, said before anything runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.catalog import operation
from lib.chain import presets
from lib.chain.check import check, errors, require
from lib.chain.expand import expand
from lib.chain.files import by_field
from lib.chain.model import make_chain, order, read_chain
from lib.chain.reference import Reference, follow, parse, references, substitute
from lib.chain.spot import spot
from lib.errors import ChainError, DoesNotFit, InputError, NotFound

EXTEND, ZOOM, UPSCALE = "fal-ai/pixverse/extend/fast", "fal-ai/lyra-2/zoom", "fal-ai/video-upscaler"
CLIP = "https://example.com/clip.mp4"


def chain_of(*steps: tuple[str, str, dict[str, Any]], inputs: dict[str, Any] | None = None) -> Any:
    listed = [{"id": name, "operation": made, "input": given} for name, made, given in steps]
    return make_chain({"inputs": inputs or {}, "steps": listed})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$extend.video", Reference("extend", ("video",))),
        ("$a_b-1.images.0.url", Reference("a_b-1", ("images", "0", "url"))),
        ("$inputs.video", Reference("inputs", ("video",))),
        ("see $extend.video", None),
        ("$extend.video ", None),
        ("$extend", None),
        ("$5.99", None),
        ("$Extend.video", None),
        ("$extend.", None),
        ("$extend.video\n", None),
        (7, None),
    ],
)
def test_a_reference_is_a_whole_string(text: object, found: Reference | None) -> None:
    assert parse(text) == found


def test_references_are_found_and_replaced_wherever_they_lie() -> None:
    value = {"a": "$x.v", "b": [{"c": "$y.v.0"}, "text"], "d": 1}
    assert [(path, str(ref)) for path, ref in references(value)] == [("a", "$x.v"), ("b.0.c", "$y.v.0")]
    assert substitute(value, lambda ref: ref.source) == {"a": "x", "b": [{"c": "y"}, "text"], "d": 1}
    assert value["a"] == "$x.v"


def test_a_path_is_followed_into_an_output() -> None:
    assert follow({"images": [{"url": "u"}]}, ("images", "0", "url")) == "u"
    with pytest.raises((KeyError, IndexError)):
        follow({"images": []}, ("images", "0"))


def test_order_follows_from_references() -> None:
    """A step may stand before what it refers to."""
    chain = chain_of(
        ("c", UPSCALE, {"video_url": "$b.video"}),
        ("a", EXTEND, {"video_url": CLIP, "prompt": "x"}),
        ("b", UPSCALE, {"video_url": "$a.video"}),
    )
    assert [step.id for step in order(chain.steps)] == ["a", "b", "c"]
    assert chain.last_steps() == ["c"]
    assert check(chain) == []


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([("a", UPSCALE, {"video_url": "$b.video"}), ("b", UPSCALE, {"video_url": "$a.video"})], "circle"),
        ([("a", UPSCALE, {"video_url": "$a.video"})], "circle"),
        ([("a", UPSCALE, {"video_url": "$nope.video"})], "no step 'nope'"),
        ([("a", UPSCALE, {"video_url": "$inputs.nope"})], "no input 'nope'"),
        ([("a", UPSCALE, {"video_url": CLIP}), ("a", UPSCALE, {"video_url": CLIP})], "differ"),
        ([("inputs", UPSCALE, {"video_url": CLIP})], "differ"),
        ([("A b", UPSCALE, {"video_url": CLIP})], "pattern"),
        ([], "at least 1"),
    ],
)
def test_what_does_not_hold_together_is_said(steps: list[Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        chain_of(*steps)


@pytest.mark.parametrize(
    ("step", "field", "message"),
    [
        (("s", "fal-ai/video-upscalr", {}), "", "no operation"),
        (("s", UPSCALE, {"video_url": "$inputs.voice"}), "video_url", "takes a video, but .* is a sound file"),
        (("s", UPSCALE, {"video_url": "$zoom.seed"}), "video_url", "takes a video, but .* is no file"),
        (("s", EXTEND, {"video_url": CLIP, "prompt": "$zoom.video"}), "prompt", "takes no file, but .* is a video"),
        (("s", UPSCALE, {"video_url": "$zoom.picture"}), "video_url", "has no output 'picture'"),
        (("s", UPSCALE, {"video_url": "clip.mp4"}), "video_url", "not a video"),
        (("s", UPSCALE, {"video_url": "$zoom"}), "video_url", "not a video"),
        (("s", UPSCALE, {"video_url": CLIP, "scale": "big"}), "scale", "number"),
        (("s", UPSCALE, {"video_url": CLIP, "scal": 2}), "scal", "no such field"),
        (("s", UPSCALE, {}), "video_url", "required"),
        (("s", "cut/join", {"video_urls": ["$zoom.video", "$inputs.voice"]}), "video_urls.1", "takes a video"),
        (
            ("s", "fal-ai/ltx-video-13b-distilled/multiconditioning",
             {"prompt": "x", "images": [{"image_url": "$zoom.video"}]}),
            "images.0.image_url", "takes an image, but .* is a video",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_found_at_its_field(step: Any, field: str, message: str) -> None:
    """Before anything is bought, also deep inside lists, and for values as well as for files."""
    chain = chain_of(
        ("zoom", ZOOM, {"image_url": "https://example.com/a.png", "prompt": "x"}),
        step,
        inputs={"voice": {"kind": "audio", "sample": "speech.wav"}},
    )
    findings = [found for found in check(chain) if found.step == "s"]
    assert [found.field for found in findings] == [field]
    with pytest.raises(DoesNotFit, match=message) as said:
        require(chain)
    assert (said.value.step, said.value.field) == ("s", field)


@pytest.mark.parametrize(
    "step",
    [
        ("s", UPSCALE, {"video_url": "$zoom.video.url"}),
        ("s", EXTEND, {"video_url": "$zoom.video", "prompt": "x", "seed": "$zoom.seed"}),
        ("s", UPSCALE, {"video_url": "$zoom.video", "scale": "$zoom.video.fps"}),
        ("s", UPSCALE, {"video_url": "asset:" + "0" * 64}),
        ("s", "cut/sound", {"video_url": CLIP, "audio_url": "$zoom.video"}),
        ("s", "fal-ai/pixverse/lipsync", {"video_url": "$zoom.video", "audio_url": "$inputs.voice"}),
    ],
)
def test_what_fits_has_no_error(step: Any) -> None:
    chain = chain_of(
        ("zoom", ZOOM, {"image_url": "https://example.com/a.png", "prompt": "x"}),
        step,
        inputs={"voice": {"kind": "audio", "sample": "speech.wav"}},
    )
    assert errors(check(chain)) == []


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("", ChainError, "line 1 is not JSON"),
        ('{"steps": [}', ChainError, "not JSON"),
        ("[" * 100_000, ChainError, "nested too deep"),
        ('{"dailies": 2, "steps": []}', ChainError, "newer Dailies"),
        ("[]", InputError, "hold together"),
        ('{"steps": [{"id": "a", "operation": "x", "input": {}, "more": 1}]}', InputError, "steps.0.more"),
    ],
)
def test_a_text_that_is_no_chain_is_said(text: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        read_chain(text)


def test_every_preset_can_start_and_survives_as_a_file() -> None:
    assert "extend-lipsync-upscale" in presets.NAMES
    for name in presets.NAMES:
        chain = presets.preset(name)
        assert errors(check(expand(chain))) == []
        assert read_chain(json.dumps(chain.model_dump(mode="json", exclude_none=True))) == chain
    assert "video" in presets.preset("extend-lipsync-upscale").inputs
    with pytest.raises(NotFound, match="no preset"):
        presets.preset("nope")


def test_files_go_to_fields_as_rules_and_cuts_want_them() -> None:
    found = by_field([("video_url", 1), ("video_urls.0", 2), ("video_urls.1", 3), ("images.0.image_url", 4)])
    assert found == {"video_url": 1, "video_urls": [2, 3], "images.0.image_url": 4}


def test_unknown_paths_are_told_from_open_ones() -> None:
    """Files carry fields that no document names; an operation's outputs are all named."""
    output = operation(ZOOM).output
    assert spot(output, ("nope",)) is None
    assert spot(output, ("video", "anything")) is not None
