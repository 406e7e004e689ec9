"""The instant preview: exactly the pictures and the sound, by an edit list alone."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from lib.errors import InputError, Unsupported
from lib.media.facts import Facts
from lib.media.mark import REHEARSAL_MARK
from lib.media.probe import probe
from lib.media.smart.preview import preview
from lib.media.trim import Span
from tests.media.barcoded import RATE, heard, lag, noise, numbers, times, write

pytestmark = pytest.mark.anyio


async def clip(folder: Path, **more: object) -> tuple[Path, Facts]:
    settings: dict[str, object] = {"frames": 60, "g": "12", "bf": "2", "sound": noise(2.4), **more}
    path = write(folder / "clip.mp4", **settings)  # type: ignore[arg-type]
    return path, await probe(path)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"g": "250", "bf": "3"},
        {"codec": "libx265", "bf": "0", "x265-params": "log-level=none:keyint=12:open-gop=0"},
        {"codec": "libvpx-vp9", "bf": "0", "deadline": "realtime", "cpu-used": "8"},
        {"sound": None},
    ],
)
async def test_one_part_shows_exactly_its_pictures(tmp_path: Path, more: dict[str, object]) -> None:
    """Any first and last picture, in any coding: those are shown and no other, from time zero on."""
    path, facts = await clip(tmp_path, **more)
    for first, end in ((0, 60), (7, 50), (13, 14), (12, 60), (59, 60), (23, 25)):
        await preview(path, facts, tmp_path / "out.mp4", [Span(first, end)])
        assert numbers(tmp_path / "out.mp4") == list(range(first, end))
        assert times(tmp_path / "out.mp4")[0] == pytest.approx(0, abs=1e-4)


async def test_sound_is_exact(tmp_path: Path) -> None:
    """The sound begins with the first picture, to the sample, and ends with the last."""
    path, facts = await clip(tmp_path)
    await preview(path, facts, tmp_path / "out.mp4", [Span(7, 50)])

    assert lag(heard(tmp_path / "out.mp4")[: 43 * RATE // 25], noise(2.4)[7 * RATE // 25 : 50 * RATE // 25]) == 0
    assert (await probe(tmp_path / "out.mp4")).audio_duration_s == pytest.approx(43 / 25, abs=0.001)


async def test_several_parts_are_several_edits(tmp_path: Path) -> None:
    """Two or three parts follow one another, picture by picture at even times; their sound is near, up to a packet."""
    path, facts = await clip(tmp_path)
    for parts in ([(3, 20), (31, 52)], [(0, 2), (14, 25), (40, 60)], [(20, 22), (23, 24)]):
        await preview(path, facts, tmp_path / "out.mp4", [Span(*part) for part in parts])
        wanted = [number for part in parts for number in range(*part)]
        assert numbers(tmp_path / "out.mp4") == wanted
        assert times(tmp_path / "out.mp4") == pytest.approx([n / 25 for n in range(len(wanted))], abs=0.001)
    await preview(path, facts, tmp_path / "out.mp4", [Span(3, 20), Span(31, 52)])
    result = heard(tmp_path / "out.mp4")[17 * RATE // 25 : 38 * RATE // 25]
    assert abs(lag(result, noise(2.4)[31 * RATE // 25 : 52 * RATE // 25])) <= 1024


async def test_it_says_that_it_is_a_preview(tmp_path: Path) -> None:
    """Its title tells it from a result, since it still holds what it hides; a rehearsal's mark is kept."""
    path, facts = await clip(tmp_path, comment=REHEARSAL_MARK)
    await preview(path, facts, tmp_path / "out.mp4", [Span(30, 40)])

    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.metadata["title"] == "preview"
    made = await probe(tmp_path / "out.mp4")
    assert (made.rehearsal, made.frames) == (True, 10)
    assert made.hidden_frames > 0


async def test_what_browsers_could_not_play_is_refused(tmp_path: Path) -> None:
    """An open group of pictures cannot be begun at its key picture; a part that makes no sense is an input error."""
    path, facts = await clip(tmp_path, frames=900, sound=None, **{"x264-params": "open-gop=1:keyint=12:bframes=3"})
    with pytest.raises(Unsupported, match="browsers"):
        await preview(path, facts, tmp_path / "out.mp4", [Span(800, 850)])
    with pytest.raises(InputError):
        await preview(path, facts, tmp_path / "out.mp4", [Span(5, 5)])
    assert not (tmp_path / "out.mp4").exists()
