"""Trim, join, frame and sound: judged by the decoded pictures' numbers and by where the noise lies."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lib.errors import InputError, Unsupported
from lib.media import frames, sound, trim
from lib.media.facts import Facts
from lib.media.mark import REHEARSAL_MARK
from lib.media.probe import probe
from lib.media.run import run
from lib.media.smart import exact
from lib.media.timing import frame_at, is_moment, moment, rate_of, shown_at, timecode
from tests.media.barcoded import RATE, ffmpeg_run, heard, lag, noise, number_in, numbers, times, write
from tests.media.conftest import SOUND, Clip

pytestmark = pytest.mark.anyio
VIDEOS = ["plain", "film", "sixteen", "silent", "ten_bit", "vp9", "stream", "uneven"]
LOUD = ["plain", "film", "sixteen", "ten_bit", "vp9", "stream", "uneven"]


async def trimmed(path: Path, output: Path, first: int, end: int, facts: Facts | None = None) -> None:
    facts = facts or await probe(path)
    part = trim.span(facts, start_frame=first, end_frame=end)
    await run(exact.build(path, facts, output, [part]))


@pytest.mark.parametrize("name", VIDEOS)
async def test_trim_has_exactly_the_pictures(clips: dict[str, Clip], tmp_path: Path, name: str) -> None:
    """A trim shows the pictures asked for and no other, and the probe of it agrees."""
    for first, end in ((13, 29), (49, 50)):
        output = tmp_path / f"{first}.mp4"
        await trimmed(clips[name].path, output, first, end, clips[name].facts)
        assert numbers(output) == list(range(first, end))
        source, facts = clips[name].facts, await probe(output)
        assert facts.frames == end - first
        assert facts.duration_s == pytest.approx(float(shown_at(end, source) - shown_at(first, source)), abs=0.002)


@pytest.mark.parametrize("name", LOUD)
async def test_trim_keeps_sound_with_the_picture(clips: dict[str, Clip], tmp_path: Path, name: str) -> None:
    """The sound under a trimmed part is what was under those pictures, to a few samples, and as long."""
    output = tmp_path / "out.mp4"
    source = clips[name].facts
    first, end = 26, 44
    await trimmed(clips[name].path, output, first, end, clips[name].facts)
    begin, stop = (round(shown_at(number, source) * RATE) for number in (first, end))
    # What the source itself plays at its picture 26 is the truth; its container may have moved sound a little.
    truth = heard(clips[name].path)[begin + round(times(clips[name].path)[0] * RATE) :]
    result = heard(output)
    stop = min(stop, len(SOUND))
    assert abs(lag(result[: stop - begin], truth[: stop - begin])) <= 1
    length_s = float(shown_at(end, source) - shown_at(first, source))
    assert (await probe(output)).audio_duration_s == pytest.approx(length_s, abs=0.001)


@pytest.mark.parametrize("lost", [1, 3, 12])
async def test_trim_fills_holes_in_the_sound(clips: dict[str, Clip], tmp_path: Path, lost: int) -> None:
    """Where packets of sound are missing there is silence for as long, and what follows stays in its place."""
    path, output, seen = tmp_path / "holes.mkv", tmp_path / "out.mp4", 0
    with av.open(str(clips["plain"].path)) as source, av.open(str(path), "w") as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is None:
                continue
            is_sound, stream = packet.stream.type == "audio", streams[packet.stream.index]
            seen += is_sound
            if not (is_sound and 20 <= seen < 20 + lost):
                packet.stream = stream
                target.mux(packet)
    await trimmed(path, output, 5, 45)
    begin, half = 5 * RATE // 25, RATE  # after the hole
    assert abs(lag(heard(output)[half:], SOUND[begin + half : 45 * RATE // 25])) <= RATE // 1000


async def test_trim_of_an_uneven_clip_keeps_its_times(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Pictures that stood for uneven times still stand for the same times."""
    output, facts = tmp_path / "out.mp4", clips["uneven"].facts
    await trimmed(clips["uneven"].path, output, 10, 40, clips["uneven"].facts)
    wanted = [time - facts.shown_at_s[10] for time in facts.shown_at_s[10:40]]
    assert times(output) == pytest.approx(wanted, abs=0.002)


async def test_trim_of_a_turned_clip(clips: dict[str, Clip], tmp_path: Path) -> None:
    """A clip turned by its metadata comes out as it was seen, with nothing left to turn."""
    output = tmp_path / "out.mp4"
    await trimmed(clips["turned"].path, output, 5, 9, clips["turned"].facts)
    facts = await probe(output)
    assert (facts.width, facts.height, facts.rotation) == (64, 96, 0)
    upright = tmp_path / "upright.mp4"
    ffmpeg_run("-i", output, "-vf", "transpose=clock", "-crf", "10", upright)
    assert numbers(upright) == [5, 6, 7, 8]


async def test_trim_of_a_gif_with_odd_size(clips: dict[str, Clip], tmp_path: Path) -> None:
    """A GIF of 97 x 65 is a clip as well; the odd last row and column go."""
    output = tmp_path / "out.mp4"
    await trimmed(clips["animation"].path, output, 7, 19, clips["animation"].facts)
    facts = await probe(output)
    assert (facts.width, facts.height, facts.fps) == (96, 64, 10)
    assert numbers(output) == list(range(7, 19))


async def test_trim_of_a_long_clip_seeks(tmp_path: Path) -> None:
    """Far into a clip with rare key pictures and B pictures, seeking changes nothing about what comes out."""
    source = write(tmp_path / "long.mp4", frames=600, sound=noise(24), g="250", bf="3")
    output = tmp_path / "out.mp4"
    await trimmed(source, output, 437, 452)
    assert numbers(output) == list(range(437, 452))
    begin, length = 437 * RATE // 25, 15 * RATE // 25
    assert abs(lag(heard(output)[:length], noise(24)[begin : begin + length])) <= 1


@pytest.mark.parametrize(
    ("time_s", "fps", "number"),
    [
        (0, 25, 0), (0.039, 25, 1), (0.029, 25, 0), (9.966667, 30, 299), (9.9667, 30, 299), (5.0, 25, 125),
        (1.001, 24000 / 1001, 24), (61.7, 30, 1851), (100, 25, 400),
    ],
)  # fmt: skip
async def test_rounding_rule(clips: dict[str, Clip], time_s: float, fps: float, number: int) -> None:
    """A time means the picture on screen then, up to a quarter of a picture early; past the end it is the end."""
    facts = (clips["silent"].facts).model_copy(update={"fps": fps, "frames": 400 if fps != 30 else 4000})
    assert frame_at(time_s, facts) == number


async def test_rounding_rule_of_uneven_clips(clips: dict[str, Clip]) -> None:
    """The same rule holds by the clip's own times; every picture's own time leads to it."""
    facts = clips["uneven"].facts
    assert [frame_at(time, facts) for time in facts.shown_at_s] == list(range(50))
    assert [frame_at(time + 0.004, facts) for time in facts.shown_at_s] == list(range(50))
    assert frame_at(99, facts) == 50


@pytest.mark.parametrize(
    ("text", "fps", "number"),
    [
        ("61.7", 30, 1851), ("#1851", 30, 1851), ("00:01:01:21", 30, 1851), ("00:01:01.700", 30, 1851),
        ("1:01.7", 30, 1851), (" .5 ", 30, 15), ("#99999", 30, 4000),
        ("00:00:20:00", 24000 / 1001, 480), ("20", 24000 / 1001, 479), ("20.02", 24000 / 1001, 480),
        ("00:01:00:00", 30000 / 1001, 1800), ("00:01:00.060", 30000 / 1001, 1800), ("00:01:00.000", 30000 / 1001, 1798),
    ],
)  # fmt: skip
async def test_moments(clips: dict[str, Clip], text: str, fps: float, number: int) -> None:
    """Seconds and times are real time; a timecode counts pictures at the nominal rate, without drop frames."""
    facts = clips["silent"].facts.model_copy(update={"fps": fps, "frames": 4000})
    assert moment(text, facts) == number


@pytest.mark.parametrize("fps", [12.5, 16, 24000 / 1001, 25, 30000 / 1001, 60, 120])
async def test_timecodes_lead_back(clips: dict[str, Clip], fps: float) -> None:
    """Every picture's timecode means that picture."""
    facts = clips["silent"].facts.model_copy(update={"fps": fps, "frames": 9000})
    assert [moment(timecode(number, facts), facts) for number in range(9001)] == list(range(9001))
    assert timecode(floor(fps + 0.5) * 3661 + 3, facts)[:10] in {"01:01:01:0", "01:01:01:00"}


@pytest.mark.parametrize(("fps", "a_second"), [(12.5, 13), (7.5, 8), (6.5, 7), (0.4, 1), (24000 / 1001, 24)])
async def test_halves_count_up(clips: dict[str, Clip], fps: float, a_second: int) -> None:
    """A timecode's second has the nearest whole number of pictures, of two the higher one, as in the player."""
    facts = clips["silent"].facts.model_copy(update={"fps": fps, "frames": 9000})
    assert timecode(a_second, facts) == "00:00:01:00"
    assert moment(f"00:00:02:{a_second - 1:02}", facts) == 3 * a_second - 1


async def test_moments_of_uneven_clips(clips: dict[str, Clip]) -> None:
    """Where the rate varies a timecode is a time, and pictures within a second are refused."""
    facts = clips["uneven"].facts
    assert [moment(timecode(number, facts), facts) for number in range(51)] == list(range(51))
    assert timecode(0, facts) == "00:00:00.000"
    with pytest.raises(InputError, match="rate varies"):
        moment("00:00:01:03", facts)


@pytest.mark.parametrize("text", ["", "x", "-1", "1e3", "00:00:01;02", "#-1", "1:2:3:4:5", "٣", "#", "."])
async def test_no_moments(clips: dict[str, Clip], text: str) -> None:
    """What is no moment is refused with the forms that there are."""
    assert not is_moment(text)
    with pytest.raises(InputError) as caught:
        moment(text, clips["plain"].facts)
    assert "00:01:01:21" in caught.value.hint


@pytest.mark.parametrize("text", ["00:00:01:25", "00:00:60:00", "00:60:00:00"])
async def test_timecodes_past_their_second(clips: dict[str, Clip], text: str) -> None:
    """At 25 pictures a second there is no picture 25 in it, and no second 60."""
    assert is_moment(text)
    with pytest.raises(InputError, match="pictures 0 to 24"):
        moment(text, clips["plain"].facts)


async def test_parts_as_written(clips: dict[str, Clip]) -> None:
    """A part's moments are exact, its end may be open, and what is wrong is said at its field."""
    facts = clips["plain"].facts
    assert trim.part(facts, "0.4", "#20") == trim.Span(10, 20)
    assert trim.part(facts, "00:00:01:00") == trim.Span(25, 50)
    for field, start, end in (("start", "x", None), ("start", "9", None), ("end", "1", "1"), ("end", "1", "")):
        with pytest.raises(InputError) as caught:
            trim.part(facts, start, end)
        assert list(caught.value.fields) == [field]


async def test_what_is_left(clips: dict[str, Clip]) -> None:
    """The rest of 50 pictures, whatever order the removed parts have and however they overlap."""
    facts, part = clips["plain"].facts, trim.Span
    assert trim.without(facts, [part(30, 40), part(5, 9)]) == (part(0, 5), part(9, 30), part(40, 50))
    assert trim.without(facts, [part(0, 20), part(10, 50)]) == ()
    assert trim.without(facts, [part(0, 20), part(5, 10)]) == (part(20, 50),)


def test_exact_rates() -> None:
    """A decimal rate stands for the exact one."""
    assert [rate_of(float(rate)) for rate in (Fraction(30000, 1001), Fraction(24000, 1001), Fraction(25))] == [
        Fraction(30000, 1001), Fraction(24000, 1001), Fraction(25),
    ]  # fmt: skip


async def test_trim_that_leaves_nothing(clips: dict[str, Clip]) -> None:
    """A part outside the clip is an error at the field that is wrong."""
    facts = clips["plain"].facts
    for field, asked in {
        "start_s": {"start_s": 9.0},
        "end_s": {"start_s": 1.0, "end_s": 1.001},
        "start_frame": {"start_frame": 50},
        "end_frame": {"start_frame": 9, "end_frame": 9},
    }.items():
        with pytest.raises(InputError) as caught:
            trim.span(facts, **asked)
        assert list(caught.value.fields) == [field]


async def test_a_picture_is_no_clip(tmp_path: Path) -> None:
    """A picture given as a clip is refused with a sentence."""
    Image.new("RGB", (20, 20)).save(tmp_path / "one.png")
    facts = await probe(tmp_path / "one.png")
    with pytest.raises(Unsupported, match="not a video"):
        trim.span(facts)


@pytest.mark.parametrize("name", [*VIDEOS, "animation"])
@pytest.mark.parametrize("number", [0, 1, 33, 49])
async def test_frame_is_the_one(clips: dict[str, Clip], tmp_path: Path, name: str, number: int) -> None:
    """Any picture by its number, in any container, is that picture; 49 is the last one shown."""
    output, facts = tmp_path / "out.png", clips[name].facts
    wanted = {0: ("first", None), 49: ("last", None)}.get(number, ("number", number))
    await run(frames.build(clips[name].path, facts, output, frames.pick(facts, wanted[0], number=wanted[1])))
    assert number_in(np.asarray(Image.open(output).convert("RGB"))) == number


async def test_frame_by_time_as_jpeg(clips: dict[str, Clip], tmp_path: Path) -> None:
    """A picture by its time, as JPEG where the name says so."""
    output, facts = tmp_path / "out.jpg", clips["plain"].facts
    await run(frames.build(clips["plain"].path, facts, output, frames.pick(facts, "time", time_s=1.33)))
    image = Image.open(output)
    assert image.format == "JPEG"
    assert number_in(np.asarray(image.convert("RGB"))) == 33
    with pytest.raises(InputError, match="pictures 0 to 49"):
        frames.pick(facts, "time", time_s=2.0)


async def test_last_frame_past_hidden_ones(clips: dict[str, Clip], tmp_path: Path) -> None:
    """The last picture is the last one shown, also where the file holds more that an edit list hides."""
    part = tmp_path / "part.mp4"
    ffmpeg_run("-ss", "0.2", "-i", clips["plain"].path, "-t", "1.2", "-c", "copy", part)
    shown = numbers(part)
    facts = await probe(part)
    assert facts.frames == len(shown)
    output = tmp_path / "out.png"
    await run(frames.build(part, facts, output, frames.pick(facts, "last")))
    assert number_in(np.asarray(Image.open(output).convert("RGB"))) == shown[-1]


@pytest.mark.parametrize(
    ("name", "offset_s", "seconds"),
    [("plain", 0.0, 3.0), ("silent", 0.5, 1.0), ("sixteen", -0.25, 3.0), ("uneven", 1.5, 3.0), ("stream", 0.0, 1.0)],
)
async def test_sound_is_replaced(
    clips: dict[str, Clip], tmp_path: Path, name: str, offset_s: float, seconds: float
) -> None:
    """The new sound starts at its offset and lasts as long as the picture; the pictures stay as they are."""
    voice = tmp_path / "voice.wav"
    said = noise(seconds, seed=99)
    with voice.open("wb") as file:
        _wav(file, said)
    facts, output = clips[name].facts, tmp_path / "out.mp4"
    await run(sound.build((clips[name].path, facts), (voice, await probe(voice)), output, offset_s=offset_s))
    result = heard(output)
    assert numbers(output) == list(range(50))
    assert (await probe(output)).audio_duration_s == pytest.approx(facts.duration_s, abs=0.001)
    begin, skipped = max(round(offset_s * RATE), 0), max(-round(offset_s * RATE), 0)
    length = min(len(said) - skipped, round((facts.duration_s or 0) * RATE) - begin)
    assert abs(lag(result[begin : begin + length], said[skipped : skipped + length])) <= 1
    assert np.abs(result[: max(begin - 2000, 0)]).max(initial=0) < 1e-3
    assert np.abs(result[begin + length + 2000 : round((facts.duration_s or 0) * RATE)]).max(initial=0) < 1e-3


async def test_sound_is_added(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Kept under the new one, the clip's own sound is still there at its place."""
    voice = tmp_path / "voice.wav"
    with voice.open("wb") as file:
        _wav(file, noise(1.0, seed=99) * 0.5)
    output = tmp_path / "out.mp4"
    facts = clips["plain"].facts
    await run(sound.build((clips["plain"].path, facts), (voice, await probe(voice)), output, offset_s=1, keep_own=True))
    result = heard(output)
    assert abs(lag(result[:RATE], SOUND[:RATE])) <= 1
    assert abs(lag(result[RATE : 2 * RATE] - SOUND[RATE : 2 * RATE], noise(1.0, seed=99))) <= 1


async def test_silent_sound_is_refused(clips: dict[str, Clip], tmp_path: Path) -> None:
    """A silent file cannot be the sound."""
    facts = clips["silent"].facts
    with pytest.raises(Unsupported, match="silent"):
        sound.build((clips["silent"].path, facts), (clips["silent"].path, facts), tmp_path / "out.mp4")


async def test_the_mark_is_carried_on(tmp_path: Path) -> None:
    """What is cut from a rehearsal take says so as well."""
    marked = write(tmp_path / "marked.mp4", frames=10, comment=REHEARSAL_MARK)
    await trimmed(marked, tmp_path / "trim.mp4", 2, 5)
    assert (await probe(tmp_path / "trim.mp4")).rehearsal


def _wav(file: object, samples: np.ndarray) -> None:
    import wave

    with wave.open(file, "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", "NONE"))
        out.writeframes((samples * 32767).astype("<i2").tobytes())


async def test_an_hour_of_varying_rate_is_found_at_once(clips: dict[str, Clip]) -> None:
    """Of a hundred thousand uneven pictures few are looked at: the rule holds at both ends, in the middle and past."""
    gaps = [0.02 + 0.01 * (number % 3) for number in range(108_000)]
    times = tuple(round(sum(gaps[:3]) * (number // 3) + sum(gaps[: number % 3]), 6) for number in range(108_000))
    facts = clips["uneven"].facts.model_copy(
        update={"frames": len(times), "shown_at_s": times, "duration_s": times[-1] + 0.03}
    )
    asked: list[int] = []

    class Told(Facts):
        """Counts how often its table is read."""

        def __getattribute__(self, name: str) -> object:
            if name == "shown_at_s":
                asked.append(1)
            return super().__getattribute__(name)

    told = Told(**facts.model_dump())
    for number in (0, 1, 54_321, 107_999):
        asked.clear()
        assert frame_at(times[number], told) == number
        assert len(asked) < 40
    assert frame_at(times[500] - 0.001, told) == 500
    assert frame_at(times[500] - 0.02, told) == 499
    assert frame_at(1e6, told) == 108_000
