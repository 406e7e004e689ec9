"""A fresh store on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.store import Store
from tests.store.rows import Hands


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Iterator[Store]:
    opened = Store(tmp_path / "data", clock=hands)
    yield opened
    opened.close()
