"""The child process of a performance: refusals, failures, cancelling, and what the server is spared."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from lib.catalog import ENDPOINTS
from lib.errors import InputError
from lib.standin.perform import PERFORMERS
from tests.standin.perform_stage import make_clip, make_image, perform

pytestmark = pytest.mark.anyio

UPSCALE = "fal-ai/video-upscaler"


def test_every_endpoint_has_a_performer() -> None:
    """Whatever the catalog offers can be rehearsed."""
    assert set(PERFORMERS) == set(ENDPOINTS)


def test_the_server_loads_none_of_the_heavy_libraries() -> None:
    """Numpy, OpenCV and PyAV are the child's affair."""
    code = "import sys, lib.standin.perform; print([m for m in ('numpy', 'cv2', 'av') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


async def test_a_scale_beyond_4k_is_refused(tmp_path: Path) -> None:
    """What would grow past 4K is refused beside the field that asks for it."""
    clip = make_clip(tmp_path / "in.mp4")
    with pytest.raises(InputError) as caught:
        await perform(tmp_path, UPSCALE, {"scale": 100}, {"video_url": clip})
    assert list(caught.value.fields) == ["scale"]


async def test_sound_that_is_none_is_refused_beside_its_field(tmp_path: Path) -> None:
    """A picture given as sound is named at `audio_url`."""
    files = {"video_url": make_clip(tmp_path / "in.mp4"), "audio_url": make_image(tmp_path / "in.png")}
    with pytest.raises(InputError) as caught:
        await perform(tmp_path, "fal-ai/pixverse/lipsync", {}, files)
    assert list(caught.value.fields) == ["audio_url"]


async def test_a_start_frame_past_the_end_is_refused(tmp_path: Path) -> None:
    """MAGI cannot begin where the clip has no pictures."""
    files = {"video_url": make_clip(tmp_path / "in.mp4")}
    with pytest.raises(InputError) as caught:
        await perform(tmp_path, "fal-ai/magi/extend-video", {"prompt": "", "start_frame": 50}, files)
    assert list(caught.value.fields) == ["start_frame"]


async def test_cancelling_leaves_no_process_behind(tmp_path: Path) -> None:
    """The child is gone when the cancelled performance returns."""
    clip = make_clip(tmp_path / "in.mp4", size=(320, 240), frames=60)
    log: list[str] = []
    ask = perform(
        tmp_path, "fal-ai/amt-interpolation", {"recursive_interpolation_passes": 5}, {"video_url": clip}, log=log
    )
    running = asyncio.create_task(ask)
    with anyio.fail_after(30):
        while not log:
            await asyncio.sleep(0.02)
    assert _children(tmp_path)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not _children(tmp_path)


async def test_it_says_how_far_it_is(tmp_path: Path) -> None:
    """The log has a headline, frames on the way, and the count at the end."""
    clip = make_clip(tmp_path / "in.mp4", frames=36)
    made = await perform(tmp_path, UPSCALE, {}, {"video_url": clip})
    assert made.log[0] == "Upscaling 96 x 64 to 192 x 128"
    assert "frame 20 of 36" in made.log
    assert made.log[-1].startswith("36 frames in ")


def _children(folder: Path) -> list[str]:
    """Processes whose command line names that folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            line = (place / "cmdline").read_bytes().decode()
        except OSError:
            continue
        found += [line] if str(folder) in line else []
    return found
