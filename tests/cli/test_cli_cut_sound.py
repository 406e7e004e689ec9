"""Sound and fit on the command line: a text needs no file, and the format names the result."""

from __future__ import annotations

import json
from pathlib import Path

from lib.media.samples import sample
from tests.cli.conftest import Shell, shell

__all__ = ["shell"]


def test_speech_takes_no_file_and_extract_follows_its_format(shell: Shell, tmp_path: Path) -> None:
    """Both make sound files whose ending is that of the format; another ending is refused with the right name."""
    spoken, taken = tmp_path / "said.mp3", tmp_path / "own.flac"
    code, said, err = shell.run("cut", "speech", "--text", "Hello.", "--format", "mp3", "--out", spoken)
    assert (code, json.loads(said or "{}").get("voice")) == (0, "computer voice (eSpeak NG)"), err
    clip = sample("bunny.mp4")
    made = json.loads(shell.run("cut", "extract-sound", clip, "--format", "flac", "--out", taken)[1])
    assert (made["samples"], made["facts"]["audio_codec"]) == (253_440, "flac")
    code, said, err = shell.run("cut", "extract-sound", clip, "--format", "mp3", "--out", taken)
    assert (code, "own.mp3" in err) == (2, True)


def test_fps_says_how_many_pictures(shell: Shell, tmp_path: Path) -> None:
    """The answer holds the count before and after, and the proof agrees."""
    out = tmp_path / "out.mp4"
    made = json.loads(shell.run("cut", "fps", sample("bunny.mp4"), "--fps", "16", "--out", out)[1])
    assert (made["frames_before"], made["frames"], made["proof"]["frames"], made["facts"]["fps"]) == (132, 84, 84, 16)
