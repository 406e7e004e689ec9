"""What a child that cuts says while it works: the same lines as ffmpeg's `-progress`, its answer as JSON at the end."""

from __future__ import annotations

import time

EVERY_S = 0.25
UNITS = 1000  # progress is told in thousandths of the whole
COPY_SHARE = 0.2  # copying all bytes takes about as long as encoding a fifth of a usual head


class Steps:
    """How far the work is: pictures and sound encoded, then bytes moved.

    A second of sound counts as a picture: both take a hundredth of a second or so.
    """

    def __init__(self) -> None:
        self.pictures, self.done, self.bytes, self.moved_bytes = 0, 0, 0, 0
        self.sound_s, self.heard_s = 0.0, 0.0
        self.told_s = 0.0
        self.spent_s: dict[str, float] = {}
        self.since_s = time.monotonic()

    def reached(self, what: str) -> None:
        """Books the time since the last call under that name."""
        now = time.monotonic()
        self.spent_s[what] = self.spent_s.get(what, 0.0) + now - self.since_s
        self.since_s = now

    def plan(self, pictures: int, sound_s: float = 0.0) -> None:
        """What will be encoded: so many pictures, so many seconds of sound."""
        self.pictures, self.sound_s = pictures, sound_s

    def expect(self, size: int) -> None:
        self.bytes = size

    def encoded(self) -> None:
        self.done += 1
        self._tell()

    def heard(self, seconds: float) -> None:
        """So much more sound is encoded."""
        self.heard_s += seconds
        self._tell()

    def moved(self, size: int) -> None:
        self.moved_bytes += size
        self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self.told_s < EVERY_S:
            return
        self.told_s = now
        planned = self.pictures + self.sound_s
        share = COPY_SHARE if planned else 1.0
        encoded = min((self.done + self.heard_s) / planned, 1.0) if planned else 0.0
        moved = self.moved_bytes / self.bytes if self.bytes else 0.0
        units = round(UNITS * ((1 - share) * encoded + share * moved))
        told = {"frame": units, "out_time_us": round(self.heard_s * 1e6), "total_size": self.moved_bytes + self.done}
        print("".join(f"{name}={value}\n" for name, value in told.items()) + "progress=continue", flush=True)
