"""Decodes the pictures at a seam and encodes them again, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import av

from lib.errors import BadMedia, Unsupported
from lib.media.limits import MAX_PIXELS
from lib.media.smart.coding import Coding
from lib.media.smart.plan import decode_start
from lib.media.smart.track import Track

Read = Callable[[int], bytes]


def encoded(
    coding: Coding, frames: Iterable[Any], timescale: int, rate: Fraction, crf: int
) -> Iterator[tuple[bytes, int, bool]]:
    """(sample, time, key) for these pictures, in their order; their times are in ticks of `timescale`."""
    encoder: Any = None
    for frame in frames:
        if encoder is None:
            encoder = _encoder(coding, frame, timescale, rate, crf)
        frame.pict_type = 0
        yield from _samples(coding, encoder, encoder.encode(frame))
    if encoder is not None:
        yield from _samples(coding, encoder, encoder.encode(None))


def decoded(coding: Coding, track: Track, read: Read, times: Sequence[int]) -> Iterator[Any]:
    """The pictures shown at `times`. Raises BadMedia where one is missing or damaged."""
    wanted = set(times)
    due = iter(times)
    for frame in _frames(coding, track, read, wanted):
        if frame.pts not in wanted:
            continue
        if frame.pts != next(due, None) or frame.is_corrupt:
            raise BadMedia("A picture of the clip is damaged.", hint="")
        if frame.interlaced_frame:
            raise Unsupported("The clip is interlaced.", hint="")
        yield frame
    if next(due, None) is not None:
        raise BadMedia("A picture of the clip cannot be decoded.", hint="")


def _frames(coding: Coding, track: Track, read: Read, wanted: set[int]) -> Iterator[Any]:
    context: Any = av.CodecContext.create(coding.decoder, "r")
    if coding.extradata:
        context.extradata = coding.extradata
    # Strict: pictures come in the right order from the first one on, also where the clip does not say how deep it
    # reorders.
    context.options = {"max_pixels": str(MAX_PIXELS), "strict": "strict"}
    context.thread_count = 2
    first = decode_start(track, min(wanted))
    last = max(index for index, time in enumerate(track.pts) if time in wanted)
    for index in range(first, last + 1):
        sample = read(index)
        if track.pts[index] not in wanted and coding.droppable(sample):
            continue
        packet = av.Packet(len(sample))  # with zeros behind it, which a packet made of bytes lacks: decoders look there
        packet.update(sample)
        packet.pts = track.pts[index]
        packet.time_base = Fraction(1, track.timescale)
        yield from context.decode(packet)
    yield from context.decode(None)


def _encoder(coding: Coding, frame: Any, timescale: int, rate: Fraction, crf: int) -> Any:
    context: Any = av.CodecContext.create(coding.encoder, "w")
    context.width, context.height, context.pix_fmt = frame.width, frame.height, frame.format.name
    context.time_base, context.framerate = Fraction(1, timescale), rate
    context.options = coding.settings(crf)
    context.thread_count = 2
    context.color_range, context.colorspace = frame.color_range, frame.colorspace
    context.color_primaries, context.color_trc = frame.color_primaries, frame.color_trc
    context.flags |= av.codec.context.Flags.global_header if coding.decoder == "h264" else 0
    return context


def _samples(coding: Coding, encoder: Any, packets: list[Any]) -> Iterator[tuple[bytes, int, bool]]:
    for packet in packets:
        yield coding.encoded(bytes(packet), encoder), packet.pts, packet.is_keyframe
