"""Which of many alike trials run each time; the others are left to make test-long."""

from __future__ import annotations

from typing import Any

import pytest

from lib.catalog.operation import Endpoint


def documented(made: Endpoint) -> Any:
    """The endpoint as a parameter: those with a documented id each time, their siblings in the long run."""
    return pytest.param(made, id=made.id, marks=[pytest.mark.long] if made.guessed else [])


def seldom(name: str, often: tuple[str, ...]) -> Any:
    """The name as a parameter: in the long run, but for some."""
    return pytest.param(name, id=name, marks=[] if name in often else [pytest.mark.long])
