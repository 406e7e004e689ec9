"""What is known about a media file: plain values, in seconds, frames and pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["video", "image", "audio", "scene", "other"]
CODECS = {
    "h264": "H.264", "hevc": "HEVC", "av1": "AV1", "vp8": "VP8", "vp9": "VP9", "prores": "ProRes", "mpeg4": "MPEG-4",
    "mpeg2video": "MPEG-2", "gif": "GIF", "mjpeg": "Motion JPEG", "aac": "AAC", "mp3": "MP3", "opus": "Opus",
    "vorbis": "Vorbis", "flac": "FLAC", "ac3": "AC-3",
}  # fmt: skip
CHROMA = ("420", "422", "444", "440", "411", "410")


class Facts(BaseModel):
    """Facts of one file, as probed. None where a thing does not apply or is not known.

    `fps` is the average rate and `base_fps` the one that the container counts by, `frames` the exact number of shown
    pictures, `duration_s` that of the picture track for a video. `width`, `height` and both aspects ("16:9") are as
    shown: a clip that its metadata turns by `rotation` (degrees clockwise) counts turned. `rehearsal` says that the
    file's own metadata marks it as made by the stand-in.
    `picture_start_s` is when the first picture comes after the file's own start (sound may begin before it).
    `shown_at_s` is when each picture comes after the first, only for clips whose rate varies; else `fps` says it all.
    `hidden_frames` counts pictures that the file holds but tells players not to show.
    `key_every` is the step where key pictures come evenly (1: all are), else `key_frames` are their numbers.
    `edits` and `audio_edits` are an MP4's edit lists: (second of the track, None for nothing; how long it is shown).
    Colours have ffmpeg's names. `priming_samples` are dropped at the front of the sound, at the track's own rate.
    `faults` are sentences about what is wrong with the file although it can be read.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Kind
    content_type: str
    size_bytes: int
    duration_s: float | None = None
    fps: float | None = None
    base_fps: float | None = None
    time_base: str | None = None
    frames: int | None = None
    picture_start_s: float = 0.0
    shown_at_s: tuple[float, ...] = ()
    hidden_frames: int = 0
    key_every: int | None = None
    key_frames: tuple[int, ...] = ()
    edits: tuple[tuple[float | None, float], ...] = ()
    width: int | None = None
    height: int | None = None
    rotation: int = 0
    sample_aspect: str | None = None
    display_aspect: str | None = None
    container: str | None = None
    video_codec: str | None = None
    video_profile: str | None = None
    video_level: str | None = None
    pixel_format: str | None = None
    bit_depth: int | None = None
    colour_primaries: str | None = None
    colour_transfer: str | None = None
    colour_matrix: str | None = None
    colour_range: str | None = None
    hdr: str | None = None
    audio_codec: str | None = None
    audio_profile: str | None = None
    audio_layout: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    audio_duration_s: float | None = None
    priming_samples: int = 0
    audio_edits: tuple[tuple[float | None, float], ...] = ()
    faults: tuple[str, ...] = ()
    gaussians: int | None = None
    rehearsal: bool = False

    @property
    def has_sound(self) -> bool:
        return self.audio_codec is not None

    @property
    def varying(self) -> bool:
        """Whether the time between pictures changes (VFR)."""
        return bool(self.shown_at_s)

    def key_pictures(self) -> Sequence[int]:
        """The numbers of the pictures at which decoding can begin, ascending; empty where that is not known."""
        return range(0, self.frames or 0, self.key_every) if self.key_every else self.key_frames

    def sentence(self) -> str:
        """One line for people: "5.3 s, 1280 x 720, 25 fps, sound"."""
        parts = [f"{self.duration_s:.1f} s"] if self.duration_s is not None else []
        if self.width and self.height:
            parts.append(f"{self.width} x {self.height}")
        if self.fps:
            parts.append(f"{self.fps:g} fps" if self.fps == round(self.fps) else f"{self.fps:.2f} fps")
        if self.gaussians is not None:
            parts.append(f"{self.gaussians:,} Gaussians")
        if self.kind == "video":
            parts.append("sound" if self.has_sound else "silent")
        return ", ".join(parts)

    def rows(self) -> list[tuple[str, str]]:
        """What is known, as (title, value) for people: ("Codec", "H.264 High 4.0, 8 bit 4:2:0")."""
        rows = [("Length", self._length()), ("Rate", self._rate()), ("Codec", self._coding()), ("Size", self._size())]
        rows += [("Colour", self._colour()), ("Sound", self._sound()), ("Key pictures", self._keys())]
        if self.hidden_frames or len(self.edits) > 1:
            rows.append(("Edit list", "; ".join(_edit(*edit) for edit in self.edits)))
        rows += [("Fault", fault) for fault in self.faults]
        return [(title, value) for title, value in rows if value]

    def _length(self) -> str:
        counted = f"{self.frames:,} pictures" if self.frames else ""
        hidden = f"{self.hidden_frames:,} more are hidden" if self.hidden_frames else ""
        return _listed(f"{self.duration_s:.3f} s" if self.duration_s is not None else "", counted, hidden)

    def _rate(self) -> str:
        if not self.fps:
            return ""
        counted = f"counted in {self.time_base} s" if self.time_base else ""
        return _listed(f"{self.fps:.6g} fps {'on average, varying' if self.varying else 'constant'}", counted)

    def _coding(self) -> str:
        words = [CODECS.get(self.video_codec or "", self.video_codec), self.video_profile, self.video_level]
        chroma = next((f"{kind[0]}:{kind[1]}:{kind[2]}" for kind in CHROMA if kind in (self.pixel_format or "")), "")
        depth = f"{self.bit_depth} bit {chroma}".strip() if self.bit_depth else ""
        return _listed(" ".join(word for word in words if word), depth)

    def _size(self) -> str:
        if not self.width:
            return ""
        oblong = f"pixels {self.sample_aspect}" if self.sample_aspect not in (None, "1:1") else ""
        turned = f"turned by {self.rotation}°" if self.rotation else ""
        return _listed(f"{self.width} x {self.height}", self.display_aspect or "", oblong, turned)

    def _colour(self) -> str:
        names = dict.fromkeys((self.colour_primaries, self.colour_transfer, self.colour_matrix))
        span = {"tv": "limited range", "pc": "full range"}.get(self.colour_range or "", "")
        return _listed(self.hdr or "", "/".join(name for name in names if name), span)

    def _sound(self) -> str:
        if not self.has_sound:
            return "none" if self.kind == "video" else ""
        coded = [CODECS.get(self.audio_codec or "", self.audio_codec), self.audio_profile]
        rate = f"{self.sample_rate:,} Hz" if self.sample_rate else ""
        primed = f"{self.priming_samples} samples of priming" if self.priming_samples else ""
        return _listed(" ".join(word for word in coded if word), rate, self.audio_layout or "", primed)

    def _keys(self) -> str:
        if self.key_every:
            return "all" if self.key_every == 1 else f"every {self.key_every} pictures"
        return f"{len(self.key_frames):,}, unevenly" if self.key_frames else ""

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _edit(at_s: float | None, length_s: float) -> str:
    return f"nothing for {length_s:.3f} s" if at_s is None else f"{length_s:.3f} s from {at_s:.3f} s on"
