"""Waiting for something that another process does and gives no signal of."""

from __future__ import annotations

import time
from collections.abc import Callable

SLOW_S = 90.0
"""The machine may be busy: whatever takes a second is given this long."""


def until(true: Callable[[], object], what: Callable[[], str] | str, within_s: float = SLOW_S) -> None:
    """Returns once the condition holds; fails with `what` (made only then) when it does not in time."""
    ends = time.monotonic() + within_s
    while not true():
        if time.monotonic() > ends:
            raise AssertionError(f"not within {within_s:g} s: {what() if callable(what) else what}")
        time.sleep(0.05)


def pause(seconds: float) -> None:
    """Lets time pass where the time itself is what is tested: a kill at a random moment."""
    time.sleep(seconds)
