"""What a child process that opens media may use, and how large a file from outside may be."""

from __future__ import annotations

from dataclasses import dataclass, replace

GIB = 2**30

MAX_PIXELS = 2**24
MAX_PICTURE_BYTES = 2**28  # twice what the largest picture takes unpacked
MAX_DURATION_S = 6 * 3600
MAX_STREAMS = 64
MAX_PACKETS = 2**22  # six hours of 60 pictures a second and sound need 2.4 million


@dataclass(frozen=True, slots=True)
class Limits:
    """Ends of one child: wall clock, time without progress, address space, processor time, size of a written file.

    `memory_bytes` is address space, which for threaded codecs is several times what is really used: encoding
    2560 x 1440 with x264 and two threads reserves about 1.5 GiB.
    """

    deadline_s: float = 1800.0
    stall_s: float = 60.0
    memory_bytes: int = 4 * GIB
    cpu_s: int = 3600
    file_bytes: int = 8 * GIB
    max_pixels: int = MAX_PIXELS


PROBE_LIMITS = Limits(deadline_s=30.0, memory_bytes=GIB, cpu_s=20, file_bytes=0)
PACKETS_S = 20 * 2**20  # bytes a second that the slowest disk gives: a probe reads over the whole file


def probe_limits(size_bytes: int) -> Limits:
    """The limits of a probe, which takes longer for larger files."""
    longer_s = size_bytes / PACKETS_S
    return replace(
        PROBE_LIMITS, deadline_s=PROBE_LIMITS.deadline_s + longer_s, cpu_s=PROBE_LIMITS.cpu_s + int(longer_s)
    )
