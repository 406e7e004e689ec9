"""What is known about a media file: plain values, in seconds, frames and pixels."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["video", "image", "audio", "scene", "other"]


class Facts(BaseModel):
    """Facts of one file, as probed. None where a thing does not apply or is not known.

    `fps` is the average rate, `frames` the exact number of shown pictures, `duration_s` that of the picture track for
    a video. `width` and `height` are as shown: a clip that its metadata turns by `rotation` (degrees clockwise) counts
    turned. `rehearsal` says that the file's own metadata marks it as made by the stand-in.
    `picture_start_s` is when the first picture comes after the file's own start (sound may begin before it).
    `shown_at_s` is when each picture comes after the first, only for clips whose rate varies; else `fps` says it all.
    `hidden_frames` counts pictures that the file holds but tells players not to show.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Kind
    content_type: str
    size_bytes: int
    duration_s: float | None = None
    fps: float | None = None
    frames: int | None = None
    picture_start_s: float = 0.0
    shown_at_s: tuple[float, ...] = ()
    hidden_frames: int = 0
    width: int | None = None
    height: int | None = None
    rotation: int = 0
    container: str | None = None
    video_codec: str | None = None
    pixel_format: str | None = None
    audio_codec: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    audio_duration_s: float | None = None
    gaussians: int | None = None
    rehearsal: bool = False

    @property
    def has_sound(self) -> bool:
        return self.audio_codec is not None

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

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)
