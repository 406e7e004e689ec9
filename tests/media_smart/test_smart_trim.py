"""Smart trim: what is copied, what is encoded, when all is, and what is left when it fails."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from lib.errors import Cancelled, InputError, MediaError
from lib.media.facts import Facts
from lib.media.limits import Limits
from lib.media.mark import REHEARSAL_MARK
from lib.media.probe import probe
from lib.media.samples import sample
from lib.media.smart import h264
from lib.media.smart.av1 import sequence_header
from lib.media.smart.boxes import find, movie, top_level
from lib.media.smart.entry import VISUAL
from lib.media.smart.plan import Plan, plan
from lib.media.smart.running import Progress, Running
from lib.media.smart.track import Track, read_track
from lib.media.smart.trim import Cut, smart_trim
from lib.media.trim import Span, without
from tests.media.barcoded import RATE, heard, lag, noise, numbers, write

pytestmark = pytest.mark.anyio
CLIP = {"frames": 60, "g": "12", "bf": "2"}


async def clip(folder: Path, **more: object) -> tuple[Path, Facts]:
    settings: dict[str, object] = {**CLIP, "sound": noise(2.4), **more}
    path = write(folder / "clip.mp4", **settings)  # type: ignore[arg-type]
    return path, await probe(path)


def track_of(path: Path) -> Track:
    found = read_track(movie(path)[1], b"vide")
    assert found
    return found


async def test_only_the_seams_are_encoded(tmp_path: Path) -> None:
    """From picture 7 to 50, the five before the key picture 12 and at most two at the end are encoded."""
    path, facts = await clip(tmp_path)
    made = await smart_trim(path, facts, tmp_path / "out.mp4", [Span(7, 50)])

    assert (made.method, made.sound, made.proof.holds) == ("smart", "copied", True)
    assert 5 <= made.encoded <= 7
    assert made.copied == 43 - made.encoded
    assert numbers(tmp_path / "out.mp4") == list(range(7, 50))


async def test_the_middle_is_removed(tmp_path: Path) -> None:
    """Without a part in the middle, pictures and sound go on just behind it."""
    path, facts = await clip(tmp_path)
    made = await smart_trim(path, facts, tmp_path / "out.mp4", without(facts, [Span(20, 31)]))

    assert (made.method, made.sound) == ("smart", "encoded")
    assert numbers(tmp_path / "out.mp4") == [*range(20), *range(31, 60)]
    result, truth, seam = heard(tmp_path / "out.mp4"), noise(2.4), 20 * RATE // 25
    assert lag(result[:seam], truth[:seam]) == 0
    assert lag(result[seam : seam + RATE], truth[31 * RATE // 25 :][:RATE]) == 0
    assert made.proof.sound_samples == 49 * RATE // 25


async def test_parameter_sets_stand_in_one_place(tmp_path: Path) -> None:
    """The result names both kinds of pictures in its avcC, and no picture brings parameter sets along."""
    path, facts = await clip(tmp_path)
    await smart_trim(path, facts, tmp_path / "out.mp4", [Span(7, 50)])
    track = track_of(tmp_path / "out.mp4")
    sets = h264.Parameters.parse(find(track.entry[8 + VISUAL :], b"avcC") or b"")
    assert len(sets.sps) == len(sets.pps) == 2
    assert len({h264.sps_number(one) for one in sets.sps}) == 2

    data = (tmp_path / "out.mp4").read_bytes()
    for at, size in zip(track.offsets, track.sizes, strict=True):
        kinds = {h264.kind(unit) for unit in h264.nals(data[at : at + size], sets.length_size)}
        assert not kinds & {h264.SPS, h264.PPS}


async def test_the_index_comes_first(tmp_path: Path) -> None:
    """A player can start before it has the whole file."""
    path, facts = await clip(tmp_path)
    await smart_trim(path, facts, tmp_path / "out.mp4", [Span(7, 50)])
    with (tmp_path / "out.mp4").open("rb") as file:
        kinds = [kind for kind, _, _ in top_level(file, 10**9)]

    assert [kind for kind in kinds if kind != b""][:3] == [b"ftyp", b"moov", b"mdat"]


async def test_open_gops_are_encoded_with_the_reason(tmp_path: Path) -> None:
    """Where key pictures do not part the clip, all is encoded, and the reason is a sentence."""
    path, facts = await clip(tmp_path, **{"x264-params": "open-gop=1:keyint=12:bframes=3:scenecut=0"})
    made = await smart_trim(path, facts, tmp_path / "out.mp4", [Span(7, 50)])

    assert made.method == "exact"
    assert "open" in made.reason
    assert numbers(tmp_path / "out.mp4") == list(range(7, 50))


async def test_hevc_is_copied_from_key_to_key(tmp_path: Path) -> None:
    """HEVC is copied where no picture needs encoding, and encoded anew where one does."""
    quiet = {"codec": "libx265", "x264-params": "", "x265-params": "log-level=none:bframes=0:keyint=12:open-gop=0"}
    path, facts = await clip(tmp_path, **{key: value for key, value in quiet.items() if value}, bf="0")
    whole = await smart_trim(path, facts, tmp_path / "whole.mp4", [Span(12, 50)])
    part = await smart_trim(path, facts, tmp_path / "part.mp4", [Span(13, 50)])

    assert (whole.method, whole.copied) == ("smart", 38)
    assert (part.method, part.copied) == ("exact", 0)
    assert numbers(tmp_path / "whole.mp4") == list(range(12, 50))


async def test_the_mark_is_carried_on(tmp_path: Path) -> None:
    """What is cut from a rehearsal take says so as well."""
    path, facts = await clip(tmp_path, comment=REHEARSAL_MARK)
    await smart_trim(path, facts, tmp_path / "out.mp4", [Span(7, 50)])

    assert (await probe(tmp_path / "out.mp4")).rehearsal


async def test_cancel_leaves_nothing(tmp_path: Path) -> None:
    """A cut that is stopped leaves neither a result nor anything half made."""
    path, facts = await clip(tmp_path)
    with pytest.raises(Cancelled):
        await smart_trim(path, facts, tmp_path / "out.mp4", [Span(7, 50)], cancelled=lambda: True)

    assert [one.name for one in tmp_path.iterdir()] == ["clip.mp4"]


async def test_progress_grows_to_one(tmp_path: Path) -> None:
    """Fractions only grow, also where the exact way takes over, and end at one."""
    path, facts = await clip(tmp_path)
    told: list[float] = []
    await smart_trim(path, facts, tmp_path / "out.mp4", [Span(13, 20)], on_progress=told.append)

    assert told == sorted(set(told))
    assert told[-1] == 1.0


@pytest.mark.parametrize("cut_at", [0.5, 0.9])
async def test_a_broken_stream_is_an_error_or_right(tmp_path: Path, cut_at: float) -> None:
    """A clip with garbage in the middle gives a proven result or a clear error, never a silent fault."""
    path, facts = await clip(tmp_path, sound=None)
    data = bytearray(path.read_bytes())
    at = int(len(data) * cut_at)
    data[at : at + 400] = bytes(byte ^ 0xA5 for byte in data[at : at + 400])
    path.write_bytes(data)
    try:
        made = await smart_trim(path, facts, tmp_path / "out.mp4", [Span(3, 58)])
    except MediaError:
        assert not (tmp_path / "out.mp4").exists()
    else:
        assert made.proof.holds


@pytest.mark.parametrize("parts", [[], [Span(5, 5)], [Span(50, 61)], [Span(10, 20), Span(15, 30)]])
async def test_parts_that_make_no_sense(tmp_path: Path, parts: list[Span]) -> None:
    """Nothing, an empty part, one past the end, or overlapping ones are refused at their field."""
    path, facts = await clip(tmp_path)
    with pytest.raises(InputError) as caught:
        await smart_trim(path, facts, tmp_path / "out.mp4", parts)

    assert list(caught.value.fields) == ["ranges"]


async def test_the_tail_is_the_longest_that_fits(tmp_path: Path) -> None:
    """Of I0 P3 B1 B2 P6 B4 B5, shown up to picture 4, all but picture 4 itself is copied."""
    path, _ = await clip(tmp_path, frames=7, bf="2", **{"x264-params": "b-adapt=0:bframes=2:b-pyramid=0:scenecut=0"})
    track = track_of(path)
    shown = track.shown()
    order = [shown.index(time) for time in track.pts]
    assert order[:7] == [0, 3, 1, 2, 6, 4, 5]

    assert plan(track, shown[:5], lambda index: True) == Plan((), range(4), (shown[4],))
    assert plan(track, shown[:4], lambda index: True) == Plan((), range(4), ())
    assert plan(track, shown[1:4], lambda index: True) == Plan(tuple(shown[1:4]), range(0), ())


async def test_film_rate_stays_exact(tmp_path: Path) -> None:
    """At 24000/1001 pictures a second the result keeps that rate and its length to the sample."""
    path, facts = await clip(tmp_path, fps=Fraction(24000, 1001), sound=noise(2.6))
    made = await smart_trim(path, facts, tmp_path / "out.mp4", [Span(7, 50)])
    result = await probe(tmp_path / "out.mp4")

    assert result.fps == pytest.approx(24000 / 1001)
    assert made.proof.sound_samples == made.proof.wanted_samples == round(43 * 1001 / 24000 * RATE)


async def test_no_place_for_the_result(tmp_path: Path) -> None:
    """Where the result's folder is missing, the error is a sentence."""
    path, facts = await clip(tmp_path)
    with pytest.raises(MediaError, match="could not be written"):
        await smart_trim(path, facts, tmp_path / "missing" / "out.mp4", [Span(7, 50)])


@pytest.mark.parametrize(
    "more",
    [
        {"codec": "libx265", "x265-params": "log-level=none", "pixel_format": "yuv420p10le"},
        {"codec": "prores_ks", "pixel_format": "yuv422p10le", "name": "clip.mov"},
    ],
)
async def test_what_is_encoded_anew_keeps_ten_bits(tmp_path: Path, more: dict[str, str]) -> None:
    """Ten bits stay ten bits where all must be encoded, as H.264 High 10."""
    more = dict(more)
    path = write(tmp_path / more.pop("name", "clip.mp4"), frames=30, **more)  # type: ignore[arg-type]
    facts = await probe(path)
    made = await Cut(path, facts, tmp_path, Running(Progress(None), None, Limits())).exact(
        tmp_path / "out.mp4", [Span(3, 20)], "as asked"
    )
    result = await probe(tmp_path / "out.mp4")

    assert (made.method, result.video_codec, result.pixel_format) == ("exact", "h264", "yuv420p10le")
    assert numbers(tmp_path / "out.mp4") == list(range(3, 20))


async def test_av1_has_one_sequence_header(tmp_path: Path) -> None:
    """Under one sample entry stands one sequence header: where the encoder's differs, all is encoded."""
    settings = {"codec": "libsvtav1", "preset": "11", "crf": "20", "bf": "0", "svtav1-params": "lp=1"}
    path, facts = await clip(tmp_path, **settings)
    for first in (12, 7):
        made = await smart_trim(path, facts, tmp_path / "out.mp4", [Span(first, 50)])
        assert numbers(tmp_path / "out.mp4") == list(range(first, 50))
        track, data = track_of(tmp_path / "out.mp4"), (tmp_path / "out.mp4").read_bytes()
        if made.method == "smart":
            samples = [data[at : at + size] for at, size in zip(track.offsets, track.sizes, strict=True)]
            assert len({header for one in samples if (header := sequence_header(one))}) == 1
        else:
            assert "sequence header" in made.reason
        assert made.method == "smart" or first == 7


async def test_seams_are_not_large(tmp_path: Path) -> None:
    """Filmed pictures encoded at a seam take at most four times the bytes of the clip's own, and are like them."""
    source = sample("bunny.mp4")
    made = await smart_trim(source, await probe(source), tmp_path / "out.mp4", [Span(25, 87)])

    own, cut = sizes(source), sizes(tmp_path / "out.mp4")
    assert made.plans == ((25, 37, 0),)
    assert sum(cut[:25]) / 25 < 4 * sum(own) / len(own)
    assert min(seen.ssim for seen in made.proof.seen) >= 0.98


def sizes(path: Path) -> list[int]:
    """The bytes of each picture."""
    with av.open(str(path)) as container:
        return [packet.size for packet in container.demux(video=0) if packet.size]
