"""The sound under the pictures that are kept: its packets copied where one part is kept, else encoded once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import av

from lib.errors import BadMedia, Unsupported
from lib.media.formats import FORMATS
from lib.media.smart.boxes import find, needed
from lib.media.smart.entry import descriptors
from lib.media.smart.samples import MadeTrack, Samples, Spill
from lib.media.smart.track import Track

AAC, LC, FRAME = 0x40, 2, 1024  # ISO 14496-3: object types, samples in a packet
LOWEST_RATE = 32_000  # below, AAC may hold a second layer that doubles the rate without saying so
BATCH = 64  # packets
WARM_UP_S = 1  # decoded before the part, so that the decoder has settled
GAP_S = Fraction(1, 50)  # times that differ by less are a container's rounding
BIT_RATE = 192_000
UNITY = bytes.fromhex("00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000")


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of one file's sound, in seconds on the file's clock; without `path` it is silence.

    It is made louder by `gain`, and grows or fades from the first to the second of `levels` (1 is as it is).
    """

    path: Path | None
    begin_s: Fraction
    end_s: Fraction
    gain: float = 1.0
    levels: tuple[float, float] = (1.0, 1.0)


Piece = tuple[Heard, ...]  # stretches of one length that are heard at once


def length_s(parts: Sequence[Piece]) -> float:
    """How long it is, one part after the other."""
    return float(sum(part[0].end_s - part[0].begin_s for part in parts))


def copied(track: Track, begin_s: Fraction, end_s: Fraction, file: int) -> MadeTrack | None:
    """The packets under that part, one more before it (decoders need it), cut to the sample by the edit list.

    None where packets cannot be copied, or do not cover the part up to half a packet.
    """
    if not _is_plain_aac(track):
        return None
    begin, end = (track.start + round((time - track.delay_s) * track.timescale) for time in (begin_s, end_s))
    limit = min(track.pts[-1] + track.durations[-1], track.end if track.end is not None else end)
    if begin < track.start or limit < end - FRAME // 2:
        return None
    end = min(end, limit)
    first = max(bisect_right(track.pts, begin) - 2, 0)
    samples = Samples()
    for index in range(first, bisect_left(track.pts, end)):
        samples.add(file, track.offsets[index], track.sizes[index], track.pts[index])
    return MadeTrack(b"soun", track.timescale, track.entry, samples, begin, end, UNITY, bytes(8))


def _is_plain_aac(track: Track) -> bool:
    """AAC-LC in packets of 1024, counted by its own sample rate."""
    if track.entry[4:8] != b"mp4a" or any(length != FRAME for length in track.durations[:-1]):
        return False
    place = track.entry.find(b"esds")
    kind, own = descriptors(track.entry[place + 4 :]) if place > 0 else (0, b"")
    rate = int.from_bytes(track.entry[32:34])
    return kind == AAC and own[:1] != b"" and own[0] >> 3 == LC and rate == track.timescale >= LOWEST_RATE


def encoded(
    parts: Sequence[Piece], rate: int, layout: str, spill: Spill, file: int, *, on_heard: Callable[[float], None]
) -> MadeTrack:
    """All parts one after the other, decoded and encoded once; each is cut or padded to its pictures.

    `on_heard` is told, packet by packet, how many more seconds are done.
    """
    encoder: Any = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, layout, "fltp"
    encoder.bit_rate, encoder.time_base = BIT_RATE, Fraction(1, rate)
    encoder.options = {"aac_coder": "fast"}  # twice as fast, and by its documentation better at such a rate
    encoder.flags |= av.codec.context.Flags.global_header
    samples, entry, length = Samples(), b"", 0
    for frame in _ahead(_framed(parts, rate, layout)):
        if frame:
            frame.pts, frame.time_base = length, Fraction(1, rate)
            length += frame.samples
            on_heard(frame.samples / rate)
        for packet in encoder.encode(frame):
            data = bytes(packet)
            entry = entry or entry_of(encoder, packet)
            samples.add(file, spill.add(data), len(data), packet.pts)
    return MadeTrack(b"soun", rate, entry, samples, 0, length, UNITY, bytes(8))


def _ahead(frames: Iterator[Any]) -> Iterator[Any]:
    """The same frames, decoded by another thread while this one encodes."""
    with ThreadPoolExecutor(1) as pool:
        batch = pool.submit(list, islice(frames, BATCH))
        while ready := batch.result():
            batch = pool.submit(list, islice(frames, BATCH))
            yield from ready


def entry_of(encoder: Any, packet: Any) -> bytes:
    """The sample entry that libavformat writes for what this encoder makes."""
    memory = BytesIO()
    with av.open(memory, "w", format="mp4") as container:
        stream = container.add_stream(encoder.name, rate=encoder.sample_rate, layout=encoder.layout.name)
        stream.codec_context.bit_rate = encoder.bit_rate
        container.start_encoding()
        packet.stream = stream
        container.mux(packet)
    moov = find(memory.getvalue(), b"moov") or b""
    return needed(moov, b"trak", b"mdia", b"minf", b"stbl", b"stsd")[8:]


def _framed(parts: Sequence[Piece], rate: int, layout: str) -> Iterator[Any]:
    """The sound in frames as the encoder takes them, then None."""
    ready, at, time_s = av.AudioFifo(), 0, Fraction(0)
    for part in parts:
        # Borders are rounded from the whole, so that many parts do not add up their rounding.
        time_s += part[0].end_s - part[0].begin_s
        length = round(time_s * rate) - at
        at += length
        for frame in _together(part, length, rate, layout):
            frame.pts, frame.time_base = None, Fraction(1, rate)
            ready.write(frame)
            while ready.samples >= FRAME:
                yield ready.read(FRAME)
    if ready.samples:
        yield ready.read(0, partial=True)
    yield None


def _together(part: Piece, length: int, rate: int, layout: str) -> Iterator[Any]:
    voices = [_exactly(one, length, rate, layout) for one in part]
    if len(part) == 1 and (part[0].gain, part[0].levels) == (1.0, (1.0, 1.0)):
        return voices[0]
    from lib.media.smart.levels import leveled, summed  # noqa: PLC0415 - numpy's start takes as long as a small cut

    graded = [leveled(voice, one.gain, one.levels, length) for voice, one in zip(voices, part, strict=True)]
    return (_frame(values, rate, layout) for values in (graded[0] if len(part) == 1 else summed(graded)))


def _frame(values: Any, rate: int, layout: str) -> Any:
    frame = av.AudioFrame.from_ndarray(values, format="fltp", layout=layout)
    frame.sample_rate = rate
    return frame


def _exactly(part: Heard, length: int, rate: int, layout: str) -> Iterator[Any]:
    """`length` samples of the part: silence where it has none."""
    done = 0
    for start, frame in _decoded(part, rate, layout):
        if start > done + GAP_S * rate or (not done and start > 0):
            yield from _silence(min(start, length) - done, rate, layout)
            done = min(start, length)
        late = max(-start, 0) if not done else 0  # what lies before the part
        if not late and done + frame.samples <= length:
            done += frame.samples
            yield frame
            continue
        fifo = av.AudioFifo()
        frame.pts, frame.time_base = None, Fraction(1, rate)
        fifo.write(frame)
        if late:
            fifo.read(min(late, frame.samples))
        kept = fifo.read(min(fifo.samples, length - done)) if fifo.samples and done < length else None
        if kept is not None:
            done += kept.samples
            yield kept
        if done >= length:
            return
    yield from _silence(length - done, rate, layout)


def _silence(length: int, rate: int, layout: str) -> Iterator[Any]:
    while length > 0:
        frame = av.AudioFrame(format="fltp", layout=layout, samples=min(length, FRAME))
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate = rate
        length -= frame.samples
        yield frame


def _decoded(part: Heard, rate: int, layout: str) -> Iterator[tuple[int, Any]]:
    """(place from the part's beginning, frame) in the wanted form."""
    if part.path is None:
        return
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    with av.open(f"file:{part.path}", options=options) as container:
        if not container.streams.audio or container.streams.audio[0].codec_context is None:
            raise BadMedia("The clip's sound cannot be read.", hint="")
        stream: Any = container.streams.audio[0]
        if part.begin_s > WARM_UP_S:
            container.seek(int((part.begin_s - WARM_UP_S) / stream.time_base), stream=stream)
        resampler, place = av.AudioResampler("fltp", layout, rate), None
        frame: Any
        for frame in container.decode(stream):
            if frame.pts is None:
                raise Unsupported("The clip's sound has no times.", hint="")
            now = round((frame.pts * frame.time_base - part.begin_s) * rate)
            place = now if place is None or abs(now - place) > GAP_S * rate else place
            for ready in resampler.resample(frame):
                yield place, ready
                place += ready.samples
        for ready in resampler.resample(None):
            yield place or 0, ready


def start_s(path: Path) -> Fraction:
    """When the file itself starts, on its clock."""
    with av.open(f"file:{path}", options={"protocol_whitelist": "file", "format_whitelist": FORMATS}) as container:
        return Fraction(container.start_time or 0, av.time_base)
