"""`python -m lib cut`: on files, without a run, with the proof of what was made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lib.media.samples import sample
from tests.cli.conftest import ROOT, Shell, shell

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
        (("trim", sample("speech.wav"), "--out", "{}/a.mp4"), "takes a clip"),
        (("extract-sound", sample("speech.wav"), "--out", "{}/a.wav"), "is a sound already"),
        (("trim", sample("bunny.mp4"), "--start", "1", "--part", "1,2", "--out", "{}/a.mp4"), "exclude each other"),
        (("trim", sample("bunny.mp4"), "--end", "x", "--out", "{}/a.mp4"), "parts.0.end"),
        (("sound", sample("bunny.mp4"), "--out", "{}/a.mp4"), "audio_url"),
        (("frame", sample("bunny.mp4"), "--which", "number", "--frame", "132", "--out", "{}/a.png"), "0 to 131"),
        (("frames", sample("bunny.mp4"), "--count", "140", "--out", "{}/a.b"), "only 132 pictures"),
        (("frames", sample("bunny.mp4"), "--out", f"{sample('bunny.mp4')}/all"), "cannot be made: Not a directory."),
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


@pytest.mark.parametrize(
    ("start", "end", "frames"),
    [
        ("1", "3.5", 62), ("00:00:01.000", "00:00:03.500", 62), ("00:00:01:00", "00:00:03:12", 62), ("f25", "#87", 62),
    ],
)  # fmt: skip
def test_start_and_end_in_every_form(shell: Shell, tmp_path: Path, start: str, end: str, frames: int) -> None:
    """Seconds, a time, a timecode or a picture number: the same part."""
    words = ("cut", "trim", sample("bunny.mp4"), "--start", start, "--end", end, "--out", tmp_path / "part.mp4")
    code, said, err = shell.run(*words)
    assert (code, json.loads(said or "{}").get("facts", {}).get("frames")) == (0, frames), err


def test_a_file_that_is_there_is_kept(shell: Shell, tmp_path: Path) -> None:
    """An existing result is replaced only on wish; `.jpeg` is as good a name as `.jpg`."""
    out = tmp_path / "still.jpeg"
    out.write_text("mine")
    words = ("cut", "frame", sample("bunny.mp4"), "--format", "jpeg", "--out", out)
    code, _, err = shell.run(*words)
    assert (code, out.read_text()) == (2, "mine")
    assert "still.jpeg exists already." in err
    code, said, err = shell.run(*words, "--force")
    assert (code, json.loads(said or "{}").get("facts", {}).get("content_type")) == (0, "image/jpeg"), err
    assert json.loads(said)["proof"]["faults"] == []
    assert [path.name for path in tmp_path.iterdir()] == ["still.jpeg"]


def test_an_error_is_said_once(shell: Shell, tmp_path: Path) -> None:
    """What the sentence says is not repeated under the field."""
    err = shell.run("cut", "trim", sample("bunny.mp4"), "--start-s", "9", "--out", tmp_path / "a.mp4")[2]
    assert err.count("The clip ends at 5.28 s") == 1


@pytest.mark.parametrize("module", ["argparse", "pydantic"])
def test_stopping_while_it_starts(tmp_path: Path, module: str) -> None:
    """Ctrl-C during the imports, which take a moment: exit code 130 and no traceback."""
    (tmp_path / f"{module}.py").write_text(
        "import time\nprint('importing', flush=True)\nwhile True: time.sleep(0.02)\n"
    )
    environment = dict(os.environ) | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    argv = [sys.executable, "-m", "lib", "cut", "trim", "a.mp4", "--out", "b.mp4"]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "importing\n"
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=60)
    assert (started.returncode, out, err) == (130, "", "")
