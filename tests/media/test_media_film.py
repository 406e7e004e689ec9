"""Strip, peaks, stills and proxy: each shows the pictures and the sound that it says."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lib.errors import BadMedia, Cancelled, InputError, Unsupported
from lib.media.film import peaks, proxy, still, strip
from lib.media.film.blocks import TILES, Block, block_of, deepest, tiles
from lib.media.probe import probe_blocking
from lib.media.timing import shown_at
from tests.media.barcoded import RATE, ffmpeg_run, noise, number_in, numbers, times, write
from tests.media.conftest import Clip

pytestmark = pytest.mark.anyio
ALL = ["plain", "film", "sixteen", "silent", "ten_bit", "vp9", "stream", "uneven", "turned"]


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Clip]:
    """Clips that a browser does not play."""
    folder = tmp_path_factory.mktemp("foreign")
    sound = noise(2.0)
    made = {
        "hevc": write(folder / "hevc.mp4", codec="libx265", sound=sound, **{"x265-params": "log-level=none"}),
        "prores": write(folder / "prores.mov", codec="prores_ks", pixel_format="yuv422p10le", sound=sound),
        "mpeg4": write(folder / "mpeg4.avi", codec="mpeg4", sound=sound, sound_codec="mp3", bf="2"),
        "stream": write(folder / "stream.ts", sound=sound, bf="2", fps=Fraction(24000, 1001)),
        "uneven": write(folder / "uneven.mkv", codec="mpeg4", times=_uneven(), sound=sound),
    }
    return {name: Clip(path, probe_blocking(path)) for name, path in made.items()}


def _uneven() -> list[float]:
    gaps = random.Random(5).choices((0.01, 0.03, 0.04, 0.09), k=50)
    return [round(sum(gaps[:index]), 3) for index in range(50)]


def in_strip(path: Path) -> list[int]:
    """The number in each of a strip's sixteen pictures."""
    pixels = np.asarray(Image.open(path))
    width = pixels.shape[1] // TILES
    return [number_in(pixels[:, tile * width : (tile + 1) * width]) for tile in range(TILES)]


def test_blocks_cover_the_clip_once() -> None:
    """At every level each picture lies in exactly one block, and each tile in its block."""
    facts = probe_blocking_frames(1001)
    for level in range(deepest(1001) + 1):
        blocks = [block_of(facts, level, number) for number in range(2**level)]
        assert [frame for block in blocks for frame in range(block.first, block.end)] == list(range(1001))
        assert all(block.first <= tile < block.end for block in blocks for tile in tiles(block))
        assert all(len(set(tiles(block))) == TILES for block in blocks)


@pytest.mark.parametrize(("level", "number"), [(-1, 0), (0, 1), (1, 2), (6, 0), (0, -1)])
def test_a_block_that_is_not_there_is_refused(level: int, number: int) -> None:
    with pytest.raises(InputError):
        block_of(probe_blocking_frames(1001), level, number)


def probe_blocking_frames(frames: int) -> strip.Facts:
    return strip.Facts(kind="video", content_type="video/mp4", size_bytes=1, frames=frames, fps=25.0, duration_s=40.04)


@pytest.mark.parametrize("name", [name for name in ALL if name != "turned"])
async def test_a_short_strip_shows_the_very_pictures(clips: dict[str, Clip], tmp_path: Path, name: str) -> None:
    """Whatever container, rate and coding: sixteen barcodes, each the one that its place stands for."""
    clip = clips[name]
    block = block_of(clip.facts, 0, 0)
    await strip.make_strip(clip.path, clip.facts, block, tmp_path / "strip.jpg")
    assert in_strip(tmp_path / "strip.jpg") == tiles(block)
    assert Image.open(tmp_path / "strip.jpg").size == (144 * TILES, strip.TILE_HEIGHT)


async def test_a_turned_clip_has_a_turned_strip(clips: dict[str, Clip], tmp_path: Path) -> None:
    """A clip that is shown upright has upright tiles, its barcode turned the way the still turns it."""
    clip = clips["turned"]
    await strip.make_strip(clip.path, clip.facts, block_of(clip.facts, 0, 0), tmp_path / "strip.jpg")
    tile = Image.open(tmp_path / "strip.jpg").crop((0, 0, 64, 96))
    assert number_in(np.asarray(tile.transpose(Image.Transpose.ROTATE_270))) == 1
    await still.make_still(clip.path, clip.facts, tmp_path / "still.jpg", 1)
    upright = Image.open(tmp_path / "still.jpg").transpose(Image.Transpose.ROTATE_270)
    assert number_in(np.asarray(upright)) == 1


async def test_a_long_strip_shows_the_key_pictures_before(tmp_path: Path) -> None:
    """Past 300 pictures only key pictures are decoded: the last one at or before each place."""
    path = write(tmp_path / "long.mp4", frames=400, g="25", bf="2", sound=noise(16.0), sc_threshold="0")
    facts = probe_blocking(path)
    block = block_of(facts, 0, 0)
    await strip.make_strip(path, facts, block, tmp_path / "strip.jpg")
    assert in_strip(tmp_path / "strip.jpg") == [tile // 25 * 25 for tile in tiles(block)]


async def test_a_strip_has_the_shape_that_is_shown(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Pixels that are not square make wider tiles, as in a player."""
    wide = tmp_path / "wide.mp4"
    ffmpeg_run("-i", clips["plain"].path, "-vf", "setsar=2", "-an", "-c:v", "libx264", wide)
    facts = probe_blocking(wide)
    await strip.make_strip(wide, facts, block_of(facts, 0, 0), tmp_path / "strip.jpg")
    await still.make_still(wide, facts, tmp_path / "still.jpg", 3)
    assert Image.open(tmp_path / "strip.jpg").size == (288 * TILES, 96)
    assert Image.open(tmp_path / "still.jpg").size == (192, 64)


async def test_what_is_no_clip_gives_no_strip(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Damaged bytes are a sentence, and nothing is left."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0" * 5000)
    folder = tmp_path / "desk"
    folder.mkdir()
    facts = clips["plain"].facts
    with pytest.raises(BadMedia) as refused:
        await strip.make_strip(broken, facts, block_of(facts, 0, 0), folder / "strip.jpg")
    assert "Traceback" not in refused.value.message
    assert not (folder / "strip.jpg").exists()


async def test_the_outline_is_that_of_the_sound(tmp_path: Path) -> None:
    """A second of silence, a second of noise: flat, then not, with the border where it is, in both zooms."""
    sound = np.concatenate([np.zeros(RATE, np.float32), noise(1.0)])
    path = write(tmp_path / "half.mp4", sound=sound)
    facts = probe_blocking(path)
    await peaks.make_peaks(path, facts, tmp_path / "peaks.bin")
    whole = peaks.columns(tmp_path / "peaks.bin", facts, block_of(facts, 0, 0))
    assert len(whole["low"]) == len(whole["high"]) == 200
    assert max(whole["high"][:98]) <= 1
    assert min(whole["high"][102:198]) > 5
    assert max(whole["low"][102:198]) < -5
    second = peaks.columns(tmp_path / "peaks.bin", facts, block_of(facts, 1, 1))
    assert second["high"] == whole["high"][100:]


async def test_the_outline_begins_with_the_first_picture(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Where the picture starts late, what is heard before it is left out."""
    sound = np.concatenate([noise(1.0), np.zeros(2 * RATE, np.float32)])
    path = write(tmp_path / "early.mkv", sound=sound, times=[0.5 + index / 25 for index in range(50)])
    facts = probe_blocking(path)
    assert facts.picture_start_s == pytest.approx(0.5)
    await peaks.make_peaks(path, facts, tmp_path / "peaks.bin")
    high = peaks.columns(tmp_path / "peaks.bin", facts, block_of(facts, 0, 0))["high"]
    assert min(high[:48]) > 5
    assert max(high[53:]) <= 1


async def test_the_outline_follows_the_pictures_of_an_uneven_clip(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Columns are steps of pictures, so with a varying rate they are of different lengths in time."""
    clip = clips["uneven"]
    (tmp_path / "peaks.bin").write_bytes(bytes(value for at in range(300) for value in (0, min(at, 127))))
    block = block_of(clip.facts, 0, 0)
    high = peaks.columns(tmp_path / "peaks.bin", clip.facts, block)["high"]
    for frame in (6, 12, 18):
        at = frame * len(high) // block.frames
        assert high[at] == pytest.approx(float(shown_at(frame, clip.facts)) * 100, abs=5)


async def test_a_silent_clip_has_no_outline(clips: dict[str, Clip], tmp_path: Path) -> None:
    with pytest.raises(Unsupported):
        await peaks.make_peaks(clips["silent"].path, clips["silent"].facts, tmp_path / "peaks.bin")


@pytest.mark.parametrize("name", ALL[:-1])
async def test_a_still_is_the_picture_that_was_asked_for(clips: dict[str, Clip], tmp_path: Path, name: str) -> None:
    """First, last and one between."""
    clip = clips[name]
    for frame in (0, 23, 49):
        await still.make_still(clip.path, clip.facts, tmp_path / f"{frame}.jpg", frame)
        assert number_in(np.asarray(Image.open(tmp_path / f"{frame}.jpg"))) == frame


@pytest.mark.parametrize("frame", [-1, 50])
def test_a_still_past_the_end_is_refused(clips: dict[str, Clip], tmp_path: Path, frame: int) -> None:
    with pytest.raises(InputError):
        still.build(clips["plain"].path, clips["plain"].facts, tmp_path / "still.jpg", frame)


async def test_a_large_picture_makes_a_small_still(tmp_path: Path) -> None:
    path = write(tmp_path / "large.mp4", frames=3, size=(960, 640))
    await still.make_still(path, probe_blocking(path), tmp_path / "still.jpg", 2)
    assert Image.open(tmp_path / "still.jpg").size == (404, 270)


def test_what_browsers_play_needs_no_proxy(clips: dict[str, Clip], foreign: dict[str, Clip]) -> None:
    """By container, picture coding and sound coding."""
    played = {name: proxy.needs_proxy(clip.facts) for name, clip in clips.items()}
    assert [name for name, needs in played.items() if needs] == ["stream", "animation"]
    assert all(proxy.needs_proxy(clip.facts) for clip in foreign.values())
    facts = clips["plain"].facts
    assert proxy.needs_proxy(facts.model_copy(update={"audio_codec": "ac3"}))


@pytest.mark.parametrize("name", ["hevc", "prores", "mpeg4", "stream", "uneven"])
async def test_a_proxy_has_the_same_pictures_at_the_same_times(
    foreign: dict[str, Clip], tmp_path: Path, name: str
) -> None:
    """Picture k is picture k, and comes when the facts say, to half a millisecond."""
    clip = foreign[name]
    await proxy.make_proxy(clip.path, clip.facts, tmp_path / "proxy.mp4")
    assert numbers(tmp_path / "proxy.mp4") == list(range(50))
    due = [float(shown_at(frame, clip.facts)) for frame in range(50)]
    assert times(tmp_path / "proxy.mp4") == pytest.approx(due, abs=0.0005)
    assert not proxy.needs_proxy(probe_blocking(tmp_path / "proxy.mp4"))


async def test_a_proxy_is_small(tmp_path: Path) -> None:
    """At most 720 lines, even, and never larger than the clip."""
    path = write(tmp_path / "large.mkv", frames=3, size=(1440, 1080), codec="mpeg4")
    await proxy.make_proxy(path, probe_blocking(path), tmp_path / "proxy.mp4")
    with av.open(str(tmp_path / "proxy.mp4")) as made:
        assert (made.streams.video[0].width, made.streams.video[0].height) == (960, 720)


async def test_a_proxy_that_misses_a_picture_is_not_kept(foreign: dict[str, Clip], tmp_path: Path) -> None:
    """Marks on it would count wrong, so it is refused with both counts."""
    clip = foreign["mpeg4"]
    facts = clip.facts.model_copy(update={"frames": 51})
    with pytest.raises(Unsupported, match=r"50 pictures .* 51"):
        await proxy.make_proxy(clip.path, facts, tmp_path / "proxy.mp4")


async def test_making_a_proxy_can_be_stopped(foreign: dict[str, Clip], tmp_path: Path) -> None:
    clip = foreign["prores"]
    with pytest.raises(Cancelled):
        await proxy.make_proxy(clip.path, clip.facts, tmp_path / "proxy.mp4", cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == []


def test_a_block_counts_its_pictures() -> None:
    assert Block(3, 10).frames == 7
