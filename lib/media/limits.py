"""What a child process that opens media may use, and how large a file from outside may be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the leash, which starts every child, reads this file
    from collections.abc import Iterable

    from lib.media.facts import Facts

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


THREADS = 2  # of an encoder
# Measured on one busy core of two, 720p full of noise: 0.12 s a million pixels to read HEVC and encode it with libx264
# at crf 16, 0.16 s at crf 1, 0.20 s with libvpx-vp9; 0.03 s a second of sound to measure, limit or encode it.
ENCODING_S = 0.5
SOUND_S = 0.15
LONGEST_S = 48 * 3600


def cut_limits(
    clips: Iterable[Facts], *, pixels: float = 0.0, sound_s: float = 0.0, least: Limits | None = None
) -> Limits:
    """The limits of a cut, which takes longer for more of `clips`, and for `pixels` and sound that it makes besides.

    Each clip counts as if it had the largest pictures and the highest rate of all: a join may bring it to them. Never
    less than `least`, and never more than two days longer. What stands still is stopped after the same time as ever.
    """
    given, least = list(clips), least or Limits()
    largest = max(((one.width or 0) * (one.height or 0) for one in given), default=0)
    fastest = max((one.fps or 0.0 for one in given), default=0.0)
    shown = (max(one.frames or 0, (one.duration_s or 0.0) * fastest) for one in given if one.kind == "video")
    heard_s = sum(max(one.duration_s or 0.0, one.audio_duration_s or 0.0) for one in given if one.has_sound)
    longer_s = (pixels + largest * sum(shown)) / 1e6 * ENCODING_S + (sound_s + heard_s) * SOUND_S
    longer_s = min(longer_s, LONGEST_S)
    return replace(least, deadline_s=least.deadline_s + longer_s, cpu_s=least.cpu_s + int(THREADS * longer_s))
