"""What packets tell without being decoded: how many pictures, when each is shown, how long the sound is."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from lib.errors import BadMedia


@dataclass(slots=True)
class Span:
    """The packets of one stream, in ticks: when each shown one starts, where the last ends, how many are hidden."""

    starts: list[int] = field(default_factory=list)
    end: int = 0
    hidden: int = 0

    def add(self, packet: Any) -> None:
        if packet.is_discard:
            self.hidden += 1
            return
        start = packet.pts if packet.pts is not None else packet.dts or 0
        self.starts.append(start)
        self.end = max(self.end, start + (packet.duration or 0))


def spans(container: Any, streams: list[Any]) -> dict[int, Span]:
    """Reads over all packets."""
    found = {stream.index: Span() for stream in streams}
    container.seek(0)
    for packet in container.demux(streams):
        if packet.size:
            found[packet.stream_index].add(packet)
    return found


def picture_time(stream: Any, span: Span, file_start_us: int) -> dict[str, Any]:
    """Frames, rate, length, and the table of times where the rate varies."""
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
        "duration_s": float(duration or len(starts) / fps),
        "picture_start_s": max(float(starts[0] * base - Fraction(file_start_us, 1_000_000)), 0.0),
        "hidden_frames": span.hidden,
        "shown_at_s": _uneven([(start - starts[0]) * base for start in starts], fps, base),
    }


def _uneven(times: list[Fraction], fps: Fraction, base: Fraction) -> list[float]:
    """The times, where they are not those of an even rate (up to the container's rounding); else nothing."""
    slack = max(base, Fraction(1, 1000))
    even = all(abs(time - number / fps) <= slack for number, time in enumerate(times))
    return [] if even else [round(float(time), 6) for time in times]


def sound_facts(stream: Any, span: Span) -> dict[str, Any]:
    """Coding, rate, channels and length of a sound track."""
    base = Fraction(stream.time_base)
    heard = (span.end - max(min(span.starts, default=0), 0)) * base  # what lies before zero is the codec's priming
    stated = stream.duration * base if stream.duration else None
    return {
        "audio_codec": stream.codec_context.codec.canonical_name,
        "sample_rate": stream.codec_context.sample_rate,
        "channels": stream.codec_context.channels,
        "audio_duration_s": float(stated if stated and stated < heard else heard),
    }
