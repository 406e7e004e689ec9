"""`python -m lib cut`: on files, without a run, with the proof of what was made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.media.samples import sample
from tests.cli.conftest import Shell, shell

__all__ = ["shell"]


def test_a_trim_copies_what_it_can_and_proves_it(shell: Shell, tmp_path: Path) -> None:
    """62 pictures asked for and counted; most are copied, and every one compared holds."""
    out = tmp_path / "part.mp4"
    code, said, err = shell.run("cut", "trim", sample("bunny.mp4"), "--start-s", "1", "--end-s", "3.5", "--out", out)
    made = json.loads(said)
    assert (code, made["facts"]["frames"], made["method"]) == (0, 62, "smart"), err
    assert made["copied_pictures"] + made["encoded_pictures"] == 62
    assert (made["proof"]["faults"], made["proof"]["frames"]) == ([], 62)
    assert not shell.folder.exists()


def test_parts_are_kept_or_taken_out(shell: Shell, tmp_path: Path) -> None:
    """--part is given once for each part, in any form of moment, its end left open or not."""
    clip, kept, rest = sample("bunny.mp4"), tmp_path / "kept.mp4", tmp_path / "rest.mp4"
    parts = ("--part", "#10,00:00:01:00", "--part", "4.8")
    code, said, err = shell.run("cut", "trim", clip, *parts, "--out", kept)
    assert (code, json.loads(said)["facts"]["frames"]) == (0, 15 + 12), err
    said = shell.run("cut", "trim", clip, *parts, "--keep", "rest", "--out", rest)[1]
    assert json.loads(said)["facts"]["frames"] == 132 - 27


def test_join_frame_and_sound_make_files(shell: Shell, tmp_path: Path) -> None:
    """Names may be relative to where one stands, as everywhere on a command line."""
    clip, joined, still, spoken = sample("bunny.mp4"), tmp_path / "j.mp4", tmp_path / "f.png", tmp_path / "s.mp4"
    twice = json.loads(shell.run("cut", "join", clip, clip, "--out", joined)[1])
    assert twice["facts"]["frames"] == 2 * 132
    assert json.loads(shell.run("cut", "frame", clip, "--which", "last", "--out", still)[1])["facts"]["width"] == 640
    voice = sample("speech.wav")
    assert json.loads(shell.run("cut", "sound", clip, voice, "--out", spoken)[1])["facts"]["audio_codec"] == "aac"


def test_frames_make_a_folder_of_pictures(shell: Shell, tmp_path: Path) -> None:
    """Each in the format asked for, which decides the endings, with the numbers and times that they have."""
    words = ("--which", "every", "--every", "50", "--format", "jpeg")
    code, said, err = shell.run("cut", "frames", sample("bunny.mp4"), *words, "--out", tmp_path / "all")
    made = json.loads(said)
    assert (code, made["frames"], made["times_s"]) == (0, [0, 50, 100], [0, 2, 4]), err
    assert [one["file"] for one in made["files"]] == ["0001.jpg", "0002.jpg", "0003.jpg"]
    assert {one["facts"]["content_type"] for one in made["files"]} == {"image/jpeg"}


def test_a_sheet_is_one_picture(shell: Shell, tmp_path: Path) -> None:
    """Of as many pictures as rows and columns say; `format` and the name must agree."""
    words = ("cut", "sheet", sample("bunny.mp4"), "--rows", "2", "--columns", "3", "--out", tmp_path / "sheet.webp")
    code, out, err = shell.run(*words)
    assert (code, out) == (2, "")
    assert "Name it sheet.png" in err
    made = json.loads(shell.run(*words, "--format", "webp")[1])
    assert (len(made["frames"]), made["facts"]["content_type"], made["facts"]["width"]) == (
        6,
        "image/webp",
        made["width"],
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("trim", "nothing.mp4", "--out", "a.mp4"), "There is no file"),
        (("trim", sample("bunny.mp4"), "--start-s", "9", "--out", "{}/a.mp4"), "The clip ends at 5.28 s"),
        (("trim", sample("bunny.mp4"), "--start-s", "x", "--out", "{}/a.mp4"), "Must be a number"),
        (("trim", sample("bunny.mp4"), "--part", "1,x", "--out", "{}/a.mp4"), "parts.0.end"),
        (("trim", sample("bunny.mp4"), "--part", "1,2,3", "--out", "{}/a.mp4"), "more than 2 values"),
        (("trim", sample("bunny.mp4"), "--out", "{}/a.mov"), "The result is a .mp4 file"),
        (("trim", sample("speech.wav"), "--out", "{}/a.mp4"), "not video"),
        (("sound", sample("bunny.mp4"), "--out", "{}/a.mp4"), "audio_url"),
        (("frame", sample("bunny.mp4"), "--which", "number", "--frame", "132", "--out", "{}/a.png"), "0 to 131"),
        (("frames", sample("bunny.mp4"), "--count", "140", "--out", "{}/a.b"), "only 132 pictures"),
    ],
)
def test_bad_input_gets_a_sentence(shell: Shell, tmp_path: Path, words: tuple[str | Path, ...], said: str) -> None:
    """Exit code 2, what is wrong on stderr, nothing on stdout and no file."""
    code, out, err = shell.run("cut", *(str(word).replace("{}", str(tmp_path)) for word in words))
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
    assert not list(tmp_path.glob("a.*"))


def test_an_option_without_effect_is_refused(shell: Shell, tmp_path: Path) -> None:
    """A time that nobody asked for is no silent picture of another moment."""
    out = tmp_path / "out.png"
    code, _, err = shell.run("cut", "frame", sample("bunny.mp4"), "--time-s", "1", "--out", out)
    assert (code, out.exists()) == (2, False)
    assert "--time-s has no effect here." in err
    code, said, _ = shell.run("cut", "frame", sample("bunny.mp4"), "--which", "time", "--time-s", "1", "--out", out)
    assert (code, json.loads(said)["frames"]) == (0, [25])
