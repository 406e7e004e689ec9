"""Pictures out of clips: exactly those asked for, judged by the numbers in them, however the clip is made."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lib.errors import BadMedia, Cancelled, InputError, TooLarge
from lib.media import frames
from lib.media.asked import Picking, Sheet
from lib.media.facts import Facts
from lib.media.mark import REHEARSAL_MARK
from lib.media.probe import probe
from lib.media.stills.clock import Clock
from lib.media.stills.reader import Reader
from lib.media.stills.sheet import clock_text
from lib.media.stills.taking import take
from lib.media.trim import Span
from tests.media.barcoded import number_in, write
from tests.media.conftest import Clip
from tests.media_smart.family import MAKERS, make
from tests.media_smart.trial import shown

pytestmark = pytest.mark.anyio


def whole(facts: Facts) -> Span:
    return Span(0, facts.frames or 0)


def several(path: Path, facts: Facts, output: Path, numbers: Sequence[int]) -> Picking:
    return Picking(path, facts, output, whole(facts), numbers=tuple(numbers), many=True)


def read(path: Path, *, upright: bool = True) -> int:
    pixels = np.asarray(Image.open(path).convert("RGB"))
    return number_in(pixels if upright else np.rot90(pixels, -1))


@pytest.mark.parametrize("name", MAKERS)
async def test_pictures_of_every_sort_of_clip(tmp_path: Path, name: str) -> None:
    """The first, the last one shown and some between are those that a player shows there, and are said to be."""
    clip, output = make(name, tmp_path), tmp_path / "pictures" / "%04d.png"
    output.parent.mkdir()
    truth, count = shown(clip.path), clip.facts.frames or 0
    wanted = sorted({0, count - 1, *random.Random(name).sample(range(count), 4)})

    said = await take(several(clip.path, clip.facts, output, wanted))

    made = sorted(output.parent.iterdir())
    assert [read(path, upright="turned" not in name) for path in made] == [truth[number].number for number in wanted]
    assert said["frames"] == wanted
    due = [truth[number].time_s - truth[0].time_s for number in wanted]
    assert said["times_s"] == pytest.approx(due, abs=0.002)


@pytest.mark.long
@pytest.mark.parametrize("name", MAKERS)
async def test_every_picture_in_any_order(tmp_path: Path, name: str) -> None:
    """All pictures of a clip, in an order that goes to and fro, are the right ones."""
    clip, output = make(name, tmp_path), tmp_path / "pictures" / "%04d.png"
    output.parent.mkdir()
    truth = shown(clip.path)
    wanted = list(range(len(truth)))
    random.Random(name).shuffle(wanted)

    await take(several(clip.path, clip.facts, output, wanted))

    made = sorted(output.parent.iterdir())
    assert [read(path, upright="turned" not in name) for path in made] == [truth[number].number for number in wanted]


async def test_an_avi(tmp_path: Path) -> None:
    """AVI does not say when pictures are shown; they are found all the same."""
    path = write(tmp_path / "clip.avi", codec="mpeg4", g="12", bf="2")
    output, facts = tmp_path / "%04d.png", await probe(path)
    said = await take(several(path, facts, output, [0, 30, 49]))
    assert [read(tmp_path / f"000{place}.png") for place in (1, 2, 3)] == [0, 30, 49]
    assert said["frames"] == [0, 30, 49]


async def test_few_key_pictures_are_read_once(tmp_path: Path) -> None:
    """Pictures far apart after a single key picture are read on to, not sought from the beginning again and again."""
    path = write(tmp_path / "long.mp4", frames=600, g="999", bf="2", **{"x264-params": "scenecut=0"})
    facts, read_bytes = await probe(path), []
    with Reader(path, read_bytes.append) as reader:
        found = [reader.picture(number / 25, 0.02) for number in range(0, 600, 100)]
    assert [number_in(frame.to_ndarray(format="rgb24")) for frame in found] == list(range(0, 600, 100))
    assert len(read_bytes) <= (facts.frames or 0) + 10


async def test_key_pictures(tmp_path: Path) -> None:
    """Just the shown pictures that decoding can start from, in a part of the clip."""
    path = write(tmp_path / "clip.mp4", frames=60, g="12", bf="2", **{"x264-params": "scenecut=0"})
    facts, output = await probe(path), tmp_path / "%04d.jpg"
    said = await take(Picking(path, facts, output, Span(1, 48), "keyframes", many=True))
    assert said["frames"] == [12, 24, 36]
    assert [read(path) for path in sorted(tmp_path.glob("*.jpg"))] == [12, 24, 36]


def scenery(path: Path, lengths: Sequence[int], **options: str) -> Path:
    """Grainy scenes of those lengths, each of another brightness, in the last a light goes up slowly."""
    rng = np.random.default_rng(1)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"crf": "12", **options})
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        for scene, length in enumerate(lengths):
            base = rng.integers(30, 200, (8, 12, 3)).repeat(8, 0).repeat(8, 1)
            for place in range(length):
                slow = place if scene == len(lengths) - 1 else 0
                pixels = np.clip(base + slow + rng.normal(0, 4, base.shape), 0, 255).astype(np.uint8)
                container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode())
    return path


async def test_scene_changes(tmp_path: Path) -> None:
    """The first picture of each scene, neither grain nor slow changes; nothing but the first above the threshold."""
    path = scenery(tmp_path / "clip.mp4", (20, 15, 7, 40))
    facts = await probe(path)
    for part, threshold, wanted in (
        (whole(facts), 10, [0, 20, 35, 42]),
        (Span(25, 80), 10, [25, 35, 42]),
        (whole(facts), 100, [0]),
    ):
        said = await take(Picking(path, facts, tmp_path / "%04d.png", part, "scenes", threshold=threshold, many=True))
        assert said["frames"] == wanted


async def test_sharpest(tmp_path: Path) -> None:
    """The picture with the most detail of a part."""
    path, rng = tmp_path / "clip.mp4", np.random.default_rng(2)
    fine = rng.integers(0, 255, (64, 96), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"crf": "10"})
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        for number in range(30):
            size = (96, 64) if number == 17 else (48, 32) if number == 22 else (24, 16)
            blurred = (
                Image.fromarray(fine).resize(size, Image.Resampling.BOX).resize((96, 64), Image.Resampling.BICUBIC)
            )
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.asarray(blurred), format="gray")))
        container.mux(video.encode())
    facts = await probe(path)
    for part, wanted in ((whole(facts), 17), (Span(18, 30), 22)):
        said = await take(Picking(path, facts, tmp_path / "out.png", part, "sharpest"))
        assert said["frames"] == [wanted]


async def test_too_many(tmp_path: Path) -> None:
    """More than five hundred are refused with their count and what to change, and nothing is left behind."""
    path = write(tmp_path / "clip.mov", frames=520, codec="mjpeg", pixel_format="yuvj420p")
    facts = await probe(path)
    with pytest.raises(InputError, match="520 pictures; 500 are the most") as caught:
        frames.every(whole(facts), 1)
    assert list(caught.value.fields) == ["every"]
    assert caught.value.hint == "Take a shorter part, or one in 2 pictures or fewer."
    assert len(frames.every(whole(facts), 2)) == 260
    work = Picking(path, facts, tmp_path / "%04d.png", whole(facts), "keyframes", many=True)
    with pytest.raises(TooLarge, match="520 pictures; 500 are the most") as large:
        await take(work)
    assert "shorter part" in large.value.hint
    assert list(tmp_path.iterdir()) == [path]


def test_spread() -> None:
    """Each is in the middle of an equal part; no picture twice, up to as many as there are."""
    assert frames.spread(Span(0, 100), 4) == (12, 37, 62, 87)
    assert frames.spread(Span(10, 13), 3) == (10, 11, 12)
    for count in range(1, 61):
        found = frames.spread(Span(40, 100), count)
        assert len(set(found)) == count
        assert 40 <= found[0] <= found[-1] < 100
    with pytest.raises(InputError, match="only 3 pictures"):
        frames.spread(Span(10, 13), 4)


@pytest.mark.parametrize("times", [(), (0.0, 0.01, 0.05, 0.14, 0.15)])
def test_clock(times: tuple[float, ...]) -> None:
    """Each picture's time leads back to it, also a little off, and never to another."""
    clock = Clock(5, 25.0, times)
    for number in range(5):
        slack = clock.slack_s(number)
        assert slack > 0
        for off in (-0.9 * slack, 0, 0.9 * slack):
            assert clock.number(clock.at_s(number) + off) == number


async def test_a_sheet_of_exact_pictures(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Rows and columns of just those pictures, in order, in the size that was asked for."""
    path, facts = clips["plain"].path, clips["plain"].facts
    wanted, output = frames.spread(whole(facts), 12), tmp_path / "sheet.png"

    said = await take(Sheet(path, facts, output, wanted, 3, 4, 432, timecode=False))

    sheet = np.asarray(Image.open(output))
    assert (said["frames"], said["width"]) == (list(wanted), sheet.shape[1])
    assert (sheet.shape[1], sheet.shape[0]) == (432, 3 * (64 + 8) + 8)
    corners = [(8 + row * 72, 10 + column * 106) for row in range(3) for column in range(4)]
    cells = [sheet[top : top + 64, left : left + 96] for top, left in corners]
    assert [number_in(cell) for cell in cells] == list(wanted)


async def test_a_quick_sheet(tmp_path: Path) -> None:
    """Key pictures where one is near enough before a place, else the very picture there: never one twice. The sheet is
    as wide as asked for, also where the places do not share the pixels evenly.
    """
    path = write(tmp_path / "clip.mp4", frames=96, g="24", bf="2", **{"x264-params": "scenecut=0"})
    facts = await probe(path)
    said = await take(Sheet(path, facts, tmp_path / "a.png", frames.spread(whole(facts), 3), 1, 3, 400, reach=16))
    assert said["frames"] == [0, 48, 72]
    assert Image.open(tmp_path / "a.png").width == said["width"] == 400
    said = await take(Sheet(path, facts, tmp_path / "b.png", frames.spread(whole(facts), 8), 2, 4, 400, reach=6))
    assert said["frames"] == [0, 18, 24, 42, 48, 66, 72, 90]


async def test_times_under_the_pictures(clips: dict[str, Clip], tmp_path: Path) -> None:
    """The times stand under the pictures, where without them there is only ground."""
    path, facts = clips["plain"].path, clips["plain"].facts
    sheets = []
    for timecode in (True, False):
        await take(Sheet(path, facts, tmp_path / "a.png", (7, 30), 1, 2, 420, timecode=timecode))
        sheets.append(np.asarray(Image.open(tmp_path / "a.png")))
    under = sheets[0][8 + 64 : -8]
    assert under.shape[0] > 10
    assert under[:, : 420 // 2].max() > 200 < under[:, 420 // 2 :].max()
    assert sheets[1][8 + 64 :].max() < 50
    assert [clock_text(time_s) for time_s in (0, 304.1, 3599.9996)] == ["00:00:00.000", "00:05:04.100", "01:00:00.000"]


async def test_formats_and_the_mark(tmp_path: Path) -> None:
    """PNG, JPEG and WebP hold the same picture, and that it comes from a rehearsal."""
    path = write(tmp_path / "clip.mp4", comment=REHEARSAL_MARK)
    facts, found = await probe(path), []
    for suffix in ("png", "jpg", "webp"):
        output = tmp_path / f"out.{suffix}"
        await take(Picking(path, facts, output, whole(facts), numbers=(33,)))
        about = await probe(output)
        found.append((about.content_type, about.width, about.height, about.rehearsal, read(output)))
    assert found == [(f"image/{kind}", 96, 64, True, 33) for kind in ("png", "jpeg", "webp")]


async def test_stopping(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Stopped, nothing is left behind."""
    path, facts = clips["plain"].path, clips["plain"].facts
    with pytest.raises(Cancelled):
        await take(several(path, facts, tmp_path / "%04d.png", range(50)), cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == []


async def test_a_missing_picture_is_said(clips: dict[str, Clip], tmp_path: Path) -> None:
    """A clip that has fewer pictures than its facts say gives an error, not its last picture again."""
    path, facts = clips["plain"].path, clips["plain"].facts.model_copy(update={"frames": 60})
    with pytest.raises(BadMedia, match="no whole picture at 2"):
        await take(Picking(path, facts, tmp_path / "out.png", whole(facts), numbers=(58,)))
    assert list(tmp_path.iterdir()) == []


async def test_progress(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Progress grows to one."""
    told: list[float] = []
    path, facts = clips["plain"].path, clips["plain"].facts
    await take(several(path, facts, tmp_path / "%04d.png", range(0, 50, 5)), on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
