"""What the cuts share: their documented examples, and the clip that most of them give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from lib.catalog.fields import AudioOut, Input, Output, VideoOut

VIDEO = "https://storage.googleapis.com/falserverless/example_inputs/ffmpeg-video.mp4"
AUDIO = "https://storage.googleapis.com/falserverless/example_inputs/ffmpeg-audio.wav"
SOUND_ENDINGS = {name: f".{name}" for name in ("wav", "flac", "mp3", "m4a")}
PROOF = "What was counted and compared on the result before it was handed over"


class VideoResult(Output):
    video: VideoOut = Field(description="The finished clip")
    method: Literal["smart", "exact"] | None = Field(
        None, description="smart: only the pictures at the seams were encoded; exact: all of them were"
    )
    reason: str | None = Field(None, description="Why pictures had to be encoded that could have been copied")
    changes: str | None = Field(None, description="What of the clip the coding could not keep, and why")
    proof: dict[str, object] | None = Field(None, description=PROOF)


class FittedResult(VideoResult):
    frames: int | None = Field(None, description="How many pictures the result has")


class AudioResult(Output):
    audio: AudioOut = Field(description="The finished sound")
    samples: int | None = Field(None, description="Its exact length in samples")
    proof: dict[str, object] | None = Field(None, description=PROOF)


class InPart(Input):
    """What takes a part of a clip: its fields are `start_s`, `end_s`, `start_frame`, `end_frame`."""

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        part = self.part()
        by_frame = part["start_frame"] is not None or part["end_frame"] is not None
        start, end = (part[f"{name}_{'frame' if by_frame else 's'}"] for name in ("start", "end"))
        if end is not None and end <= (start or 0):
            yield "end_frame" if by_frame else "end_s", "The end must come after the start."

    def part(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("start_s", "end_s", "start_frame", "end_frame")}
