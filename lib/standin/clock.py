"""Time as the stand-in sees it: wall time, and waits of its own making that tests can shorten."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """`scale` shortens made-up waits (queue delay, slow answers, webhook retries); 0 makes them instant.

    Deadlines that a client names and the lag of the request list are the client's time and are never scaled.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale

    def now(self) -> float:
        """Seconds since the epoch, in whole microseconds, so that a written time is read back as the same."""
        return round(time.time(), 6)

    async def sleep(self, wait_s: float) -> None:
        """A made-up wait, scaled."""
        await asyncio.sleep(wait_s * self.scale)

    def left_s(self, since: float, wait_s: float) -> float:
        """Real seconds until a scaled wait that began at `since` is over; never negative."""
        return max(0.0, since + wait_s * self.scale - self.now())


class Bell:
    """Wakes everybody who waits for something about the requests to change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wakes whoever waits."""
        self._event.set()
        self._event = asyncio.Event()

    def next(self) -> asyncio.Event:
        """Take this before looking, await its `wait()` after: no change in between is missed."""
        return self._event
