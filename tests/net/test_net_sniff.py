"""Types told by bytes: real files from real encoders, and forgeries."""

from __future__ import annotations

import io
import subprocess
import wave
from pathlib import Path

import imageio_ffmpeg
import pytest
from PIL import Image

from lib.net import sniff
from lib.net.sniff import UNKNOWN, sniff_bytes

VIDEO = ["-f", "lavfi", "-i", "color=size=32x32:rate=5:duration=0.4"]
SOUND = ["-f", "lavfi", "-i", "sine=duration=0.3"]
ENCODED = [
    ("a.mp4", [*VIDEO, "-c:v", "libx264"], "video/mp4"),
    ("a.mov", [*VIDEO, "-c:v", "libx264"], "video/quicktime"),
    ("a.webm", [*VIDEO, "-c:v", "libvpx"], "video/webm"),
    ("a.mkv", [*VIDEO, "-c:v", "libx264"], "video/x-matroska"),
    ("a.avi", [*VIDEO, "-c:v", "mpeg4"], "video/x-msvideo"),
    ("a.gif", VIDEO, "image/gif"),
    ("a.wav", SOUND, "audio/wav"),
    ("a.mp3", SOUND, "audio/mpeg"),
    ("b.mp3", [*SOUND, "-id3v2_version", "0", "-write_xing", "0"], "audio/mpeg"),
    ("a.flac", SOUND, "audio/flac"),
    ("a.ogg", [*SOUND, "-c:a", "libvorbis"], "audio/ogg"),
    ("a.m4a", [*SOUND, "-c:a", "aac"], "audio/mp4"),
    ("a.aac", [*SOUND, "-c:a", "aac"], "audio/aac"),
]


@pytest.mark.parametrize(("name", "argv", "expected"), ENCODED, ids=[name for name, _, _ in ENCODED])
def test_what_ffmpeg_wrote_is_told(tmp_path: Path, name: str, argv: list[str], expected: str) -> None:
    """A real file is told apart, also under a name that lies."""
    path = tmp_path / name
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-threads", "1", *argv, str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert sniff(path.rename(tmp_path / "lie.png")) == expected


@pytest.mark.parametrize(("kind", "expected"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_what_pillow_wrote_is_told(kind: str, expected: str) -> None:
    """Pictures are told apart."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, kind)
    assert sniff_bytes(file.getvalue()) == expected


def test_a_plain_wav_and_a_ply_are_told(tmp_path: Path) -> None:
    """A WAV of the standard library and a PLY header with either line end are known."""
    with wave.open(str(tmp_path / "x"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(100))
    assert sniff(tmp_path / "x") == "audio/wav"
    assert sniff_bytes(b"ply\nformat ascii 1.0\n") == sniff_bytes(b"ply\r\nformat") == "model/ply"


@pytest.mark.parametrize(
    "head", [b"", b"x", b"\xff\xff", b"RIFF\0\0\0\0XXXX", b"<html>", b"#EXTM3U\n", b"plywood", b"\xff\xfe\x00\x00abc"]
)
def test_what_tells_nothing_is_unknown(head: bytes) -> None:
    """Pages, playlists and fragments are no media, whatever they look like for two bytes."""
    assert sniff_bytes(head) == UNKNOWN
