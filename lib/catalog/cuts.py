"""Cuts: local ffmpeg work with the same face as a hosted model, free of charge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.fields import Advanced, AudioIn, IgnoredWhen, ImageOut, Input, Output, VideoIn, VideoOut
from lib.catalog.operation import Cut
from lib.media import frames, sound, trim
from lib.media.asked import Joining, Trimming
from lib.media.command import Command
from lib.media.facts import Facts

_VIDEO = "https://storage.googleapis.com/falserverless/example_inputs/ffmpeg-video.mp4"
_AUDIO = "https://storage.googleapis.com/falserverless/example_inputs/ffmpeg-audio.wav"
_BY_FRAME = "The picture number decides."
StartS = Annotated[float, IgnoredWhen("start_frame", ("*",), _BY_FRAME)]
EndS = Annotated[float | None, IgnoredWhen("end_frame", ("*",), _BY_FRAME)]


class VideoResult(Output):
    video: VideoOut = Field(description="The finished clip")
    method: Literal["smart", "exact"] | None = Field(
        None, description="smart: only the pictures at the seams were encoded; exact: all of them were"
    )
    reason: str | None = Field(None, description="Why pictures had to be encoded that could have been copied")
    proof: dict[str, object] | None = Field(
        None, description="What was counted and compared on the result before it was handed over"
    )


class TrimInput(Input):
    video_url: VideoIn = Field(description="The clip to take a part of")
    start_s: StartS = Field(0, ge=0, description="Where the part begins, in seconds")
    end_s: EndS = Field(None, gt=0, description="Where it ends, in seconds; left open, it runs to the end of the clip")
    start_frame: Annotated[int | None, Advanced()] = Field(
        None, ge=0, description="Number of the first picture kept, counted from 0"
    )
    end_frame: Annotated[int | None, Advanced()] = Field(
        None, ge=1, description="Number of the first picture that is no longer kept"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        by_frame = self.start_frame is not None or self.end_frame is not None
        if self.end_frame is not None and self.end_frame <= (self.start_frame or 0):
            yield "end_frame", "The end must come after the start."
        if not by_frame and self.end_s is not None and self.end_s <= self.start_s:
            yield "end_s", "The end must come after the start."


def _trim(made: TrimInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Trimming:
    about = facts["video_url"]
    part = trim.span(
        about, start_s=made.start_s, end_s=made.end_s, start_frame=made.start_frame, end_frame=made.end_frame
    )
    return Trimming(files["video_url"], about, (part,), output)


class JoinInput(Input):
    video_urls: list[VideoIn] = Field(
        min_length=2, max_length=50, description="The clips, in order; the first one gives size and frame rate"
    )


def _join(
    made: JoinInput, files: Mapping[str, Sequence[Path]], facts: Mapping[str, Sequence[Facts]], output: Path
) -> Joining:
    return Joining(tuple(zip(files["video_urls"], facts["video_urls"], strict=True)), output)


_NOT_BY_NUMBER = IgnoredWhen("which", ("first", "last", "time"), "Only used with “number”.")
_NOT_BY_TIME = IgnoredWhen("which", ("first", "last", "number"), "Only used with “time”.")


class FrameInput(Input):
    video_url: VideoIn = Field(description="The clip to take a picture from")
    which: Literal["first", "last", "number", "time"] = Field(
        "last", description="The first picture, the last one shown, or one by its number or time"
    )
    frame: Annotated[int, _NOT_BY_NUMBER] = Field(0, ge=0, description="Number of the picture, counted from 0")
    time_s: Annotated[float, _NOT_BY_TIME] = Field(0, ge=0, description="Time of the picture, in seconds")


class FrameOutput(Output):
    image: ImageOut = Field(description="The picture, as PNG")


def _frame(made: FrameInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Command:
    about = facts["video_url"]
    number = frames.pick(about, made.which, number=made.frame, time_s=made.time_s)
    return frames.build(files["video_url"], about, output, number)


class SoundInput(Input):
    video_url: VideoIn = Field(description="The clip that gets the sound")
    audio_url: AudioIn = Field(description="The sound; a clip's own sound can be taken as well")
    start_offset: float = Field(
        0, ge=-3600, le=3600, description="Seconds after the first picture; negative skips the beginning of the sound"
    )
    keep_own_sound: bool = Field(False, description="Keep the clip's own sound under the new one")


def _sound(made: SoundInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Command:
    return sound.build(
        (files["video_url"], facts["video_url"]),
        (files["audio_url"], facts["audio_url"]),
        output,
        offset_s=made.start_offset,
        keep_own=made.keep_own_sound,
    )


TRIM = Cut(
    id="cut/trim",
    title="Trim",
    about="Keep a part of a clip, exact to the picture, with the sound that belongs to it.",
    input=TrimInput,
    output=VideoResult,
    example={"video_url": _VIDEO, "start_s": 1, "end_s": 4.5},
    build=_trim,
    suffix=".mp4",
)

JOIN = Cut(
    id="cut/join",
    title="Join",
    about="Put clips one after the other. Each keeps its own sound in time; a silent one stays silent.",
    input=JoinInput,
    output=VideoResult,
    example={"video_urls": [_VIDEO, _VIDEO]},
    build=_join,
    suffix=".mp4",
)

FRAME = Cut(
    id="cut/frame",
    title="Frame",
    about="Take one picture out of a clip, such as the last one, to go on from.",
    input=FrameInput,
    output=FrameOutput,
    example={"video_url": _VIDEO, "which": "last"},
    build=_frame,
    suffix=".png",
)

SOUND = Cut(
    id="cut/sound",
    title="Sound",
    about="Put a sound on a clip, in place of its own or over it. It ends with the picture.",
    input=SoundInput,
    output=VideoResult,
    example={"video_url": _VIDEO, "audio_url": _AUDIO},
    build=_sound,
    suffix=".mp4",
)

CUTS: dict[str, Cut] = {cut.id: cut for cut in (TRIM, JOIN, FRAME, SOUND)}
