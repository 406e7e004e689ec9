"""Uploads through crashes, restarts and a full disk, and what they cost in memory."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lib.errors import BadMedia, InUse, NotFound, TooLong
from lib.media.samples import sample
from lib.studio import Studio, incoming
from lib.studio.incoming import Incoming
from tests.ui.stage import quiet
from tests.ui.uploading import MIB, Tus, folder_of, serving, serving_apart, until
from tests.witness.environments import unavailable

CLIP = sample("bunny.mp4").read_bytes()
SHA256 = hashlib.sha256(CLIP).hexdigest()
STREAMED_MIB = 300
ROOM_MIB = 110


class KilledError(BaseException):
    """As kill -9 would: no cleaning up, no answer."""


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path / "data")
    yield made
    made.close()


def received(studio: Studio, content: bytes) -> str:
    """A complete upload that nobody has looked at yet."""
    desk = Incoming(studio.store)
    upload = desk.begin("clip.mp4", len(content)).id
    writer = desk.writer(upload)
    writer.write(content)
    writer.close()
    return upload


def test_a_killed_server_goes_on_where_it_was(studio: Studio, tmp_path: Path) -> None:
    """SIGKILL in the middle of a part, and a restart: what was on disk counts, and the file becomes whole."""
    content = CLIP + (5 * MIB).to_bytes(4, "big") + b"free" + random.Random(3).randbytes(5 * MIB - 8)
    with serving_apart(tmp_path / "data") as server:
        tus = Tus(server.base, studio)
        at = tus.begin(len(content))
        open_ = tus.half(at, 0, len(content), content[: 3 * MIB])
        until(lambda: tus.on_disk(at) >= 2 * MIB, "two megabytes")
        server.kill()
        open_.close()
        server.start()
        again = Tus(server.base, studio)
        offset = again.offset(at)
        assert 2 * MIB <= offset <= 3 * MIB
        assert again.patch(at, offset, content[offset:]).status_code == 204
        assert again.outcome(at).json()["sha256"] == hashlib.sha256(content).hexdigest()


def test_300_mb_pass_through_no_memory(studio: Studio, tmp_path: Path) -> None:
    """The server's peak grows by a few blocks, whether the file comes at once or in parts."""
    with serving_apart(tmp_path / "data") as server:
        tus = Tus(server.base, studio)
        tus.send(CLIP)
        before = server.peak_mb()
        size_bytes = STREAMED_MIB * MIB
        at = tus.begin(size_bytes)
        assert tus.patch(at, 0, (bytes(MIB) for _ in range(STREAMED_MIB - 50))).status_code == 204
        assert tus.patch(at, size_bytes - 50 * MIB, (bytes(MIB) for _ in range(50))).status_code == 204
        assert tus.outcome(at).status_code == 422  # nothing but zeros
        grown = server.peak_mb() - before
        print(f"\nthe server's peak grew by {grown:.1f} MB over {STREAMED_MIB} MiB")
        assert grown < 30


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of a hundred megabytes, which root may mount; where that is not permitted the test is skipped."""
    folder.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_MIB}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(argv, capture_output=True, check=False).returncode != 0:
        unavailable("a small file system cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_said_and_waited_for(tmp_path: Path) -> None:
    """507 with a sentence; what fitted stays, and the upload goes on from there once there is room."""
    content = CLIP + (20 * MIB).to_bytes(4, "big") + b"free" + bytes(20 * MIB - 8)
    with small_disk(tmp_path / "disk") as disk:
        studio = quiet(disk / "data")
        with serving(studio) as base:
            tus = Tus(base, studio)
            too_much = tus.create(ROOM_MIB * MIB)
            assert too_much.status_code == 507
            assert "no room" in too_much.json()["message"]
            at = tus.begin(len(content))
            ballast = disk / "ballast"
            ballast.write_bytes(bytes(shutil.disk_usage(disk).free - 5 * MIB))
            refused = tus.patch(at, 0, content)
            assert refused.status_code == 507
            assert refused.json() == {
                "message": "The disk is full.", "hint": "Free some space in Settings, then try again.",
            }  # fmt: skip
            offset = tus.offset(at)
            assert 3 * MIB < offset <= 5 * MIB
            ballast.unlink()
            assert tus.patch(at, offset, content[offset:]).status_code == 204
            assert tus.outcome(at).json()["sha256"] == hashlib.sha256(content).hexdigest()
        studio.close()


@pytest.mark.parametrize("at", ["hash_file", "_write", "keep"])
def test_a_kill_while_a_file_is_kept_changes_no_answer(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Before its hash is written down, before the bytes move, and right after: the next one who asks has the file."""
    upload = received(studio, CLIP)
    real_keep = studio.store.assets.keep

    def killed(*given: object, **how: object) -> None:
        if at == "keep":
            real_keep(*given, **how)  # type: ignore[arg-type]
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(studio.store.assets if at == "keep" else incoming, at, killed)
        with pytest.raises(KilledError):
            Incoming(studio.store).settle(upload)
    after = Incoming(studio.store)
    assert after.get(upload).complete
    assert after.settle(upload).sha256 == SHA256
    assert after.settle(upload).sha256 == SHA256


def test_what_may_pass_later_is_not_held_against_the_file(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that took too long on a busy machine is tried again on the same bytes; a bad file is bad for good."""

    def too_long(*given: object) -> None:
        raise TooLong("Looking at the file took longer than 30 s.")

    upload = received(studio, CLIP)
    with monkeypatch.context() as patched:
        patched.setattr(incoming, "look_at", too_long)
        with pytest.raises(TooLong):
            Incoming(studio.store).settle(upload)
    assert Incoming(studio.store).settle(upload).sha256 == SHA256
    bad = received(studio, b"no film")
    for _ in range(2):
        with pytest.raises(BadMedia):
            Incoming(studio.store).settle(bad)


def test_the_lock_holds_between_processes_and_dies_with_them(studio: Studio, tmp_path: Path) -> None:
    """A second server on the same folder may not write either; a killed one holds nothing back."""
    with serving_apart(tmp_path / "data") as server:
        tus = Tus(server.base, studio)
        at = tus.begin(3 * MIB)
        open_ = tus.half(at, 0, 3 * MIB, bytes(2 * MIB))
        until(lambda: tus.on_disk(at) >= MIB, "first megabyte")
        upload = at.rsplit("/", 1)[-1]
        with pytest.raises(InUse), Incoming(studio.store).alone(upload):
            raise AssertionError("two writers at once")
        server.kill()
        open_.close()
        with Incoming(studio.store).alone(upload):
            Incoming(studio.store).drop(upload)
        assert not folder_of(studio, at).exists()


def test_half_written_words_are_no_upload(studio: Studio) -> None:
    """A power cut may leave an empty file where the words should be: that upload is gone, and nothing breaks."""
    upload = received(studio, CLIP)
    (folder_of(studio, upload) / "about.json").write_text("")
    with pytest.raises(NotFound):
        Incoming(studio.store).get(upload)
