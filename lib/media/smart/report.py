"""What a child that cuts says while it works: the same lines as ffmpeg's `-progress`, its answer as JSON at the end."""

from __future__ import annotations

import time

EVERY_S = 0.25
UNITS = 1000  # progress is told in thousandths of the whole
COPY_SHARE = 0.2  # copying all bytes takes about as long as encoding a fifth of a usual head


class Steps:
    """How far the work is: pictures encoded, then bytes moved."""

    def __init__(self) -> None:
        self.pictures, self.done, self.bytes, self.moved_bytes = 0, 0, 0, 0
        self.told_s = 0.0
        self.spent_s: dict[str, float] = {}
        self.since_s = time.monotonic()

    def reached(self, what: str) -> None:
        """Books the time since the last call under that name."""
        now = time.monotonic()
        self.spent_s[what] = self.spent_s.get(what, 0.0) + now - self.since_s
        self.since_s = now

    def plan(self, pictures: int) -> None:
        self.pictures = pictures

    def expect(self, size: int) -> None:
        self.bytes = size

    def encoded(self) -> None:
        self.done += 1
        self._tell()

    def moved(self, size: int) -> None:
        self.moved_bytes += size
        self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self.told_s < EVERY_S:
            return
        self.told_s = now
        share = COPY_SHARE if self.pictures else 1.0
        encoded = self.done / self.pictures if self.pictures else 0.0
        moved = self.moved_bytes / self.bytes if self.bytes else 0.0
        units = round(UNITS * ((1 - share) * encoded + share * moved))
        print(f"frame={units}\ntotal_size={self.moved_bytes + self.done}\nprogress=continue", flush=True)
