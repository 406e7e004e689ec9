"""The performers of the endpoints whose ids are guesses: sizes, counts, rates and pictures as their types say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from lib.errors import InputError
from lib.media.probe import probe
from lib.standin.performers.effects import effect
from lib.standin.performers.sound import samples_of
from lib.standin.performers.vace import thinned
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

WORDS = {"prompt": "a quiet valley"}
MAGI, PIX = "fal-ai/magi", "fal-ai/pixverse"
WAN = "fal-ai/wan-vace-14b"
DREAM, RAY = "fal-ai/luma-dream-machine", "fal-ai/luma-dream-machine/ray-2"


def write_clip(path: Path, shades: list[np.ndarray], rate: int = RATE) -> Path:
    """A silent mp4 of these grey pictures."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "4", "preset": "ultrafast"})
        stream.height, stream.width = shades[0].shape
        stream.pix_fmt = "yuv420p"
        for shade in shades:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shade.astype(np.uint8), format="gray")))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("endpoint", "ask", "frames", "size"),
    [
        (DREAM, {"aspect_ratio": "4:3"}, 120, (720, 540)),
        pytest.param(RAY, {"aspect_ratio": "9:16", "duration": "9s"}, 216, (540, 960), marks=pytest.mark.long),
        pytest.param(RAY, {"aspect_ratio": "21:9", "resolution": "720p"}, 120, (1680, 720), marks=pytest.mark.long),
    ],
)
async def test_luma_makes_a_clip_from_words_alone(
    tmp_path: Path, endpoint: str, ask: dict[str, Any], frames: int, size: tuple[int, int]
) -> None:
    """As long, as large and of the shape that is asked for; no file is needed, and something moves."""
    made = await perform(tmp_path, endpoint, WORDS | ask, {})
    found = frames_of(made.video)
    assert (len(found), found[0].shape) == (frames, (size[1], size[0], 3))
    assert psnr(found[0], found[-1]) < 36


@pytest.mark.long
async def test_luma_s_first_version_goes_from_picture_to_picture(tmp_path: Path) -> None:
    """It begins on the one and ends on the other."""
    first, last = make_image(tmp_path / "a.png", 960, 540), make_image(tmp_path / "b.png", 960, 540, at=25)
    files = {"image_url": first, "end_image_url": last}
    frames = frames_of((await perform(tmp_path, f"{DREAM}/image-to-video", WORDS, files)).video)
    assert psnr(frames[0], picture(0, 960, 540)) > 28 > psnr(frames[0], picture(25, 960, 540))
    assert psnr(frames[-1], picture(25, 960, 540)) > 28


async def test_reframe_keeps_the_clip_in_a_new_shape(tmp_path: Path) -> None:
    """A square has the whole clip in its middle; frames, rate and sound are the clip's."""
    clip = make_clip(tmp_path / "in.mp4", size=(192, 128))
    made = await perform(tmp_path, f"{RAY}/reframe", {"aspect_ratio": "1:1"}, {"video_url": clip})
    frames, source = frames_of(made.video), frames_of(clip)
    assert (len(frames), rate_of(made.video), frames[0].shape) == (FRAMES, RATE, (128, 128, 3))
    smaller = Image.fromarray(source[6]).resize((128, 86))
    assert psnr(frames[6][26:102, 8:120], np.asarray(smaller)[5:81, 8:120]) > 24
    assert loudness(made.video, 0.1, 0.9) > 0.1


async def test_reframe_puts_a_part_of_the_clip_where_it_is_asked_for(tmp_path: Path) -> None:
    """Of the left half nothing is scaled in a square of its height; the rest of the picture is around it."""
    clip, red = make_clip(tmp_path / "in.mp4", size=(256, 128), tone=False), tmp_path / "red.png"
    Image.new("RGB", (64, 64), (220, 30, 30)).save(red)
    ask = {"aspect_ratio": "16:9", "x_start": 0, "x_end": 128, "grid_position_x": 0}
    made = await perform(tmp_path, f"{RAY}/reframe", ask, {"video_url": clip, "image_url": red})
    frame, source = frames_of(made.video)[3], frames_of(clip)[3]
    assert frame.shape == (128, 228, 3)
    assert psnr(frame[:, :110], source[:, :110]) > 28
    assert tuple(frame[100:, 180:].mean((0, 1)).round(-1)) == (220, 30, 30)
    assert not (await probe(made.video)).has_sound


async def test_reframe_needs_something_left_of_the_clip(tmp_path: Path) -> None:
    """A part beyond the clip's edge is refused at its field."""
    clip = make_clip(tmp_path / "in.mp4", size=(192, 128), tone=False)
    with pytest.raises(InputError) as caught:
        await perform(tmp_path, f"{RAY}/reframe", {"aspect_ratio": "1:1", "x_start": 192}, {"video_url": clip})
    assert list(caught.value.fields) == ["x_start"]


@pytest.mark.parametrize("task", ["depth", "pose"])
async def test_wan_by_task_looks_as_the_parent_does(tmp_path: Path, task: str) -> None:
    """The endpoint of a task makes the same pictures as the parent does with that task, and says what it used."""
    clip = make_clip(tmp_path / "in.mp4", frames=3, tone=False)
    ask = WORDS | {"resolution": "480p", "match_input_num_frames": True}
    own = await perform(tmp_path, f"{WAN}/{task}", ask, {"video_url": clip})
    parent = await perform(tmp_path, WAN, ask | {"task": task}, {"video_url": clip})
    pairs = zip(frames_of(own.video), frames_of(parent.video), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
    assert own.made.values == {"prompt": WORDS["prompt"], "seed": 7}


async def test_wan_inpaints_what_the_mask_clip_shows(tmp_path: Path) -> None:
    """Where the mask clip is black the clip stays as it is."""
    clip = make_clip(tmp_path / "in.mp4", size=(854, 480), frames=3, tone=False)
    mask = write_clip(tmp_path / "mask.mp4", [np.kron([[255, 0]], np.ones((480, 427)))] * 3)
    ask = WORDS | {"resolution": "480p", "match_input_num_frames": True}
    made = await perform(tmp_path, f"{WAN}/inpainting", ask, {"video_url": clip, "mask_video_url": mask})
    frame, source = frames_of(made.video)[0], frames_of(clip)[0]
    assert psnr(frame[:, :380], source[:, :380]) < 30 < psnr(frame[:, 480:], source[:, 480:])


async def test_wan_outpaints_on_the_sides_that_are_asked_for(tmp_path: Path) -> None:
    """Half as much again on the left: the clip stands unscaled at the right edge."""
    clip = make_clip(tmp_path / "in.mp4", size=(640, 480), frames=2, tone=False)
    ask = WORDS | {"resolution": "480p", "match_input_num_frames": True, "expand_left": True, "expand_ratio": 0.5}
    made = await perform(tmp_path, f"{WAN}/outpainting", ask, {"video_url": clip})
    frame, source = frames_of(made.video)[0], frames_of(clip)[0]
    assert frame.shape == (480, 960, 3)
    assert psnr(frame[:, 360:], source[:, 40:]) > 30


async def test_wan_reframes_with_the_clip_s_own_length_and_rate(tmp_path: Path) -> None:
    """Without a word a standing picture of all frames, the whole clip in it; zoomed in, only its middle."""
    clip = make_clip(tmp_path / "in.mp4", size=(480, 480), frames=5, tone=False)
    ask = {"resolution": "480p", "aspect_ratio": "9:16"}
    whole, near = [
        await perform(tmp_path, f"{WAN}/reframe", ask | more, {"video_url": clip}) for more in ({}, {"zoom_factor": 1})
    ]
    frames, source = frames_of(whole.video), frames_of(clip)
    assert (len(frames), rate_of(whole.video), frames[0].shape) == (5, RATE, (854, 480, 3))
    assert psnr(frames[2][220:640], source[2][33:453]) > 30
    middle = np.asarray(Image.fromarray(source[2][130:350, 130:350]).resize((440, 440), Image.Resampling.LANCZOS))
    assert psnr(frames_of(near.video)[2][207:647, 20:460], middle) > 24


def test_what_is_skipped_is_made_up_from_its_neighbours() -> None:
    """Of nine pictures every fourth is kept; as many come out, and those between lie between."""
    shades = [np.full((2, 2), 10 * index, np.uint8) for index in range(9)]
    shades[2][:] = 200  # skipped: nobody sees it
    assert [int(one[0, 0]) for one in thinned(iter(shades), 3)] == [0, 10, 20, 30, 40, 50, 60, 70, 80]
    assert [int(one[0, 0]) for one in thinned(iter(shades[:4]), 0)] == [0, 10, 200, 30]


@pytest.mark.long
async def test_magi_begins_with_the_middle_of_its_picture(tmp_path: Path) -> None:
    """A wide picture is cropped to the square that was asked for; so many frames, at 24 a second, and the seed."""
    image = make_image(tmp_path / "in.png", 960, 480)
    ask = WORDS | {"num_frames": 97, "resolution": "480p", "aspect_ratio": "1:1"}
    made = await perform(tmp_path, f"{MAGI}/image-to-video", ask, {"image_url": image})
    frames = frames_of(made.video)
    assert (len(frames), rate_of(made.video), frames[0].shape) == (97, 24, (480, 480, 3))
    assert psnr(frames[0], picture(0, 960, 480)[:, 240:720]) > 28
    assert made.made.values == {"seed": 7}


async def test_magi_keeps_the_shape_of_its_picture(tmp_path: Path) -> None:
    """ "auto" is the picture's shape; from words alone it is 16:9."""
    image = make_image(tmp_path / "in.png", 300, 400)
    ask = WORDS | {"resolution": "480p"}
    own = await perform(tmp_path, f"{MAGI}/image-to-video", ask, {"image_url": image})
    words = await perform(tmp_path, MAGI, ask, {})
    assert frames_of(own.video)[0].shape == (640, 480, 3)
    assert frames_of(words.video)[0].shape == (480, 854, 3)


@pytest.mark.parametrize(
    ("path", "ask", "frames"),
    [
        pytest.param("v4.5/text-to-video", {"duration": "8", "aspect_ratio": "3:4"}, 192, marks=pytest.mark.long),
        ("v4.5/text-to-video/fast", {"aspect_ratio": "3:4", "style": "cyberpunk"}, 120),
    ],
)
async def test_pixverse_makes_a_clip_from_words(tmp_path: Path, path: str, ask: dict[str, Any], frames: int) -> None:
    """As many seconds as asked for, five in fast mode, in the shape asked for; it does not name a seed."""
    made = await perform(tmp_path, f"{PIX}/{path}", WORDS | {"resolution": "360p"} | ask, {})
    found = frames_of(made.video)
    assert (len(found), rate_of(made.video), found[0].shape) == (frames, 24, (480, 360, 3))
    assert made.made.values == {}


@pytest.mark.parametrize(
    "path", ["v4.5/image-to-video", pytest.param("v3.5/image-to-video/fast", marks=pytest.mark.long)]
)
async def test_pixverse_begins_with_its_picture(tmp_path: Path, path: str) -> None:
    """Without a style the first frame is the picture; with one it is not."""
    image, ask = make_image(tmp_path / "in.png", 640, 360), WORDS | {"resolution": "360p"}
    plain = await perform(tmp_path, f"{PIX}/{path}", ask, {"image_url": image})
    comic = await perform(tmp_path, f"{PIX}/{path}", ask | {"style": "comic"}, {"image_url": image})
    truth = picture(0, 640, 360)
    assert psnr(frames_of(plain.video)[0], truth) > 28 > psnr(frames_of(comic.video)[0], truth)


async def test_pixverse_leads_from_one_picture_to_another(tmp_path: Path) -> None:
    """The first frame is the first picture, the last one the last."""
    first, last = make_image(tmp_path / "a.png", 640, 360), make_image(tmp_path / "b.png", 640, 360, at=25)
    files = {"first_image_url": first, "last_image_url": last}
    frames = frames_of((await perform(tmp_path, f"{PIX}/v4.5/transition", WORDS | {"resolution": "360p"}, files)).video)
    assert psnr(frames[0], picture(0, 640, 360)) > 28 > psnr(frames[0], picture(25, 640, 360))
    assert psnr(frames[-1], picture(25, 640, 360)) > 28


async def test_pixverse_extends_by_as_many_seconds_as_asked_for(tmp_path: Path) -> None:
    """The slow mode has a field for it."""
    clip = make_clip(tmp_path / "in.mp4", tone=False)
    ask = WORDS | {"resolution": "360p", "duration": "8"}
    made = await perform(tmp_path, f"{PIX}/extend", ask, {"video_url": clip})
    assert len(frames_of(made.video)) == FRAMES + 8 * RATE


async def test_a_sound_effect_is_heard_and_follows_its_words(tmp_path: Path) -> None:
    """A silent clip gets sound for all of its length; the same words the same, others another; pictures stay."""
    clip = make_clip(tmp_path / "in.mp4", frames=24, tone=False)
    one, same, other = [
        await perform(tmp_path, f"{PIX}/sound-effects", {"prompt": words}, {"video_url": clip}, seed=seed)
        for words, seed in (("sea", 1), ("sea", 2), ("a bell", 1))
    ]
    assert min(loudness(one.video, start, start + 0.5) for start in (0.0, 0.5, 1.0, 1.4)) > 0.002
    heard = [samples_of(made.video) for made in (one, same, other)]
    assert np.array_equal(heard[0], heard[1])
    assert not np.array_equal(heard[0], heard[2])
    assert np.corrcoef(effect("sea", 2.0)[0, 4800:90000], heard[0][0, 4800:90000])[0, 1] > 0.95
    assert psnr(frames_of(one.video)[5], frames_of(clip)[5]) > 30
    assert lengths_of(one.video) == pytest.approx((2.0, 2.0), abs=0.03)


@pytest.mark.long
async def test_a_sound_effect_leaves_the_clip_s_own_sound_where_that_is_asked_for(tmp_path: Path) -> None:
    """The tone of 440 Hz is still there, or gone."""
    clip = make_clip(tmp_path / "in.mp4", frames=24)

    async def tone(**ask: bool) -> float:
        made = await perform(tmp_path, f"{PIX}/sound-effects", {"prompt": "sea", **ask}, {"video_url": clip})
        heard = samples_of(made.video)
        assert heard is not None
        spectrum = np.abs(np.fft.rfft(heard[0, 9600:57600]))
        return float(spectrum[438:443].max() / np.median(spectrum[300:600]))

    assert await tone(original_sound_switch=True) > 10 * await tone()
