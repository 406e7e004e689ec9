"""The performers of the endpoints whose ids are guesses: sizes, counts, rates and pictures as their types say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lib.errors import InputError
from lib.media.probe import probe
from tests.standin.perform_stage import (
    FRAMES,
    RATE,
    frames_of,
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
DREAM, RAY = "fal-ai/luma-dream-machine", "fal-ai/luma-dream-machine/ray-2"


@pytest.mark.parametrize(
    ("endpoint", "ask", "frames", "size"),
    [
        (DREAM, {"aspect_ratio": "4:3"}, 120, (720, 540)),
        (RAY, {"aspect_ratio": "9:16", "resolution": "540p", "duration": "9s"}, 216, (540, 960)),
        (RAY, {"aspect_ratio": "21:9", "resolution": "720p"}, 120, (1680, 720)),
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
