"""Video upscaler."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from lib.catalog.fields import Input, Output, VideoIn, VideoOut
from lib.catalog.operation import Endpoint, Family
from lib.catalog.price import no_price


class UpscalerInput(Input):
    video_url: VideoIn = Field(description="The URL of the video to upscale")
    scale: float = Field(2, description="The scale factor")

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        # The document states no bounds; a factor of zero or less cannot mean anything.
        if self.scale <= 0:
            yield "scale", "Must be more than 0."


class UpscalerOutput(Output):
    video: VideoOut = Field(description="The stitched video")


UPSCALER = Endpoint(
    id="fal-ai/video-upscaler",
    title="Upscale a clip",
    about="Enlarge every picture of a clip.",
    family="upscaler",
    input=UpscalerInput,
    output=UpscalerOutput,
    price=no_price("fal publishes no price for this endpoint."),
    example={
        "video_url": "https://storage.googleapis.com/falserverless/videos/_o3VmzjOytBwRjCVPFX6i_output.mp4",
        "scale": 2,
    },
    source="document 003, page 9",
    decisions=(
        "The document marks nothing as required; its submit example sends the video alone, so only that is required.",
    ),
)

FAMILY = Family(
    slug="upscaler", title="Video upscaler", about="More pixels for a finished clip.", operations=(UPSCALER,)
)
