"""Cuts: pictures out of a clip."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.cuts.shared import VIDEO
from lib.catalog.fields import IgnoredWhen, ImageOut, Input, Output, VideoIn
from lib.catalog.operation import Cut, Family
from lib.media import frames
from lib.media.command import Command
from lib.media.facts import Facts

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


FRAME = Cut(
    id="cut/frame",
    title="Frame",
    about="Take one picture out of a clip, such as the last one, to go on from.",
    input=FrameInput,
    output=FrameOutput,
    example={"video_url": VIDEO, "which": "last"},
    build=_frame,
    suffix=".png",
)

FAMILY = Family(slug="frames", title="Frames", about="Take pictures out of a clip.", operations=(FRAME,))
