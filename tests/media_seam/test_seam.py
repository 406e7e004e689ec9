"""Where a clip goes on, found to the picture; joined without one that comes twice; and what cannot be told is said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from lib.catalog import operation
from lib.catalog.operation import Cut
from lib.errors import Cancelled, InputError
from lib.media.probe import probe_blocking
from lib.media.work import carry_out
from tests.media.barcoded import noise, numbers, write
from tests.media_seam.pairs import Pair, pair

FIRST_SEED = 5_000
"""What was tuned was tuned on small seeds."""
FEW, MANY = 8, 200


def joined(source: Path, extended: Path, output: Path, **values: Any) -> dict[str, Any]:
    """What the cut says of its output."""
    made = operation("cut/seam")
    assert isinstance(made, Cut)
    files = {"video_url": source, "extended_url": extended}
    facts = {name: probe_blocking(path) for name, path in files.items()}
    given = made.validate({name: f"https://x/{name}" for name in files} | values)
    return asyncio.run(carry_out(made.build(given, files, facts, output)))


def found(made: Pair) -> int | str:
    """The overlap that is found, or why none is."""
    from lib.media.seam.find import find
    from lib.media.smart.report import Steps

    one, other = ({"path": str(path), "size": path.stat().st_size} for path in (made.source, made.extended))
    ratio = made.fps / made.extended_fps
    said = find({"source": one, "extended": other, "ratio": ratio, "overlap": None}, Steps())
    return str(said["why"]) or int(said["overlap"])


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + FEW))
def test_the_overlap_is_found_to_the_picture(seed: int, tmp_path: Path) -> None:
    """Encoded anew, brighter, in another size or at another rate, with 0 pictures of overlap or all."""
    made = pair(seed, tmp_path)
    assert found(made) == made.overlap, made.about


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_of_two_hundred_hardly_one_is_off(tmp_path: Path) -> None:
    """At least 198 are exact."""
    pairs = [pair(seed, tmp_path) for seed in range(FIRST_SEED, FIRST_SEED + MANY)]
    off = {made.about: (made.overlap, got) for made in pairs if (got := found(made)) != made.overlap}
    assert len(off) <= MANY // 100, off


@pytest.mark.parametrize("seed", [1, 2])
def test_where_nothing_moves_it_is_said_that_nobody_can_tell(seed: int, tmp_path: Path) -> None:
    """A guess would be as likely wrong as right."""
    assert "nobody can tell" in str(found(pair(seed, tmp_path, still=True)))


def test_another_clip_is_not_taken_for_a_continuation(tmp_path: Path) -> None:
    first, other = pair(FIRST_SEED, tmp_path), pair(FIRST_SEED + 1, tmp_path)
    mixed = Pair(first.source, other.extended, "continuation", 0, first.fps, first.fps, "")
    assert "does not go on" in str(found(mixed))


@pytest.mark.parametrize(
    ("first", "overlap", "kind"), [(0, 30, "source and continuation"), (26, 4, "continuation alone")]
)
def test_no_picture_comes_twice_and_none_is_missing(first: int, overlap: int, kind: str, tmp_path: Path) -> None:
    """Every picture of the result carries its number; its sound goes through, and the proof holds."""
    source = write(tmp_path / "source.mp4", frames=30, sound=noise(1.2))
    extended = write(tmp_path / "extended.mp4", frames=50 - first, first=first, sound=noise(2.0 - first / 25, seed=3))
    said = joined(source, extended, tmp_path / "made.mp4", overlap=overlap)
    assert numbers(tmp_path / "made.mp4") == list(range(50))
    assert (said["overlap_frames"], len(said["proof"]["faults"])) == (overlap, 0)
    assert probe_blocking(tmp_path / "made.mp4").has_sound
    assert (said["found"], said["likeness"]) == (kind, None)
    seen = [one["check"] for one in said["proof"]["seen"] if one["check"]["clip"] == 1]
    assert max(one["source"] for one in seen) == 49 - first
    assert {one["made"] - one["source"] for one in seen} == {first}, "by the numbers of the clip that was given"


def test_a_cross_fade_takes_no_longer_than_both_show_the_same(tmp_path: Path) -> None:
    """Nothing is lost to it: the result has every moment once."""
    source = write(tmp_path / "source.mp4", frames=30)
    extended = write(tmp_path / "extended.mp4", frames=24, first=26)
    said = joined(source, extended, tmp_path / "made.mp4", overlap=4, crossfade_s=1)
    assert said["crossfade_frames"] == 4
    assert numbers(tmp_path / "made.mp4") == list(range(50))


def test_colours_are_matched(tmp_path: Path) -> None:
    """A continuation that came back darker is as bright as the clip before it."""
    made = next(one for seed in range(40) if (one := pair(seed, tmp_path)).kind == "whole" and "gain 0.8" in one.about)
    plain = joined(made.source, made.extended, tmp_path / "plain.mp4")
    toned = joined(made.source, made.extended, tmp_path / "toned.mp4", match_colour=True)
    assert plain["overlap_frames"] == toned["overlap_frames"] == made.overlap
    before = _bright(made.source)[-1]
    off = [
        abs(_bright(tmp_path / name)[probe_blocking(made.source).frames or 0] - before)
        for name in ("plain.mp4", "toned.mp4")
    ]
    assert off[1] < off[0] / 2


def _bright(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(np.mean(frame.to_ndarray(format="gray"))) for frame in container.decode(video=0)]


def test_what_is_wrong_stands_at_the_field(tmp_path: Path) -> None:
    """All of the second clip is in the first: nothing would be left of it."""
    source = write(tmp_path / "source.mp4", frames=30)
    with pytest.raises(InputError) as caught:
        joined(source, source, tmp_path / "made.mp4", overlap=30)
    assert list(caught.value.fields) == ["overlap"]
    assert not (tmp_path / "made.mp4").exists()


def test_it_can_be_stopped(tmp_path: Path) -> None:
    source = write(tmp_path / "source.mp4", frames=30)
    made = operation("cut/seam")
    assert isinstance(made, Cut)
    files = {"video_url": source, "extended_url": source}
    facts = dict.fromkeys(files, probe_blocking(source))
    given = made.validate(dict.fromkeys(files, "https://x/clip"))
    work = made.build(given, files, facts, tmp_path / "made.mp4")
    with pytest.raises(Cancelled):
        asyncio.run(carry_out(work, cancelled=lambda: True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source.mp4"]
