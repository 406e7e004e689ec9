"""The other performers: sizes, counts and rates as the documents say, and pictures that show what was asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from plyfile import PlyData

from lib.media.probe import probe
from lib.media.scene import read_scene
from lib.standin.performers.backdrop import backdrop
from lib.standin.performers.reel import Size
from tests.sampling import seldom
from tests.standin.perform_stage import (
    FRAMES,
    HEIGHT,
    RATE,
    WIDTH,
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
ZOOM, SPLAT, LYNX = "fal-ai/lyra-2/zoom", "fal-ai/lyra-2/splat", "fal-ai/lynx"
RAY, MODIFY = "fal-ai/luma-dream-machine/ray-2/image-to-video", "fal-ai/luma-dream-machine/ray-2/modify"
WAN, LTX = "fal-ai/wan-vace-14b", "fal-ai/ltx-video-13b-distilled/multiconditioning"
MODES = ("adhere_1", "flex_2", "reimagine_1", "reimagine_2", "reimagine_3")
DIFF, AMT = "fal-ai/fast-animatediff/turbo/video-to-video", "fal-ai/amt-interpolation"


async def test_interpolation_puts_pictures_between_and_plays_at_the_rate_asked_for(tmp_path: Path) -> None:
    """Two passes make (n - 1) * 4 + 1 pictures; the source's are among them, those between really lie between."""
    clip = make_clip(tmp_path / "in.mp4", size=(192, 128), frames=6, step=4)
    made = await perform(tmp_path, AMT, {"output_fps": 48, "recursive_interpolation_passes": 2}, {"video_url": clip})
    source, frames = frames_of(clip), frames_of(made.video)
    assert len(frames) == 21
    assert rate_of(made.video) == 48
    assert all(psnr(frames[4 * index], one) > 32 for index, one in enumerate(source))
    body = np.s_[64:, 40:]
    truth = picture(10, 192, 128)[body]
    assert psnr(frames[10][body], truth) > max(psnr(source[2][body], truth), psnr(source[3][body], truth)) + 2


async def test_interpolation_keeps_the_sound_only_where_the_length_stays(tmp_path: Path) -> None:
    """Slow motion has no sound; twice the pictures at twice the rate keeps it."""
    clip = make_clip(tmp_path / "in.mp4")
    slow = await perform(tmp_path, AMT, {"output_fps": 12, "recursive_interpolation_passes": 1}, {"video_url": clip})
    same = await perform(tmp_path, AMT, {"output_fps": 24, "recursive_interpolation_passes": 1}, {"video_url": clip})
    assert not (await probe(slow.video)).has_sound
    assert loudness(same.video, 0.1, 0.9) > 0.1


@pytest.mark.parametrize(
    ("sides", "size"), [((96, 64), (832, 480)), pytest.param((64, 96), (480, 832), marks=pytest.mark.long)]
)
async def test_zoom_follows_the_pictures_orientation(
    tmp_path: Path, sides: tuple[int, int], size: tuple[int, int]
) -> None:
    """480p is 480 x 832, lying or standing as the picture does; 81 frames, at the rate asked for."""
    image = make_image(tmp_path / "in.png", *sides)
    made = await perform(tmp_path, ZOOM, WORDS | {"zoom_in_trajectory": "horizontal_zoom"}, {"image_url": image})
    frames = frames_of(made.video)
    assert len(frames) == 81
    assert frames[0].shape == (size[1], size[0], 3)
    assert rate_of(made.video) == 16
    assert psnr(frames[0], frames[80]) < 30
    assert made.made.values["seed"] == 7
    assert made.made.values["timings"]["zoom_in_s"] > 0


@pytest.mark.long
async def test_zoom_out_then_in_shares_the_picture_in_the_middle(tmp_path: Path) -> None:
    """Both directions make twice the frames less one, and there is no jump where they meet."""
    image = make_image(tmp_path / "in.png", 160, 120)
    ask = WORDS | {"zoom_direction": "both", "zoom_in_trajectory": "spiral"}
    frames = frames_of((await perform(tmp_path, ZOOM, ask, {"image_url": image})).video)
    assert len(frames) == 161
    assert psnr(frames[80], frames[81]) > 34


async def test_splat_is_a_scene_and_a_flight_through_it(tmp_path: Path) -> None:
    """The PLY has the layout of the reference and real colours; the flight moves; the frames used are counted."""
    clip = make_clip(tmp_path / "in.mp4", size=(160, 96), frames=20)
    made = await perform(tmp_path, SPLAT, {"max_frames": 16, "da3_max_frames": 10}, {"video_url": clip})
    scene = PlyData.read(str(made.made.files["scene_ply"]))["vertex"]
    assert {"x", "opacity", "f_dc_2", "scale_2", "rot_3"} <= set(scene.data.dtype.names)
    assert read_scene(made.made.files["scene_ply"]).gaussians == scene.count > 80 * 48
    shades = np.stack([scene[f"f_dc_{index}"] for index in range(3)]) * 0.28209479 + 0.5
    assert 0 <= shades.min() < shades.max() <= 1
    assert np.exp(scene["scale_0"]).max() < 0.5
    frames = frames_of(made.video)
    assert len(frames) == 10
    assert psnr(frames[0], frames[5]) < 30
    assert psnr(frames[0], frames_of(clip)[0]) > 20
    assert made.made.values["processed_frame_count"] == 16
    assert made.made.content_types["scene_ply"] == "model/ply"


async def test_splat_has_fewer_gaussians_with_a_higher_ratio(tmp_path: Path) -> None:
    """`gs_down_ratio` thins them out in both directions."""
    clip = make_clip(tmp_path / "in.mp4", frames=4)
    counts = []
    for ratio in (2, 4):
        made = await perform(tmp_path, SPLAT, {"gs_down_ratio": ratio}, {"video_url": clip})
        counts.append(read_scene(made.made.files["scene_ply"]).gaussians or 0)
    assert 3.5 < counts[0] / counts[1] < 4.6


async def test_lynx_has_the_frames_rate_and_shape_asked_for(tmp_path: Path) -> None:
    """Nine frames at five a second, standing, and something moves in them."""
    ask = WORDS | {"num_frames": 9, "frames_per_second": 5, "resolution": "480p", "aspect_ratio": "9:16"}
    made = await perform(tmp_path, LYNX, ask, {"image_url": make_image(tmp_path / "in.png")})
    frames = frames_of(made.video)
    assert (len(frames), rate_of(made.video), frames[0].shape) == (9, 5, (854, 480, 3))
    assert psnr(frames[0], frames[8]) < 36


async def test_ray_goes_from_its_first_picture_to_its_last(tmp_path: Path) -> None:
    """It begins on the one and ends on the other."""
    first, last = make_image(tmp_path / "a.png", 960, 540), make_image(tmp_path / "b.png", 960, 540, at=25)
    frames = frames_of((await perform(tmp_path, RAY, WORDS, {"image_url": first, "end_image_url": last})).video)
    assert (len(frames), frames[0].shape) == (120, (540, 960, 3))
    assert psnr(frames[0], picture(0, 960, 540)) > 28 > psnr(frames[0], picture(25, 960, 540))
    assert psnr(frames[-1], picture(25, 960, 540)) > 28


@pytest.mark.long
async def test_ray_makes_a_scene_from_words_alone(tmp_path: Path) -> None:
    """No picture is needed; the same words make the same scene, other words another."""
    made = await perform(tmp_path, RAY, WORDS, {})
    assert len(frames_of(made.video)) == 120
    size = Size(96, 54)
    one, same, other = (np.asarray(backdrop(words, 1, size)) for words in ("sea", "sea", "desert"))
    assert np.array_equal(one, same)
    assert psnr(one, other) < 30


@pytest.mark.parametrize("mode", [seldom(mode, ("adhere_1", "reimagine_3")) for mode in MODES])
async def test_modify_changes_the_look_and_keeps_time_and_sound(tmp_path: Path, mode: str) -> None:
    """Every mode shows; frames, rate and sound are the clip's."""
    clip = make_clip(tmp_path / "in.mp4")
    made = await perform(tmp_path, MODIFY, {"mode": mode}, {"video_url": clip})
    frames, source = frames_of(made.video), frames_of(clip)
    assert (len(frames), rate_of(made.video)) == (FRAMES, RATE)
    assert psnr(frames[6], source[6]) < 30
    assert loudness(made.video, 0.1, 0.9) > 0.1


async def test_modify_takes_its_colours_from_a_first_frame(tmp_path: Path) -> None:
    """A red picture makes the clip redder than no picture."""
    clip, red = make_clip(tmp_path / "in.mp4", tone=False), tmp_path / "red.png"
    Image.new("RGB", (64, 64), (220, 30, 30)).save(red)
    plain = frames_of((await perform(tmp_path, MODIFY, {}, {"video_url": clip})).video)[3]
    coloured = frames_of((await perform(tmp_path, MODIFY, {}, {"video_url": clip, "image_url": red})).video)[3]
    redness = [one[..., 0].mean() - one[..., 2].mean() for one in (plain, coloured)]
    assert redness[1] > redness[0] + 25


@pytest.mark.parametrize(
    ("ask", "frames", "rate"),
    [
        pytest.param({"num_frames": 81, "frames_per_second": 16}, 81, 16, marks=pytest.mark.long),
        ({"match_input_num_frames": True, "match_input_frames_per_second": True}, FRAMES, RATE),
    ],
)
async def test_wan_counts_frames_as_its_switches_say(
    tmp_path: Path, ask: dict[str, Any], frames: int, rate: int
) -> None:
    """A match switch takes the clip's number or rate, else the field's; a short clip runs back and forth."""
    clip = make_clip(tmp_path / "in.mp4")
    made = await perform(tmp_path, WAN, WORDS | {"resolution": "480p"} | ask, {"video_url": clip})
    found = frames_of(made.video)
    assert (len(found), rate_of(made.video)) == (frames, rate)
    assert min(found[0].shape[:2]) == 480


async def test_wan_replaces_only_what_the_mask_shows(tmp_path: Path) -> None:
    """White is replaced, black stays; the mask picture wins over the mask clip."""
    clip, mask = make_clip(tmp_path / "in.mp4", size=(854, 480), frames=3), tmp_path / "mask.png"
    half = np.zeros((480, 854), np.uint8)
    half[:, :427] = 255
    Image.fromarray(half).save(mask)
    ask = WORDS | {"task": "inpainting", "resolution": "480p", "match_input_num_frames": True}
    files = {"video_url": clip, "mask_image_url": mask, "mask_video_url": clip}
    frame = frames_of((await perform(tmp_path, WAN, ask, files)).video)[0]
    source = frames_of(clip)[0]
    assert psnr(frame[:, :380], source[:, :380]) < 30 < psnr(frame[:, 480:], source[:, 480:])


async def test_wan_outpaints_around_the_clip(tmp_path: Path) -> None:
    """The whole clip stands smaller in the middle of the picture."""
    clip = make_clip(tmp_path / "in.mp4", size=(854, 480), frames=3, tone=False)
    ask = WORDS | {"task": "outpainting", "resolution": "480p", "match_input_num_frames": True}
    frame = frames_of((await perform(tmp_path, WAN, ask, {"video_url": clip})).video)[0]
    source = frames_of(clip)[0]
    small = source[::5, ::5][20:70, 30:130]  # both sampled on a grid, 4 pixels of the result to 5 of the source
    inner = frame[48:432:4, 85:769:4][20:70, 30:130]
    assert psnr(small, inner) > 17


async def test_ltx_puts_pictures_and_clips_at_their_frames(tmp_path: Path) -> None:
    """A picture stands at frame 0, a clip begins at frame 16; backwards it is the other way round."""
    image, clip = make_image(tmp_path / "in.png", 160, 90, at=30), make_clip(tmp_path / "in.mp4", size=(160, 90))
    ask = WORDS | {
        "num_frames": 24, "frame_rate": 12, "resolution": "480p",
        "images": [{"image_url": "https://example.org/a", "start_frame_num": 0}],
        "videos": [{"video_url": "https://example.org/b", "start_frame_num": 16}],
    }  # fmt: skip
    files = {"images.0.image_url": image, "videos.0.video_url": clip}
    forth = frames_of((await perform(tmp_path, LTX, ask, files)).video)
    back = frames_of((await perform(tmp_path, LTX, ask | {"reverse_video": True}, files)).video)
    assert (len(forth), forth[0].shape) == (24, (480, 854, 3))
    assert psnr(forth[0], back[-1]) > 30
    assert psnr(forth[16], back[7]) > 30
    assert psnr(forth[0], forth[16]) < 25


async def test_animatediff_takes_the_first_seconds_at_its_rate(tmp_path: Path) -> None:
    """Two seconds at eight a second are sixteen pictures, in another look, without sound."""
    clip = make_clip(tmp_path / "in.mp4", frames=36)
    made = await perform(tmp_path, DIFF, WORDS | {"first_n_seconds": 2}, {"video_url": clip})
    frames = frames_of(made.video)
    assert (len(frames), rate_of(made.video), frames[0].shape) == (16, 8, (HEIGHT, WIDTH, 3))
    assert psnr(frames[0], frames_of(clip)[0]) < 30
    assert not (await probe(made.video)).has_sound


async def test_animatediff_moves_the_camera_that_is_asked_for(tmp_path: Path) -> None:
    """With a motion the last picture is another than without."""
    clip = make_clip(tmp_path / "in.mp4", tone=False)
    still, moved = [
        frames_of((await perform(tmp_path, DIFF, WORDS | {"motions": names}, {"video_url": clip})).video)[-1]
        for names in ([], ["zoom-in"])
    ]
    assert psnr(still, moved) < 28
