"""Fitted clips: judged by the decoded pictures' numbers, their times, and by where the noise lies."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lib.errors import InputError
from lib.media.asked import Move, Playing
from lib.media.facts import Facts
from lib.media.fit import moves
from lib.media.fit.rate import count, length_of, meant, source_of
from lib.media.fit.remake import Form, build
from lib.media.fit.size import placed, sized
from lib.media.kept import lost
from lib.media.probe import probe
from lib.media.sound import fade
from lib.media.timing import shown_at
from lib.media.trim import Span
from lib.media.work import carry_out
from tests.media.barcoded import RATE, heard, lag, noise, number_in, numbers, times, write
from tests.media.conftest import SOUND, Clip

pytestmark = pytest.mark.anyio
FILM = Fraction(24000, 1001)
QUIET = {"x265-params": "log-level=none"}


def on_screen(facts: Facts, rate: Fraction, tempo: Fraction = Fraction(1)) -> list[int]:
    """By brute force: the picture on screen in the middle of each new one, the last one held."""
    begins = [shown_at(number, facts) for number in range(facts.frames or 0)]
    middles = [(Fraction(number) + Fraction(1, 2)) / rate * tempo for number in range(1000)]
    shown = [max((old for old, begin in enumerate(begins) if begin < middle), default=0) for middle in middles]
    return shown[: count(length_of(facts) / tempo, rate)]


def upright(path: Path) -> list[int]:
    """The numbers in a clip that was turned by 90 degrees."""
    with av.open(str(path)) as container:
        return [number_in(np.rot90(frame.to_ndarray(format="rgb24"), 3)) for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("sixteen", Fraction(24)), ("plain", Fraction(30)), ("silent", Fraction(24)), ("plain", FILM),
        ("film", FILM * 5 / 2), ("vp9", Fraction(16)), ("stream", Fraction(30)), ("animation", Fraction(24)),
        ("turned", Fraction(30)),
    ],
)  # fmt: skip
async def test_another_rate_shows_what_was_on_screen(
    clips: dict[str, Clip], tmp_path: Path, name: str, rate: Fraction
) -> None:
    """Every picture is the one on screen in the middle of its time; count, times and sound follow to the sample."""
    clip, output = clips[name], tmp_path / "out.mp4"
    said = await carry_out(build(clip, output, Form(rate=rate)))
    wanted = on_screen(clip.facts, rate)
    assert (numbers(output) if name != "turned" else upright(output)) == wanted
    assert times(output) == pytest.approx([float(number / rate) for number in range(len(wanted))], abs=0.001)
    assert wanted[-1] == 49
    facts = await probe(output)
    assert (facts.rotation, facts.has_sound) == (0, clip.facts.has_sound)
    if clip.facts.has_sound:
        assert said["proof"]["sound_samples"] == round(len(wanted) / rate * RATE)
        begin = round(times(clip.path)[0] * RATE)
        assert abs(lag(heard(output)[:RATE], heard(clip.path)[begin : begin + RATE])) <= 1


async def test_an_uneven_clip_becomes_even(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Each picture is shown when it was, up to half a new one; the last one, which has no end of its own, is there."""
    clip, output = clips["uneven"], tmp_path / "out.mp4"
    await carry_out(build(clip, output, Form(rate=Fraction(50))))
    wanted, shown = on_screen(clip.facts, Fraction(50)), numbers(output)
    sure = [number for number in range(len(wanted)) if source_of(number, clip.facts, Fraction(50)) is not None]
    assert len(sure) > len(wanted) * 0.8
    assert [shown[number] for number in sure] == [wanted[number] for number in sure]
    assert (len(shown), shown[-1]) == (len(wanted), 49)


@pytest.mark.parametrize(
    ("name", "form", "size"),
    [
        ("plain", {"width": 64, "height": 64, "how": "letterbox"}, (64, 64)),
        ("plain", {"width": 128, "height": 96, "how": "stretch"}, (128, 96)),
        ("uneven", {"width": 192, "height": None, "how": "crop"}, (192, 128)),
        ("animation", {"width": None, "height": 130, "how": "crop"}, (194, 130)),
        ("turned", {"width": 128, "height": 192, "how": "crop"}, (128, 192)),
    ],
)
async def test_another_size_keeps_every_picture(
    clips: dict[str, Clip], tmp_path: Path, name: str, form: dict[str, object], size: tuple[int, int]
) -> None:
    """The size is the one asked for, even and square; all 50 pictures come at their own times, uneven ones too."""
    clip, output = clips[name], tmp_path / "out.mp4"
    wanted = sized(clip.facts, form["width"], form["height"], None)  # type: ignore[arg-type]
    await carry_out(build(clip, output, Form(size=wanted, how=form["how"])))  # type: ignore[arg-type]
    facts = await probe(output)
    assert (facts.width, facts.height) == size == wanted
    place = placed(clip.facts, wanted, form["how"])  # type: ignore[arg-type]
    with av.open(str(output)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert container.streams.video[0].sample_aspect_ratio in (None, 1)
    inner = [one[place.top : place.top + place.height, place.left : place.left + place.width] for one in pictures]
    assert [number_in(np.rot90(one, 3) if name == "turned" else one) for one in inner] == list(range(50))
    due = [float(shown_at(number, clip.facts)) for number in range(50)]
    assert times(output) == pytest.approx(due, abs=0.002)


def test_sizes_by_shape() -> None:
    """A shape is cut out of the clip as large as fits; pixels that are not square count as they are shown."""
    facts = Facts(kind="video", content_type="video/mp4", size_bytes=1, width=1920, height=1080, fps=25, frames=9)
    assert sized(facts, None, None, Fraction(1)) == (1080, 1080)
    assert sized(facts, None, None, Fraction(9, 16)) == (608, 1080)
    assert sized(facts, 1279, 719, None) == (1280, 720)
    assert sized(facts, None, 720, Fraction(21, 9)) == (1680, 720)
    cropped, boxed = placed(facts, (1080, 1080), "crop"), placed(facts, (1080, 1080), "letterbox")
    assert (cropped.left, cropped.width, cropped.height) == (-420, 1920, 1080)
    assert (boxed.top, boxed.width, boxed.height) == (236, 1080, 608)
    tall = facts.model_copy(update={"width": 720, "height": 576, "sample_aspect": "16:11"})
    assert sized(tall, None, 576, None) == (1048, 576)
    with pytest.raises(InputError, match="more pixels"):
        sized(facts, 8192, 8192, None)


def test_rates_as_people_write_them() -> None:
    """23.976 and 23.98 mean the exact film rate; whole numbers and others are what they say."""
    assert [meant(fps) for fps in (23.976, 23.98, 29.97, 59.94, 24, 12.5)] == [
        FILM, FILM, Fraction(30000, 1001), Fraction(60000, 1001), 24, Fraction(25, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "tempo"), [("plain", Fraction(2)), ("film", Fraction(4, 5)), ("silent", Fraction(3))])
async def test_speed_keeps_rate_and_length(clips: dict[str, Clip], tmp_path: Path, name: str, tempo: Fraction) -> None:
    """At the same rate there are as many pictures as the new length asks for, each the one due then."""
    clip, output = clips[name], tmp_path / "out.mp4"
    await carry_out(build(clip, output, Form(tempo=tempo)))
    rate = Fraction(clip.facts.fps or 0).limit_denominator(1001)
    facts = await probe(output)
    assert numbers(output) == on_screen(clip.facts, rate, tempo)
    assert facts.frames == count(length_of(clip.facts) / tempo, rate)
    assert facts.fps == pytest.approx(float(rate))


@pytest.mark.parametrize("tempo", [Fraction(1, 2), Fraction(4, 5), Fraction(3, 2), Fraction(3)])
async def test_speed_keeps_pitch_and_moments(tmp_path: Path, tempo: Fraction) -> None:
    """A tone stays as high as it was, and bursts come when their pictures do, within half a packet."""
    sound = np.zeros(6 * RATE, np.float32)
    for begin_s in (1.0, 2.5, 4.0):
        sound[round(begin_s * RATE) :][:7200] = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(7200) / RATE)
    path, output = write(tmp_path / "in.mp4", frames=150, sound=sound), tmp_path / "out.mp4"
    said = await carry_out(build((path, await probe(path)), output, Form(tempo=tempo)))
    result = heard(output)
    assert said["proof"]["sound_samples"] == round(said["proof"]["frames"] / 25 * RATE)
    for begin_s in (1.0, 2.5, 4.0):
        due = (begin_s + 0.075) / tempo
        window = result[round((due - 0.5 / tempo) * RATE) : round((due + 0.5 / tempo) * RATE)]
        power = np.square(window.astype(np.float64))
        centre_s = (power * np.arange(len(power))).sum() / power.sum() / RATE
        assert centre_s == pytest.approx(0.5 / float(tempo), abs=0.0107)
        pitch = np.abs(np.fft.rfft(window)).argmax() * RATE / len(window)
        assert pitch == pytest.approx(1000, rel=0.02)


async def played(clip: Clip, found: tuple[Move, ...], output: Path) -> dict[str, object]:
    proof: dict[str, object] = (await carry_out(Playing(*clip, found, output)))["proof"]
    return proof


@pytest.mark.parametrize("name", ["plain", "film", "silent", "stream", "animation", "uneven"])
async def test_reversed_in_pieces(
    clips: dict[str, Clip], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """With room for seven pictures only, all come backwards at the right times, and the sound with them."""
    clip, output = clips[name], tmp_path / "out.mp4"
    monkeypatch.setattr(moves, "MOST_BYTES", 7 * 96 * 64 * 3 // 2 + 700)
    assert len(list(moves.pieces(moves.reverse(clip.facts), clip.facts))) >= 7
    proof = await played(clip, moves.reverse(clip.facts), output)
    assert numbers(output) == list(range(49, -1, -1))
    end_s = shown_at(50, clip.facts)
    due = [float(end_s - shown_at(number, clip.facts)) for number in range(50, 0, -1)]
    assert times(output) == pytest.approx(due, abs=0.002)
    if clip.facts.has_sound:
        assert proof["sound_samples"] == round(end_s * RATE)
        first = round(times(clip.path)[0] * RATE)
        truth = heard(clip.path)[first : first + round(end_s * RATE)][::-1]
        missing = round(end_s * RATE) - len(truth)
        assert abs(lag(heard(output)[missing:][: RATE // 2], truth[: RATE // 2])) <= 2
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.parametrize("name", ["plain", "film", "uneven"])
async def test_looped(clips: dict[str, Clip], tmp_path: Path, name: str) -> None:
    """Three times over: every picture three times, each time's sound begins with its first picture."""
    clip, output = clips[name], tmp_path / "out.mp4"
    await played(clip, moves.loop(clip.facts, times=3, until_s=None, there_and_back=False), output)
    assert numbers(output) == [*range(50)] * 3
    length, own = length_of(clip.facts), heard(clip.path)
    for turn in range(3):
        begin = round(turn * length * RATE)
        assert abs(lag(heard(output)[begin : begin + RATE], own[:RATE])) <= 2
    due = [float(turn * length + shown_at(number, clip.facts)) for turn in range(3) for number in range(50)]
    assert times(output) == pytest.approx(due, abs=0.002)


async def test_looped_until_a_time_there_and_back(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Neither turning point is shown twice, and it stops at the picture that the length asks for."""
    clip, output = clips["plain"], tmp_path / "out.mp4"
    await played(clip, moves.loop(clip.facts, times=None, until_s=5.0, there_and_back=True), output)
    there_and_back = [*range(50), *range(48, 0, -1)]
    assert numbers(output) == [*there_and_back, *range(27)]
    cut_back = moves.loop(clip.facts, times=None, until_s=2.2, there_and_back=True)
    assert cut_back[-1] == Move(Span(44, 49), backwards=True)


async def test_many_loops_of_a_short_clip_do_not_drift(tmp_path: Path) -> None:
    """A clip whose sound is no whole number of samples, 101 times: the last turn is as exact as the first."""
    path = write(tmp_path / "in.mp4", frames=7, fps=Fraction(30000, 1001), sound=noise(0.2336))
    clip, output = Clip(path, await probe(path)), tmp_path / "out.mp4"
    await played(clip, moves.loop(clip.facts, times=101, until_s=None, there_and_back=False), output)
    assert numbers(output) == [*range(7)] * 101
    begin = round(100 * length_of(clip.facts) * RATE)
    assert abs(lag(heard(output)[begin:][:9000], heard(path)[:9000])) <= 1


@pytest.mark.parametrize("name", ["plain", "uneven", "animation"])
async def test_ends_are_held(clips: dict[str, Clip], tmp_path: Path, name: str) -> None:
    """Six pictures before and eleven after stand still, in silence; between them the clip is as it was."""
    clip, output = clips[name], tmp_path / "out.mp4"
    await played(clip, moves.hold(clip.facts, first=6, last=11), output)
    assert numbers(output) == [0] * 6 + list(range(50)) + [49] * 11
    if clip.facts.has_sound:
        result, rate = heard(output), Fraction(clip.facts.fps or 0).limit_denominator(1001)
        begin = round(6 / rate * RATE)
        end = begin + round(length_of(clip.facts) * RATE)
        assert abs(lag(result[begin : begin + RATE], SOUND[:RATE])) <= 2
        assert max(np.abs(result[: begin - 1500]).max(), np.abs(result[end + 1500 :]).max()) < 1e-3


def test_too_many_turns_are_refused(clips: dict[str, Clip]) -> None:
    """An hour of a clip that lasts one picture is an error with a sentence, not a day's work."""
    facts = clips["plain"].facts.model_copy(update={"frames": 1, "duration_s": 0.04})
    with pytest.raises(InputError, match="10,000"):
        moves.loop(facts, times=None, until_s=3600.0, there_and_back=False)


async def test_fine_times_are_not_rounded(tmp_path: Path) -> None:
    """Pictures that come at odd milliseconds keep them, resized and backwards."""
    own = [0.0, 0.033, 0.047, 0.111, 0.148, 0.197, 0.24, 0.293]
    path = write(tmp_path / "in.mkv", frames=8, times=own)
    clip, output = Clip(path, await probe(path)), tmp_path / "out.mp4"
    await carry_out(build(clip, output, Form(size=(64, 64))))
    assert times(output) == pytest.approx(own, abs=0.0005)
    await played(clip, moves.reverse(clip.facts), output)
    end_s = clip.facts.duration_s or 0
    assert times(output)[1:] == pytest.approx([end_s - one for one in own[:0:-1]], abs=0.001)


@pytest.mark.parametrize("form", [Form(rate=Fraction(16)), Form(size=(48, 32)), Form(tempo=Fraction(2))])
async def test_depth_is_kept(clips: dict[str, Clip], tmp_path: Path, form: Form) -> None:
    """What has 10 bit keeps them at another rate, size or speed, and nothing has to be said of it."""
    said = await carry_out(build(clips["ten_bit"], tmp_path / "out.mp4", form))
    facts = await probe(tmp_path / "out.mp4")
    assert (facts.pixel_format, facts.video_profile, "changes" in said) == ("yuv420p10le", "High 10", False)


async def test_depth_is_kept_backwards_and_under_a_fade(clips: dict[str, Clip], tmp_path: Path) -> None:
    """The same where pictures are turned round or fade."""
    clip = clips["ten_bit"]
    await carry_out(Playing(*clip, moves.reverse(clip.facts), tmp_path / "back.mp4"))
    await carry_out(fade.build(clip, tmp_path / "fade.mp4", fade_in_s=0.5, fade_out_s=0.5, picture=True))
    for name in ("back.mp4", "fade.mp4"):
        assert (await probe(tmp_path / name)).pixel_format == "yuv420p10le"


async def test_what_is_lost_is_said(tmp_path: Path) -> None:
    """Twelve bit and finer colours cannot be kept, and an endpoint that reads 8 bit gets them: both are told."""
    path = write(tmp_path / "fine.mp4", frames=10, codec="libx265", pixel_format="yuv422p12le", **QUIET)
    facts = await probe(path)
    said = await carry_out(build((path, facts), tmp_path / "out.mp4", Form(rate=Fraction(16))))
    assert (await probe(tmp_path / "out.mp4")).pixel_format == "yuv420p10le"
    assert "Depth: 12 to 10 bit" in said["changes"]
    assert "4:2:0" in said["changes"]
    await carry_out(build((path, facts), tmp_path / "plain.mp4", Form(rate=Fraction(16), plain=True)))
    assert (await probe(tmp_path / "plain.mp4")).pixel_format == "yuv420p"
    assert next(lost(facts, plain=True)).startswith("Depth: 12 to 8 bit")
