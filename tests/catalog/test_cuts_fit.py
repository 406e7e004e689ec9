"""Fitting a clip for an endpoint: its rules come from its input, and what they change is said."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import pytest

from lib.catalog.cuts import CUTS
from lib.catalog.cuts.fit import NORMALISE, EndpointId
from lib.catalog.cuts.sound import EXTRACT_SOUND, SPEECH
from lib.catalog.fit import RULES, clip_endpoints, fitting, spec, takes
from lib.catalog.wan.parent import WanInput
from lib.errors import InputError
from lib.media.facts import Facts
from lib.media.probe import probe
from lib.media.samples import sample
from lib.media.work import carry_out

CLIP: dict[str, Any] = {
    "kind": "video", "content_type": "video/mp4", "size_bytes": 1, "container": "mov,mp4,m4a,3gp,3g2,mj2",
    "video_codec": "h264", "pixel_format": "yuv420p", "audio_codec": "aac", "width": 1280, "height": 720,
}  # fmt: skip


def clip(frames: int, fps: float, **more: Any) -> Facts:
    return Facts(**CLIP | {"frames": frames, "fps": fps, "duration_s": frames / fps} | more)


def test_every_endpoint_that_takes_a_clip_can_be_chosen() -> None:
    """The choices are the endpoints with a video field, none is missing, and rules name only such."""
    assert set(get_args(EndpointId)) == set(clip_endpoints())
    assert RULES.keys() <= clip_endpoints().keys()


def test_bounds_are_those_of_the_input() -> None:
    """Wan's numbers are read off its own fields, so they cannot differ from what the endpoint refuses."""
    rule, frames = takes("fal-ai/wan-vace-14b"), spec(WanInput, "num_frames")
    assert (rule.least_frames, rule.most_frames) == (frames.minimum, frames.maximum) == (81, 241)
    for name in ("fps", "least_frames", "most_frames", "frames_step", "longest_s", "short_side"):
        for rules in RULES.values():
            assert (getattr(rules, name) is None) == (name not in rules.why), name


@pytest.mark.parametrize(
    ("endpoint", "facts", "rate", "frames", "size", "words"),
    [
        ("fal-ai/wan-vace-14b", clip(250, 25.0), 16, 157, (1280, 720), ["25 to 16", "160 to 157, the end is cut"]),
        ("fal-ai/wan-vace-14b", clip(50, 25.0), 16, 81, (1280, 720), ["32 to 81, the last one is held"]),
        ("fal-ai/wan-vace-14b", clip(900, 30.0), 16, 241, (1280, 720), ["480 to 241"]),
        ("fal-ai/wan-vace-14b", clip(97, 16.0), 16, 97, (1280, 720), []),
        ("fal-ai/magi/extend-video", clip(20, 24.0), 24, 33, (1280, 720), ["20 to 33", "32 frames before the end"]),
        ("fal-ai/lyra-2/splat", clip(300, 25.0), 25, 161, (1280, 720), ["300 to 161"]),
        ("fal-ai/ltx-video-13b-distilled/multiconditioning", clip(100, 24.0), 24, 97, (1280, 720), ["to 97", "by fal"]),
        ("fal-ai/fast-animatediff/turbo/video-to-video", clip(100, 25.0), 25, 75, (1280, 720), ["seconds” is 3"]),
        ("fal-ai/pixverse/extend/fast", clip(9, 25.0, width=1080, height=1920), 25, 9, (720, 1280), ["720p"]),
        ("fal-ai/video-upscaler", clip(9, 25.0, width=97, height=65), 25, 9, (96, 64), ["even"]),
        ("fal-ai/video-upscaler", clip(9, 25.0, pixel_format="yuv420p10le"), 25, 9, (1280, 720), ["Depth: 10 to 8"]),
    ],
)  # fmt: skip
def test_what_changes_is_said(
    endpoint: str, facts: Facts, rate: int, frames: int, size: tuple[int, int], words: list[str]
) -> None:
    """Rate, count and size become what the endpoint takes, nothing else; each change has a sentence with its reason."""
    form, said = fitting(facts, takes(endpoint))
    assert (form.rate, form.frames, form.size) == (Fraction(rate), frames, size)
    assert all(any(word in sentence for sentence in said) for word in words), said
    assert bool(said) == bool(words)
    assert all(sentence.endswith(".") for sentence in said)


def test_no_sentence_names_a_field_by_its_id() -> None:
    """People know fields by their titles; whatever a document does not state says so."""
    for rule in RULES.values():
        assert not any("_" in why for why in rule.why.values()), rule.why
        assert "not stated by fal" in rule.why.get("frames_step", "not stated by fal")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"video_codec": "hevc"}, ["Coding: HEVC to H.264"]),
        ({"pixel_format": "yuv420p10le", "bit_depth": 10, "hdr": "HDR10"}, ["Depth: 10 to 8 bit", "HDR10: brightness"]),
        ({"pixel_format": "yuv422p10le", "bit_depth": 10}, ["Depth: 10 to 8 bit", "4:2:0"]),
        ({"pixel_format": "yuva420p", "video_codec": "vp9"}, ["Coding: VP9", "Transparency is gone"]),
        ({"audio_codec": "opus"}, ["Sound: Opus to AAC"]),
    ],
)
def test_what_an_endpoint_cannot_take_is_said(more: dict[str, Any], words: list[str]) -> None:
    """Depth, HDR, finer colours and transparency do not go unsaid."""
    said = fitting(clip(9, 25.0, **more), takes("fal-ai/video-upscaler"))[1]
    assert len(said) == len(words)
    assert all(any(sentence.startswith(word) or word in sentence for sentence in said) for word in words), said


@pytest.mark.anyio
async def test_the_sample_fits_wan(tmp_path: Path) -> None:
    """The shipped clip comes out as 81 pictures at 16 a second with its sound, and says what was done."""
    path, output = sample("bunny.mp4"), tmp_path / "out.mp4"
    made = NORMALISE.validate({"video_url": "x", "endpoint": "fal-ai/wan-vace-14b"})
    said = await carry_out(NORMALISE.build(made, {"video_url": path}, {"video_url": await probe(path)}, output))
    facts = await probe(output)
    assert (facts.frames, facts.fps, facts.width, facts.pixel_format) == (81, 16, 640, "yuv420p")
    assert facts.audio_duration_s == pytest.approx(81 / 16, abs=0.001)
    assert said["frames"] == 81
    assert "25 to 16" in said["changes"]


@pytest.mark.parametrize(
    ("id", "body", "field"),
    [
        ("cut/speech", {"text": "  "}, "text"),
        ("cut/resize", {"video_url": "x"}, "width"),
        ("cut/hold", {"video_url": "x", "last_s": 0}, "last_s"),
        ("cut/fade", {"video_url": "x", "fade_in_s": 0, "fade_out_s": 0}, "fade_in_s"),
        ("cut/speed", {"video_url": "x", "factor": 0}, "factor"),
    ],
)
def test_nothing_to_do_is_an_error_at_its_field(id: str, body: dict[str, Any], field: str) -> None:
    """A cut that would change nothing, or mean nothing, is refused before it runs."""
    with pytest.raises(InputError) as caught:
        CUTS[id].validate(body)
    assert list(caught.value.fields) == [field]


def test_the_format_decides_the_ending() -> None:
    """A chosen format names the file, else the cut's own ending does."""
    assert EXTRACT_SOUND.ending(EXTRACT_SOUND.validate({"video_url": "x", "format": "mp3"})) == ".mp3"
    assert SPEECH.ending(SPEECH.validate({"text": "x"})) == ".wav"
    assert NORMALISE.ending(NORMALISE.validate({"video_url": "x"})) == ".mp4"
