"""The proof: it holds for what is right, and says what is wrong with what is not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.errors import BadMedia
from lib.media.facts import Facts
from lib.media.fit import remake
from lib.media.limits import Limits
from lib.media.probe import probe
from lib.media.proof.measure import lag, ssim
from lib.media.proof.prove import Part, prove
from lib.media.proof.sheet import LEAST_SSIM, Check, Proof, proof_of
from lib.media.proof.show import lines, proof_sheet
from lib.media.smart.child import child
from lib.media.smart.join import smart_join
from lib.media.smart.running import Progress, Running
from lib.media.smart.trim import smart_trim
from lib.media.trim import Span
from lib.media.work import carry_out
from tests.media.barcoded import ffmpeg_run, noise, number_in, picture, write

pytestmark = pytest.mark.anyio
RUNS = (("copied", 20),)


async def judged(folder: Path, output: Path, source: tuple[Path, Facts], part: Part) -> Proof:
    running = Running(Progress(None), None, Limits())
    rate = source[1].sample_rate
    async with child(folder, Limits()) as worker:
        return await prove(worker, output, [source], [part], running.watch(0, 1), rate=rate)


@pytest.fixture
async def source(tmp_path: Path) -> tuple[Path, Facts]:
    path = write(tmp_path / "source.mp4", frames=40, g="20", bf="0", sound=noise(1.6))
    return path, await probe(path)


@pytest.fixture
def second_half(tmp_path: Path, source: tuple[Path, Facts]) -> Path:
    """Pictures 20 to 39, copied by ffmpeg: it begins at a key picture, so nothing is wrong with it."""
    path = tmp_path / "half.mp4"
    ffmpeg_run("-ss", "0.8", "-i", source[0], "-c", "copy", path)
    return path


async def test_a_right_result_holds(tmp_path: Path, source: tuple[Path, Facts], second_half: Path) -> None:
    """Right pictures, right sound: no fault, and the numbers say so."""
    proof = await judged(tmp_path, second_half, source, Part(0, Span(20, 40), RUNS))

    assert proof.holds, proof.faults
    assert [seen.equal for seen in proof.seen] == [True, True]
    assert (proof.frames, proof.offset_s) == (20, 0.0)
    assert proof_of(proof.as_json()) == proof


async def test_other_pictures_are_found(tmp_path: Path, source: tuple[Path, Facts], second_half: Path) -> None:
    """As many pictures, but not those: the first one differs from the source's."""
    proof = await judged(tmp_path, second_half, source, Part(0, Span(19, 39), RUNS))

    assert not proof.holds
    assert "not picture 19" in proof.faults[0]


async def test_a_missing_picture_is_found(tmp_path: Path, source: tuple[Path, Facts], second_half: Path) -> None:
    """One picture too few is counted."""
    proof = await judged(tmp_path, second_half, source, Part(0, Span(19, 40), (("copied", 21),)))

    assert proof.faults[0] == "The result shows 20 pictures in place of 21."


async def test_late_sound_is_measured(tmp_path: Path, source: tuple[Path, Facts], second_half: Path) -> None:
    """Sound that comes 40 ms late is found, with its sign and size."""
    late = tmp_path / "late.mp4"
    sound = ("-itsoffset", "0.04", "-i", second_half, "-map", "0:v", "-map", "1:a", "-c", "copy", "-t", "0.8")
    ffmpeg_run("-i", second_half, *sound, late)
    proof = await judged(tmp_path, late, source, Part(0, Span(20, 40), RUNS))

    assert proof.offset_s == pytest.approx(0.04, abs=0.002)
    assert any("ms off the picture" in fault for fault in proof.faults)


async def test_lost_sound_is_found(tmp_path: Path, source: tuple[Path, Facts], second_half: Path) -> None:
    """A result that lost its sound is refused."""
    silent = tmp_path / "silent.mp4"
    ffmpeg_run("-i", second_half, "-an", "-c", "copy", silent)

    assert "The result has no sound." in (await judged(tmp_path, silent, source, Part(0, Span(20, 40), RUNS))).faults


async def test_an_encoded_picture_must_be_alike(tmp_path: Path, source: tuple[Path, Facts]) -> None:
    """Encoded pictures hold by their likeness: a crude encoding of the right ones does not."""
    crude = tmp_path / "crude.mp4"
    ffmpeg_run("-i", source[0], "-vf", "gblur=4", "-c:a", "copy", "-t", "1.6", crude)
    proof = await judged(tmp_path, crude, source, Part(0, Span(0, 40)))

    assert not proof.holds
    assert "likeness" in proof.faults[0]


async def test_a_file_that_cannot_be_read(tmp_path: Path, source: tuple[Path, Facts]) -> None:
    """What is no clip at all is an error, not a proof."""
    (tmp_path / "bad.mp4").write_bytes(b"nothing")
    with pytest.raises(BadMedia):
        await judged(tmp_path, tmp_path / "bad.mp4", source, Part(0, Span(0, 40)))


@pytest.mark.parametrize(("first", "right"), [(9, False), (10, True), (11, False)])
async def test_a_calm_clip_a_picture_off(tmp_path: Path, first: int, right: bool) -> None:
    """Where little moves, the picture beside it is as like as an encoding must be, and is still not the right one."""
    calm = "color=gray:s=320x192:r=25:d=1,drawbox=x=40:y=40:w=60:h=60:c=white:t=fill,rotate=a=n/150:fillcolor=gray"
    path, made = tmp_path / "calm.mp4", tmp_path / "made.mp4"
    ffmpeg_run("-f", "lavfi", "-i", calm, "-crf", "4", "-pix_fmt", "yuv420p", path)
    ffmpeg_run("-i", path, "-vf", f"trim=start_frame={first}:end_frame={first + 10},setpts=N/25/TB", "-crf", "10", made)
    proof = await judged(tmp_path, made, (path, await probe(path)), Part(0, Span(10, 20)))

    assert min(seen.ssim for seen in proof.seen) > LEAST_SSIM
    assert (proof.holds, any(seen.astray for seen in proof.seen)) == (right, not right)


async def test_damage_beside_a_part_is_no_fault_of_it(tmp_path: Path, source: tuple[Path, Facts]) -> None:
    """The picture behind the last one is only looked at where it is there."""
    path, facts = source
    short, made = tmp_path / "short.mp4", tmp_path / "made.mp4"
    ffmpeg_run("-i", path, "-vf", "trim=end_frame=20", "-crf", "4", "-c:a", "copy", short)
    ffmpeg_run("-i", path, "-vf", "trim=end_frame=20", "-crf", "4", "-c:a", "copy", "-t", "0.8", made)
    lost = facts.model_copy(update={"frames": 40})
    proof = await judged(tmp_path, made, (short, lost), Part(0, Span(0, 20)))

    assert [seen.check.source for seen in proof.seen] == [0, 19]
    assert proof.holds, proof.faults


def test_checks_of_a_trimmed_clip() -> None:
    """They get the numbers of the whole one, in a mix with the clip before it as well; others keep theirs."""
    own, crossing, other = Check(30, 1, 0, "copied"), Check(28, 0, 28, "mixed", 0.5, 2), Check(9, 0, 9, "copied")
    moved = [one.moved(1, 4) for one in (own, crossing, other)]
    assert [(one.source, one.other) for one in moved] == [(4, None), (28, 6), (9, None)]


def test_likeness() -> None:
    """A picture is wholly like itself, less like one with noise, and not like another."""
    one, other = picture(1234)[..., 0], picture(2861)[..., 0]
    noisy = np.clip(one.astype(int) + np.random.default_rng(1).integers(-20, 20, one.shape), 0, 255).astype(np.uint8)

    assert ssim(one, one) == pytest.approx(1)
    assert ssim(one, noisy) < 0.9
    assert ssim(one, other) < 0.9


def test_lags() -> None:
    """A shift is found with its sign; silence tells nothing; a tone that fits as well unshifted is not shifted."""
    sound = noise(0.5)
    tone = np.sin(np.arange(20_000) / 20).astype(np.float32)

    assert lag(np.concatenate([np.zeros(100, np.float32), sound]), sound) == 100
    assert lag(sound[50:], sound) == -50
    assert lag(np.zeros(5000, np.float32), sound) is None
    assert lag(tone, tone) == 0


def pairs_on(sheet: Path, lines_above: int, shape: tuple[int, int] = (320, 213)) -> list[tuple[int, int]]:
    """The numbers that stand in each pair of pictures on a sheet, row by row."""
    whole, (width, height) = Image.open(sheet).convert("RGB"), shape
    top, found = 24 + 26 * lines_above + 8, []
    for up in range(top, whole.height - height - 26, height + 26 + 8):
        for left in range(24, whole.width - 2 * width, 2 * width + 8 + 24):
            places = [(left + n * (width + 8), up + 26) for n in range(2)]
            cells = [np.asarray(whole.crop((x, y, x + width, y + height))) for x, y in places]
            if cells[0].min() < 200:
                found.append((number_in(cells[0]), number_in(cells[1])))
    return found


async def test_the_sheet_shows_the_pairs(tmp_path: Path) -> None:
    """Beside each compared picture of the result stands that of the source, and above them the numbers."""
    path = write(tmp_path / "clip.mp4", frames=60, g="12", bf="2", sound=noise(2.4))
    facts = await probe(path)
    made = await smart_trim(path, facts, tmp_path / "out.mp4", [Span(7, 50)])
    await proof_sheet(tmp_path / "out.mp4", [(path, facts)], made.proof, tmp_path / "sheet.png", method=made.method)

    said = lines(made.proof, made.method)
    assert said[0] == "43 pictures, 43 asked for."
    assert "Method: smart." in said
    due = [seen.check.source for seen in made.proof.seen]
    assert pairs_on(tmp_path / "sheet.png", len(said)) == [(number, number) for number in due]


async def test_the_sheet_of_a_join(tmp_path: Path) -> None:
    """A clip of another rate that was encoded for the join is shown by its own picture at that time."""
    paths = [write(tmp_path / "one.mp4", frames=25), write(tmp_path / "two.mp4", frames=50, fps=50, first=100)]
    clips = [(path, await probe(path)) for path in paths]
    made = await smart_join(clips, tmp_path / "out.mp4", model=0)
    await proof_sheet(tmp_path / "out.mp4", clips, made.proof, tmp_path / "sheet.png")

    found = pairs_on(tmp_path / "sheet.png", len(lines(made.proof)))
    assert found[0] == (0, 0)
    assert len(found) == len(made.proof.seen)
    assert all(source == result for source, result in found)


async def test_the_sheet_of_another_rate(tmp_path: Path) -> None:
    """Made at twice the rate, the last picture stands beside the clip's own last one."""
    path = write(tmp_path / "clip.mp4", frames=20, first=100)
    facts = await probe(path)
    made = await carry_out(remake.build((path, facts), tmp_path / "out.mp4", remake.Form(rate=Fraction(50))))
    proof = proof_of(made["proof"])
    await proof_sheet(tmp_path / "out.mp4", [(path, facts)], proof, tmp_path / "sheet.png")

    assert [seen.check.source for seen in proof.seen] == [0, 19]
    assert pairs_on(tmp_path / "sheet.png", len(lines(proof))) == [(100, 100), (119, 119)]
