"""What a command promises is checked on what it made, and nothing that breaks it is handed over."""

from __future__ import annotations

import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from lib.errors import BadMedia
from lib.media import sound
from lib.media.command import Command
from lib.media.probe import probe, probe_blocking
from lib.media.promise import Heard, Place, Promise, Same, even_times
from lib.media.sound import mute
from lib.media.work import carry_out
from tests.media.barcoded import ffmpeg_run, noise
from tests.media.conftest import Clip

pytestmark = pytest.mark.anyio


def laid(clips: dict[str, Clip], voice: Clip, output: Path) -> Command:
    return sound.build(clips["plain"], voice, output, offset_s=0.25)


@pytest.fixture
def voice(clips: dict[str, Clip]) -> Clip:
    """Another noise than that of the clips, one second long."""
    path = clips["plain"].path.parent / "voice.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 48_000, 0, "NONE", "NONE"))
        out.writeframes((noise(1.0, seed=99) * 32767).astype("<i2").tobytes())
    return Clip(path, probe_blocking(path))


async def test_a_kept_promise_is_a_proof(clips: dict[str, Clip], voice: Clip, tmp_path: Path) -> None:
    """The proof says what was counted and compared: 50 pictures, both ends, two seconds of sound in its place."""
    output = tmp_path / "out.mp4"
    said = await carry_out(laid(clips, voice, output))
    proof = said["proof"]
    assert (proof["frames"], proof["wanted_frames"], proof["faults"]) == (50, 50, [])
    assert [one["check"]["made"] for one in proof["seen"]] == [0, 49]
    assert all(one["ssim"] == pytest.approx(1) for one in proof["seen"])
    assert (proof["sound_samples"], proof["wanted_samples"]) == (96_000, 96_000)
    assert abs(proof["offset_s"]) <= 1 / 48_000
    assert proof["size"] == [96, 64]
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"times": even_times(49, Fraction(25))}, "50 pictures in place of 49"),
        ({"times": even_times(50, Fraction(24))}, "off its time"),
        ({"end_s": 2.5}, "ends too early"),
        ({"size": (64, 96)}, "96 x 64 in place of 64 x 96"),
        ({"samples": 96_480}, "-480 samples"),
        ({"samples": None}, "should not have"),
        ({"sample_rate": 44_100}, "48000 samples a second"),
        ({"same": (Same(0, 0), Same(20, 21))}, "Picture 20 is not picture 21"),
        ({"heard": (Heard(0.25, 0.1, 0.5, clip=1),)}, "off its place"),
        ({"place": Place(0, 0, 192, 128), "same": (Same(37, 37),)}, "Picture 37 is not picture 37"),
    ],
)
async def test_a_broken_promise_is_not_delivered(
    clips: dict[str, Clip], voice: Clip, tmp_path: Path, changed: dict[str, Any], sentence: str
) -> None:
    """Whatever is not as promised is said in a sentence, and no file is left."""
    made = laid(clips, voice, tmp_path / "out.mp4")
    assert made.promise is not None
    with pytest.raises(BadMedia, match=sentence):
        await carry_out(replace(made, promise=replace(made.promise, **changed)))
    assert list(tmp_path.iterdir()) == []


async def test_missing_sound_breaks_a_promise(clips: dict[str, Clip], tmp_path: Path) -> None:
    """A silent result where sound was promised is not delivered."""
    made = mute.build(clips["plain"], tmp_path / "out.mp4")
    assert made.promise is not None
    with pytest.raises(BadMedia, match="no sound"):
        await carry_out(replace(made, promise=replace(made.promise, samples=96_000)))


async def test_a_clip_of_one_grey_is_never_accused(tmp_path: Path) -> None:
    """Where all pictures are alike, none is said to be the wrong one."""
    still = tmp_path / "still.mp4"
    ffmpeg_run("-f", "lavfi", "-i", "color=gray:s=64x64:r=25:d=1", "-pix_fmt", "yuv420p", still)
    said = await carry_out(mute.build((still, await probe(still)), tmp_path / "out.mp4"))
    assert said["proof"]["faults"] == []


async def test_without_a_promise_nothing_is_proven(clips: dict[str, Clip], tmp_path: Path) -> None:
    """A plain command is just run."""
    made = replace(mute.build(clips["silent"], tmp_path / "out.mp4"), promise=None)
    assert "proof" not in await carry_out(made)
    assert Promise().times == ()
