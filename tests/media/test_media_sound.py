"""Sound in files and out of them: judged by where the noise lies, how loud it is, and what pictures are left."""

from __future__ import annotations

import re
import subprocess
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from lib.errors import InputError, Unsupported
from lib.media import sound
from lib.media.asked import Evening, Speaking
from lib.media.binary import ffmpeg
from lib.media.probe import probe, probe_blocking
from lib.media.sound import extract, fade, mute, waveform
from lib.media.sound.voices import TITLE, Voice
from lib.media.timing import shown_at
from lib.media.work import carry_out
from tests.media.barcoded import RATE, heard, lag, noise, numbers, times, write
from tests.media.conftest import SOUND, Clip

pytestmark = pytest.mark.anyio
LOUD = ["plain", "film", "sixteen", "vp9", "stream", "uneven", "turned"]


def waved(path: Path, samples: np.ndarray) -> Clip:
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", "NONE"))
        out.writeframes((samples * 32767).astype("<i2").tobytes())
    return Clip(path, probe_blocking(path))


def loudness(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0


def said_by_ebur128(path: Path) -> tuple[float, float]:
    """Integrated loudness and true peak by ffmpeg's other meter."""
    argv = [str(ffmpeg()), "-nostdin", "-i", str(path), "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
    text = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    found = [re.search(rf"{name}:\s+(-?[\d.]+) ", text.rpartition("Summary:")[2]) for name in ("I", "Peak")]
    return tuple(float(one.group(1)) for one in found if one)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("name", "format"), [*((name, "wav") for name in LOUD), ("plain", "m4a"), ("film", "m4a"), ("uneven", "m4a")]
)
async def test_the_extracted_sound_is_as_long_as_the_pictures(
    clips: dict[str, Clip], tmp_path: Path, name: str, format: extract.Format
) -> None:
    """It starts at the first picture and ends with the last one, to the sample, wherever the clip's sound started."""
    path, facts = clips[name]
    output = tmp_path / f"out.{format}"
    said = await carry_out(extract.build((path, facts), output, format))
    length = round(shown_at(50, facts) * RATE)
    assert said["samples"] == said["proof"]["sound_samples"] == length
    result, first = heard(output), round(times(path)[0] * RATE)
    truth = heard(path)[first:]
    assert abs(lag(result[:RATE], truth[:RATE])) <= 1
    assert (await probe(output)).audio_duration_s == pytest.approx(length / RATE, abs=1e-6)


@pytest.mark.parametrize("format", ["flac", "mp3"])
async def test_other_formats_decode_to_the_same_length(
    clips: dict[str, Clip], tmp_path: Path, format: extract.Format
) -> None:
    """FLAC holds exactly as many samples, MP3 at most a block more, and the noise is where it was."""
    output = tmp_path / f"out.{format}"
    await carry_out(extract.build(clips["plain"], output, format))
    with av.open(str(output)) as container:
        more = sum(frame.samples for frame in container.decode(audio=0)) - 2 * RATE
        assert 0 <= more <= {"flac": 0, "mp3": 1151}[format]
        assert container.format.name == format
        begin = round((container.start_time or 0) * RATE / av.time_base)  # MP3's clock starts before its sound
    assert abs(lag(heard(output)[begin : begin + RATE], SOUND[:RATE])) <= 1


async def test_a_rate_of_its_own_is_kept(tmp_path: Path) -> None:
    """Sound at 44.1 kHz stays so, in step with pictures whose length is no whole number of its samples."""
    path = write(tmp_path / "in.mp4", frames=31, fps=24)
    voice = waved(tmp_path / "voice.wav", noise(2.0))
    both = tmp_path / "both.mkv"
    argv = [ffmpeg(), "-v", "error", "-i", path, "-i", voice.path, "-c:v", "copy", "-c:a", "flac", "-ar", "44100", both]
    subprocess.run(argv, check=True)
    output = tmp_path / "out.wav"
    await carry_out(extract.build((both, await probe(both)), output, "wav"))
    with wave.open(str(output)) as made:
        assert (made.getframerate(), made.getnframes()) == (44_100, round(31 / 24 * 44_100))


async def test_silence_cannot_be_extracted_nor_drawn_nor_evened(clips: dict[str, Clip], tmp_path: Path) -> None:
    """A silent clip is refused with a sentence, before anything runs."""
    silent = clips["silent"]
    with pytest.raises(Unsupported, match="no sound"):
        extract.build(silent, tmp_path / "out.wav", "wav")
    with pytest.raises(Unsupported, match="no sound"):
        waveform.build(silent, tmp_path / "out.png", width=100, height=50)
    with pytest.raises(Unsupported, match="no sound"):
        await carry_out(Evening(*silent, tmp_path / "out.mp4", -16, -1))
    with pytest.raises(Unsupported, match="no sound to fade"):
        fade.build(silent, tmp_path / "out.mp4", fade_in_s=0.5, fade_out_s=0.5)


@pytest.mark.parametrize("name", ["plain", "vp9", "turned", "uneven", "animation"])
async def test_muted_clips_keep_their_pictures(clips: dict[str, Clip], tmp_path: Path, name: str) -> None:
    """The sound is gone; MP4 pictures are copied bit by bit, others encoded, none lost."""
    output = tmp_path / "out.mp4"
    said = await carry_out(mute.build(clips[name], output))
    facts = await probe(output)
    assert (facts.has_sound, facts.frames, said["proof"]["frames"]) == (False, 50, 50)
    counts = said["copied_pictures"], said["encoded_pictures"]
    if name in ("plain", "turned", "uneven"):
        assert (said["method"], counts) == ("smart", (50, 0))
    else:
        assert (said["method"], counts) == ("exact", (0, 50))
        assert "no MP4" in said["reason"]
    if name in ("plain", "turned"):
        assert packets(output) == packets(clips[name].path)
        assert facts.rotation == clips[name].facts.rotation
    if name != "turned":
        assert numbers(output) == list(range(50))
    assert times(output) == pytest.approx(
        [float(shown_at(number, clips[name].facts)) for number in range(50)], abs=2e-3
    )


@pytest.mark.parametrize(
    ("differs", "why"),
    [
        ({}, ""),
        ({"container": "mpegts"}, "no MP4"),
        ({"video_codec": "prores"}, "coded as ProRes"),
        ({"video_codec": "mpeg4"}, "coded as MPEG-4"),
        ({"hidden_frames": 2}, "does not show"),
        ({"picture_start_s": 0.5}, "before its first picture"),
    ],
)
def test_it_is_said_why_pictures_are_encoded(
    clips: dict[str, Clip], tmp_path: Path, differs: dict[str, Any], why: str
) -> None:
    """A change of the sound alone says what became of the pictures, and why they could not be copied."""
    path, facts = clips["plain"]
    said = mute.build((path, facts.model_copy(update=differs)), tmp_path / "out.mp4").said
    assert (said["method"], why in said.get("reason", "")) == ("exact" if why else "smart", True)
    assert (said["copied_pictures"], said["encoded_pictures"]) == ((0, 50) if why else (50, 0))


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


async def test_ducking_lowers_the_own_sound_only_under_the_new_one(tmp_path: Path) -> None:
    """Under a second of voice the clip's own sound is much softer, before and after it is as it was."""
    path = write(tmp_path / "in.mp4", frames=100, sound=noise(4.0))
    voice = waved(tmp_path / "voice.wav", noise(1.0, seed=99))
    clip, output = (path, await probe(path)), tmp_path / "out.mp4"
    await carry_out(sound.build(clip, voice, output, offset_s=1.0, keep_own=True, duck=True))
    result, own = heard(output), noise(4.0)
    under = result[RATE + 4800 : 2 * RATE - 4800] - noise(1.0, seed=99)[4800:-4800]
    before = loudness(result[: RATE - 4800])
    assert before == pytest.approx(loudness(own[: RATE - 4800]), rel=0.05)
    assert loudness(under) < before / 2
    assert loudness(result[3 * RATE : 4 * RATE - 4800]) == pytest.approx(before, rel=0.1)
    assert abs(lag(result[3 * RATE : 4 * RATE], own[3 * RATE :])) <= 1


async def test_gain_and_fades_of_a_new_sound(tmp_path: Path) -> None:
    """Half as loud by -6 dB, rising from its own start and sinking to its own end, not the clip's."""
    path = write(tmp_path / "in.mp4", frames=100)
    voice = waved(tmp_path / "voice.wav", noise(2.0, seed=99))
    output = tmp_path / "out.mp4"
    tone = sound.Tone(gain_db=-6.0206, fade_in_s=0.5, fade_out_s=0.5)
    await carry_out(sound.build((path, await probe(path)), voice, output, offset_s=1.0, tone=tone))
    result = heard(output)
    full = loudness(noise(2.0, seed=99)) / 2
    levels = [loudness(result[round(at * RATE) :][:2400]) / full for at in (1.01, 1.22, 1.6, 2.4, 2.72, 2.94)]
    assert levels == pytest.approx([0.07, 0.49, 1, 1, 0.51, 0.07], abs=0.1)
    assert loudness(result[: RATE - 1000]) + loudness(result[3 * RATE + 1000 :]) < 1e-3


@pytest.mark.parametrize("picture", [False, True])
async def test_fades_at_both_ends(clips: dict[str, Clip], tmp_path: Path, *, picture: bool) -> None:
    """The sound rises and sinks by the stated seconds; the picture only if asked, and between them it is untouched."""
    output = tmp_path / "out.mp4"
    said = await carry_out(fade.build(clips["plain"], output, fade_in_s=0.4, fade_out_s=0.6, picture=picture))
    result, full = heard(output), loudness(SOUND)
    levels = [loudness(result[round(at * RATE) :][:1200]) / full for at in (0.0, 0.19, 0.5, 1.3, 1.69, 1.97)]
    assert levels == pytest.approx([0.03, 0.5, 1, 1, 0.5, 0.03], abs=0.1)
    assert numbers(output)[12:34] == list(range(12, 34))
    with av.open(str(output)) as container:
        light = [frame.to_ndarray(format="gray").mean() for frame in container.decode(video=0)]
    assert len(light) == 50
    assert (light[0] < 20, light[-1] < 30) == (picture, picture)
    assert [one["check"]["made"] for one in said["proof"]["seen"]] == ([11, 34] if picture else [0, 49])


async def test_fades_longer_than_the_clip_are_refused(clips: dict[str, Clip], tmp_path: Path) -> None:
    """Two fades that would overlap are an error at the second, with the clip's length."""
    with pytest.raises(InputError, match=r"2\.00 s") as caught:
        fade.build(clips["plain"], tmp_path / "out.mp4", fade_in_s=1.2, fade_out_s=1.2)
    assert list(caught.value.fields) == ["fade_out_s"]


@pytest.mark.parametrize(("level", "target"), [(0.02, -16.0), (0.5, -23.0), (0.1, -9.0)])
async def test_loudness_is_what_another_meter_reads(tmp_path: Path, level: float, target: float) -> None:
    """Noise with a few high peaks comes to the target by ebur128's reading, peaks under the limit, pictures copied."""
    samples = noise(6.0) * level
    samples[::7919] = np.clip(level * 8, 0, 0.95)
    path = write(tmp_path / "in.mp4", frames=150, sound=samples)
    output = tmp_path / "out.mp4"
    said = await carry_out(Evening(path, await probe(path), output, target, -1.5))
    lufs, peak = said_by_ebur128(output)
    assert lufs == pytest.approx(target, abs=0.5)
    assert peak <= -1.4
    assert said["loudness_after_lufs"] == pytest.approx(lufs, abs=0.2)
    assert said["loudness_before_lufs"] == pytest.approx(said_by_ebur128(path)[0], abs=0.3)
    assert packets(output) == packets(path)
    assert abs(lag(heard(output)[:RATE], samples[:RATE])) <= 1
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


async def test_digital_silence_has_no_loudness(tmp_path: Path) -> None:
    """A sound track of zeros cannot be brought to a loudness, and is refused with a sentence."""
    path = write(tmp_path / "in.mp4", sound=np.zeros(2 * RATE, np.float32))
    with pytest.raises(Unsupported, match="silence"):
        await carry_out(Evening(path, await probe(path), tmp_path / "out.mp4", -16, -1))


async def test_a_waveform_shows_where_it_is_loud(tmp_path: Path) -> None:
    """A sound that is loud in its middle third is drawn there, in the size asked for."""
    samples = noise(3.0)
    samples[:RATE] = samples[2 * RATE :] = 0
    voice, output = waved(tmp_path / "voice.wav", samples), tmp_path / "out.png"
    await carry_out(waveform.build(voice, output, width=300, height=101))
    image = np.asarray(Image.open(output).convert("RGB")).astype(int)
    assert image.shape == (101, 300, 3)
    drawn = np.abs(image - image[0, 0]).sum(2) > 60
    heights = drawn.sum(0)
    assert heights[10:90].max() <= 2
    assert heights[110:190].min() > 20
    assert heights[210:290].max() <= 2


@pytest.mark.parametrize("format", ["wav", "mp3"])
async def test_a_computer_voice_says_so(tmp_path: Path, format: extract.Format) -> None:
    """The file names its voice, is as long as said, and a faster voice needs less time."""
    lengths = []
    for pace in (120, 240):
        output = tmp_path / f"{pace}.{format}"
        said = await carry_out(Speaking("The rabbit looks up.", Voice("en-us+f2", 50, pace), format, output))
        with av.open(str(output)) as container:
            assert container.metadata["title"] == said["voice"] == TITLE
        lengths.append(said["samples"])
        assert loudness(heard(output)) > 0.01
    assert lengths[1] < 0.7 * lengths[0]


async def test_a_text_without_words_is_refused(tmp_path: Path) -> None:
    """What no voice can speak is an error at the text, not an empty file."""
    with pytest.raises(InputError) as caught:
        await carry_out(Speaking("...", Voice("en-us", 50, 165), "wav", tmp_path / "out.wav"))
    assert list(caught.value.fields) == ["text"]
    assert list(tmp_path.iterdir()) == []
