"""Sound in and out: 48 kHz stereo samples of a file, and a sound track that ends exactly with its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import av
import numpy as np
from av.container import OutputContainer
from numpy.typing import NDArray

from lib.standin.performers.part import Part, Refused
from lib.standin.performers.reel import open_media

RATE = 48_000
BLOCK = 1024
LONGEST_S = 1200.0

Samples = NDArray[np.float32]
"""(2, samples), -1 to 1, at RATE."""


def samples_of(path: Path, longest_s: float = LONGEST_S) -> Samples | None:
    """The first sound track of a file, or None if it has none. Raises av.FFmpegError for what cannot be read."""
    with open_media(path) as container:
        if not container.streams.audio:
            return None
        blocks, count = [], 0
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        for frame in container.decode(container.streams.audio[0]):
            blocks += [made.to_ndarray() for made in resampler.resample(frame)]
            count = sum(block.shape[1] for block in blocks[-1:]) + count
            if count > longest_s * RATE:
                break
        blocks += [made.to_ndarray() for made in resampler.resample(None)]
    return np.concatenate(blocks, axis=1) if blocks else None


def voice(part: Part, field: str) -> Samples:
    """The sound given in that field. Raises Refused when it holds none."""
    try:
        samples = samples_of(part.file(field))
    except av.FFmpegError as error:
        raise Refused(field, "The file could not be read as sound.") from error
    if samples is None or samples.shape[1] == 0:
        raise Refused(field, "The file has no sound.")
    return samples


def silence(seconds: float) -> Samples:
    return np.zeros((2, round(seconds * RATE)), np.float32)


def seconds_of(samples: Samples) -> float:
    return float(samples.shape[1] / RATE)


class Track(Protocol):
    """A sound track being written beside the pictures."""

    def upto(self, time_s: float) -> None:
        """Writes what sounds before that time."""

    def end(self, time_s: float) -> None:
        """Writes the rest, so that it ends at that time."""


class Encoded:
    """Samples as AAC: padded with silence or cut, so that it lasts as long as the pictures."""

    def __init__(self, container: OutputContainer, samples: Samples) -> None:
        self._container = container
        self._samples = samples
        self._done = 0
        self._stream = container.add_stream("aac", rate=RATE)
        self._stream.bit_rate = 160_000
        self._stream.layout = "stereo"

    def upto(self, time_s: float) -> None:
        while self._done + BLOCK <= time_s * RATE:
            self._encode(BLOCK)

    def end(self, time_s: float) -> None:
        self.upto(time_s)
        if (rest := round(time_s * RATE) - self._done) > 0:
            self._encode(rest)
        self._container.mux(self._stream.encode(None))

    def _encode(self, count: int) -> None:
        block = np.zeros((2, count), np.float32)
        found = self._samples[:, self._done : self._done + count]
        block[:, : found.shape[1]] = found
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE, self._done
        self._done += count
        self._container.mux(self._stream.encode(frame))


class Copied:
    """The AAC packets of another file, as they are."""

    def __init__(self, container: OutputContainer, source: Path) -> None:
        self._container = container
        self._source = open_media(source)
        theirs = self._source.streams.audio[0]
        self._stream = container.add_stream_from_template(theirs)
        self._packets = (packet for packet in self._source.demux(theirs) if packet.dts is not None)
        self._next = next(self._packets, None)

    def upto(self, time_s: float) -> None:
        while self._next is not None and float((self._next.pts or 0) * self._next.time_base) < time_s:
            self._next.stream = self._stream
            self._container.mux(self._next)
            self._next = next(self._packets, None)

    def end(self, time_s: float) -> None:
        self.upto(time_s)
        self._source.close()


def copyable(path: Path) -> bool:
    """Whether that file's sound can be copied into an mp4 as it is."""
    with open_media(path) as container:
        return bool(container.streams.audio) and container.streams.audio[0].codec_context.name == "aac"
