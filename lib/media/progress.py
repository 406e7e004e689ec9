"""How far a running ffmpeg is, and when it must stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lib.errors import Cancelled, TooLong
from lib.media.command import Command
from lib.media.limits import Limits

OnProgress = Callable[[float], None]
SURE = 0.02  # of the work must be done before the rest of it can be foretold
SURE_S = 1.0
LONG_S = 120  # longer times are told in minutes


def seconds_left(fraction: float, elapsed_s: float) -> float | None:
    """How long work that came to `fraction` in `elapsed_s` seconds still takes at that pace; None while too early."""
    if fraction >= 1:
        return 0.0
    if not (fraction >= SURE and elapsed_s >= SURE_S):
        return None
    return elapsed_s * (1 - fraction) / fraction


def stopped() -> Cancelled:
    """For work that somebody no longer wants."""
    return Cancelled("Stopped, as you asked.", hint="Nothing was kept of this step.")


@dataclass(slots=True)
class Watch:
    """Follows one ffmpeg: how far it is, since when it stands still, whether it must stop."""

    command: Command
    limits: Limits
    on_progress: OnProgress | None
    cancelled: Callable[[], bool] | None
    seen: dict[str, str] = field(default_factory=dict)
    position: tuple[str, ...] = ()
    began_s: float = 0.0
    moved_s: float = 0.0
    told: float = -1.0

    def start(self, now_s: float) -> None:
        self.began_s = self.moved_s = now_s

    def line(self, text: str, now_s: float) -> None:
        """One line of ffmpeg's `-progress`: key=value, a report ending with the key "progress"."""
        key, _, value = text.partition("=")
        self.seen[key] = value.strip()
        if key != "progress":
            return
        position = tuple(self.seen.get(name, "") for name in ("frame", "out_time_us", "total_size"))
        if position != self.position:
            self.position, self.moved_s = position, now_s
        self.report(self.fraction())

    def fraction(self) -> float:
        by_frames = _number(self.seen.get("frame")) / self.command.frames if self.command.frames else 0.0
        time_s = _number(self.seen.get("out_time_us")) / 1e6
        by_time = time_s / self.command.duration_s if self.command.duration_s else 0.0
        return min(max(by_frames, by_time, 0.0), 1.0)

    def report(self, fraction: float) -> None:
        if self.on_progress and fraction > self.told:
            self.told = fraction
            self.on_progress(fraction)

    def check(self, now_s: float) -> None:
        """Raises when it must stop."""
        if self.cancelled and self.cancelled():
            raise stopped()
        if now_s - self.began_s > self.limits.deadline_s:
            raise TooLong(
                f"This was not finished after {_length(self.limits.deadline_s)} and was stopped.",
                hint="Use a shorter clip.",
            )
        if now_s - self.moved_s > self.limits.stall_s:
            raise TooLong(
                f"ffmpeg made no progress for {self.limits.stall_s:g} s and was stopped.",
                hint="Start it again; if it happens again, the file is probably damaged.",
            )


def _length(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < LONG_S else f"{seconds / 60:,.0f} minutes"


def _number(text: str | None) -> float:
    """ffmpeg writes "N/A" until it knows."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
