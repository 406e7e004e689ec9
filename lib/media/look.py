"""Looks into one media file, inside a limited child process: what opens, demuxes and decodes foreign bytes.

It prints one JSON object, {"facts": …} or {"error": …}. Nothing heavy is imported here but PyAV, because this is the
start-up time of every probe.
"""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import av.stream

from lib.errors import BadMedia, MediaError, TooLarge, TooLong, Unsupported
from lib.media import tags
from lib.media.edits import edit_facts
from lib.media.faults import faults
from lib.media.formats import FORMATS, ends_early, picture_format
from lib.media.limits import MAX_DURATION_S, MAX_PICTURE_BYTES, MAX_PIXELS, MAX_STREAMS
from lib.media.mark import REHEARSAL_MARK
from lib.media.packets import picture_time, sound_facts, spans

MOVIE = "mov,mp4,m4a,3gp,3g2,mj2"
IMAGES = {"png_pipe": "image/png", "jpeg_pipe": "image/jpeg", "webp_pipe": "image/webp"}
TYPES = {  # libavformat's name -> content type with a picture track, without one
    MOVIE: ("video/mp4", "audio/mp4"),
    "matroska,webm": ("video/x-matroska", "audio/x-matroska"),
    "avi": ("video/x-msvideo", "audio/x-msvideo"),
    "gif": ("image/gif", "image/gif"),
    "mpegts": ("video/mp2t", "audio/mp2t"),
    "wav": ("audio/wav", "audio/wav"),
    "mp3": ("audio/mpeg", "audio/mpeg"),
    "flac": ("audio/flac", "audio/flac"),
    "ogg": ("video/ogg", "audio/ogg"),
    "aac": ("audio/aac", "audio/aac"),
}
SIDEWAYS = (90, 270)
CHOOSE = "Choose a video (MP4, MOV, WebM, MKV, AVI, TS, GIF), a picture (PNG, JPEG, WebP), a sound or a PLY scene."


def main() -> None:
    """`argv[1]` is the file. Whatever it holds, one JSON object is printed."""
    try:
        answer: dict[str, Any] = {"facts": look(Path(sys.argv[1]))}
    except MediaError as error:
        answer = {"error": error.record()}
    except MemoryError:
        answer = {"error": TooLarge("The file needs more memory than looking at it may take.", hint=CHOOSE).record()}
    print(json.dumps(answer))


def look(path: Path) -> dict[str, Any]:
    """The fields of Facts for the file at `path`. Raises BadMedia, Unsupported or TooLarge."""
    size = _size(path)
    head, tail = _ends(path, size)
    if head.startswith(b"ply"):
        from lib.media.scene import read_scene  # noqa: PLC0415 - heavy, and only scenes need it

        return read_scene(path).as_json()
    if ends_early(path, size):
        raise _cut_short()
    facts = _opened(path, head, size)
    marked = facts["rehearsal"] or (facts["kind"] == "image" and REHEARSAL_MARK.encode() in head + tail)
    return facts | {"size_bytes": size, "rehearsal": marked}


def _size(path: Path) -> int:
    try:
        status = path.stat()
    except OSError as error:
        raise BadMedia(f"The file cannot be opened ({error.strerror}).", hint="Choose it again.") from error
    if not stat.S_ISREG(status.st_mode):
        raise BadMedia("This is not a file.", hint=CHOOSE)
    if status.st_size == 0:
        raise BadMedia("The file is empty (0 bytes).", hint="It was probably not copied completely; choose it again.")
    return status.st_size


def _ends(path: Path, size: int, length: int = 64 * 1024) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        head = file.read(length)
        file.seek(max(size - length, 0))
        return head, file.read(length)


def _opened(path: Path, head: bytes, size: int) -> dict[str, Any]:
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    picture = picture_format(path)
    if picture and size > MAX_PICTURE_BYTES:
        raise TooLarge(f"The picture's file has {size / 1e9:.1f} GB.", hint="Choose a smaller picture.")
    with _heard() as said:
        try:
            with av.open(f"file:{path}", format=picture, options=options, metadata_errors="replace") as container:
                facts = _facts(container, head, size)
        except av.error.MemoryError as error:
            raise TooLarge("The file needs more memory than looking at it may take.", hint=CHOOSE) from error
        except (av.error.FFmpegError, ValueError) as error:
            raise _refused([text for _, _, text in said], head) from error
    if any("partial file" in text or "ended prematurely" in text for _, _, text in said):
        raise _cut_short()
    return facts | edit_facts(path) if facts["container"] == MOVIE else facts


@contextmanager
def _heard() -> Iterator[list[Any]]:
    """What FFmpeg complains of meanwhile. No decoder may have threads of its own then: each line is said under Python's
    lock, and who holds that while it waits for such a thread (closing a codec) waits for ever.
    """
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture(local=True) as said:
            yield said
    finally:
        av.logging.set_level(None)


def _refused(said: list[str], head: bytes) -> MediaError:
    if any("whitelist" in text for text in said):
        return BadMedia("The file only points to other files or addresses, which are never opened.", hint=CHOOSE)
    if not any(byte < 9 or 13 < byte < 27 for byte in head[:512]):
        return BadMedia("This is a text, not a video, picture or sound.", hint=CHOOSE)
    if any("moov atom not found" in text for text in said):
        return _cut_short()
    if any("max pixel count" in text or "Picture size" in text for text in said):
        return TooLarge("The picture has more pixels than can be worked on here.", hint="Scale it down first.")
    return BadMedia("This is not a media file that can be read.", hint=CHOOSE)


def _cut_short() -> BadMedia:
    return BadMedia(
        "The file is incomplete: its end is missing.", hint="It was probably not copied or downloaded to the end."
    )


def _facts(container: Any, head: bytes, size: int) -> dict[str, Any]:
    _check_bounds(container)
    video = next((stream for stream in container.streams.video if not _is_cover(stream)), None)
    audio = next(iter(container.streams.audio), None)
    streams = [stream for stream in (video, audio) if stream is not None]
    if not streams:
        raise Unsupported("The file holds neither a picture nor a sound.", hint=CHOOSE)
    if any(stream.codec_context is None for stream in streams):
        raise Unsupported("The file uses a coding that cannot be read here.", hint="Convert it to MP4 first.")
    name = container.format.name
    kind = "image" if name in IMAGES else "video" if video else "audio"
    first = FirstPicture(video) if video else None
    found = spans(container, streams, *([first.see] if first else []))
    facts = first.facts() if first else {}
    if video and kind == "video":
        facts |= picture_time(video, found[video.index], container.start_time or 0)
    if audio:
        facts |= sound_facts(audio, found[audio.index])
    if kind == "audio":
        facts["duration_s"] = facts["audio_duration_s"]
    _check_length(facts.get("duration_s") or 0)
    if kind != "image":
        tracks = [(stream, found[stream.index]) if stream else None for stream in (video, audio)]
        facts["faults"] = [*facts.get("faults", ()), *faults(container, size, *tracks)]
    words = [word for source in (container, *streams) for word in source.metadata.values()]
    return facts | {
        "kind": kind,
        "content_type": _content_type(name, kind, head, container.metadata.get("major_brand", "")),
        "container": name,
        "rehearsal": any(REHEARSAL_MARK in word for word in words),
    }


def _check_bounds(container: Any) -> None:
    """Raises TooLarge or TooLong for what would take too long even to look through."""
    tracks = len(container.streams)
    if tracks > MAX_STREAMS:
        raise TooLarge(f"The file holds {tracks} tracks; {MAX_STREAMS} are the most that fit here.", hint=CHOOSE)
    _check_length((container.duration or 0) / av.time_base)


def _check_length(duration_s: float) -> None:
    if duration_s > MAX_DURATION_S:
        most = f"{MAX_DURATION_S // 3600} hours are the most that fit here"
        raise TooLong(f"The file is {duration_s / 3600:.1f} hours long; {most}.", hint="Cut it into parts first.")


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


class FirstPicture:
    """The first picture of a track, decoded out of the packets as they come by."""

    def __init__(self, stream: Any) -> None:
        context = stream.codec_context
        if context.width * context.height > MAX_PIXELS:
            raise TooLarge(
                f"The picture is {context.width} x {context.height}; 16.7 million pixels are the most that fit here.",
                hint="Scale it down first.",
            )
        context.options = {"max_pixels": str(MAX_PIXELS)}
        context.thread_count = 1
        self.stream, self.frame = stream, None

    def see(self, packet: Any) -> None:
        if self.frame is not None or packet.stream_index != self.stream.index:
            return
        pictures = packet.decode()
        if not pictures and packet.is_keyframe and packet.size:  # told that no more comes, it shows what it has
            pictures = self.stream.codec_context.decode(None)
            self.stream.codec_context.flush_buffers()
        self.frame = next(iter(pictures), None)

    def facts(self) -> dict[str, Any]:
        """Size as shown (a clip turned by its metadata counts turned), coding and colours."""
        frame, context = self.frame, self.stream.codec_context
        if frame is None:
            raise BadMedia("The file says that it is a video or picture, but not one picture can be read.", hint=CHOOSE)
        turned = round(-frame.rotation) % 360  # libavutil counts against the clock
        width, height = (frame.height, frame.width) if turned in SIDEWAYS else (frame.width, frame.height)
        return {
            "width": width,
            "height": height,
            "rotation": turned,
            "faults": ["The first picture is damaged."] if frame.is_corrupt else [],
            **tags.coding(context, frame),
            **tags.shape(self.stream, width, height, turned=turned in SIDEWAYS),
            **tags.colours(context, frame),
        }


def _content_type(name: str, kind: str, head: bytes, brand: str) -> str:
    if name in IMAGES:
        return IMAGES[name]
    if brand.startswith("qt"):
        return "video/quicktime"
    if name == "matroska,webm" and b"webm" in head[:64]:
        return f"{kind}/webm"
    return TYPES.get(name, ("application/octet-stream",) * 2)[kind == "audio"]
