"""MAGI: continue a clip for four to eight seconds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.fields import Advanced, Digits, Input, Output, Prompt, SeedIn, VideoIn, VideoOut, too_small
from lib.catalog.operation import Endpoint, Family
from lib.catalog.price import SEEN, Estimate, Price
from lib.media.facts import Facts


class ExtendVideoInput(Input):
    # Required, yet empty in the document's own example: an empty prompt is sent as it stands.
    prompt: Prompt = Field(description="The text prompt to guide video generation.")
    video_url: VideoIn = Field(
        description="URL of the input video to represent the beginning of the video. If the input video does not match "
        "the chosen aspect ratio, it is resized and center cropped."
    )
    num_frames: int = Field(
        96,
        ge=96,
        le=192,
        description="Number of frames to generate. Must be between 96 and 192 (inclusive). Each additional 24 frames "
        "beyond 96 incurs an additional billing unit.",
    )
    # The default depends on the video (32 frames before its end): left open unless chosen.
    start_frame: int | None = Field(
        None,
        description="The frame to begin the generation from, with the remaining frames will be treated as the prefix "
        "video. The final video will contain the frames up until this number unchanged, followed by the generated "
        "frames. The default start frame is 32 frames before the end of the video, which gives optimal results.",
    )
    seed: Annotated[SeedIn, Advanced()] = Field(
        None, description="Random seed for reproducibility. If None, a random seed is chosen."
    )
    resolution: Literal["480p", "720p"] = Field(
        "720p",
        description="Resolution of the generated video (480p or 720p). 480p is 0.5 billing units, and 720p is 1 "
        "billing unit.",
    )
    # The default is printed as text ("16"), the example sends the number 16: the number is what goes out.
    num_inference_steps: Annotated[Literal[4, 8, 16, 32, 64], Digits] = Field(
        16,
        description="Number of inference steps for sampling. Higher values give better quality but take longer.",
    )
    enable_safety_checker: Annotated[bool, Advanced()] = Field(
        True, description="If set to true, the safety checker will be enabled."
    )
    # The text speaks of an input image; this endpoint has a video.
    aspect_ratio: Literal["auto", "16:9", "9:16", "1:1"] = Field(
        "auto",
        description="Aspect ratio of the generated video. If 'auto', the aspect ratio will be determined automatically "
        "based on the input image.",
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_small(self, 0, "start_frame")


class ExtendVideoOutput(Output):
    video: VideoOut = Field(description="The generated video file.")
    seed: int | None = Field(None, description="The seed used for generation.")


def extend_video_price(made: ExtendVideoInput, facts: Mapping[str, Facts]) -> Price:
    """From the sibling page's tariff at its lowest reading to the document's own units at their highest.

    Lowest: $0.80 for 96 frames and $0.20 per further 24, all of it halved at 480p. Highest: $0.80 a unit, one unit
    (half a unit at 480p) for 96 frames and one whole unit for each begun 24 frames beyond.
    """
    more = Decimal(made.num_frames - 96) / 24
    half = Decimal("0.5") if made.resolution == "480p" else Decimal(1)
    steps = {32: 2, 64: 4}.get(made.num_inference_steps, 1)
    return Estimate(
        (Decimal("0.80") + Decimal("0.20") * more) * half * steps,
        Decimal("0.80") * (half + math.ceil(more)) * steps,
        "official page of the sibling magi/image-to-video: $0.80 for 96 frames, $0.20 per further 24, 480p half, 32 "
        "steps double, 64 steps four times; up to whole billing units as this document counts them, at $0.80 each",
        SEEN,
    )


EXTEND_VIDEO = Endpoint(
    id="fal-ai/magi/extend-video",
    title="Extend a clip",
    about="Generate a video extension.",
    family="magi",
    input=ExtendVideoInput,
    output=ExtendVideoOutput,
    price=extend_video_price,
    example={
        "prompt": "",
        "video_url": "https://v3.fal.media/files/zebra/w4T087gvzG5LMGipMpPCO_pour-2s.mp4",
        "num_frames": 96,
        "resolution": "720p",
        "num_inference_steps": 16,
        "enable_safety_checker": True,
        "aspect_ratio": "auto",
    },
    source="document 003, page 4",
    decisions=(
        'num_inference_steps: the default is printed as the text "16", the example sends the number; it is sent.',
        "prompt: in the submit example, so required; empty there, so an empty text is accepted.",
        "Price at 480p with extra frames: both readings of the billing units lie inside the interval.",
        "aspect_ratio auto follows the input video, although the text says image.",
    ),
)

FAMILY = Family(
    slug="magi", title="MAGI", about="Continue a clip for four to eight seconds.", operations=(EXTEND_VIDEO,)
)
