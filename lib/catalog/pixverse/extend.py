"""PixVerse: extend a clip past its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.fields import Advanced, Input, LongText, Output, Prompt, SeedIn, VideoIn, VideoOut
from lib.catalog.guesses import PRINTED
from lib.catalog.operation import Endpoint
from lib.catalog.pixverse.fields import too_long
from lib.catalog.price import SEEN, Estimate, Price, no_price
from lib.media.facts import Facts


class ExtendFastInput(Input):
    # The document marks nothing as required; its submit example sends exactly these two.
    video_url: VideoIn = Field(description="URL of the input video to extend")
    prompt: Prompt = Field(description="Prompt describing how to extend the video")
    negative_prompt: Annotated[str, LongText(), Advanced()] = Field(
        "", description="Negative prompt to be used for the generation"
    )
    # "day" looks like a misread "clay", but the document has it throughout and it is the wire value there.
    style: Literal["anime", "3d_animation", "day", "cyberpunk", "comic"] | None = Field(
        None, description="The style of the extended video"
    )
    resolution: Literal["360p", "540p", "720p"] = Field(
        "720p", description="The resolution of the generated video. Fast mode doesn't support 1080p"
    )
    model: Literal["v3.5", "v4", "v4.5"] = Field("v4.5", description="The model version to use for generation")
    seed: Annotated[SeedIn, Advanced()] = Field(None, description="Random seed for generation")


class ExtendFastOutput(Output):
    video: VideoOut = Field(description="The extended video")


def extend_fast_price(made: ExtendFastInput, facts: Mapping[str, Facts]) -> Price:
    """5 s: $0.30 at 360p and 540p, $0.40 at 720p (the endpoint's own page)."""
    usd = Decimal("0.40") if made.resolution == "720p" else Decimal("0.30")
    return Estimate(usd, usd, "official page of pixverse/extend/fast: 5 s at $0.30, $0.40 at 720p", SEEN)


class ExtendInput(Input):
    video_url: VideoIn = Field(description="URL of the input video to extend")
    prompt: Prompt = Field(description="Prompt describing how to extend the video")
    negative_prompt: Annotated[str, LongText(), Advanced()] = Field(
        "", description="Negative prompt to be used for the generation"
    )
    # "day" as above.
    style: Literal["anime", "3d_animation", "day", "cyberpunk", "comic"] | None = Field(
        None, description="The style of the extended video"
    )
    resolution: Literal["360p", "540p", "720p", "1080p"] = Field(
        "720p", description="The resolution of the generated video"
    )
    duration: Literal["5", "8"] = Field(
        "5", description="The duration of the generated video in seconds. 1080p videos are limited to 5 seconds"
    )
    model: Literal["v3.5", "v4", "v4.5"] = Field("v4.5", description="The model version to use for generation")
    seed: Annotated[SeedIn, Advanced()] = Field(None, description="Random seed for generation")

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_long(self.resolution, self.duration)


EXTEND_FAST = Endpoint(
    id="fal-ai/pixverse/extend/fast",
    title="Extend a clip (fast)",
    about="Extend a video by generating new content based on its ending using fast mode.",
    family="pixverse",
    input=ExtendFastInput,
    output=ExtendFastOutput,
    price=extend_fast_price,
    example={
        "video_url": "https://v3.fal.media/files/rabbit/88-jI3VWXU4Q8kSNrWo3c_output.mp4",
        "prompt": "A kid is talking into camera",
        "resolution": "720p",
        "model": "v4.5",
    },
    source="document 003, page 7",
    decisions=(
        'style: "day" looks like a misread "clay", but the document has it throughout; it is what is sent.',
        "Required are the two fields of the submit example, since the document marks nothing.",
    ),
)

EXTEND = Endpoint(
    id="fal-ai/pixverse/extend",
    title="Extend a clip",
    about="Extend a video by generating new content based on its ending.",
    family="pixverse",
    input=ExtendInput,
    output=ExtendFastOutput,
    price=no_price("No price is published for this one; only the fast one has a page with prices."),
    example={
        "video_url": "https://v3.fal.media/files/rabbit/88-jI3VWXU4Q8kSNrWo3c_output.mp4",
        "prompt": "A kid is talking into camera",
        "resolution": "720p",
        "duration": "5",
        "model": "v4.5",
    },
    source="document 003, page 5 (and 7), type ExtendRequest",
    decisions=('style: "day" looks like a misread "clay", but the document has it throughout; it is what is sent.',),
    guessed=PRINTED,
)
