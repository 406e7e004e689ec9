"""Smart join: copied where clips are alike, encoded where not, and no drift between picture and sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lib.errors import InputError
from lib.media.mark import REHEARSAL_MARK
from lib.media.probe import probe
from lib.media.smart.join import smart_join
from lib.media.smart.made import Made
from tests.media.barcoded import RATE, heard, lag, noise, numbers, write

pytestmark = pytest.mark.anyio
EACH = 17  # pictures; at 16 a second no whole number of AAC packets
LENGTH_S = EACH / 16
SAMPLES = RATE * EACH // 16


def piece(folder: Path, place: int, *, name: str = "mp4", loud: bool = True, **more: str) -> Path:
    sound = noise(LENGTH_S, seed=place) if loud else None
    settings = {"bf": "2", "g": "250"} | more
    return write(
        folder / f"{place}.{name}", frames=EACH, first=place * EACH, fps=16, sound=sound, **settings  # type: ignore[arg-type]
    )  # fmt: skip


async def joined(paths: list[Path], output: Path, model: int | None = None) -> Made:
    return await smart_join([(path, await probe(path)) for path in paths], output, model=model)


def lags(output: Path, places: list[int]) -> list[int]:
    result = heard(output)
    return [lag(result[SAMPLES * n :][:48_000], noise(LENGTH_S, seed=n)[:48_000]) for n in places]


async def test_equal_clips_are_copied(tmp_path: Path) -> None:
    """Ten equal clips: every picture copied, each sound begins with its first picture, to the sample."""
    paths = [piece(tmp_path, place) for place in range(10)]
    made = await joined(paths, tmp_path / "out.mp4")

    assert (made.method, made.copied, made.encoded, made.sound) == ("smart", 170, 0, "encoded")
    assert numbers(tmp_path / "out.mp4") == list(range(170))
    assert lags(tmp_path / "out.mp4", list(range(10))) == [0] * 10
    assert made.proof.sound_samples == 10 * SAMPLES


async def test_only_odd_clips_are_encoded(tmp_path: Path) -> None:
    """Another coding, depth or no sound: three copied, two encoded, silence where there is none."""
    paths = [
        piece(tmp_path, 0),
        piece(tmp_path, 1, loud=False),
        piece(tmp_path, 2, name="webm", codec="libvpx-vp9", sound_codec="libopus"),
        piece(tmp_path, 3, pixel_format="yuv420p10le"),
        piece(tmp_path, 4),
    ]
    made = await joined(paths, tmp_path / "out.mp4")

    assert (made.method, made.copied, made.encoded) == ("smart", 51, 34)
    assert numbers(tmp_path / "out.mp4") == list(range(85))
    assert lags(tmp_path / "out.mp4", [0, 3, 4]) == [0, 0, 0]
    assert abs(lags(tmp_path / "out.mp4", [2])[0]) <= RATE // 1000  # a webm counts in milliseconds
    assert np.abs(heard(tmp_path / "out.mp4")[SAMPLES + 2000 : 2 * SAMPLES - 2000]).max() < 1e-3


async def test_the_most_decide_or_the_person(tmp_path: Path) -> None:
    """Without a choice the form of most clips is taken; a choice wins over that."""
    paths = [piece(tmp_path, 0, profile="baseline", bf="0"), piece(tmp_path, 1), piece(tmp_path, 2)]
    by_most = await joined(paths, tmp_path / "most.mp4")
    by_choice = await joined(paths, tmp_path / "choice.mp4", model=0)

    assert (by_most.copied, by_choice.copied) == (34, 17)
    assert numbers(tmp_path / "most.mp4") == numbers(tmp_path / "choice.mp4") == list(range(51))


async def test_transport_streams_join(tmp_path: Path) -> None:
    """Clips with parameter sets among their pictures are copied as well."""
    paths = [piece(tmp_path, place, name="ts", g="8") for place in range(3)]
    made = await joined(paths, tmp_path / "out.mp4")

    assert (made.method, made.copied) == ("smart", 51)
    assert numbers(tmp_path / "out.mp4") == list(range(51))


async def test_the_same_clip_twice(tmp_path: Path) -> None:
    """A clip may follow itself."""
    path = piece(tmp_path, 0)
    made = await joined([path, path], tmp_path / "out.mp4")

    assert (made.method, made.copied) == ("smart", 34)
    assert numbers(tmp_path / "out.mp4") == [*range(EACH)] * 2


async def test_silent_clips_stay_silent(tmp_path: Path) -> None:
    """Where no clip has sound the result has none, and marked takes leave their mark."""
    paths = [piece(tmp_path, place, loud=False) for place in range(2)]
    paths.append(write(tmp_path / "marked.mp4", frames=5, fps=16, comment=REHEARSAL_MARK))
    made = await joined(paths, tmp_path / "out.mp4")

    facts = await probe(tmp_path / "out.mp4")
    assert (made.sound, facts.has_sound, facts.rehearsal, facts.frames) == ("none", False, True, 39)


async def test_what_cannot_be_copied_is_encoded(tmp_path: Path) -> None:
    """Unlike HEVC clips cannot be brought into one form here, so all is encoded, and the reason is said."""
    quiet = {"codec": "libx265", "x265-params": "log-level=none"}
    paths = [piece(tmp_path, 0, **quiet), piece(tmp_path, 1)]
    made = await joined(paths, tmp_path / "out.mp4", model=0)

    assert made.method == "exact"
    assert made.reason.endswith(".")
    assert numbers(tmp_path / "out.mp4") == list(range(34))


async def test_nothing_to_join(tmp_path: Path) -> None:
    """No clip at all is refused."""
    with pytest.raises(InputError):
        await joined([], tmp_path / "out.mp4")
