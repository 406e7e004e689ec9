"""What packets tell without being decoded: how many pictures, when each is shown, how long the sound is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from lib.errors import BadMedia, TooLong
from lib.media.limits import MAX_PACKETS


@dataclass(slots=True)
class Span:
    """The packets of one stream, in ticks: when each shown one starts, where the last ends, how many are hidden.

    `keys` are the starts of those at which decoding can begin. `priming` counts samples that a player drops at the
    front, `untimed` packets without a time, `damaged` those that the container itself marks. `back` is where decode
    times first run backwards, `hole` the longest stretch (from, length) of a sound that no packet covers, and `opens`
    says whether decoding can begin at the very first packet, hidden or not.
    """

    starts: list[int] = field(default_factory=list)
    end: int = 0
    hidden: int = 0
    keys: list[int] = field(default_factory=list)
    priming: int = 0
    untimed: int = 0
    damaged: int = 0
    back: int | None = None
    hole: tuple[int, int] = (0, 0)
    decoded: int | None = None
    opens: bool | None = None

    def add(self, packet: Any) -> None:
        if not self.starts and packet.has_sidedata("skip_samples"):
            self.priming = int.from_bytes(bytes(packet.get_sidedata("skip_samples"))[:4], "little")
        self.opens = packet.is_keyframe if self.opens is None else self.opens
        if packet.is_discard:
            self.hidden += 1
            return
        self._follow(packet)
        start = packet.pts if packet.pts is not None else packet.dts if packet.dts is not None else self.end
        stop = start + (packet.duration or 0)
        if self.starts and start - self.end > self.hole[1]:
            self.hole = (self.end, start - self.end)
        self.end = max(self.end, stop) if self.starts else stop
        self.starts.append(start)
        if packet.is_keyframe:
            self.keys.append(start)

    def _follow(self, packet: Any) -> None:
        """Books what is wrong with a packet's times and bytes."""
        self.damaged += packet.is_corrupt
        if packet.dts is None:
            self.untimed += packet.pts is None
            return
        if self.back is None and self.decoded is not None and packet.dts < self.decoded:
            self.back = packet.dts
        self.decoded = packet.dts


def spans(container: Any, streams: list[Any], see: Callable[[Any], None] = lambda _: None) -> dict[int, Span]:
    """Reads over all packets of a file just opened; `see` is shown each, the empty ones at the end too.

    Raises TooLong where there are more than any clip needs.
    """
    found = {stream.index: Span() for stream in streams}
    for count, packet in enumerate(container.demux(streams)):
        see(packet)
        if packet.size:
            found[packet.stream_index].add(packet)
        if count > MAX_PACKETS:
            raise TooLong("The file has more pictures and sounds than can be worked on here.", hint="Split it first.")
    return found


def picture_time(stream: Any, span: Span, file_start_us: int) -> dict[str, Any]:
    """Frames, rates, length, the key pictures, and the table of times where the rate varies."""
    starts = sorted(span.starts)
    if not starts:
        raise BadMedia("The file says that it is a video, but it holds no picture.", hint="Choose another file.")
    base = Fraction(stream.time_base)
    said = Fraction(stream.average_rate) if stream.average_rate else None
    end = span.end
    if end <= starts[-1]:  # some containers do not say how long the last picture stands
        end = starts[-1] + (round(1 / (said * base)) if said else 0)
    duration = (end - starts[0]) * base
    counted = len(starts) / duration if duration else said or Fraction(25)
    fps = said if said and abs(said - counted) < counted / 100 else counted
    return {
        "frames": len(starts),
        "fps": float(fps),
        "base_fps": float(stream.base_rate) if stream.base_rate else None,
        "time_base": f"{base.numerator}/{base.denominator}",
        "duration_s": float(duration or len(starts) / fps),
        "picture_start_s": max(float(starts[0] * base - Fraction(file_start_us, 1_000_000)), 0.0),
        "hidden_frames": span.hidden,
        "shown_at_s": _uneven(starts, fps, base),
        **_keys(sorted({bisect_left(starts, key) for key in span.keys}), len(starts)),
    }


def _keys(numbers: list[int], frames: int) -> dict[str, Any]:
    """The step, where key pictures come evenly from the first on; else their numbers."""
    if not numbers:
        return {}
    step = numbers[1] if len(numbers) > 1 else frames
    even = numbers == list(range(0, frames, step or 1))
    return {"key_every": step} if even else {"key_frames": numbers}


def _uneven(starts: list[int], fps: Fraction, base: Fraction) -> list[float]:
    """The times, where they are not those of an even rate (up to the container's rounding); else nothing."""
    slack = max(base, Fraction(1, 1000))
    # In whole numbers: fractions would take longer than reading the file does.
    tick, step = base.numerator * fps.numerator, base.denominator * fps.denominator
    most = int(slack * base.denominator * fps.numerator)
    if all(abs((start - starts[0]) * tick - number * step) <= most for number, start in enumerate(starts)):
        return []
    return [round(float((start - starts[0]) * base), 6) for start in starts]


def sound_facts(stream: Any, span: Span) -> dict[str, Any]:
    """Coding, rate, channels, length and priming of a sound track."""
    context = stream.codec_context
    base = Fraction(stream.time_base)
    heard = (span.end - max(min(span.starts, default=0), 0)) * base  # what lies before zero is the codec's priming
    stated = stream.duration * base if stream.duration else None
    layout = context.layout.name
    return {
        "audio_codec": context.codec.canonical_name,
        "audio_profile": context.profile,
        "sample_rate": context.sample_rate,
        "channels": context.channels,
        "audio_layout": {"1 channels": "mono", "2 channels": "stereo"}.get(layout, layout),
        "audio_duration_s": float(stated if stated and stated < heard else heard),
        "priming_samples": span.priming,
    }
