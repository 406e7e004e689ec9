"""A chain is checked as a whole against what each step takes, before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from lib.catalog import OPERATIONS
from lib.catalog.needs import NEEDS
from lib.chain import presets
from lib.chain.check import check, errors, require
from lib.chain.expand import expand
from lib.chain.flow import Known, foresee
from lib.errors import DoesNotFit
from lib.media.facts import Facts
from lib.media.probe import probe
from lib.media.samples import SAMPLES, sample
from tests.chain.making import (
    AMT,
    ANIMATE,
    LTX,
    MAGI,
    MERGE,
    PIX,
    RAY,
    SPLAT,
    UP,
    WAN,
    ZOOM,
    Row,
    chain_of,
    clip,
    known,
    still,
    voice,
)

V = {"video_url": "$inputs.video"}
P = {"prompt": "a hill"}
I = {"image_url": "$inputs.image", "prompt": "a hill"}  # noqa: E741 - as V and P
A = {"audio_url": "$inputs.voice"}


def found(*steps: Row, facts: Known | None = None) -> list[tuple[str, str, str, str]]:
    """(level, rule, step, field) of every finding."""
    return [(one.level, one.rule, one.step, one.field) for one in check(chain_of(*steps), facts or known())]


@pytest.mark.parametrize(
    ("steps", "facts", "expected"),
    [
        ([("s", f"{WAN}/reframe", V)], known(clip(60)), ("error", "frames", "s", "video_url")),
        ([("s", f"{WAN}/reframe", V)], known(clip(300)), ("error", "frames", "s", "video_url")),
        ([("s", f"{WAN}/reframe", V)], known(clip(120, 60)), ("error", "rate", "s", "video_url")),
        ([("s", f"{WAN}/depth", V | P | {"num_frames": 161})], None, ("warning", "too-few", "s", "video_url")),
        ([("s", f"{WAN}/depth", V | P)], known(clip(300)), ("note", "too-many", "s", "video_url")),
        ([("s", f"{WAN}/depth", V | P | {"aspect_ratio": "1:1"})], None, ("warning", "shape", "s", "video_url")),
        ([("s", f"{MAGI}/extend-video", V | P)], known(clip(30)), ("error", "prefix", "s", "video_url")),
        ([("s", f"{MAGI}/extend-video", V | P | {"start_frame": 121})], None, ("error", "start", "s", "start_frame")),
        ([("s", MAGI, P | {"num_frames": 100})], None, ("warning", "units", "s", "num_frames")),
        ([("s", SPLAT, V)], known(clip(200)), ("warning", "beyond", "s", "video_url")),
        ([("s", ANIMATE, V | P)], None, ("warning", "seconds", "s", "video_url")),
        ([("s", UP, V | {"scale": 5})], None, ("error", "pixels", "s", "scale")),
        ([("s", f"{PIX}/lipsync", V | A)], known(sound=voice(9)), ("warning", "sound-longer", "s", "audio_url")),
        ([("s", MERGE, V | A | {"start_offset": 2})], None, ("warning", "sound-longer", "s", "audio_url")),
        ([("s", UP, V)], known(clip(video_codec="prores")), ("warning", "coding", "s", "video_url")),
        ([("s", UP, V)], known(clip(container="avi")), ("warning", "coding", "s", "video_url")),
        ([("s", UP, V)], known(clip(pixel_format="yuv420p10le")), ("warning", "coding", "s", "video_url")),
        ([("s", RAY, P | {"prompt": " "})], None, ("warning", "prompt", "s", "prompt")),
        ([("s", RAY, {})], None, ("error", "values", "s", "prompt")),
        ([("s", WAN, V | P | {"task": "inpainting"})], None, ("error", "mask", "s", "mask_video_url")),
        ([("s", f"{WAN}/inpainting", V | P)], None, ("error", "values", "s", "mask_video_url")),
        ([("s", WAN, P | {"video_url": ""})], None, ("error", "no-clip", "s", "video_url")),
        ([("s", f"{PIX}/lipsync", V)], None, ("warning", "remark", "s", "text")),
        ([("s", ZOOM, I | {"num_inference_steps": 20})], None, ("warning", "idle", "s", "num_inference_steps")),
        ([("s", ZOOM, I | {"num_inference_steps": 28})], None, ("note", "idle", "s", "num_inference_steps")),
        ([("s", ZOOM, I | {"num_frames": 100})], None, ("error", "values", "s", "num_frames")),
        (
            [("s", f"{PIX}/v4.5/text-to-video", P | {"resolution": "1080p", "duration": "8"})], None,
            ("error", "values", "s", "duration"),
        ),
        ([("s", "cut/trim", V | {"start_s": 6})], None, ("error", "cut", "s", "start_s")),
        ([("s", "cut/loudness", V)], known(clip(audio_codec=None)), None),
        ([("s", "cut/extract-sound", V)], known(clip(audio_codec=None)), ("error", "cut", "s", "")),
        ([("s", UP, {"video_url": "$inputs.voice"})], None, ("error", "kind", "s", "video_url")),
        (
            [("s", "cut/join", {"video_urls": ["$inputs.video", "$inputs.other"]})], known(other=clip(60, 16)),
            ("warning", "rates", "s", "video_urls.1"),
        ),
        (
            [("s", "cut/join", {"video_urls": ["$inputs.video", "$inputs.other"]})], known(other=clip(width=720)),
            ("warning", "shapes", "s", "video_urls.1"),
        ),
        (
            [("a", f"{PIX}/v4.5/image-to-video", I), ("s", SPLAT, {"video_url": "$a.video"})], None,
            ("warning", "no-flight", "s", "video_url"),
        ),
        ([("s", SPLAT, V)], None, ("note", "no-flight", "s", "video_url")),
        ([("s", LTX, P | {"images": [{"image_url": "$inputs.image", "start_frame_num": 400}]})], None,
         ("warning", "remark", "s", "images.0.start_frame_num")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_found(steps: list[Row], facts: Known | None, expected: Any) -> None:
    """Each kind of defect by its rule, at its step and field, and nothing else that alarms."""
    result = found(*steps, facts=facts)
    assert expected is None or expected in result
    assert [one for one in result if one[0] in ("error", "warning") and one != expected] == []


@pytest.mark.parametrize(
    "steps",
    [
        [("s", f"{WAN}/reframe", V | {"aspect_ratio": "9:16"})],
        [("s", f"{WAN}/depth", V | P)],
        [("z", ZOOM, I), ("s", SPLAT, {"video_url": "$z.video"})],
        [("z", ZOOM, I | {"zoom_direction": "both"}), ("t", "cut/mute", {"video_url": "$z.video"}),
         ("s", SPLAT, {"video_url": "$t.video", "max_frames": 162})],
        [("r", RAY, P), ("m", f"{RAY}/modify", {"video_url": "$r.video"}), ("s", AMT, {"video_url": "$m.video"})],
        [("s", f"{MAGI}/extend-video", V | {"prompt": ""})],
        [("s", f"{PIX}/lipsync", V | A)],
        [("s", "cut/join", {"video_urls": ["$inputs.video", "$inputs.other"]})],
    ],
)  # fmt: skip
def test_what_fits_alarms_nobody(steps: list[Row]) -> None:
    assert [one for one in found(*steps) if one[0] != "note"] == []


def test_facts_flow_through_cuts_into_what_follows() -> None:
    """A trim before Wan makes the clip too short for it; holding its end makes it fit again."""
    cut = ("cut", "cut/trim", V | {"end_frame": 60})
    wan = ("wan", f"{WAN}/reframe", {"video_url": "$cut.video"})
    assert found(cut, wan) == [("error", "frames", "wan", "video_url")]
    held = ("held", "cut/hold", {"video_url": "$cut.video", "last_frames": 21})
    assert found(cut, held, ("wan", f"{WAN}/reframe", {"video_url": "$held.video"})) == []


def test_what_is_not_sure_is_only_noted() -> None:
    """An extend gives five seconds or ten: whether the voice fits is known once the take is there."""
    extend = ("extend", f"{PIX}/extend/fast", V | P)
    lips = ("lips", f"{PIX}/lipsync", {"video_url": "$extend.video"} | A)
    facts = known(sound=voice(8))
    assert found(extend, lips, facts=facts) == [("note", "sound-longer", "lips", "audio_url")]
    for length, expected in ((120, "warning"), (240, None)):
        takes = {"extend": {"video": clip(length)}}
        result = check(chain_of(extend, lips), Known(facts.inputs, takes=takes))
        assert next((one.level for one in result), None) == expected


def test_words_hold_for_what_is_not_sure_too() -> None:
    """No length is below nothing, and large numbers can be read."""
    extend, lips = ("e", f"{PIX}/extend/fast", V | P), ("lips", f"{PIX}/lipsync", {"video_url": "$e.video"} | A)
    (note,) = check(chain_of(extend, lips), known(sound=voice(8)))
    assert note.message == "The sound goes on for 0 to 3 s after the picture has ended."
    (error,) = check(chain_of(("up", UP, V | {"scale": 5})), known())
    assert error.message.startswith("The result would have 23,040,000 pixels; 16,777,216 are the most")


def test_a_take_corrects_what_was_foreseen() -> None:
    """The facts of the take flow on instead of the rule's."""
    ray = ("ray", RAY, P)
    modify = ("modify", f"{RAY}/modify", {"video_url": "$ray.video"})
    made = foresee(chain_of(ray, modify), Known(takes={"ray": {"video": clip(48)}}))["modify"].given.files["video"]
    assert made.duration_s is not None
    assert (made.duration_s.low, made.duration_s.high) == (2, 2)


def test_a_clip_s_own_facts_can_be_values() -> None:
    """ "$zoom.video.fps" is the rate that was asked of the zoom, so what follows from it is known."""
    zoom = ("zoom", ZOOM, I | {"frames_per_second": 20})
    cut = ("cut", "cut/fps", {"video_url": "$inputs.video", "fps": "$zoom.video.fps"})
    made = foresee(chain_of(zoom, cut), known())["cut"].given.files["video"]
    assert made.fps is not None
    assert made.fps.low == 20
    unknown = ("cut", "cut/fps", {"video_url": "$inputs.video", "fps": "$ray.video.fps"})
    assert foresee(chain_of(("ray", RAY, P), unknown), known())["cut"].given.files["video"].fps is None


def test_without_facts_nothing_is_made_up() -> None:
    """What depends on a file that nobody has chosen yet alarms nobody."""
    chain = chain_of(("s", f"{WAN}/reframe", V), ("l", f"{PIX}/lipsync", {"video_url": "$s.video"} | A))
    assert [one for one in check(chain) if one.alarming] == []


def test_only_an_error_stops_the_start() -> None:
    """The first one, at its step and field; a warning lets it go."""
    require(chain_of(("s", ANIMATE, V | P)), known())
    with pytest.raises(DoesNotFit, match="60 pictures") as said:
        require(chain_of(("s", f"{WAN}/reframe", V)), known(clip(60)))
    assert (said.value.step, said.value.field) == ("s", "video_url")


def test_every_need_has_words_and_a_source() -> None:
    """Names of operations that exist, and sentences that end."""
    assert NEEDS.keys() <= OPERATIONS.keys()
    for need in (one for every in NEEDS.values() for one in every):
        assert need.said.endswith(".")
        assert need.hint.endswith(".")
        assert need.source
        assert need.level != "error" or need.source.startswith(("document", "Dailies"))


@pytest.mark.anyio
async def test_presets_fit_their_samples() -> None:
    """No preset alarms with the files that it comes with."""
    facts: dict[str, Facts] = {name: await probe(sample(name)) for name in SAMPLES}
    for name in presets.NAMES:
        chain = expand(presets.preset(name))
        given = {key: facts[one.sample] for key, one in chain.inputs.items() if one.sample}
        assert [one for one in check(chain, Known(given)) if one.alarming] == []
        assert errors(check(chain)) == []


def test_a_portrait_flight_is_as_the_picture_lies() -> None:
    made = foresee(chain_of(("z", ZOOM, I)), known(image=still(600, 800)))["z"].given.files["video"]
    assert str(made.width) == "480"
    assert str(made.height) == "832"
