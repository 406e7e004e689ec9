"""What an operation will give is said before it runs: cuts exactly, endpoints by a rule with its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lib.catalog import CUTS, ENDPOINTS, operation
from lib.catalog.expected import NUMBERS, Between, Expected, filmed, just, probed
from lib.catalog.gives import RULES, gives
from lib.errors import InputError
from lib.media.facts import Facts
from lib.media.probe import probe
from lib.media.samples import sample
from lib.media.work import carry_out
from tests.media import barcoded
from tests.standin.perform_stage import make_clip, make_image, perform

WAN, PIX = "fal-ai/wan-vace-14b", "fal-ai/pixverse"
CLIP = Facts(
    kind="video", content_type="video/mp4", size_bytes=1, container="mov,mp4,m4a,3gp,3g2,mj2", video_codec="h264",
    pixel_format="yuv420p", audio_codec="aac", width=1280, height=720, frames=120, fps=24.0, duration_s=5.0,
)  # fmt: skip
VOICE = Facts(kind="audio", content_type="audio/wav", size_bytes=1, duration_s=9.0, audio_codec="pcm_s16le")
STILL = Facts(kind="image", content_type="image/png", size_bytes=1, width=800, height=600)
OF = {"video": CLIP, "audio": VOICE, "image": STILL}


def given(id: str, values: dict[str, Any], files: dict[str, Expected]) -> Any:
    """What it gives of these files, and why it would be refused."""
    made = operation(id)
    named = {path: "https://example.com/file" for path in files if "." not in path}
    return gives(made, made.validate(named | values), files)


def video(id: str, values: dict[str, Any] | None = None, clip: Expected | None = None, **more: Expected) -> Expected:
    """The clip that it makes of a clip."""
    files = {"video_url": clip or probed(CLIP), **more}
    return next(iter(given(id, values or {}, files).files.values()))


@pytest.mark.parametrize("id", ENDPOINTS)
def test_every_endpoint_says_what_it_gives(id: str) -> None:
    """All its outputs, by a rule where one can be stated; each fact with the source of its rule."""
    made = ENDPOINTS[id]
    checked = made.validate(made.example)
    files = {name: probed(OF[mark.kind]) for name, mark in made.media_in().items() if mark.kind in OF}
    outputs = gives(made, checked, files).files
    assert outputs.keys() == made.media_out().keys()
    assert id in RULES or id in ("fal-ai/lyra-2/splat", "fal-ai/ffmpeg-api/metadata")
    for one in outputs.values():
        known = {name for name in NUMBERS if getattr(one, name) is not None}
        assert one.kind != "video" or {name for name, why in one.why.items() if why} == known


@pytest.mark.parametrize(
    ("id", "values", "fact", "expected"),
    [
        ("fal-ai/lyra-2/zoom", {"num_frames": 161, "zoom_direction": "both"}, "frames", Between(321, 322)),
        ("fal-ai/lyra-2/zoom", {"resolution": "720p"}, "width", just(1280)),
        ("fal-ai/luma-dream-machine/ray-2", {"duration": "9s"}, "duration_s", just(9)),
        (f"{PIX}/v4.5/text-to-video", {"duration": "8"}, "duration_s", just(8)),
        ("fal-ai/magi", {"num_frames": 120}, "duration_s", just(5)),
        ("fal-ai/lynx", {"num_frames": 80}, "duration_s", just(5)),
        ("fal-ai/luma-dream-machine", {}, "duration_s", None),
    ],
)
def test_films_are_as_long_and_large_as_their_fields_say(
    id: str, values: dict[str, Any], fact: str, expected: Between | None
) -> None:
    """Where no field says it, it stays unknown."""
    takes = {"image_url"} & operation(id).input.model_fields.keys()
    made = given(id, {"prompt": "x", **values}, {name: probed(STILL) for name in takes}).files["video"]
    assert getattr(made, fact) == expected


@pytest.mark.parametrize(
    ("id", "values", "fact", "expected"),
    [
        (f"{PIX}/extend/fast", {"prompt": "x"}, "duration_s", Between(5, 10)),
        (f"{PIX}/extend", {"prompt": "x", "duration": "8"}, "duration_s", Between(8, 13)),
        (f"{WAN}/depth", {"prompt": "x", "num_frames": 161}, "frames", just(161)),
        (f"{WAN}/reframe", {}, "frames", just(120)),
        (f"{WAN}/reframe", {}, "fps", just(24)),
        (f"{WAN}/depth", {"prompt": "x", "resolution": "480p"}, "width", just(854)),
        ("fal-ai/magi/extend-video", {"prompt": ""}, "frames", just(120 - 32 + 96)),
        ("fal-ai/magi/extend-video", {"prompt": "", "start_frame": 10}, "frames", just(106)),
        ("fal-ai/video-upscaler", {"scale": 1.5}, "height", just(1080)),
        ("fal-ai/amt-interpolation", {"recursive_interpolation_passes": 1}, "frames", Between(239, 240)),
        ("fal-ai/fast-animatediff/turbo/video-to-video", {"prompt": "x"}, "duration_s", Between(23 / 8, 25 / 8)),
        ("fal-ai/luma-dream-machine/ray-2/modify", {}, "duration_s", just(5)),
        ("fal-ai/luma-dream-machine/ray-2/modify", {}, "width", None),
    ],
)
def test_changed_clips_follow_from_the_clip_and_the_fields(
    id: str, values: dict[str, Any], fact: str, expected: Between | None
) -> None:
    """An extend may give the new part alone, so the length lies between; what no page says is unknown."""
    assert getattr(video(id, values), fact) == expected


def test_a_voice_makes_the_length_uncertain() -> None:
    """Whether a lip-sync lasts as long as the picture or as the voice is not said."""
    assert video(f"{PIX}/lipsync", audio_url=probed(VOICE)).duration_s == Between(5, 9)
    assert video(f"{PIX}/lipsync", {"text": "a" * 100}).duration_s == Between(4, 10)
    merged = video("fal-ai/ffmpeg-api/merge-audio-video", {"start_offset": 2}, audio_url=probed(VOICE))
    assert (merged.duration_s, merged.has_sound) == (Between(5, 11), True)


def test_intervals_flow_through_cuts() -> None:
    """Both ends are planned exactly; a trim inside what is certain is certain."""
    long = video(f"{PIX}/extend/fast", {"prompt": "x"}, clip=probed(CLIP.model_copy(update={"fps": 24.0})))
    made = video("cut/hold", {"last_s": 1}, clip=long)
    assert made.duration_s is not None
    assert made.duration_s.low == pytest.approx(6, abs=0.05)
    assert made.duration_s.high == pytest.approx(11, abs=0.05)
    assert video("cut/trim", {"end_s": 4}, clip=long).duration_s == just(4)


def test_what_a_guess_would_decide_stays_unknown() -> None:
    """Of a clip of which nothing is known a cut to 16 a second gives 16 a second, and nobody knows how many."""
    made = video("cut/fps", {"fps": 16}, clip=Expected(kind="video"))
    assert (made.fps, made.frames, made.width, made.has_sound) == (just(16), None, None, None)
    assert video("cut/resize", {"width": 640, "height": 360}, clip=Expected(kind="video")).height == just(360)
    assert video("cut/mute", clip=Expected(kind="video")).has_sound is False


def test_a_cut_that_must_fail_says_why() -> None:
    """Only where every end of what is known is refused: a start that a longer clip would have is no fault."""
    refused = given("cut/trim", {"start_s": 6}, {"video_url": probed(CLIP)}).fault
    assert isinstance(refused, InputError)
    assert list(refused.fields) == ["start_s"]
    perhaps = filmed("", duration_s=Between(5, 10), fps=just(24), size=(just(64), just(48)))
    assert given("cut/trim", {"start_s": 6}, {"video_url": perhaps}).fault is None
    silent = probed(CLIP.model_copy(update={"audio_codec": None}))
    assert "no sound" in str(given("cut/extract-sound", {}, {"video_url": silent}).fault)


def test_who_made_the_pictures_is_kept_through_cuts() -> None:
    """A camera flight stays one when it is trimmed, not when it is joined with something else."""
    flight = given("fal-ai/lyra-2/zoom", {"prompt": "x"}, {"image_url": probed(STILL)}).files["video"]
    assert video("cut/trim", {"end_s": 2}, clip=flight).made_by == "fal-ai/lyra-2/zoom"
    joined = given(
        "cut/join", {"video_urls": ["https://a", "https://b"]}, {"video_urls.0": flight, "video_urls.1": probed(CLIP)}
    )
    assert joined.files["video"].made_by == ""


KEPT = {
    "cut/trim": [{"start_s": 0.5, "end_s": 1.3}, {"parts": [{"start": "#3", "end": "#9"}], "keep": "rest"}],
    "cut/join": [{"transition": "crossfade", "transition_s": 0.2}],
    "cut/hold": [{"last_frames": 7}],
    "cut/loop": [{"until_s": 3.1, "there_and_back": True}],
    "cut/fps": [{"fps": 16}],
    "cut/resize": [{"aspect_ratio": "1:1"}],
    "cut/speed": [{"factor": 1.5}],
    "cut/normalise": [{"endpoint": f"{WAN}/depth"}],
    "cut/sound": [{}],
    "cut/extract-sound": [{"format": "wav"}],
    "cut/mute": [{}],
    "cut/frame": [{"which": "last"}],
    "cut/fade": [{"fade_in_s": 0.2, "fade_out_s": 0.2, "fade_picture": True}],
    "cut/waveform": [{}],
    "cut/seam": [{"overlap": 20}],
}
OFTEN = ("cut/normalise", "cut/extract-sound")
SAID_OF_MANY = ("cut/frames", "cut/sheet", "cut/speech", "cut/reverse", "cut/loudness")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("id", "values"),
    [
        pytest.param(name, values, marks=[] if name in OFTEN else [pytest.mark.long])
        for name, every in KEPT.items()
        for values in every
    ],
)
async def test_cuts_give_what_was_said(tmp_path: Path, id: str, values: dict[str, Any]) -> None:
    """The result, probed, has just the facts that were expected of it."""
    clip = barcoded.write(tmp_path / "in.mp4", frames=50, sound=barcoded.noise(2))
    made, facts = CUTS[id], await probe(clip)
    names = ["video_urls.0", "video_urls.1"] if id == "cut/join" else list(made.media_in())
    listed = {"video_urls": [str(clip)] * 2} if id == "cut/join" else dict.fromkeys(names, str(clip))
    checked = made.validate(listed | values)
    expected = next(iter(gives(made, checked, dict.fromkeys(names, probed(facts))).files.values()))
    fields: dict[str, Any] = {"video_urls": [facts] * 2} if id == "cut/join" else dict.fromkeys(names, facts)
    files: dict[str, Any] = {"video_urls": [clip] * 2} if id == "cut/join" else dict.fromkeys(names, clip)
    output = tmp_path / f"out{made.ending(checked)}"
    await carry_out(made.build(checked, files, fields, output))
    result = probed(await probe(output))
    for name in NUMBERS:
        said, seen = getattr(expected, name), getattr(result, name)
        assert said is None or seen == said or seen.low == pytest.approx(said.low, abs=0.002), name
    assert (expected.kind, expected.has_sound or False) == (result.kind, result.has_sound)
    assert expected.kind != "video" or expected.frames is not None


def test_every_cut_is_tried_here() -> None:
    assert KEPT.keys() | set(SAID_OF_MANY) == CUTS.keys()


WORDS = {"prompt": "a quiet valley"}
PLAYED: list[tuple[str, dict[str, Any]]] = [
    ("fal-ai/video-upscaler", {}),
    (f"{WAN}/reframe", {"resolution": "480p"}),
    ("fal-ai/amt-interpolation", {}),
    (f"{PIX}/extend/fast", WORDS | {"resolution": "360p"}),
    ("fal-ai/magi/extend-video", WORDS | {"resolution": "480p"}),
    (f"{PIX}/lipsync", {"text": "The rabbit looks up."}),
    (f"{PIX}/sound-effects", {}),
    ("fal-ai/luma-dream-machine/ray-2/modify", {}),
    ("fal-ai/fast-animatediff/turbo/video-to-video", WORDS),
    ("fal-ai/lyra-2/zoom", WORDS),
    ("fal-ai/lynx", WORDS | {"num_frames": 9, "resolution": "480p"}),
    ("fal-ai/luma-dream-machine/ray-2", WORDS),
    (f"{PIX}/v4.5/image-to-video/fast", WORDS | {"resolution": "360p"}),
    ("fal-ai/magi", WORDS | {"resolution": "480p"}),
    ("fal-ai/ltx-video-13b-distilled/multiconditioning", WORDS | {"num_frames": 9, "resolution": "480p"}),
]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("id", "values"),
    [
        pytest.param(name, values, id=name, marks=[] if at < 1 else [pytest.mark.long])
        for at, (name, values) in enumerate(PLAYED)
    ],
)
async def test_what_the_stand_in_makes_lies_within_what_was_said(
    tmp_path: Path, id: str, values: dict[str, Any]
) -> None:
    """Written apart from these rules, it answers with a clip that they allow."""
    kinds = {
        name: mark.kind
        for name, mark in ENDPOINTS[id].media_in().items()
        if ENDPOINTS[id].input.model_fields[name].is_required()
    }
    makers = {
        "video": lambda path: make_clip(path.with_suffix(".mp4"), frames=48),
        "image": lambda path: make_image(path.with_suffix(".png")),
    }
    files = {name: makers[kind](tmp_path / name) for name, kind in kinds.items()}
    known = {name: probed(await probe(path)) for name, path in files.items()}
    expected = given(id, values, known).files["video"]
    seen = probed(await probe((await perform(tmp_path, id, values, files)).video))
    for name in NUMBERS:
        said, found = getattr(expected, name), getattr(seen, name)
        slack = 0.05 if name == "duration_s" else 1.01 if name in ("frames", "width", "height") else 0.01
        assert said is None or said.low - slack <= found.low <= said.high + slack, (name, said, found)
    assert expected.has_sound in (None, seen.has_sound)


def test_a_file_is_told_in_one_line() -> None:
    """With what is uncertain said as from … to, and nothing said of what is unknown."""
    assert probed(CLIP).sentence() == "5 s, 1280 x 720, 24 fps, sound"
    assert video(f"{PIX}/extend/fast", {"prompt": "x"}).sentence() == "5 to 10 s, 1280 x 720, 16 to 30 fps"
    assert Expected(kind="video").sentence() == ""
    assert probed(CLIP).as_json()["frames"] == [120, 120]


@pytest.mark.anyio
async def test_the_sample_is_known_as_it_is() -> None:
    """What is probed is exact, and cuts are planned on the very facts of the file."""
    facts = await probe(sample("bunny.mp4"))
    assert probed(facts).ends() == (facts,)
    assert probed(facts).frames == just(132)
