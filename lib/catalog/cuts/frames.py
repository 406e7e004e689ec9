"""Cuts: pictures out of a clip."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from lib.catalog.cuts.shared import PROOF, VIDEO, InPart
from lib.catalog.fields import Advanced, IgnoredWhen, ImageOut, Output, VideoIn
from lib.catalog.operation import Cut, Family
from lib.media import frames, trim
from lib.media.asked import Picking, Sheet
from lib.media.facts import Facts

ENDINGS = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
Format = Literal["png", "jpeg", "webp"]
FORMAT: Any = Field("png", description="PNG keeps every pixel; JPEG and WebP are smaller")

_NOT_BY_NUMBER = IgnoredWhen("which", ("first", "last", "time", "sharpest"), "Only used with “number”.")
_NOT_BY_TIME = IgnoredWhen("which", ("first", "last", "number", "sharpest"), "Only used with “time”.")
_ONLY_SHARPEST = IgnoredWhen("which", ("first", "last", "number", "time"), "Only used with “sharpest”.")
_NOT_EVERY = IgnoredWhen("which", ("evenly", "keyframes", "scenes"), "Only used with “every”.")
_NOT_EVENLY = IgnoredWhen("which", ("every", "keyframes", "scenes"), "Only used with “evenly”.")
_NOT_SCENES = IgnoredWhen("which", ("every", "evenly", "keyframes"), "Only used with “scenes”.")
_BY_FRAME = "The picture number decides."
StartS = Annotated[float, Advanced(), IgnoredWhen("start_frame", ("*",), _BY_FRAME)]
EndS = Annotated[float | None, Advanced(), IgnoredWhen("end_frame", ("*",), _BY_FRAME)]
Number = Annotated[int | None, Advanced()]
START_S, END_S = "Where the part to look at begins, in seconds", "Where it ends, in seconds; left open, with the clip"
START_FRAME = "Number of the first picture looked at, counted from 0"
END_FRAME = "Number of the first picture that is no longer looked at"


class FrameInput(InPart):
    video_url: VideoIn = Field(description="The clip to take a picture from")
    which: Literal["first", "last", "number", "time", "sharpest"] = Field(
        "last", description="The first picture, the last one shown, one by its number or time, or the sharpest"
    )
    frame: Annotated[int, _NOT_BY_NUMBER] = Field(0, ge=0, description="Number of the picture, counted from 0")
    time_s: Annotated[float, _NOT_BY_TIME] = Field(0, ge=0, description="Time of the picture, in seconds")
    start_s: Annotated[StartS, _ONLY_SHARPEST] = Field(0, ge=0, description=START_S)
    end_s: Annotated[EndS, _ONLY_SHARPEST] = Field(None, gt=0, description=END_S)
    start_frame: Annotated[Number, _ONLY_SHARPEST] = Field(None, ge=0, description=START_FRAME)
    end_frame: Annotated[Number, _ONLY_SHARPEST] = Field(None, ge=1, description=END_FRAME)
    format: Format = FORMAT


class FramesInput(InPart):
    video_url: VideoIn = Field(description="The clip to take pictures from")
    which: Literal["evenly", "every", "keyframes", "scenes"] = Field(
        "evenly",
        description="Evenly spread ones, every n-th, those that the clip's coding starts from, "
        "or the first of each scene",
    )
    count: Annotated[int, _NOT_EVENLY] = Field(
        9, ge=1, le=frames.MOST, description="How many; each is in the middle of one of as many equal parts"
    )
    every: Annotated[int, _NOT_EVERY] = Field(25, ge=1, description="Take the first picture and every n-th after it")
    threshold: Annotated[float, _NOT_SCENES] = Field(
        10, gt=0, le=100, description="How much must change for a new scene; 10 finds most cuts, lower finds more"
    )
    start_s: StartS = Field(0, ge=0, description=START_S)
    end_s: EndS = Field(None, gt=0, description=END_S)
    start_frame: Number = Field(None, ge=0, description=START_FRAME)
    end_frame: Number = Field(None, ge=1, description=END_FRAME)
    format: Format = FORMAT


class SheetInput(InPart):
    video_url: VideoIn = Field(description="The clip to show on one sheet")
    rows: int = Field(5, ge=1, le=20, description="Rows of pictures")
    columns: int = Field(5, ge=1, le=20, description="Columns of pictures")
    pictures: Literal["quick", "exact"] = Field(
        "quick",
        description="Quick takes the nearest earlier key picture of each place where there is one; exact the one there",
    )
    timecode: bool = Field(True, description="Write under each picture when it comes")
    width: Annotated[int, Advanced()] = Field(1920, ge=320, le=4096, description="Width of the sheet, in pixels")
    start_s: StartS = Field(0, ge=0, description=START_S)
    end_s: EndS = Field(None, gt=0, description=END_S)
    start_frame: Number = Field(None, ge=0, description=START_FRAME)
    end_frame: Number = Field(None, ge=1, description=END_FRAME)
    format: Format = FORMAT


class Numbered(Output):
    """Which pictures were taken: as decoded, not as asked."""

    frames: list[int] | None = Field(None, description="Numbers of the pictures, counted from 0")
    times_s: list[float] | None = Field(None, description="When they come, in seconds after the first one")
    width: int | None = Field(None, description="The width of the result, with square pixels")
    height: int | None = Field(None, description="The height of the result")
    proof: dict[str, object] | None = Field(None, description=PROOF)


class FrameOutput(Numbered):
    image: ImageOut = Field(description="The picture")


class FramesOutput(Numbered):
    images: list[ImageOut] = Field(description="The pictures, in order")


class SheetOutput(Numbered):
    image: ImageOut = Field(description="The sheet")


def _frame(made: FrameInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Picking:
    path, about = files["video_url"], facts["video_url"]
    if made.which == "sharpest":
        return Picking(path, about, output, trim.span(about, **made.part()), "sharpest")
    number = frames.pick(about, made.which, number=made.frame, time_s=made.time_s)
    return Picking(path, about, output, trim.span(about), numbers=(number,))


def _frames(made: FramesInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Picking:
    path, about = files["video_url"], facts["video_url"]
    part = trim.span(about, **made.part())
    match made.which:
        case "every":
            return Picking(path, about, output, part, numbers=frames.every(part, made.every), many=True)
        case "evenly":
            return Picking(path, about, output, part, numbers=frames.spread(part, made.count), many=True)
        case found:
            return Picking(path, about, output, part, found, threshold=made.threshold, many=True)


def _sheet(made: SheetInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Sheet:
    path, about = files["video_url"], facts["video_url"]
    part, count = trim.span(about, **made.part()), made.rows * made.columns
    # Half the way to the place before, so that no key picture stands for two places.
    reach = part.frames // (2 * count) if made.pictures == "quick" else 0
    numbers = frames.spread(part, count, "rows")
    return Sheet(path, about, output, numbers, made.rows, made.columns, made.width, made.timecode, reach)


FRAME = Cut(
    id="cut/frame",
    title="Frame",
    about="Take one picture out of a clip, such as the last one, to go on from.",
    input=FrameInput,
    output=FrameOutput,
    example={"video_url": VIDEO, "which": "last"},
    build=_frame,
    suffix=".png",
    endings=ENDINGS,
)
FRAMES = Cut(
    id="cut/frames",
    title="Frames",
    about=f"Take several pictures out of a clip, at most {frames.MOST}.",
    input=FramesInput,
    output=FramesOutput,
    example={"video_url": VIDEO, "which": "evenly", "count": 4},
    build=_frames,
    suffix=".png",
    endings=ENDINGS,
    many=True,
)
SHEET = Cut(
    id="cut/sheet",
    title="Contact sheet",
    about="See a whole clip at once: pictures of it in rows and columns.",
    input=SheetInput,
    output=SheetOutput,
    example={"video_url": VIDEO, "rows": 3, "columns": 4},
    build=_sheet,
    suffix=".png",
    endings=ENDINGS,
)

FAMILY = Family(slug="frames", title="Frames", about="Take pictures out of a clip.", operations=(FRAME, FRAMES, SHEET))
