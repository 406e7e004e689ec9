"""The facts of a clip or a sound as the metadata endpoint words them, and its first and last frame."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
from av.container import InputContainer

from lib.standin.performers.part import Part, Played, Refused
from lib.standin.performers.reel import look, open_media
from lib.standin.performers.stills import frame_at, still

FIELD = "media_url"
CONTAINERS = {"mov": ("mp4", "mp4"), "matroska": ("webm", "webm"), "mpegts": ("mpegts", "mp2t")}
"""The reader's first name for it -> the container, and the second half of its type."""


def perform(part: Part) -> Played:
    """The facts; the frames where they are asked for."""
    path = part.file(FIELD)
    try:
        with open_media(path) as container:
            told = _told(container) | _about(part, container, path)
    except av.FFmpegError as error:
        raise Refused(FIELD, "The file could not be read.") from error
    files = {}
    if part.values.get("extract_frames") and told["media_type"] == "video":
        clip, marked = look(part, FIELD), part.marked(FIELD)
        for which, name in (("first", "start"), ("last", "end")):
            frame = frame_at(clip, which, part.threads)
            files[f"media.{name}_frame_url"] = still(part, frame, f"{name}_frame.png", marked=marked)
    return Played(files, {"media": told})


def _about(part: Part, container: InputContainer, path: Path) -> dict[str, Any]:
    name, ending = _container(container)
    kind = "video" if container.streams.video else "audio"
    url = part.values[FIELD]
    return {
        "url": url,
        "content_type": f"{kind}/{ending}",
        "file_name": path.name if url.startswith("data:") else Path(urlsplit(url).path).name,
        "file_size": path.stat().st_size,
        "duration": round((container.duration or 0) / av.time_base, 3),
        "bitrate": container.bit_rate or 0,
        "container": name,
    }


def _container(container: InputContainer) -> tuple[str, str]:
    first = container.format.name.split(",")[0]
    return CONTAINERS.get(first, (first, first))


def _told(container: InputContainer) -> dict[str, Any]:
    if container.streams.video:
        return _video(container)
    if not container.streams.audio:
        raise Refused(FIELD, "The file holds neither a picture nor a sound.")
    return {"media_type": "audio"} | _sound(container.streams.audio[0], bitrate=False)


def _video(container: InputContainer) -> dict[str, Any]:
    stream = container.streams.video[0]
    rate, base = stream.average_rate or stream.guessed_rate, stream.time_base
    told: dict[str, Any] = {
        "media_type": "video",
        "codec": stream.codec_context.name,
        # A whole number here, as the document has it.
        "fps": round(rate) if rate else None,
        "frame_count": stream.frames or sum(1 for _ in container.decode(stream)),
        "timebase": f"{base.numerator}/{base.denominator}" if base else None,
        "resolution": _resolution(stream),
        "format": _format(container, stream),
    }
    if container.streams.audio:
        told["audio"] = _sound(container.streams.audio[0], bitrate=True)
    return {name: value for name, value in told.items() if value is not None}


def _resolution(stream: Any) -> dict[str, Any]:
    aspect = stream.sample_aspect_ratio or 1
    shown = round(stream.width * aspect)
    common = math.gcd(shown, stream.height)
    ratio = f"{shown // common}:{stream.height // common}"
    return {"aspect_ratio": ratio, "width": stream.width, "height": stream.height}


def _format(container: InputContainer, stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    told = {
        "container": _container(container)[0],
        "video_codec": context.name,
        "profile": context.profile,
        "level": _level(context),
        "pixel_format": context.pix_fmt,
        "bitrate": context.bit_rate,
    }
    return {name: value for name, value in told.items() if value is not None}


def _level(context: Any) -> float | None:
    """4.1 for 41, as it stands in the head of an H.264 stream in an mp4."""
    head = bytes(context.extradata or b"")
    return head[3] / 10 if context.name == "h264" and len(head) > 3 and head[0] == 1 else None


def _sound(stream: Any, *, bitrate: bool) -> dict[str, Any]:
    told = {"codec": stream.codec_context.name, "channels": stream.channels, "sample_rate": stream.rate}
    return told | ({"bitrate": stream.codec_context.bit_rate} if bitrate and stream.codec_context.bit_rate else {})
