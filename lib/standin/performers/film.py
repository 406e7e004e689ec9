"""Writes what a performer made: H.264 and AAC in an mp4, marked as a rehearsal."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.container import OutputContainer

from lib.standin.mark import Badge, comment
from lib.standin.performers.part import Part, Progress, Refused
from lib.standin.performers.reel import NOT_A_VIDEO, Clip, Colours, Picture, Size, open_media
from lib.standin.performers.sound import Copied, Encoded, Samples, Track, copyable, samples_of

_PRESETS = ((640 * 480, "veryfast", "19"), (1920 * 1080, "superfast", "20"), (2**31, "ultrafast", "21"))
"""Up to so many pixels: x264's preset and rate factor. Large pictures are encoded in a hurry."""

_BT709 = 1


def open_film(part: Part, name: str = "output.mp4") -> tuple[OutputContainer, Path]:
    """An mp4 to write into the part's folder: playable before it is whole, its own text saying what it is."""
    path = part.folder / name
    container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
    container.metadata["comment"] = comment(part.endpoint)
    return container, path


class Film:
    """A video being made: `show` one picture after the other, in a `with` block."""

    def __init__(
        self,
        part: Part,
        size: Size,
        rate: Fraction,
        *,
        marked: bool,
        frames: int | None = None,
        colours: Colours | None = None,
        time_base: Fraction | None = None,
        sound: Samples | Path | None = None,
    ) -> None:
        """`sound` are samples, or a file whose own sound is kept; `time_base` is set where frames bring their times."""
        self._container, self.path = open_film(part)
        self._size, self._rate = size, rate
        self._colours = colours or Colours()
        self._badge = None if marked else Badge.of(size.width, size.height)
        self._stream = self._container.add_stream("libx264", rate=rate)
        self._describe(time_base or 1 / rate, part.threads)
        self._track = track_for(self._container, sound)
        self._progress: Progress = part.progress(frames)
        self.count = 0
        self._last = -1

    def _describe(self, time_base: Fraction, threads: int) -> None:
        stream, context = self._stream, self._stream.codec_context
        stream.width, stream.height, stream.pix_fmt = self._size.width, self._size.height, "yuv420p"
        pixels = self._size.width * self._size.height
        preset, factor = next((preset, factor) for most, preset, factor in _PRESETS if pixels <= most)
        stream.options = {"preset": preset, "crf": factor, "bf": "0"}
        context.gop_size = max(1, round(self._rate * 2))
        context.time_base = time_base
        context.thread_count = threads
        context.color_range = 1
        context.colorspace, context.color_primaries = self._colours.space, self._colours.primaries
        context.color_trc = self._colours.transfer

    def show(self, picture: Picture | av.VideoFrame) -> None:
        """Adds a picture: RGB, or 4:2:0 of any size. A frame of a film with a time base keeps its time."""
        frame, tick = self._planar(picture), self.count
        if isinstance(picture, av.VideoFrame) and self._stream.codec_context.time_base != 1 / self._rate:
            tick = max(self._last + 1, _ticks(picture, self._stream.codec_context.time_base))
        frame.pts, frame.time_base, self._last = tick, self._stream.codec_context.time_base, tick
        self._container.mux(self._stream.encode(frame))
        self.count += 1
        self._progress.tick()
        self._track_upto(float(tick * self._stream.codec_context.time_base))

    def _planar(self, picture: Picture | av.VideoFrame) -> av.VideoFrame:
        frame = picture if isinstance(picture, av.VideoFrame) else _frame(picture)
        if frame.format.name != "yuv420p" or (frame.width, frame.height) != (self._size.width, self._size.height):
            matrix = _BT709 if frame.format.name == "rgb24" else None
            frame = frame.reformat(self._size.width, self._size.height, "yuv420p", None, matrix, "LANCZOS")
        if self._badge:
            frame.make_writable()
            self._badge.draw(*(plane_of(frame, index) for index in range(3)))
        frame.pict_type, frame.color_range = 0, 1
        return frame

    def _track_upto(self, time_s: float) -> None:
        if self._track:
            self._track.upto(time_s)

    @property
    def duration_s(self) -> float:
        """How long it is so far."""
        return float((self._last * self._stream.codec_context.time_base) + 1 / self._rate) if self.count else 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self.count:
            self._container.close()
            raise Refused("video_url", NOT_A_VIDEO)
        if kind is None:
            self._container.mux(self._stream.encode(None))
            if self._track:
                self._track.end(self.duration_s)
            self._progress.done()
        self._container.close()


def track_for(container: OutputContainer, sound: Samples | Path | None) -> Track | None:
    """The sound track for samples, or for the file whose sound is kept: copied where it is AAC already."""
    if sound is None:
        return None
    if isinstance(sound, Path):
        return Copied(container, sound) if copyable(sound) else _recoded(container, sound)
    return Encoded(container, sound)


def _recoded(container: OutputContainer, source: Path) -> Track | None:
    samples = samples_of(source)
    return None if samples is None else Encoded(container, samples)


def dubbed(part: Part, clip: Clip, sound: Samples) -> Path:
    """The clip with that sound in place of its own: its pictures are copied as they are."""
    container, path = open_film(part)
    with container, open_media(clip.path) as source:
        theirs = source.streams.video[0]
        stream = container.add_stream_from_template(theirs)
        track = Encoded(container, sound)
        end_s = 0.0
        for packet in source.demux(theirs):
            if packet.dts is None:
                continue
            end_s = max(end_s, float(((packet.pts or 0) + (packet.duration or 0)) * packet.time_base))
            packet.stream = stream
            container.mux(packet)
            track.upto(end_s)
        track.end(end_s)
    part.log("Pictures copied, sound laid in")
    return path


def split(planes: Picture) -> tuple[Picture, Picture, Picture]:
    """Views of luma, blue and red of a 4:2:0 picture."""
    rows, width = planes.shape
    height = rows * 2 // 3
    flat = planes.reshape(-1)[height * width :].reshape(2, height // 2, width // 2)
    return planes[:height], flat[0], flat[1]


def _frame(picture: Picture) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24" if picture.ndim == 3 else "yuv420p")


def plane_of(frame: av.VideoFrame, index: int) -> Picture:
    """A view of that plane of a 4:2:0 frame."""
    plane = frame.planes[index]
    rows: Picture = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def _ticks(frame: av.VideoFrame, time_base: Fraction) -> int:
    return round((frame.pts or 0) * (frame.time_base or time_base) / time_base)
