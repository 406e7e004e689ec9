"""All that the probe tells of a clip, each on one where it is not the usual, and what it finds wrong."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import pytest

from lib.errors import TooLarge, TooLong
from lib.media.facts import Facts
from lib.media.faults import faults
from lib.media.limits import MAX_STREAMS
from lib.media.packets import Span
from lib.media.probe import probe_blocking
from lib.media.smart.boxes import box, walk
from lib.media.smart.entry import VISUAL
from lib.media.timing import rate_of
from tests.media.barcoded import ffmpeg_run, noise, write
from tests.media.conftest import Clip

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=1")
NOISE = ("-f", "lavfi", "-i", "anoisesrc=r=44100:d=1:a=0.3")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params")
PQ = "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
MASTERED = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
HLG = "log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"


def made(path: Path, *argv: str | Path) -> Facts:
    """What the probe says of what ffmpeg made."""
    ffmpeg_run(*argv, path)
    return probe_blocking(path)


def without(source: Path, path: Path, begin_s: float, end_s: float) -> Path:
    """A copy of a sound that lacks the packets of that stretch."""
    with av.open(str(source)) as whole, av.open(str(path), "w") as copy:
        track = copy.add_stream_from_template(whole.streams.audio[0])
        for packet in whole.demux(audio=0):
            if packet.size and not begin_s <= packet.pts * packet.time_base < end_s:
                packet.stream = track
                copy.mux(packet)
    return path


@pytest.mark.parametrize(
    ("name", "options", "wanted"),
    [
        ("a.mp4", "-c:v libx264 -profile:v high422 -pix_fmt yuv422p10le -level 3.1",
         ("h264", "High 4:2:2", "3.1", "yuv422p10le", 10)),
        ("a.mkv", "-c:v libx264 -profile:v high -pix_fmt yuv420p -level 1b",
         ("h264", "High", "1b", "yuv420p", 8)),
        ("a.mov", "-c:v libx265 -pix_fmt yuv420p12le -x265-params log-level=none:level-idc=4.1",
         ("hevc", "Rext", "4.1", "yuv420p12le", 12)),
        ("a.webm", "-c:v libvpx-vp9 -pix_fmt yuv444p -deadline realtime -cpu-used 8",
         ("vp9", "Profile 1", None, "yuv444p", 8)),
        ("b.mp4", "-c:v libsvtav1 -preset 12 -pix_fmt yuv420p10le -svtav1-params level=51",
         ("av1", "Main", "5.1", "yuv420p10le", 10)),
        ("b.mov", "-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le",
         ("prores", "4444", None, "yuva444p12le", 12)),  # its decoder gives two bits more
        ("a.ts", "-c:v mpeg2video -profile:v 4 -level:v 6 -pix_fmt yuv420p",
         ("mpeg2video", "Main", "High 1440", "yuv420p", 8)),
    ],
)  # fmt: skip
def test_coding(tmp_path: Path, name: str, options: str, wanted: tuple[Any, ...]) -> None:
    """Codec, profile, level, pixel format and depth are those that the encoder was told."""
    facts = made(tmp_path / name, *PICTURE, *options.split())

    said = (facts.video_codec, facts.video_profile, facts.video_level, facts.pixel_format, facts.bit_depth)
    assert said == wanted


@pytest.mark.parametrize("span", ["tv", "pc"])
def test_colours(tmp_path: Path, span: str) -> None:
    """Primaries, transfer, matrix and range are those that the pictures were tagged with."""
    tags = f"setparams=color_primaries=bt470bg:color_trc=smpte240m:colorspace=fcc:range={span},format=yuv420p"
    facts = made(tmp_path / "a.mp4", *PICTURE, "-vf", tags)

    assert (facts.colour_primaries, facts.colour_transfer, facts.colour_matrix) == ("bt470bg", "smpte240m", "fcc")
    assert (facts.colour_range, facts.hdr) == (span, None)


def test_untagged_colours_are_not_known(clips: dict[str, Clip]) -> None:
    """Nothing is made up for a clip that does not say."""
    facts = clips["plain"].facts
    assert (facts.colour_primaries, facts.colour_transfer, facts.colour_matrix, facts.hdr) == (None,) * 4


@pytest.mark.parametrize(
    ("params", "kind"), [(PQ, "PQ"), (f"{PQ}:hdr10=1:{MASTERED}", "HDR10"), (HLG, "HLG")], ids=["PQ", "HDR10", "HLG"]
)
def test_hdr(tmp_path: Path, params: str, kind: str) -> None:
    """The kind of HDR follows from the transfer and from what is written beside the pictures."""
    facts = made(tmp_path / "a.mp4", *PICTURE, "-pix_fmt", "yuv420p10le", *X265, params)
    assert (facts.hdr, facts.colour_primaries) == (kind, "bt2020")


def test_dolby_vision(tmp_path: Path) -> None:
    """A clip whose entry holds Dolby Vision's record is told as such."""
    plain = tmp_path / "plain.mp4"
    ffmpeg_run(*PICTURE, "-pix_fmt", "yuv420p10le", *X265, PQ, plain)
    marked = tmp_path / "marked.mp4"
    marked.write_bytes(_with_record(plain.read_bytes(), box(b"dvvC", bytes(24))))

    assert probe_blocking(plain).hdr == "PQ"
    assert probe_blocking(marked).hdr == "Dolby Vision"


PATH = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")


def _with_record(data: bytes, record: bytes, path: tuple[bytes, ...] = PATH) -> bytes:
    """The file (its index behind its samples) with one more box in the picture's sample entry."""
    found = b""
    for name, body in walk(data):
        changed = body
        if path and name == path[0]:
            changed = _with_record(body, record, path[1:]) if len(path) > 1 else body[:8] + _entry(body[8:], record)
        found += box(name, changed)
    return found


def _entry(entries: bytes, record: bytes) -> bytes:
    (fourcc, body), *_ = walk(entries)
    return box(fourcc, body[:VISUAL], body[VISUAL:], record)


def test_shape(tmp_path: Path) -> None:
    """Oblong pixels are told, and turn with the picture."""
    upright = tmp_path / "upright.mp4"
    facts = made(upright, *PICTURE, "-aspect", "2:1")
    turned = made(tmp_path / "turned.mp4", "-display_rotation", "90", "-i", upright, "-c", "copy")

    assert (facts.width, facts.height, facts.sample_aspect, facts.display_aspect) == (96, 64, "4:3", "2:1")
    assert (turned.width, turned.height, turned.sample_aspect, turned.display_aspect) == (64, 96, "3:4", "1:2")


@pytest.mark.parametrize(
    ("name", "options", "wanted"),
    [
        ("a.m4a", "-ac 6", ("aac", "LC", "5.1", 44100, 1024)),
        ("a.mkv", "-c:a libopus -ar 48000 -ac 2", ("opus", None, "stereo", 48000, 312)),
        ("a.mp3", "-ar 32000", ("mp3", None, "mono", 32000, 1105)),
        ("a.wav", "-ac 2", ("pcm_s16le", None, "stereo", 44100, 0)),
    ],
)
def test_sound(tmp_path: Path, name: str, options: str, wanted: tuple[Any, ...]) -> None:
    """Coding, layout, rate and priming are those of the encoder: 1024 samples for AAC, 312 for Opus, 1105 for LAME."""
    facts = made(tmp_path / name, *NOISE, *options.split())

    said = (facts.audio_codec, facts.audio_profile, facts.audio_layout, facts.sample_rate, facts.priming_samples)
    assert said == wanted
    assert facts.duration_s == pytest.approx(1.0, abs=0.03)


def test_edit_lists(tmp_path: Path) -> None:
    """What the lists keep, and since when, is told for picture and sound; so is a start with nothing."""
    whole = write(tmp_path / "whole.mp4", frames=80, g="24", bf="0", sound=noise(3.2))
    middle = made(tmp_path / "middle.mp4", "-ss", "0.44", "-i", whole, "-c", "copy", "-t", "2.4")
    silent = ("-i", whole, "-itsoffset", "0.5", "-i", whole, "-map", "0:a", "-map", "1:v", "-c", "copy")
    late = made(tmp_path / "late.mp4", *silent)

    assert middle.hidden_frames == 11
    assert middle.edits[0] == pytest.approx((0.44, 2.4), abs=0.09)
    assert middle.audio_edits[0][0] == pytest.approx(0.44 + 1024 / 48000, abs=0.03)
    assert late.edits[0] == (None, pytest.approx(0.5, abs=0.03))
    assert late.picture_start_s == pytest.approx(0.5, abs=0.03)
    assert ("Edit list", "nothing for 0.500 s; 3.200 s from 0.000 s on") in late.rows()


@pytest.mark.parametrize("options", [{"g": "12", "bf": "2"}, {"g": "1"}, {"g": "250", "force_key_frames": "0.3,0.8"}])
def test_key_pictures(tmp_path: Path, options: dict[str, str]) -> None:
    """The key pictures are those that the decoder calls so, and few numbers say it where they come evenly."""
    clip = tmp_path / "a.mp4"
    forced = ("-force_key_frames", options.pop("force_key_frames")) if "force_key_frames" in options else ()
    flags = (word for name, value in options.items() for word in (f"-{name}", value))
    facts = made(clip, *PICTURE, "-c:v", "libx264", *forced, *flags)
    with av.open(str(clip)) as container:
        true = [number for number, frame in enumerate(container.decode(video=0)) if frame.key_frame]

    assert list(facts.key_pictures()) == true
    assert len(true) > 1
    assert (facts.key_every is None) == bool(forced)


def test_rates(tmp_path: Path, clips: dict[str, Clip]) -> None:
    """The average rate, the one that the container counts by, its clock, and whether the rate varies."""
    even, odd = clips["film"].facts, clips["uneven"].facts
    coarse = made(tmp_path / "a.mp4", *PICTURE, "-video_track_timescale", "600").time_base

    assert (even.varying, even.fps, even.base_fps) == (False, *[pytest.approx(24000 / 1001)] * 2)
    assert (odd.varying, odd.base_fps) == (True, pytest.approx(100, rel=0.01))
    assert odd.fps != pytest.approx(odd.base_fps, rel=0.5)
    assert (even.time_base, coarse) == ("1/24000", "1/600")


def test_a_rate_of_one_picture_an_hour() -> None:
    """However slow a clip is, its rate is not rounded to nothing; the rates of films stay what they were."""
    assert float(rate_of(4 / 18_000)) == pytest.approx(4 / 18_000, rel=0.01)
    assert rate_of(23.976023976) == Fraction(24000, 1001)


def test_good_clips_have_no_faults(clips: dict[str, Clip]) -> None:
    """Nothing is said against what is as it should be (one clip does have less sound than pictures)."""
    said = {name: clip.facts.faults for name, clip in clips.items() if clip.facts.faults}
    assert said == {"sixteen": ("The sound ends 1.1 s before the picture.",)}


def test_no_length(tmp_path: Path) -> None:
    """A recording whose file was never closed properly is told."""
    live = tmp_path / "live.mkv"
    ffmpeg_run(*PICTURE, "-f", "matroska", "-live", "1", live)
    facts = probe_blocking(live)

    assert facts.faults == ("The file does not say how long it is.",)
    assert facts.duration_s == pytest.approx(1.0)


def test_a_tail_that_is_missing(tmp_path: Path) -> None:
    """A transport stream or a sound that ends too early is told."""
    stream, sound = write(tmp_path / "a.ts"), tmp_path / "a.flac"
    stream.write_bytes(stream.read_bytes()[:-100])
    ffmpeg_run("-f", "lavfi", "-i", "anoisesrc=d=4:r=48000", sound)
    sound.write_bytes(sound.read_bytes()[: sound.stat().st_size // 4])

    assert "The file ends in the middle of a packet: its end is missing." in probe_blocking(stream).faults
    assert "The file says that it is 4.0 s long, but ends after 1.0 s." in probe_blocking(sound).faults


def test_gaps_and_jumps(tmp_path: Path) -> None:
    """A picture that stands for long, a hole in the sound, and times that run backwards are told, with their place."""
    still = write(tmp_path / "still.mp4", times=[n / 25 + (5 if n >= 20 else 0) for n in range(50)])
    ffmpeg_run("-f", "lavfi", "-i", "sine=duration=4", "-c:a", "flac", tmp_path / "whole.mkv")
    hole = without(tmp_path / "whole.mkv", tmp_path / "hole.mkv", 1.0, 2.5)
    stream = write(tmp_path / "a.ts")
    stream.write_bytes(stream.read_bytes() * 2)

    assert probe_blocking(still).faults == ("One picture stands still for 5.0 s, 0.8 s after the first.",)
    assert [fault[:30] for fault in probe_blocking(hole).faults] == ["The sound has a hole of 1.5 s,"]
    assert any("times that jump back" in fault for fault in probe_blocking(stream).faults)


def test_sound_that_does_not_match(tmp_path: Path) -> None:
    """A sound that is longer than the picture, or comes late, is told."""
    longer = write(tmp_path / "longer.mp4", frames=50, sound=noise(3.5))
    late = made(tmp_path / "late.mkv", "-i", longer, "-itsoffset", "0.8", "-i", longer, "-map", "0:v", "-map", "1:a",
                "-c", "copy", "-t", "2.5")  # fmt: skip

    assert probe_blocking(longer).faults == ("The sound ends 1.5 s after the picture.",)
    assert "The sound begins 0.8 s after the picture." in late.faults


def test_damage_and_a_missing_start(tmp_path: Path) -> None:
    """Lost packets of a transport stream are counted, and a clip that begins between key pictures is known."""
    stream = write(tmp_path / "a.ts", frames=60, g="20")
    data = bytearray(stream.read_bytes())
    del data[188 * 60 : 188 * 63]
    (tmp_path / "lossy.ts").write_bytes(data)
    with av.open(str(stream)) as container:
        middle = [packet.pos for packet in container.demux(video=0)][25]
    (tmp_path / "late.ts").write_bytes(stream.read_bytes()[: 188 * 2] + stream.read_bytes()[middle:])

    assert any(fault.startswith("Pictures are damaged (") for fault in probe_blocking(tmp_path / "lossy.ts").faults)
    late = probe_blocking(tmp_path / "late.ts").faults
    assert "The first picture needs others that are missing; the clip was cut out of a longer one." in late


def test_pictures_at_one_time_and_without_any() -> None:
    """Pictures that share a time, and packets that have none, are counted."""
    span = Span(starts=[0, 40, 40, 80], end=120, keys=[0], opens=True, untimed=3)
    container = SimpleNamespace(format=SimpleNamespace(name="matroska,webm"), duration=120_000, start_time=0)
    said = faults(container, 9, (SimpleNamespace(time_base=Fraction(1, 1000)), span), None)

    assert said == ["Pictures carry no time (3 of 4).", "1 picture has the time of another one."]


def test_a_damaged_first_picture(tmp_path: Path) -> None:
    """A first picture with holes is told."""
    clip = write(tmp_path / "a.mkv", codec="mpeg4", g="20", q="2", size=(192, 128))
    with av.open(str(clip)) as container:
        first = next(container.demux(video=0))
        begin, size = first.pos, first.size
    data = bytearray(clip.read_bytes())
    data[begin + size // 2 : begin + size - 4] = bytes(size - 4 - size // 2)
    clip.write_bytes(data)

    assert "The first picture is damaged." in probe_blocking(clip).faults


def test_too_many_tracks_and_hours(tmp_path: Path) -> None:
    """A file of too many tracks, or of more hours than can be worked on, is refused."""
    many, song = tmp_path / "many.mkv", tmp_path / "song.wav"
    ffmpeg_run("-f", "lavfi", "-i", "sine=duration=0.1", song)
    ffmpeg_run("-i", song, *["-map", "0"] * (MAX_STREAMS + 1), many)
    long = write(tmp_path / "long.mkv", frames=2, times=[0.0, 36_000.0])

    with pytest.raises(TooLarge, match="65 tracks"):
        probe_blocking(many)
    with pytest.raises(TooLong, match=r"10\.0 hours"):
        probe_blocking(long)


def test_facts_of_before_still_load() -> None:
    """What an earlier Dailies stored is read, with nothing known of the rest."""
    kept = {"kind": "video", "content_type": "video/mp4", "size_bytes": 9, "duration_s": 2.0, "fps": 25.0, "frames": 50}
    facts = Facts.model_validate(kept)

    assert Facts.model_validate_json(facts.model_dump_json()) == facts
    assert (facts.key_pictures(), facts.faults, facts.hdr, facts.varying) == ((), (), None, False)


def test_rows(clips: dict[str, Clip]) -> None:
    """People get a short list of what is known, and none of what is not."""
    rows = dict(clips["ten_bit"].facts.rows())

    assert rows["Codec"] == "H.264 High 10 1.0, 10 bit 4:2:0"
    assert rows["Sound"] == "AAC LC, 48,000 Hz, mono, 1024 samples of priming"
    assert rows["Length"] == "2.000 s, 50 pictures"
    assert rows["Rate"] == "25 fps constant, counted in 1/12800 s"
    assert "Colour" not in rows
    assert dict(clips["silent"].facts.rows())["Sound"] == "none"
    assert "varying" in dict(clips["uneven"].facts.rows())["Rate"]
    assert dict(clips["turned"].facts.rows())["Size"] == "64 x 96, 2:3, turned by 270°"
