"""A stand-in on a real port, and a bench on which stages are run by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lib.media.facts import Facts
from lib.media.probe import probe_blocking
from tests.standin.conftest import Standin, clip, standin
from tests.worker.bench import Bench

__all__ = ["bench", "clip", "standin"]


@pytest.fixture(scope="session")
def facts(clip: Path) -> Facts:
    return probe_blocking(clip)


@pytest.fixture
async def bench(tmp_path: Path, standin: Standin, facts: Facts) -> AsyncIterator[Bench]:
    made = Bench(tmp_path / "data", standin, facts)
    yield made
    await made.close()
