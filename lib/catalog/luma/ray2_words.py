"""Luma Ray 2 from words alone, and a clip in another shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from lib.catalog.fields import ImageIn, Input, Output, Prompt, VideoIn, VideoOut, too_small
from lib.catalog.guesses import PRINTED
from lib.catalog.operation import Endpoint
from lib.catalog.price import no_price


class TextToVideoInput(Input):
    # The document has no text for this field.
    prompt: Prompt = Field(description="Text prompt describing the video.")
    aspect_ratio: Literal["16:9", "9:16", "4:3", "3:4", "21:9", "9:21"] = Field(
        "16:9", description="The aspect ratio of the generated video"
    )
    loop: bool = Field(False, description="Whether the video should loop (end of video is blended with the beginning)")
    resolution: Literal["540p", "720p", "1080p"] = Field(
        "540p", description="The resolution of the generated video (720p costs 2x more, 1080p costs 4x more)"
    )
    duration: Literal["5s", "9s"] = Field("5s", description="The duration of the generated video (9s costs 2x more)")


class TextToVideoOutput(Output):
    # The document does not print the answer; this is the client's.
    video: VideoOut = Field(description="The generated video")


class ReframeInput(Input):
    video_url: VideoIn = Field(description="URL of the input video to reframe")
    aspect_ratio: Literal["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"] = Field(
        description="The aspect ratio of the reframed video"
    )
    image_url: ImageIn | None = Field(
        None, title="First frame", description="Optional URL of the first frame image for reframing"
    )
    grid_position_x: int | None = Field(None, description="X position of the grid for reframing")
    grid_position_y: int | None = Field(None, description="Y position of the grid for reframing")
    prompt: Prompt | None = Field(None, description="Optional prompt for reframing")
    x_end: int | None = Field(None, description="End X coordinate for reframing")
    x_start: int | None = Field(None, description="Start X coordinate for reframing")
    y_end: int | None = Field(None, description="End Y coordinate for reframing")
    y_start: int | None = Field(None, description="Start Y coordinate for reframing")

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_small(self, 0, "x_end", "x_start", "y_end", "y_start")
        for axis in ("x", "y"):
            start, end = getattr(self, f"{axis}_start"), getattr(self, f"{axis}_end")
            if start is not None and end is not None and 0 <= end <= start:
                yield f"{axis}_end", f"Must be more than {axis.upper()} start."


class ReframeOutput(Output):
    # The document does not print the answer; this is the client's.
    video: VideoOut = Field(description="URL of the reframed video")


TEXT_TO_VIDEO = Endpoint(
    id="fal-ai/luma-dream-machine/ray-2",
    title="Start from words",
    about="Luma's Ray2 model: a clip from a text.",
    family="luma",
    input=TextToVideoInput,
    output=TextToVideoOutput,
    price=no_price(
        "No price is published for this one. Its document says that 720p costs twice and 1080p four times as much as "
        "540p, and 9 s twice as much as 5 s."
    ),
    example={
        "prompt": "A herd of wild horses galloping across a dusty desert plain under a blazing midday sun.",
        "aspect_ratio": "16:9",
        "resolution": "540p",
        "duration": "5s",
    },
    source="document 004, type Ray2TextToVideoRequest",
    decisions=("loop: false by default in document 004; document 003 prints none.",),
    guessed=PRINTED,
)

REFRAME = Endpoint(
    id="fal-ai/luma-dream-machine/ray-2/reframe",
    title="Give a clip another shape",
    about="Ray2 Reframe: a clip in another aspect ratio, with new picture around it.",
    family="luma",
    input=ReframeInput,
    output=ReframeOutput,
    price=no_price("No price is published for reframing."),
    example={
        "video_url": "https://v3.fal.media/files/zebra/9aDde3Te2kuJYHdR0Kz8R_output.mp4",
        "aspect_ratio": "9:16",
    },
    source="document 004, type ReframeVideoRequest",
    decisions=(
        "What the coordinates count is not stated; the rehearsal counts pixels.",
        "x_start to y_end are read as the part of the clip that is kept.",
        "The grid position is read as where that part stands in the new picture.",
    ),
    guessed=PRINTED,
)
