"""What the cuts have in common when they describe an ffmpeg graph: seeking, sound by samples, encoding, marks."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import ffmpeg

from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.kept import DEEP, PLAIN, form_of
from lib.media.mark import REHEARSAL_MARK
from lib.media.timing import shown_at

SOUND_RATE = 48_000
CRF = 16  # how near to the source pictures are usually encoded; lower is nearer
GAP_S = 0.02  # shorter than a packet of sound; times that differ by less are a container's rounding
# Containers with an index, in which a seek surely lands at or before the wanted picture.
INDEXED = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
H264: dict[str, Any] = {"c:v": "libx264", "preset": "veryfast", "crf": CRF, "pix_fmt": PLAIN, "threads": 2}
HIGH_10: dict[str, Any] = {"pix_fmt": DEEP, "profile:v": "high10"}
LARGE = 2**22  # pixels; of larger pictures an encoder holds as few as it can, or ten of them take a gigabyte
FEW: dict[str, Any] = {"rc-lookahead": 2, "bf": 0, "refs": 1, "thread_type": "slice"}
AAC: dict[str, Any] = {"c:a": "aac", "b:a": "192k"}
MP4: dict[str, Any] = {"movflags": "+faststart", "f": "mp4"}


def seek_s(frame: int, facts: Facts) -> int:
    """Whole seconds to skip before decoding, safely before picture `frame`.

    Whole, so that sound is cut at a sample at every rate; which picture comes is then decided by time, not by where
    the seek happened to land.
    """
    if facts.container not in INDEXED:
        return 0
    return max(floor(_file_time(frame, facts)) - 1, 0)


def opened(path: Path, seek: int = 0, *, place: int = 0) -> Any:
    """The file as an input of the graph; the same file opened twice needs two places."""
    return ffmpeg.input(str(path), **({"ss": seek} if seek else {}), **_distinct(place))


def silence(place: int) -> Any:
    """Endless stereo silence at SOUND_RATE."""
    return ffmpeg.input(f"anullsrc=r={SOUND_RATE}:cl=stereo", f="lavfi", **_distinct(place)).audio


def from_frame(stream: Any, frame: int, facts: Facts, seek: int = 0) -> Any:
    """The pictures from number `frame` on: counted, or after a seek by a time half way to the picture before."""
    if not seek:
        return stream.filter("trim", start_frame=frame) if frame else stream
    border = (_file_time(frame - 1, facts) + _file_time(frame, facts)) / 2 - seek
    return stream.filter("trim", start=seconds(border))


def picture_of(source: Any) -> Any:
    """Its first picture track; "V" passes over cover pictures, which "v" would take."""
    return source["V:0"]


def heard_from(source: Any, rate: int = SOUND_RATE) -> Any:
    """The first sound track from the file's start; what is missing is filled, so that samples count time."""
    return source["a:0"].filter("aresample", rate, first_pts=0, min_hard_comp=GAP_S, **{"async": 1})


def sound_of(source: Any, facts: Facts) -> Any:
    """Its sound at SOUND_RATE, counted in samples from the moment of the clip's first picture."""
    early = samples(Fraction(facts.picture_start_s).limit_denominator(1_000_000), SOUND_RATE)
    heard = heard_from(source)
    return from_sample(heard, early) if early else heard


def from_sample(sound: Any, start: int) -> Any:
    return sound.filter("atrim", start_sample=start).filter("asetpts", "PTS-STARTPTS")


def exactly(sound: Any, length: int) -> Any:
    """The sound padded with silence or cut to `length` samples."""
    return sound.filter("apad", whole_len=length).filter("atrim", end_sample=length).filter("asetpts", "PTS-STARTPTS")


def cut_sound(source: Any, facts: Facts, first: int, end: int, *, seek: int, rate: int) -> Any:
    """The sound that belongs to the pictures from `first` up to, not including, `end`."""
    begin = _file_time(first, facts) - seek
    length = samples(shown_at(end, facts), rate) - samples(shown_at(first, facts), rate)
    heard = heard_from(source, rate)
    return exactly(from_sample(heard, samples(begin, rate)), length)


def even(stream: Any, facts: Facts) -> Any:
    """The picture without the odd last row or column, which H.264 in 4:2:0 cannot hold."""
    width, height = even_size(facts)
    if (width, height) == (facts.width, facts.height):
        return stream
    return stream.filter("crop", width, height, 0, 0)


def even_size(facts: Facts) -> tuple[int, int]:
    return max((facts.width or 2) // 2 * 2, 2), max((facts.height or 2) // 2 * 2, 2)


def h264(facts: Facts, crf: int = CRF, *, plain: bool = False) -> dict[str, Any]:
    """How its pictures are encoded: what has more than 8 bits keeps 10, unless it must be `plain`."""
    deep = form_of(facts, plain=plain) == DEEP
    return H264 | {"crf": crf} | (HIGH_10 if deep else {}) | few(facts.width, facts.height)


def few(width: int | None, height: int | None) -> dict[str, Any]:
    """What bounds the memory of encoding pictures of that size in H.264."""
    return FEW if (width or 0) * (height or 0) > LARGE else {}


def steady(stream: Any, rate: Fraction) -> Any:
    """Pictures numbered anew at an even rate, whatever the container had rounded their times to."""
    return stream.filter("settb", "1/1000000").filter("setpts", f"N/({rate.numerator}/{rate.denominator}*TB)")


def at_rate(rate: Fraction) -> dict[str, Any]:
    return {"r": f"{rate.numerator}/{rate.denominator}", "fps_mode": "cfr"}


def marked(facts: Iterable[Facts]) -> dict[str, Any]:
    """The stand-in's mark is carried on: what was made from a rehearsal take is one."""
    return {"metadata": f"comment={REHEARSAL_MARK}"} if any(one.rehearsal for one in facts) else {}


def command(
    streams: list[Any], output: Path, inputs: list[Path], frames: int | None, options: dict[str, Any]
) -> Command:
    """The graph that ends in `streams`, as arguments."""
    argv = ffmpeg.output(*streams, str(output), **options).get_args()
    return Command(tuple(argv), output, tuple(inputs), frames=frames)


def _distinct(place: int) -> dict[str, Any]:
    """ffmpeg-python takes equal inputs for one and the same; a queue longer by one makes them differ."""
    return {"thread_queue_size": 8 + place} if place else {}


def seconds(time: Fraction) -> str:
    return f"{float(max(time, Fraction(0))):.6f}"


def samples(time: Fraction, rate: int) -> int:
    return round(time * rate)


def _file_time(frame: int, facts: Facts) -> Fraction:
    """When picture `frame` comes, from the file's own start, as ffmpeg counts."""
    return Fraction(facts.picture_start_s).limit_denominator(1_000_000) + shown_at(frame, facts)
