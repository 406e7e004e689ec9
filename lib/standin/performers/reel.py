"""Reads clips and pictures: upright, with square pixels and even sides, at the size and rate that are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from lib.media.formats import FORMATS, PROTOCOLS
from lib.media.limits import MAX_PIXELS
from lib.standin.performers.part import Part, Refused

Picture = NDArray[np.uint8]
"""Either RGB (height, width, 3), or 4:2:0 planes below one another (height * 3 / 2, width) as PyAV has them."""

_RATES = (Fraction(1), Fraction(240))
NOT_A_VIDEO = "The file could not be read as a video."


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels, both even."""

    width: int
    height: int

    @classmethod
    def even(cls, width: float, height: float) -> Size:
        return cls(max(2, round(width / 2) * 2), max(2, round(height / 2) * 2))

    @property
    def short(self) -> int:
        return min(self.width, self.height)

    @property
    def ratio(self) -> float:
        return self.width / self.height

    def with_short(self, short: float) -> Size:
        """The same shape with that short side."""
        return Size.even(self.width * short / self.short, self.height * short / self.short)

    def times(self, factor: float) -> Size:
        return Size.even(self.width * factor, self.height * factor)


def shape_of(ratio: str, short: float) -> Size:
    """The size for "16:9" and a short side of so many pixels."""
    across, down = (int(part) for part in ratio.split(":"))
    return Size.even(short * max(1.0, across / down), short * max(1.0, down / across))


@dataclass(frozen=True, slots=True)
class Colours:
    """The colour tags of a video, as FFmpeg numbers them; BT.709 unless a clip says otherwise."""

    space: int = 1
    primaries: int = 1
    transfer: int = 1


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip that was looked into. `frames` is None where only decoding would tell; `turn` are degrees clockwise.

    `steady` says that its pictures follow each other at `rate`.
    """

    path: Path
    field: str
    size: Size
    rate: Fraction
    time_base: Fraction
    frames: int | None
    colours: Colours
    turn: int
    rgb: bool
    has_sound: bool
    steady: bool
    plain: bool
    """H.264 in 4:2:0, upright and even: its packets can be copied as they are."""

    @property
    def resample(self) -> Fraction | None:
        """The rate to read it at where pictures are counted, not timed; None where it has that rate anyway."""
        return None if self.steady else self.rate


def open_media(path: Path) -> InputContainer:
    """Opened so that it can lead to no other file or address."""
    options = {"protocol_whitelist": PROTOCOLS, "format_whitelist": FORMATS}
    return av.open(f"file:{path}", options=options, metadata_errors="ignore")


def look(part: Part, field: str) -> Clip:
    """What that field's clip is. Raises Refused when it has no picture."""
    path = part.file(field)
    try:
        with open_media(path) as container:
            return _looked(container, path, field)
    except (av.FFmpegError, StopIteration, IndexError) as error:
        raise Refused(field, NOT_A_VIDEO) from error


def _looked(container: InputContainer, path: Path, field: str) -> Clip:
    stream = container.streams.video[0]
    context = stream.codec_context
    context.options = {"max_pixels": str(MAX_PIXELS)}
    first = next(container.decode(stream))
    turn = -first.rotation % 360
    aspect = float(stream.sample_aspect_ratio or 1)
    width, height = first.width * aspect, first.height
    size = Size.even(height, width) if turn in {90, 270} else Size.even(width, height)
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    rgb = "yuv" not in first.format.name and not first.format.name.startswith(("nv", "gray"))
    exact = aspect == 1 and first.width % 2 == first.height % 2 == 0
    return Clip(
        path=path,
        field=field,
        size=size,
        rate=min(max(Fraction(rate).limit_denominator(100_000), _RATES[0]), _RATES[1]),
        time_base=Fraction(stream.time_base or Fraction(1, 90_000)),
        frames=stream.frames or None,
        colours=Colours() if rgb else Colours(int(first.colorspace), context.color_primaries, context.color_trc),
        turn=turn,
        rgb=rgb,
        has_sound=bool(container.streams.audio),
        steady=stream.base_rate is None or abs(float(stream.base_rate / rate) - 1) < 0.02,
        plain=context.name == "h264" and first.format.name == "yuv420p" and exact and turn == 0,
    )


def pictures(
    clip: Clip,
    size: Size,
    *,
    kind: str = "yuv420p",
    rate: Fraction | None = None,
    cover: bool = False,
    sharpen: float = 0.0,
    threads: int = 2,
) -> Iterator[av.VideoFrame]:
    """The clip's pictures, in order, as `kind` ("yuv420p", "rgb24"), each with its own time unless a `rate` is set.

    `cover` fills the size and cuts off what is too much, centred; else the picture is stretched to it. `sharpen` is
    the strength of an unsharp mask on luma.
    """
    chain = [("fps", f"fps={rate.numerator}/{rate.denominator}:round=near")] if rate else []
    chain += [*_upright(clip), *_scaled(clip, size, cover, kind)]
    if sharpen:
        chain.append(("unsharp", f"5:5:{sharpen}:3:3:0"))
    chain += [("setsar", "1"), ("format", kind)]
    try:
        with open_media(clip.path) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            stream.codec_context.thread_count = threads
            stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
            yield from _filtered(container.decode(stream), stream, chain, threads)
    except av.FFmpegError as error:
        raise Refused(clip.field, NOT_A_VIDEO) from error


def _upright(clip: Clip) -> list[tuple[str, str]]:
    quarter = {90: ["clock"], 180: ["clock", "clock"], 270: ["cclock"]}
    return [("transpose", way) for way in quarter.get(clip.turn, [])]


def _scaled(clip: Clip, size: Size, cover: bool, kind: str) -> list[tuple[str, str]]:
    planar = ":out_range=tv" + (":out_color_matrix=bt709" if clip.rgb else "") if kind == "yuv420p" else ""
    inner = size
    if cover:
        factor = max(size.width / clip.size.width, size.height / clip.size.height)
        inner = Size.even(max(size.width, clip.size.width * factor), max(size.height, clip.size.height * factor))
    crop = [("crop", f"{size.width}:{size.height}")] if inner != size else []
    return [("scale", f"{inner.width}:{inner.height}:flags=lanczos+accurate_rnd{planar}"), *crop]


def _filtered(
    frames: Iterator[av.VideoFrame], stream: Any, chain: list[tuple[str, str]], threads: int
) -> Iterator[av.VideoFrame]:
    graph = av.filter.Graph()
    graph.threads = threads
    links = [graph.add_buffer(template=stream), *(graph.add(name, args or None) for name, args in chain)]
    graph.link_nodes(*links, graph.add("buffersink")).configure()
    for frame in frames:
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: av.filter.Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, av.VideoFrame)
        yield frame


def arrays(frames: Iterator[av.VideoFrame]) -> Iterator[Picture]:
    """The same as arrays of bytes."""
    return (np.asarray(frame.to_ndarray(), np.uint8) for frame in frames)


def photo(part: Part, field: str) -> Image.Image:
    """That field's picture, upright, in RGB. Raises Refused when it is none."""
    try:
        with Image.open(part.file(field)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Refused(field, "The picture has more than 16.7 million pixels.")
            return ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Refused(field, "The file could not be read as a picture.") from error


def covering(image: Image.Image, size: Size) -> Picture:
    """The picture filling that size, what is too much cut off: more below than above, where heads are."""
    return np.asarray(ImageOps.fit(image, (size.width, size.height), Image.Resampling.LANCZOS, centering=(0.5, 0.2)))


def planar(picture: Picture) -> Picture:
    """An RGB picture as 4:2:0 planes."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    # BT.709 in and out, as films are tagged.
    return np.asarray(frame.reformat(format="yuv420p", dst_colorspace="ITU709").to_ndarray(), np.uint8)
