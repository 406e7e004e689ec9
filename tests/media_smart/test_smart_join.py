"""Smart join: copied where clips are alike, encoded where not, and no drift between picture and sound."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from lib.errors import BadMedia, InputError
from lib.media.facts import Facts
from lib.media.fit import remake
from lib.media.join import Transition, laid_out
from lib.media.mark import REHEARSAL_MARK
from lib.media.probe import probe
from lib.media.smart import exact, fit
from lib.media.smart.join import smart_join
from lib.media.smart.made import Made
from lib.media.trim import Span
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


async def joined(paths: list[Path], output: Path, model: int | None = None, **more: Any) -> Made:
    return await smart_join([(path, await probe(path)) for path in paths], output, model=model, **more)


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
    assert made.reason == (
        "Clip 3 was encoded: its coding differs from that of clip 1. "
        "Clip 4 was encoded: its coding and colours differ from those of clip 1."
    )
    assert numbers(tmp_path / "out.mp4") == list(range(85))
    assert lags(tmp_path / "out.mp4", [0, 3, 4]) == [0, 0, 0]
    assert abs(lags(tmp_path / "out.mp4", [2])[0]) <= RATE // 1000  # a webm counts in milliseconds
    assert np.abs(heard(tmp_path / "out.mp4")[SAMPLES + 2000 : 2 * SAMPLES - 2000]).max() < 1e-3


async def test_a_fitted_clip_is_held_to_what_it_was_made_of(tmp_path: Path) -> None:
    """At another rate: its own pictures, by its own numbers, are looked at; none of them counts as copied."""
    paths = [piece(tmp_path, 0), write(tmp_path / "b.mp4", frames=40, fps=32, first=100)]
    made = await joined(paths, tmp_path / "out.mp4", model=0)

    found = {one.check.made: one.check for one in made.proof.seen}
    assert [(found[n].clip, found[n].source, found[n].how) for n in (0, 16, 17, 36)] == [
        (0, 0, "copied"), (0, 16, "copied"), (1, 0, "encoded"), (1, 38, "encoded"),
    ]  # fmt: skip
    assert (made.copied, made.encoded) == (17, 20)
    assert [number - 100 for number in numbers(tmp_path / "out.mp4")[17:]] == list(range(0, 40, 2))


@pytest.mark.parametrize("first", [16, 18])
async def test_a_wrongly_fitted_clip_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    """A clip that comes out of its fitting a picture early or late makes no result, copied as it then may be."""
    paths = [piece(tmp_path, 0), piece(tmp_path, 1, pixel_format="yuv420p10le")]
    off = write(tmp_path / "off.mp4", frames=EACH, first=first, fps=16, pixel_format="yuv420p10le")
    build = fit.build
    monkeypatch.setattr(fit, "build", lambda path, *more: build(off if path == paths[1] else path, *more))

    with pytest.raises(BadMedia, match="is not picture"):
        await joined(paths, tmp_path / "out.mp4", model=0)
    assert not (tmp_path / "out.mp4").exists()


async def test_the_most_decide_or_the_person(tmp_path: Path) -> None:
    """Without a choice the form of most clips is taken; a choice wins over that."""
    paths = [piece(tmp_path, 0, profile="baseline", bf="0"), piece(tmp_path, 1), piece(tmp_path, 2)]
    by_most = await joined(paths, tmp_path / "most.mp4")
    by_choice = await joined(paths, tmp_path / "choice.mp4", model=0)

    assert (by_most.copied, by_choice.copied) == (34, 17)
    assert by_most.reason == "Clip 1 was encoded: its coding differs from that of clip 2."
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


async def test_uneven_clips_get_the_even_rate(tmp_path: Path) -> None:
    """A clip whose rate varies and a wide one are resampled and fitted, each for as long as it lasted."""
    uneven = write(tmp_path / "uneven.mp4", frames=30, times=[n * 0.04 + (n % 3) * 0.01 for n in range(30)])
    wide = write(tmp_path / "wide.mp4", size=(192, 64), frames=10, fps=16, first=5)
    made = await joined([piece(tmp_path, 0), uneven, wide], tmp_path / "out.mp4")

    result, length = await probe(tmp_path / "out.mp4"), round(((await probe(uneven)).duration_s or 0) * 16)
    assert (made.copied, result.frames, result.width, result.height, result.fps) == (17, 17 + length + 10, 96, 64, 16)
    shown = numbers(tmp_path / "out.mp4")
    assert shown[17 : 17 + length] == sorted(shown[17 : 17 + length])


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


def luma(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24").mean(2) for frame in container.decode(video=0)]


@pytest.mark.parametrize("depth", ["yuv420p", "yuv420p10le"])
async def test_a_cross_fade_encodes_the_overlap_alone(tmp_path: Path, depth: str) -> None:
    """Of clips with a key picture behind the fade all other pictures are copied; each mixed one is the stated mix."""
    paths = [piece(tmp_path, place, g="5", bf="0", pixel_format=depth) for place in range(3)]
    made = await joined(paths, tmp_path / "out.mp4", transition=Transition("crossfade", 5 / 16))

    assert (made.method, made.copied, made.encoded) == ("smart", 12 + 7 + 12, 10)
    shown, sources = luma(tmp_path / "out.mp4"), [luma(path) for path in paths]
    assert len(shown) == 41
    for number in range(5):
        after = (number + 1) / 6
        due = sources[0][12 + number] * (1 - after) + sources[1][number] * after
        assert np.abs(shown[12 + number] - due).mean() < 2.5
    assert [np.abs(is_ - was).mean() < 0.5 for is_, was in zip(shown[17:24], sources[1][5:12], strict=True)] == [
        True
    ] * 7


async def test_sound_crosses_with_the_picture(tmp_path: Path) -> None:
    """Each clip's sound lies where its pictures lie; in the fade both are heard, and no sample is lost."""
    paths = [piece(tmp_path, place) for place in range(2)]
    made = await joined(paths, tmp_path / "out.mp4", transition=Transition("crossfade", 0.5))

    result, begin = heard(tmp_path / "out.mp4"), 9 * RATE // 16
    assert made.proof.sound_samples == 26 * RATE // 16
    assert lag(result[:begin], noise(LENGTH_S, seed=0)[:begin]) == 0
    assert lag(result[begin + RATE // 2 :], noise(LENGTH_S, seed=1)[RATE // 2 :]) == 0
    middle = slice(begin + RATE // 4 - 2000, begin + RATE // 4 + 2000)
    parts = [noise(LENGTH_S, seed=0)[middle], noise(LENGTH_S, seed=1)[RATE // 4 - 2000 : RATE // 4 + 2000]]
    assert [round(np.corrcoef(result[middle], part)[0, 1], 1) for part in parts] == [0.7, 0.7]


async def test_a_fade_to_black(tmp_path: Path) -> None:
    """Pictures and sound go down to nothing and come up again; the length stays the clips'."""
    paths = [piece(tmp_path, place, g="4", bf="0") for place in range(2)]
    made = await joined(paths, tmp_path / "out.mp4", transition=Transition("black", 0.25))

    brightness = [picture.mean() for picture in luma(tmp_path / "out.mp4")]
    assert (made.method, made.copied, len(brightness)) == ("smart", 26, 34)
    assert brightness[12] > brightness[13] > brightness[14] > brightness[15]
    assert max(brightness[16:18]) < 2 < brightness[18] < brightness[19] < brightness[20]
    result = heard(tmp_path / "out.mp4")
    assert np.abs(result[SAMPLES - 300 : SAMPLES + 300]).max() < 0.1
    assert lags(tmp_path / "out.mp4", [0]) == [0]
    assert lag(result[SAMPLES + RATE // 4 :], noise(LENGTH_S, seed=1)[RATE // 4 :]) == 0


async def test_a_pause_between_clips(tmp_path: Path) -> None:
    """Black and silence in between; every picture of the clips is copied, and sound begins with each clip."""
    paths = [piece(tmp_path, place) for place in range(2)]
    made = await joined(paths, tmp_path / "out.mp4", transition=Transition("gap", 0.5))

    brightness = [picture.mean() for picture in luma(tmp_path / "out.mp4")]
    assert (made.method, made.copied, made.encoded) == ("smart", 34, 8)
    assert max(brightness[17:25]) < 2
    assert numbers(tmp_path / "out.mp4")[25:] == list(range(17, 34))
    result = heard(tmp_path / "out.mp4")
    assert np.abs(result[SAMPLES + 2000 : SAMPLES + RATE // 2 - 2000]).max() < 1e-3
    assert lag(result[SAMPLES + RATE // 2 :], noise(LENGTH_S, seed=1)) == 0


@pytest.mark.parametrize("kind", ["crossfade", "black", "gap"])
async def test_odd_clips_fade_as_well(tmp_path: Path, kind: Any) -> None:
    """Another coding, another rate and no sound: brought to the model's form first, then faded and proven."""
    paths = [
        piece(tmp_path, 0, g="4"),
        piece(tmp_path, 1, name="webm", codec="libvpx-vp9", sound_codec="libopus"),
        write(tmp_path / "fast.mp4", frames=40, fps=25, size=(64, 96)),
    ]
    made = await joined(paths, tmp_path / "out.mp4", model=0, transition=Transition(kind, 0.25))

    assert (made.method, made.proof.faults) == ("smart", ())
    assert made.proof.frames == 17 + 17 + 26 + {"crossfade": -8, "black": 0, "gap": 8}[kind]
    assert len([seen for seen in made.proof.seen if seen.check.how == "mixed"]) >= 2


async def test_what_is_encoded_anew_fades_as_well(tmp_path: Path) -> None:
    """HEVC clips cannot be encoded beside copied pictures here, so a cross-fade of them is made with all anew."""
    quiet = {"codec": "libx265", "x265-params": "log-level=none"}
    paths = [piece(tmp_path, place, **quiet) for place in range(2)]
    made = await joined(paths, tmp_path / "out.mp4", transition=Transition("crossfade", 0.25))

    assert (made.method, made.proof.frames, made.copied) == ("exact", 30, 0)
    assert numbers(tmp_path / "out.mp4")[:13] == list(range(13))
    assert numbers(tmp_path / "out.mp4")[17:] == list(range(21, 34))


async def test_loudness_is_evened(tmp_path: Path) -> None:
    """A soft and a loud clip come out equally loud, and no peak is brought to full scale."""
    soft, loud = noise(2.0, seed=1) * 0.05, noise(2.0, seed=2) * 0.9
    paths = [write(tmp_path / f"{n}.mp4", frames=50, sound=one) for n, one in enumerate((soft, loud))]
    paths.append(write(tmp_path / "silent.mp4", frames=10))
    await joined(paths, tmp_path / "out.mp4", loudness_lufs=-23)

    result = heard(tmp_path / "out.mp4")
    one, other = (np.sqrt(np.mean(np.square(result[n * 2 * RATE + 5000 :][:RATE]))) for n in range(2))
    assert one == pytest.approx(other, rel=0.05)
    assert lag(result[: 2 * RATE], soft) == lag(result[2 * RATE :][: 2 * RATE], loud) == 0
    await joined(paths, tmp_path / "high.mp4", loudness_lufs=-6)
    assert np.abs(heard(tmp_path / "high.mp4")[: 2 * RATE]).max() < 1.0


async def test_clips_too_short_to_fade(tmp_path: Path) -> None:
    """A clip shorter than its two fades is refused at the field that says how long they are."""
    paths = [piece(tmp_path, place) for place in range(3)]
    with pytest.raises(InputError) as caught:
        await joined(paths, tmp_path / "out.mp4", transition=Transition("crossfade", 0.6))

    assert list(caught.value.fields) == ["transition_s"]
    assert not (tmp_path / "out.mp4").exists()


def test_layout_of_seams() -> None:
    """Three clips of 10: a cross-fade of 2 takes them from both sides; a pause takes nothing."""
    spans, seams = laid_out([10, 10, 10], Transition("crossfade", 2 / 25), Fraction(25))
    assert [(span.first, span.end) for span in spans] == [(0, 8), (2, 8), (2, 10)]
    assert [(seam.taken, seam.frames) for seam in seams] == [(2, 2), (2, 2)]
    spans, seams = laid_out([10, 10], Transition("black", 2 / 25), Fraction(25))
    assert [seam.shares(number) for seam in seams for number in range(4)] == [(0.5, 0), (0, 0), (0, 0), (0, 0.5)]
    spans, seams = laid_out([10, 10], Transition("gap", 1), Fraction(25))
    assert [(span.frames) for span in spans] == [10, 10]
    assert [seam.frames for seam in seams] == [25]


def sized(facts: Facts) -> remake.Form:
    return remake.Form(size=(facts.width or 0, facts.height or 0))


async def test_large_pictures_are_encoded_in_little_memory(tmp_path: Path) -> None:
    """Above four million pixels an encoder holds few of them, whatever the way; below, it works as usual."""
    facts = await probe(piece(tmp_path, 0))
    large = facts.model_copy(update={"width": 4096, "height": 4096})
    for build in (
        lambda one: fit.build(tmp_path / "a.mp4", one, fit.plain(one), tmp_path / "b.mp4").argv,
        lambda one: exact.build(tmp_path / "a.mp4", one, tmp_path / "b.mp4", [Span(0, 5)]).argv,
        lambda one: remake.build((tmp_path / "a.mp4", facts), tmp_path / "b.mp4", sized(one)).argv,
    ):
        assert "-rc-lookahead" in build(large)
        assert "-rc-lookahead" not in build(facts)
