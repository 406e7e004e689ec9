"""A studio for the pages that never starts a process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.stage import QuietStudio, quiet


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[QuietStudio]:
    made = quiet(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[QuietStudio]:
    """Where live is offered."""
    os.environ["FAL_KEY"] = "id:secret"
    made = quiet(tmp_path / "data")
    yield made
    made.close()
