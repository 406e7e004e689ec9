"""ffmpeg API: one frame of a clip as a picture."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.fields import File, Input, Media, Output, VideoIn
from lib.catalog.guesses import ITEMS_PRINTED
from lib.catalog.operation import Endpoint
from lib.catalog.price import no_price


class Image(File):
    """A returned picture with its size."""

    width: int | None = Field(None, description="The width of the image in pixels.")
    height: int | None = Field(None, description="The height of the image in pixels.")


class ExtractFrameInput(Input):
    video_url: VideoIn = Field(description="URL of the video file to use as the video track")
    frame_type: Literal["first", "middle", "last"] = Field(
        "first", title="Which frame", description="Type of frame to extract: first, middle, or last frame of the video"
    )


class ExtractFrameOutput(Output):
    # The client has no true text for this field ("images with blur effect").
    images: list[Annotated[Image, Media("image")]] = Field(description="The extracted frame.")


EXTRACT_FRAME = Endpoint(
    id="fal-ai/ffmpeg-api/extract-frame",
    title="Take a frame out",
    about="The first, the middle or the last frame of a clip as a picture.",
    family="ffmpeg_api",
    input=ExtractFrameInput,
    output=ExtractFrameOutput,
    price=no_price("No price is published for taking a frame out."),
    example={
        "video_url": "https://storage.googleapis.com/falserverless/example_inputs/ffmpeg-video.mp4",
        "frame_type": "middle",
    },
    source="document 003, page 6, type Image",
    decisions=("Of an even number of frames the middle one is, in rehearsal, the first of the second half.",),
    guessed=ITEMS_PRINTED,
)
