"""Pictures taken out of clips carry a proof: each file, read back, is the clip's own picture and not one beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from lib.errors import BadMedia, Unsupported
from lib.media.asked import Picking, Sheet
from lib.media.facts import Facts
from lib.media.probe import probe
from lib.media.proof.sheet import proof_of
from lib.media.proof.show import proof_sheet
from lib.media.proof.stills import MOST, proven
from lib.media.stills.choose import Chosen, Clip
from lib.media.stills.clock import Clock
from lib.media.stills.files import write as write_still
from lib.media.stills.judge import judged, judged_cells, truth
from lib.media.stills.reader import Reader
from lib.media.stills.shown import as_shown
from lib.media.stills.taking import take
from lib.media.trim import Span
from tests.media.barcoded import write
from tests.media.conftest import Clip as Given

pytestmark = pytest.mark.anyio
SUFFIXES = (".png", ".jpg", ".webp")


def three(given: Given, number: int) -> Chosen:
    """That picture with the ones beside it."""
    with Reader(given.path) as reader:
        clip = Clip(reader, Clock(given.facts.frames or 0, given.facts.fps or 25.0, given.facts.shown_at_s), 0.0)
        return next(iter(clip.numbered([number])))


def of(given: Given, numbers: tuple[int, ...], output: Path) -> Picking:
    return Picking(given.path, given.facts, output, Span(0, given.facts.frames or 0), numbers=numbers, many=True)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_neighbour_in_its_place_is_found(clips: dict[str, Given], tmp_path: Path, suffix: str) -> None:
    """The right picture is like itself; the file of the next one is more like that next one, in every format."""
    chosen, path = three(clips["plain"], 31), tmp_path / f"one{suffix}"
    for frame, is_right in ((chosen.frame, True), (chosen.after, False), (chosen.before, False)):
        write_still(as_shown(frame), path)
        own, other = judged(path, (96, 64), chosen)
        assert (own > 0.95 and own > other + 0.02) if is_right else (other > 0.95 and other > own + 0.02)


def test_a_spoilt_picture_is_found(clips: dict[str, Given], tmp_path: Path) -> None:
    """Turned over, blurred, too dark or of another size it is not the clip's picture."""
    chosen, path = three(clips["plain"], 31), tmp_path / "one.png"
    right = Image.fromarray(as_shown(chosen.frame))
    for wrong in (right.rotate(180), right.filter(ImageFilter.GaussianBlur(3)), right.point(lambda tone: tone // 2)):
        write_still(np.asarray(wrong), path)
        assert judged(path, (96, 64), chosen)[0] < 0.85
    write_still(np.asarray(right.resize((48, 32))), path)
    with pytest.raises(BadMedia, match="not written as it should be"):
        judged(path, (96, 64), chosen)


def test_a_wrong_cell_is_found(clips: dict[str, Given], tmp_path: Path) -> None:
    """On a sheet each cell must be its own picture: two that changed places are both found."""
    frames = [three(clips["plain"], number).frame for number in (3, 20, 40)]
    cells, boxes = [as_shown(frame) for frame in frames], [(96 * place, 0, 96, 64) for place in range(3)]
    own, path = [truth(frame, (96, 64)) for frame in frames], tmp_path / "sheet.png"
    write_still(np.hstack(cells), path)
    assert all(like > max(0.95, other + 0.02) for like, other in judged_cells(path, (288, 64), boxes, own))
    write_still(np.hstack([cells[1], cells[0], cells[2]]), path)
    found = judged_cells(path, (288, 64), boxes, own)
    assert [like < other - 0.02 for like, other in found] == [True, True, False]


def said(frames: list[int], **more: Any) -> dict[str, Any]:
    """What a child says of those pictures of a clip at 25 a second."""
    usual = {"frames": frames, "times_s": [number / 25 for number in frames], "likeness": [(0.99, 0.6)] * len(frames)}
    return usual | more


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (said([7, 9], likeness=[(0.99, 0.5), (0.7, 0.5)]), "Picture 9 is not what it is in the clip"),
        (said([7, 9], likeness=[(0.95, 0.99), (0.99, 0.5)]), "Picture 7 is not what it is in the clip"),
        (said([7, 10]), "picture 10 in place of 9"),
        (said([7]), "1 pictures in place of 2"),
        (said([7, 9], times_s=[0.28, 0.4]), r"Picture 9 comes \+40.0 ms off its time"),
    ],
)
def test_what_is_not_proven_is_not_delivered(
    clips: dict[str, Given], tmp_path: Path, answer: dict[str, Any], sentence: str
) -> None:
    """Another picture, another time, too few of them or a neighbour that is more like it: a sentence says which."""
    with pytest.raises(BadMedia, match=sentence):
        proven(of(clips["plain"], (7, 9), tmp_path / "%04d.png"), answer)


def test_a_still_clip_is_never_accused(clips: dict[str, Given], tmp_path: Path) -> None:
    """Where the neighbours are just as like, the picture may be any of them."""
    work = of(clips["plain"], (7, 9), tmp_path / "%04d.png")
    assert proven(work, said([7, 9], likeness=[(0.99, 0.995), (0.99, 0.99)])).holds


@pytest.mark.parametrize("name", ["turned", "ten_bit", "uneven", "animation"])
async def test_pictures_come_with_their_proof(clips: dict[str, Given], tmp_path: Path, name: str) -> None:
    """Several, one found by looking and a sheet: as many as asked for, each like the clip's own."""
    given = clips[name]
    path, facts = given
    last = (facts.frames or 0) - 1
    for work, count in (
        (of(given, (0, 13, 14, last), tmp_path / "%04d.webp"), 4),
        (Picking(path, facts, tmp_path / "sharp.png", Span(5, 20), "sharpest"), 1),
        (Sheet(path, facts, tmp_path / "sheet.png", (2, 20, 40), 1, 3, 320, reach=5), 3),
    ):
        made = (await take(work))["proof"]
        assert (made["frames"], made["wanted_frames"], made["faults"]) == (count, count, ())
        assert min(one["ssim"] for one in made["seen"]) > 0.9
        assert proof_of(made).holds


async def test_many_pictures_keep_a_short_proof(tmp_path: Path) -> None:
    """All are compared; the first, the last and the least like are among those that are kept."""
    path = write(tmp_path / "clip.mp4", frames=90)
    facts: Facts = await probe(path)
    work = Picking(path, facts, tmp_path / "%04d.png", Span(0, 90), numbers=tuple(range(90)), many=True)
    likeness = [(0.9 if number == 37 else 0.99, 0.5) for number in range(90)]
    proof = proven(work, said([*range(90)], likeness=likeness))
    assert (proof.frames, len(proof.seen) <= MOST) == (90, True)
    assert {0, 37, 89} <= {one.check.source for one in proof.seen}


async def test_a_still_has_no_proof_sheet(clips: dict[str, Given], tmp_path: Path) -> None:
    """It is asked for of clips only, and says so."""
    path, facts = clips["plain"]
    made = await take(Picking(path, facts, tmp_path / "a.png", Span(0, 50), numbers=(4,)))
    with pytest.raises(Unsupported, match="no proof sheet"):
        await proof_sheet(tmp_path / "a.png", [(path, facts)], proof_of(made["proof"]), tmp_path / "sheet.png")
