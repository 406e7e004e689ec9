"""What the probe says of good files, and of bad ones."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from lib.errors import BadMedia, InternalError, TooLarge, TooLong
from lib.media.limits import PROBE_LIMITS, Limits, probe_limits
from lib.media.mark import REHEARSAL_MARK
from lib.media.probe import probe, probe_blocking
from lib.media.samples import SAMPLES, sample
from lib.settings import ROOT
from tests.media.barcoded import ffmpeg_run, noise, png_bomb, write
from tests.media.conftest import Clip

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("name", "fps", "content_type"),
    [
        ("plain", 25, "video/mp4"),
        ("film", 24000 / 1001, "video/mp4"),
        ("sixteen", 16, "video/x-matroska"),
        ("silent", 30, "video/mp4"),
        ("ten_bit", 25, "video/mp4"),
        ("vp9", 25, "video/webm"),
        ("stream", 25, "video/mp2t"),
        ("animation", 10, "image/gif"),
    ],
)
async def test_counts_and_rates(clips: dict[str, Clip], name: str, fps: float, content_type: str) -> None:
    """Number of pictures, rate and length of the picture are right in every container."""
    facts = clips[name].facts
    assert (facts.kind, facts.content_type, facts.frames) == ("video", content_type, 50)
    assert facts.fps == pytest.approx(fps, rel=1e-3)
    assert facts.duration_s == pytest.approx(50 / fps, abs=0.002)
    assert facts.shown_at_s == ()


async def test_sound(clips: dict[str, Clip]) -> None:
    """Sound is described, and a silent clip is known as silent."""
    facts = clips["plain"].facts
    assert (facts.audio_codec, facts.sample_rate, facts.channels) == ("aac", 48000, 1)
    assert facts.audio_duration_s == pytest.approx(2.0, abs=0.025)
    assert not clips["silent"].facts.has_sound


async def test_uneven_rate(clips: dict[str, Clip]) -> None:
    """A clip whose rate varies carries the time of each picture."""
    facts = clips["uneven"].facts
    assert facts.frames == len(facts.shown_at_s) == 50
    gaps = {round(b - a, 3) for a, b in zip(facts.shown_at_s, facts.shown_at_s[1:], strict=False)}
    assert gaps == {0.01, 0.03, 0.04, 0.09}


async def test_turned_clip_has_the_shown_size(clips: dict[str, Clip]) -> None:
    """A clip that its metadata turns is described as it is seen."""
    facts = clips["turned"].facts
    assert (facts.width, facts.height) == (64, 96)
    assert facts.rotation == 270  # ffmpeg's option turns against the clock


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
async def test_pictures(tmp_path: Path, format: str) -> None:
    """PNG, JPEG and WebP are pictures, whatever the name says."""
    path = tmp_path / "picture.mp4"
    Image.new("RGB", (50, 30), "red").save(path, format=format)
    facts = await probe(path)
    assert (facts.kind, facts.content_type, facts.width, facts.height) == ("image", f"image/{format}", 50, 30)


async def test_name_with_a_pattern(tmp_path: Path) -> None:
    """A name that libav could read as a pattern or an address is only a name."""
    for name in ("a%03d.jpg", "http:x.png", "-i.png", "pic*.jpeg"):
        path = tmp_path / name
        Image.new("RGB", (20, 20)).save(path, format="jpeg" if "jp" in name else "png")
        assert (await probe(path)).kind == "image"


async def test_cover_picture_is_no_video(tmp_path: Path) -> None:
    """A song with a cover is sound."""
    Image.new("RGB", (20, 20)).save(tmp_path / "cover.png")
    wav, song = tmp_path / "noise.wav", tmp_path / "song.mp3"
    ffmpeg_run("-f", "lavfi", "-i", "sine=duration=1", wav)
    ffmpeg_run("-i", wav, "-i", tmp_path / "cover.png", "-map", "0", "-map", "1", "-c:v", "copy",
               "-disposition:v", "attached_pic", song)  # fmt: skip
    facts = await probe(song)
    assert (facts.kind, facts.content_type, facts.frames) == ("audio", "audio/mpeg", None)
    assert facts.duration_s == pytest.approx(1.0, abs=0.06)


async def test_rehearsal_mark(tmp_path: Path) -> None:
    """What the stand-in made says so in its metadata, in a clip, a picture and a sound."""
    clip = write(tmp_path / "clip.mp4", frames=5, comment=f"{REHEARSAL_MARK} pixverse")
    picture = tmp_path / "picture.png"
    info = __import__("PIL.PngImagePlugin", fromlist=["PngInfo"]).PngInfo()
    info.add_text("Comment", REHEARSAL_MARK)
    Image.new("RGB", (20, 20)).save(picture, pnginfo=info)
    sound = tmp_path / "sound.wav"
    ffmpeg_run("-f", "lavfi", "-i", "sine=duration=1", "-metadata", f"comment={REHEARSAL_MARK}", sound)
    assert [(await probe(path)).rehearsal for path in (clip, picture, sound)] == [True] * 3


async def test_samples_are_what_they_are_called() -> None:
    """Each shipped sample is of its kind, and the clip is 640 x 360 with sound."""
    facts = {name: await probe(sample(name)) for name in SAMPLES}
    assert {name: one.kind for name, one in facts.items()} == dict(SAMPLES)
    clip = facts["bunny.mp4"]
    assert (clip.width, clip.height, clip.frames, clip.has_sound) == (640, 360, 132, True)


async def test_both_probes_agree(clips: dict[str, Clip]) -> None:
    """Callers without an event loop get the same facts."""
    assert await probe(clips["plain"].path) == probe_blocking(clips["plain"].path)


async def test_empty_text_and_missing(tmp_path: Path) -> None:
    """Nothing, a text, noise, a folder and a missing file each get a sentence of their own."""
    cases = {"empty": b"", "text": b"Dear diary,\n" * 50, "bytes": bytes(range(256)) * 20}
    said = []
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadMedia) as caught:
            await probe(tmp_path / name)
        said.append(caught.value.message)
        assert caught.value.hint
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadMedia) as caught:
            await probe(path)
        said.append(caught.value.message)
    assert "empty" in said[0]
    assert "text" in said[1]
    assert "not a media file" in said[2]
    assert "not a file" in said[3]
    assert "No such file" in said[4]


@pytest.mark.parametrize("kept", [0.5, 0.9])
@pytest.mark.parametrize(("suffix", "options"), [("mp4", {}), ("mkv", {}), ("mp4", {"faststart": True})])
async def test_truncated(tmp_path: Path, suffix: str, options: dict[str, bool], kept: float) -> None:
    """A clip whose end is missing is refused as incomplete, whichever end its index is at."""
    whole = write(tmp_path / f"whole.{suffix}", sound=noise(2))
    if options:
        front = tmp_path / "front.mp4"
        ffmpeg_run("-i", whole, "-c", "copy", "-movflags", "+faststart", front)
        whole = front
    short = tmp_path / f"short.{suffix}"
    short.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * kept)])
    with pytest.raises(BadMedia, match="incomplete"):
        await probe(short)


async def test_picture_bomb(tmp_path: Path) -> None:
    """A small file that unpacks to 256 million pixels is refused at once, within the child's memory."""
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(png_bomb(16000))
    began = time.monotonic()
    with pytest.raises(TooLarge, match=r"pixels|memory"):
        await probe(bomb)
    assert time.monotonic() - began < 25


async def test_too_slow(clips: dict[str, Clip]) -> None:
    """A probe that does not end is ended."""
    with pytest.raises(TooLong):
        await probe(clips["plain"].path, limits=Limits(deadline_s=0.01))
    with pytest.raises(TooLong):
        probe_blocking(clips["plain"].path, limits=Limits(deadline_s=0.01))


async def test_no_room_in_memory(clips: dict[str, Clip]) -> None:
    """A child without enough memory is a refusal with a sentence, not a crash."""
    with pytest.raises((TooLarge, BadMedia)) as caught:
        await probe(clips["plain"].path, limits=Limits(memory_bytes=90 * 2**20))
    assert caught.value.hint


def test_large_files_may_take_longer() -> None:
    """A small file has half a minute; one of 2 GB the time that a slow disk needs to give it."""
    assert probe_limits(0) == PROBE_LIMITS
    assert probe_limits(2 * 2**30).deadline_s == pytest.approx(30 + 102.4)
    assert probe_limits(2 * 2**30).cpu_s == 20 + 102


def test_a_fault_of_ours_is_not_the_files(monkeypatch: pytest.MonkeyPatch, clips: dict[str, Clip]) -> None:
    """A probe that breaks by its own mistake says so; the file is not called damaged."""
    monkeypatch.setattr("lib.media.probe.START", "raise KeyError('ours')")
    with pytest.raises(InternalError, match="while looking at the file"):
        probe_blocking(clips["plain"].path)


THREADS_AFTER_A_LOOK = """
import sys, av
from pathlib import Path
from lib.media.look import look
good, bad = sys.argv[1:]
look(Path(good))
for most in range(300):
    with av.open(bad) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_type, stream.codec_context.thread_count = "AUTO", 2
        try:
            for number, _ in enumerate(container.decode(stream)):
                if number > most % 7:
                    break
        except av.error.FFmpegError:
            continue
"""


def test_who_decodes_after_a_look_does_not_stand_still(tmp_path: Path, clips: dict[str, Clip]) -> None:
    """FFmpeg's complaints are heard under Python's lock; a decoder's thread that complains while it is closed waited
    for it for ever, and with it the proof of a cut of a damaged clip.
    """
    damaged = write(tmp_path / "damaged.ts", frames=75, codec="libx264")
    bytes_ = damaged.read_bytes()
    damaged.write_bytes(bytes_[: 188 * 3] + bytes_[len(bytes_) // 3 // 188 * 188 :])  # no parameter sets any more
    argv = [sys.executable, "-c", THREADS_AFTER_A_LOOK, str(clips["plain"].path), str(damaged)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
