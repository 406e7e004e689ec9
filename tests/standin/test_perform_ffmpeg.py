"""The performers of the ffmpeg API and of AMT on pictures: what is told is true, and stands where it was asked for."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lib.catalog import ENDPOINTS
from lib.errors import InputError
from lib.media.probe import probe
from lib.media.samples import sample
from lib.standin.limits import check_values
from lib.standin.performers.sound import Samples, samples_of
from lib.standin.published import place, told
from tests.standin.perform_stage import (
    FRAMES,
    RATE,
    frames_of,
    lengths_of,
    loudness,
    make_clip,
    make_image,
    perform,
    picture,
    psnr,
    rate_of,
)

pytestmark = pytest.mark.anyio

API = "fal-ai/ffmpeg-api"
BETWEEN = "fal-ai/amt-interpolation/frame-interpolation"
URL = "https://files.example/file"


def keyframe(start_ms: float, lasts_ms: float) -> dict[str, Any]:
    return {"timestamp": start_ms, "duration": lasts_ms, "url": URL}


def track(kind: str, *keyframes: dict[str, Any]) -> dict[str, Any]:
    return {"id": kind, "type": kind, "keyframes": list(keyframes)}


async def heard(path: Path) -> Samples:
    found = samples_of(path)
    assert found is not None
    return found


@pytest.mark.parametrize(("which", "index"), [("first", 0), ("middle", FRAMES // 2), ("last", FRAMES - 1)])
async def test_the_frame_taken_out_is_the_true_one(tmp_path: Path, which: str, index: int) -> None:
    """It is nearer to that frame than to its neighbours, in the clip's size, and says that it is from a rehearsal."""
    clip = make_clip(tmp_path / "in.mp4", size=(192, 128), step=3)
    made = await perform(tmp_path, f"{API}/extract-frame", {"frame_type": which}, {"video_url": clip})
    path, source = made.made.files["images.0"], frames_of(clip)
    shown = np.asarray(Image.open(path))
    alike = [psnr(shown, one) for one in source]
    assert int(np.argmax(alike)) == index
    assert alike[index] > 38
    facts = await probe(path)
    assert (facts.kind, facts.content_type, facts.rehearsal) == ("image", "image/png", True)


async def test_metadata_tells_the_truth_about_a_clip(tmp_path: Path) -> None:
    """Length, rate, size, coding and sound as they are; first and last frame only where they are asked for."""
    clip = make_clip(tmp_path / "in.mp4", size=(192, 128), step=3)
    plain = await perform(tmp_path, f"{API}/metadata", {}, {"media_url": clip})
    media = plain.made.values["media"]
    assert plain.made.files == {}
    assert (media["media_type"], media["codec"], media["fps"], media["frame_count"]) == ("video", "h264", RATE, FRAMES)
    assert media["resolution"] == {"aspect_ratio": "3:2", "width": 192, "height": 128}
    assert (media["duration"], media["file_size"]) == (FRAMES / RATE, clip.stat().st_size)
    assert media["audio"]["sample_rate"] == 48_000
    assert media["url"].startswith("https://")
    full = await perform(tmp_path, f"{API}/metadata", {"extract_frames": True}, {"media_url": clip})
    source = frames_of(clip)
    for name, frame in (("start", source[0]), ("end", source[-1])):
        assert psnr(np.asarray(Image.open(full.made.files[f"media.{name}_frame_url"])), frame) > 38
    ENDPOINTS[f"{API}/metadata"].output.model_validate(plain.made.values)


async def test_metadata_tells_the_truth_about_a_sound(tmp_path: Path) -> None:
    """A sound has no pictures to speak of."""
    made = await perform(tmp_path, f"{API}/metadata", {"extract_frames": True}, {"media_url": sample("speech.wav")})
    media = made.made.values["media"]
    assert (media["media_type"], media["codec"], media["container"]) == ("audio", "pcm_s16le", "wav")
    assert (media["channels"], media["sample_rate"]) == (1, 16_000)
    assert made.made.files == {}


async def test_loudnorm_brings_a_sound_to_its_loudness(tmp_path: Path) -> None:
    """A second measurement of the result finds the loudness that was asked for, and that of the summary."""
    ask = {"integrated_loudness": -30, "print_summary": True}
    made = await perform(tmp_path, f"{API}/loudnorm", ask, {"audio_url": sample("speech.wav")})
    path, summary = made.made.files["audio"], made.made.values["summary"]
    again = await perform(tmp_path, f"{API}/loudnorm", {"print_summary": True}, {"audio_url": path})
    measured = again.made.values["summary"]["input_integrated"]
    assert abs(measured + 30) < 1
    assert abs(measured - summary["output_integrated"]) < 0.5
    assert summary["normalization_type"] == "Dynamic"
    facts = await probe(path)
    assert (facts.content_type, facts.sample_rate, facts.rehearsal) == ("audio/wav", 16_000, True)
    assert abs((facts.duration_s or 0) - 3.095) < 0.05


async def test_loudnorm_is_linear_with_the_numbers_of_a_first_run(tmp_path: Path) -> None:
    """In one pass every sample is raised or lowered alike; without the numbers it is refused."""
    ask = {"integrated_loudness": -25, "linear": True, "print_summary": True, "loudness_range": 20}
    known = {"measured_i": -19.51, "measured_lra": 0.2, "measured_tp": -3.72, "measured_thresh": -29.51}
    made = await perform(tmp_path, f"{API}/loudnorm", ask | known, {"audio_url": sample("speech.wav")})
    assert made.made.values["summary"]["normalization_type"] == "Linear"
    before, after = await heard(sample("speech.wav")), await heard(made.made.files["audio"])
    count = min(before.shape[1], after.shape[1])
    factor = 10 ** ((-25 + 19.51) / 20)
    assert np.abs(after[:, :count] - factor * before[:, :count]).max() < 0.01
    values = {"audio_url": URL, "linear": True}
    with pytest.raises(InputError) as caught:
        ENDPOINTS[f"{API}/loudnorm"].validate(values)
    built = ENDPOINTS[f"{API}/loudnorm"].input.model_validate(values)
    assert {str(problem.loc[0]) for problem in check_values(f"{API}/loudnorm", built)} == set(caught.value.fields)


async def test_silence_has_no_loudness_to_tell(tmp_path: Path) -> None:
    """Minus infinity is left out, since JSON has no number for it; a clip without sound is refused."""
    quiet = tmp_path / "quiet.wav"
    with wave.open(str(quiet), "wb") as made:
        made.setparams((1, 2, 16_000, 0, "NONE", ""))
        made.writeframes(bytes(64_000))
    silent = await perform(tmp_path, f"{API}/loudnorm", {"print_summary": True}, {"audio_url": quiet})
    assert "input_integrated" not in silent.made.values["summary"]
    clip = make_clip(tmp_path / "in.mp4", tone=False)
    with pytest.raises(InputError, match="no sound"):
        await perform(tmp_path, f"{API}/loudnorm", {}, {"audio_url": clip})


async def test_compose_puts_each_thing_at_its_time(tmp_path: Path) -> None:
    """A clip, black, the clip again, a picture over it for a moment, and a sound that begins later."""
    clip = make_clip(tmp_path / "in.mp4", size=(192, 128))
    image = make_image(tmp_path / "in.png", 192, 128, at=40)
    tracks = [
        track("video", keyframe(0, 500), keyframe(1000, 1000)),
        track("image", keyframe(250, 250)),
        track("audio", keyframe(1500, 250)),
    ]
    files = {
        "tracks.0.keyframes.0.url": clip, "tracks.0.keyframes.1.url": clip,
        "tracks.1.keyframes.0.url": image, "tracks.2.keyframes.0.url": clip,
    }  # fmt: skip
    made = await perform(tmp_path, f"{API}/compose", {"tracks": tracks}, files)
    path, source = made.made.files["video_url"], frames_of(clip)
    frames = frames_of(path)
    assert (len(frames), rate_of(path), frames[0].shape) == (2 * RATE, RATE, (128, 192, 3))
    assert psnr(frames[1], source[1]) > 30
    assert psnr(frames[4], picture(40, 192, 128)) > 28 > psnr(frames[4], source[4])
    assert frames[8][64:].mean() < 4
    assert psnr(frames[12 + 9], source[9]) > 30
    assert loudness(path, 0.0, 1.45) < 0.01
    assert loudness(path, 1.52, 1.72) > 0.1
    assert loudness(path, 1.8, 2.0) < 0.01
    assert lengths_of(path) == pytest.approx((2.0, 2.0), abs=0.03)
    assert psnr(np.asarray(Image.open(made.made.files["thumbnail_url"])), source[0]) > 30


async def test_compose_keeps_the_sound_of_clips_where_there_is_no_other(tmp_path: Path) -> None:
    """And a clip that is over stays on its last frame."""
    clip = make_clip(tmp_path / "in.mp4")
    tracks = [track("video", keyframe(0, 1500))]
    made = await perform(tmp_path, f"{API}/compose", {"tracks": tracks}, {"tracks.0.keyframes.0.url": clip})
    frames = frames_of(made.made.files["video_url"])
    assert len(frames) == 18
    assert psnr(frames[17], frames_of(clip)[-1]) > 30
    assert loudness(made.made.files["video_url"], 0.1, 0.9) > 0.1


@pytest.mark.parametrize(
    ("tracks", "path"),
    [
        ([], "tracks"),
        ([track("video")], "tracks"),
        ([track("splat", keyframe(0, 10))], "tracks.0.type"),
        ([track("video", keyframe(0, 10) | {"url": ""})], "tracks.0.keyframes.0.url"),
        ([track("video", keyframe(0, 10), keyframe(0, 0))], "tracks.0.keyframes.1.duration"),
    ],
)
def test_form_and_stand_in_refuse_the_same_tracks(tracks: list[dict[str, Any]], path: str) -> None:
    """At the same place."""
    endpoint = ENDPOINTS[f"{API}/compose"]
    with pytest.raises(InputError) as caught:
        endpoint.validate({"tracks": tracks})
    built = endpoint.input.model_validate({"tracks": tracks})
    said = {".".join(map(str, problem.loc)) for problem in check_values(endpoint.id, built)}
    assert said == set(caught.value.fields) == {path}


async def test_pictures_are_interpolated_as_frames_are(tmp_path: Path) -> None:
    """Three pictures and two passes make nine frames: the pictures are among them, others lie between."""
    images = [make_image(tmp_path / f"{at}.png", 192, 128, at=at) for at in (0, 4, 8)]
    ask = {"frames": [{"url": URL}] * 3, "output_fps": 12, "recursive_interpolation_passes": 2}
    files = {f"frames.{index}.url": image for index, image in enumerate(images)}
    made = await perform(tmp_path, BETWEEN, ask, files)
    frames = frames_of(made.video)
    assert (len(frames), rate_of(made.video)) == (9, 12)
    assert all(psnr(frames[4 * index], picture(4 * index, 192, 128)) > 28 for index in range(3))
    body = np.s_[64:, 40:]
    assert psnr(frames[2][body], picture(2, 192, 128)[body]) > psnr(frames[0][body], picture(2, 192, 128)[body]) + 2


def test_one_picture_has_nothing_beside_it() -> None:
    """Form and stand-in want two."""
    values = {"frames": [{"url": URL}]}
    with pytest.raises(InputError) as caught:
        ENDPOINTS[BETWEEN].validate(values)
    built = ENDPOINTS[BETWEEN].input.model_validate(values)
    assert {str(problem.loc[0]) for problem in check_values(BETWEEN, built)} == set(caught.value.fields) == {"frames"}


async def test_files_stand_where_the_output_has_them(tmp_path: Path) -> None:
    """In lists and objects, with the facts that their type has fields for and no others."""
    body: dict[str, Any] = {"media": {"codec": "h264"}}
    place(body, "images.0", 1)
    place(body, "images.1", 2)
    place(body, "media.start_frame_url", "a")
    place(body, "audio", 3)
    assert body == {"media": {"codec": "h264", "start_frame_url": "a"}, "images": [1, 2], "audio": 3}
    facts = await probe(make_image(tmp_path / "in.png", 64, 32))
    assert told(ENDPOINTS[f"{API}/extract-frame"].output, "images.0", facts) == {"width": 64, "height": 32}
    assert told(ENDPOINTS[f"{API}/loudnorm"].output, "audio", facts) == {}
