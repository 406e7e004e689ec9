"""Reads single pictures and short sounds out of a file by their time, as a player would."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, dropwhile
from math import inf
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
from av.stream import Disposition

from lib.errors import BadMedia, Unsupported
from lib.media.formats import FORMATS, picture_format
from lib.media.limits import MAX_PIXELS
from lib.media.proof.measure import Array

NEAR_S = 1.0  # pictures that are this near are decoded on to; for others it seeks
MARGINS_S = (0.0, 0.5, 5.0, inf)  # how long before a time it seeks: containers seek by decode time, some not exactly
SURE_S = 0.5  # before a picture that is wanted, all are decoded
GAP_S = 0.02  # times that differ by less are a container's rounding


def opened(path: str | Path) -> Any:
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    container = av.open(f"file:{path}", format=picture_format(Path(path)), options=options)
    for stream in container.streams.video:
        if stream.codec_context is None:
            container.close()
            raise Unsupported("The clip uses a coding that cannot be read here.", hint="Convert it to H.264 first.")
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        stream.codec_context.thread_count = 2
        stream.codec_context.thread_type = "AUTO"
    return container


def track(container: Any, kind: Literal["video", "audio"]) -> Any:
    """Its first track of that kind that is no cover picture. Raises BadMedia where it has none that can be read."""
    found = [one for one in getattr(container.streams, kind) if not one.disposition & Disposition.attached_pic]
    if not found or found[0].codec_context is None:
        raise BadMedia(f"The file has no {'picture' if kind == 'video' else 'sound'} that can be read.", hint="")
    return found[0]


def start_s(container: Any) -> float:
    """When the file itself starts, on its clock."""
    return float((container.start_time or 0) / av.time_base)


def pictures(
    container: Any, wanted: Sequence[tuple[float, float]], spare: Collection[tuple[float, float]] = ()
) -> Iterator[Any]:
    """The shown picture at each time (ascending, on the file's clock), each with the slack that it may have.

    Where there is none it raises BadMedia, but gives None for those of which it is `spare`.
    """
    frames: Iterator[Any] = iter(())
    now_s = -inf
    for one in wanted:
        due_s, slack_s = one
        if due_s - now_s > NEAR_S:
            frames = _from(container, due_s + slack_s)
        frame = next((one for one in frames if one.time is not None and one.time >= due_s - slack_s), None)
        if frame is None or frame.time > due_s + slack_s:
            if one in spare:
                frames, now_s = (iter(()), -inf) if frame is None else (chain([frame], frames), now_s)
                yield None
                continue
            raise BadMedia(f"There is no picture at {due_s:.3f} s.", hint="")
        now_s = frame.time
        yield frame


def _from(container: Any, due_s: float) -> Iterator[Any]:
    """Pictures from some key picture on that is shown at that time or before."""
    stream = track(container, "video")
    frames: Iterator[Any] = iter(())
    for margin_s in MARGINS_S:
        _seek(container, stream, due_s - margin_s)
        frames = _decoded(container, stream, due_s - SURE_S)
        if margin_s != inf:  # what comes before the first key picture needs others that were not read
            frames = dropwhile(lambda frame: not frame.key_frame, frames)
        first = next(frames, None)
        if first is not None and first.time is not None and first.time <= due_s:
            return chain([first], frames)
    return frames


def _decoded(container: Any, stream: Any, from_s: float) -> Iterator[Any]:
    """The pictures; of those before that time only what others need."""
    for packet in container.demux(stream):
        early = packet.pts is not None and packet.pts * stream.time_base < from_s
        stream.codec_context.skip_frame = "NONREF" if early else "DEFAULT"
        yield from packet.decode()


def _seek(container: Any, stream: Any, time_s: float) -> None:
    start = stream.start_time or 0
    container.seek(start if time_s == -inf else max(int(time_s / stream.time_base), min(start, 0)), stream=stream)


def heard(container: Any, begin_s: float, length_s: float, rate: int) -> Array:
    """That stretch of the sound (on the file's clock), mixed to one channel; silence where there is none."""
    length = round(length_s * rate)
    sound, stream = np.zeros(length, np.float32), track(container, "audio")
    _seek(container, stream, begin_s - 1)
    resampler, place = av.AudioResampler("fltp", "mono", rate), None
    for frame in container.decode(stream):
        if frame.time is None:
            raise BadMedia("The file's sound has no times.", hint="")
        now = round((float(frame.time) - begin_s) * rate)
        place = now if place is None or abs(now - place) > GAP_S * rate else place
        for ready in resampler.resample(frame):
            place = _put(sound, ready.to_ndarray()[0], place)
        if place >= length:
            break
    return sound


def _put(sound: Array, piece: Array, place: int) -> int:
    """Where the next piece belongs."""
    begin, end = max(place, 0), min(place + len(piece), len(sound))
    if end > begin:
        sound[begin:end] = piece[begin - place : end - place]
    return place + len(piece)
