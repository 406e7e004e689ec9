"""A stand-in process for the official clients, and the small and large files that they are given."""

from __future__ import annotations

import hashlib
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib.media.binary import ffmpeg
from lib.media.samples import sample
from tests.witness.environments import node_home, python_home
from tests.witness.receiver import Receiver, receiving
from tests.witness.rehearsal import Rehearsal, rehearsal_in

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Large:
    """A file over both clients' limits for a single upload."""

    path: Path
    sha256: str


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsal_in(tmp_path_factory.mktemp("witness") / "standin") as rehearsal:
        yield rehearsal


@pytest.fixture
def rehearsal(process: Rehearsal) -> Iterator[Rehearsal]:
    """The stand-in, without faults and waits; what a test sets is taken back."""
    yield process
    process.plain()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture(scope="session")
def python_folder(pytestconfig: pytest.Config) -> Path:
    return python_home(pytestconfig.cache.mkdir("witness"))


@pytest.fixture(scope="session")
def node_folder(pytestconfig: pytest.Config) -> Path:
    return node_home(pytestconfig.cache.mkdir("witness"))


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of small moving picture with a tone."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=8:duration=1", "-f", "lavfi", "-i", "sine=duration=1"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
    subprocess.run([str(ffmpeg()), "-v", "error", *source, *coded, str(path)], check=True)
    return path


@pytest.fixture(scope="session")
def long_work() -> Path:
    """A clip that takes many seconds to make 4K, which is time enough to cancel."""
    return sample("bunny.mp4")


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Large]:
    """101 MiB in which no two parts are alike, so that parts in a wrong order are noticed."""
    path, digest = tmp_path_factory.mktemp("large") / "large.bin", hashlib.sha256()
    noise = random.Random(1).randbytes(MIB)
    with path.open("wb") as out:
        for number in range(101):
            piece = number.to_bytes(8, "big") + noise[8:]
            digest.update(piece)
            out.write(piece)
    yield Large(path, digest.hexdigest())
    path.unlink()
