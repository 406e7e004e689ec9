"""The performers of the golden chain: extend, lip-sync, upscale; and the mark they leave."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from lib.media.binary import ffmpeg
from lib.media.probe import probe
from lib.media.samples import sample
from lib.standin.mark import Badge
from tests.standin.perform_stage import (
    FRAMES,
    HEIGHT,
    RATE,
    WIDTH,
    frames_of,
    lengths_of,
    loudness,
    make_clip,
    perform,
    picture,
    psnr,
    rate_of,
)

pytestmark = pytest.mark.anyio

EXTEND, LIPSYNC, UPSCALE = "fal-ai/pixverse/extend/fast", "fal-ai/pixverse/lipsync", "fal-ai/video-upscaler"
MAGI, MERGE = "fal-ai/magi/extend-video", "fal-ai/ffmpeg-api/merge-audio-video"
ASK = {"prompt": "it goes on", "resolution": "360p"}


async def test_extend_is_the_clip_and_five_seconds_more(tmp_path: Path) -> None:
    """The source's pictures and sound, then five seconds of new, moving pictures in silence."""
    clip = make_clip(tmp_path / "in.mp4", size=(192, 108))
    made = await perform(tmp_path, EXTEND, ASK, {"video_url": clip})
    source = frames_of((await perform(tmp_path, UPSCALE, {"scale": 360 / 108}, {"video_url": clip})).video)
    frames = frames_of(made.video)
    assert (len(frames), frames[0].shape) == (FRAMES + 5 * RATE, (360, 640, 3))
    assert all(psnr(a, b) > 30 for a, b in zip(source, frames, strict=False))
    new = frames[FRAMES:]
    assert sum(psnr(a, b) < 45 for a, b in pairwise(new)) > len(new) * 0.7
    assert loudness(made.video, 0.1, 0.9) > 0.1
    assert loudness(made.video, 1.2, 5.8) < 0.005
    video_s, audio_s = lengths_of(made.video)
    assert abs(video_s - audio_s) < 0.002


async def test_extend_alone_goes_on_in_the_direction_of_the_motion(tmp_path: Path) -> None:
    """As "continuation" it is the new part alone, and begins where the motion leads, not where it came from."""
    clip = make_clip(tmp_path / "in.mp4", size=(640, 360), frames=8, tone=False)
    alone = await perform(tmp_path, EXTEND, ASK, {"video_url": clip}, variant={"extend": "continuation"})
    new = frames_of(alone.video)
    assert len(new) == 5 * RATE
    body = np.s_[200:, 100:]  # without the falling square
    assert psnr(new[0][body], picture(8, 640, 360)[body]) > psnr(new[0][body], picture(6, 640, 360)[body]) + 2


async def test_extend_is_the_same_for_a_seed_and_another_for_another(tmp_path: Path) -> None:
    """The same seed makes the same pictures; with another the motion turns at another time."""
    clip, short = make_clip(tmp_path / "in.mp4", tone=False), {"extend": "continuation"}
    one, same, other = [
        frames_of((await perform(tmp_path, EXTEND, ASK, {"video_url": clip}, seed=seed, variant=short)).video)
        for seed in (1, 1, 2)
    ]
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


async def test_magi_keeps_what_stands_before_its_start_frame(tmp_path: Path) -> None:
    """It has `start_frame` pictures of the source and `num_frames` new ones, at the size asked for."""
    clip = make_clip(tmp_path / "in.mp4", size=(160, 160), frames=20)
    values = {"prompt": "", "num_frames": 96, "start_frame": 5, "resolution": "480p", "aspect_ratio": "16:9"}
    made = await perform(tmp_path, MAGI, values, {"video_url": clip})
    frames = frames_of(made.video)
    assert len(frames) == 5 + 96
    assert frames[0].shape == (480, 854, 3)
    assert made.made.values == {"seed": 7}


async def test_the_voice_starts_with_the_picture_and_silence_follows_it(tmp_path: Path) -> None:
    """Under a shorter voice the clip keeps its length, the voice replacing its own sound."""
    clip = make_clip(tmp_path / "in.mp4", frames=60)
    made = await perform(tmp_path, LIPSYNC, {}, {"video_url": clip, "audio_url": sample("speech.wav")})
    assert len(frames_of(made.video)) == 60
    assert loudness(made.video, 0.3, 2.5) > 0.02
    assert loudness(made.video, 3.4, 4.9) < 0.002


async def test_a_longer_voice_makes_the_picture_run_back_and_forth(tmp_path: Path) -> None:
    """Picture and sound then both last as long as the voice."""
    clip = make_clip(tmp_path / "in.mp4")
    made = await perform(tmp_path, LIPSYNC, {}, {"video_url": clip, "audio_url": sample("speech.wav")})
    voice_s = (await probe(sample("speech.wav"))).duration_s
    assert voice_s is not None
    frames = frames_of(made.video)
    assert len(frames) == -(-voice_s * RATE // 1)
    assert psnr(frames[FRAMES], frames_of(clip)[FRAMES - 2]) > 30
    video_s, audio_s = lengths_of(made.video)
    assert abs(video_s - audio_s) < 0.002


async def test_a_text_is_spoken_by_the_chosen_voice(tmp_path: Path) -> None:
    """Without a recording the text is said, and two voices say it differently."""
    clip = make_clip(tmp_path / "in.mp4", tone=False)
    said = [
        (await perform(tmp_path, LIPSYNC, {"text": "Good evening.", "voice_id": name}, {"video_url": clip})).video
        for name in ("Emily", "Mason")
    ]
    assert all(loudness(path, 0.05, 0.8) > 0.02 for path in said)
    assert abs(lengths_of(said[0])[1] - lengths_of(said[1])[1]) > 0.01 or loudness(said[0], 0, 1) != loudness(
        said[1], 0, 1
    )


async def test_with_nothing_to_say_the_clip_keeps_its_sound(tmp_path: Path) -> None:
    """Neither recording nor text: the document's own example, answered with the clip as it sounds."""
    clip = make_clip(tmp_path / "in.mp4")
    made = await perform(tmp_path, LIPSYNC, {}, {"video_url": clip})
    assert len(frames_of(made.video)) == FRAMES
    assert loudness(made.video, 0.1, 0.9) > 0.1


async def test_merge_lays_the_sound_at_its_offset(tmp_path: Path) -> None:
    """Silence before `start_offset`, the sound from there on, and the clip's length."""
    clip = make_clip(tmp_path / "in.mp4", frames=36)
    files = {"video_url": clip, "audio_url": sample("speech.wav")}
    made = await perform(tmp_path, MERGE, {"start_offset": 1.5}, files)
    assert len(frames_of(made.video)) == 36
    assert loudness(made.video, 0, 1.4) < 0.002
    assert loudness(made.video, 1.8, 2.9) > 0.02


@pytest.mark.parametrize(("scale", "size"), [(2, (192, 128)), (1.5, (144, 96)), (0.5, (48, 32))])
async def test_upscale_multiplies_the_size_and_keeps_frames_and_sound(
    tmp_path: Path, scale: float, size: tuple[int, int]
) -> None:
    """Width and height are multiplied, the frames counted out, the sound copied."""
    clip = make_clip(tmp_path / "in.mp4")
    made = await perform(tmp_path, UPSCALE, {"scale": scale}, {"video_url": clip})
    frames = frames_of(made.video)
    assert len(frames) == FRAMES
    assert frames[0].shape == (size[1], size[0], 3)
    assert loudness(made.video, 0.1, 0.9) > 0.1


async def test_upscale_keeps_the_times_of_uneven_pictures(tmp_path: Path) -> None:
    """Pictures that do not follow each other evenly keep their times."""
    clip = tmp_path / "in.mp4"
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height = WIDTH, HEIGHT
        for index, tick in enumerate((0, 1, 4, 5, 9)):
            frame = av.VideoFrame.from_ndarray(np.full((HEIGHT, WIDTH, 3), 20 + index * 40, np.uint8))
            frame.pts = tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    made = await perform(tmp_path, UPSCALE, {"scale": 2}, {"video_url": clip})
    with av.open(str(made.video)) as container:
        times = [round(frame.time, 3) for frame in container.decode(video=0)]
    assert times == [0, 0.1, 0.4, 0.5, 0.9]


async def test_every_output_says_that_it_is_a_rehearsal(tmp_path: Path) -> None:
    """H.264 and AAC in an mp4 that plays before it is whole, marked in its metadata."""
    clip = make_clip(tmp_path / "in.mp4")
    made = await perform(tmp_path, UPSCALE, {}, {"video_url": clip})
    facts = await probe(made.video)
    assert facts.rehearsal
    assert (facts.video_codec, facts.pixel_format, facts.audio_codec) == ("h264", "yuv420p", "aac")
    head = made.video.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")
    assert made.made.content_types == {"video": "video/mp4"}
    assert rate_of(made.video) == RATE


async def test_the_badge_is_drawn_once_in_a_chain(tmp_path: Path) -> None:
    """The first step draws it; a step whose input says that it is from a rehearsal leaves the picture as it is."""
    clip = make_clip(tmp_path / "in.mp4")
    marked = make_clip(tmp_path / "marked.mp4", comment="dailies-rehearsal fal-ai/lynx")
    first = await perform(tmp_path, UPSCALE, {"scale": 1}, {"video_url": clip})
    second = await perform(tmp_path, UPSCALE, {"scale": 1}, {"video_url": marked})
    badge = Badge.of(WIDTH, HEIGHT)
    rows, columns = badge.cover.shape
    spot = np.s_[badge.top : badge.top + rows, badge.left : badge.left + columns]
    source, one, two = (frames_of(path)[0][spot].astype(int) for path in (clip, first.video, second.video))
    assert np.abs(one - source).mean() > 25
    assert np.abs(two - source).mean() < 8


async def test_a_marked_clip_is_dubbed_without_touching_its_pictures(tmp_path: Path) -> None:
    """Where nothing is drawn the lip-sync copies the video packets."""
    marked = make_clip(tmp_path / "marked.mp4", frames=48, comment="dailies-rehearsal x")
    made = await perform(tmp_path, LIPSYNC, {}, {"video_url": marked, "audio_url": sample("speech.wav")})
    assert all(np.array_equal(a, b) for a, b in zip(frames_of(marked), frames_of(made.video), strict=True))
    video_s, audio_s = lengths_of(made.video)
    assert abs(video_s - audio_s) < 0.002


async def test_the_golden_chain_is_longer_speaks_and_doubles(tmp_path: Path) -> None:
    """Extend, lip-sync and upscale in a row: longer than the input, with the voice, at twice the size."""
    clip = make_clip(tmp_path / "in.mp4")
    longer = await perform(tmp_path, EXTEND, ASK, {"video_url": clip})
    speaking = await perform(tmp_path, LIPSYNC, {}, {"video_url": longer.video, "audio_url": sample("speech.wav")})
    large = await perform(tmp_path, UPSCALE, {"scale": 2}, {"video_url": speaking.video})
    before, after = await probe(speaking.video), await probe(large.video)
    assert before.width is not None
    assert before.height is not None
    assert (after.width, after.height) == (2 * before.width, 2 * before.height)
    assert after.frames == FRAMES + 5 * RATE
    assert loudness(large.video, 0.3, 2.5) > 0.02


@pytest.mark.parametrize("turn", [90, 180, 270])
async def test_a_turned_clip_comes_back_upright(tmp_path: Path, turn: int) -> None:
    """A rotation that stands in the metadata is carried out, as ffmpeg itself does."""
    clip, turned, upright = (tmp_path / name for name in ("in.mp4", "turned.mp4", "upright.mp4"))
    make_clip(clip, tone=False)
    for argv in (
        ["-display_rotation", str(turn), "-i", clip, "-c", "copy", turned],
        ["-i", turned, "-crf", "8", upright],
    ):
        subprocess.run([str(ffmpeg()), "-v", "error", *map(str, argv)], check=True)
    made = await perform(tmp_path, UPSCALE, {"scale": 1}, {"video_url": turned})
    expected, found = frames_of(upright)[5], frames_of(made.video)[5]
    assert expected.shape == found.shape
    assert psnr(expected, found) > 28
