"""MAGI: clips of four to eight seconds, from words, from a picture, or on from another clip."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from lib.catalog.fields import (
    Advanced,
    Digits,
    ImageIn,
    Input,
    Output,
    Prompt,
    SeedIn,
    VideoIn,
    VideoOut,
    too_small,
)
from lib.catalog.guesses import PRINTED
from lib.catalog.operation import Endpoint, Family
from lib.catalog.price import SEEN, Estimate, Price, PriceRule
from lib.media.facts import Facts

_STEPS = "Number of inference steps for sampling. Higher values give better quality but take longer."

NumFrames = Annotated[
    int,
    Field(
        ge=96,
        le=192,
        description="Number of frames to generate. Must be between 96 and 192 (inclusive). Each additional 24 frames "
        "beyond 96 incurs an additional billing unit.",
    ),
]
OpenSeed = Annotated[
    SeedIn, Advanced(), Field(description="Random seed for reproducibility. If None, a random seed is chosen.")
]
Resolution = Annotated[
    Literal["480p", "720p"],
    Field(
        description="Resolution of the generated video (480p or 720p). 480p is 0.5 billing units, and 720p is 1 "
        "billing unit."
    ),
]
# Printed as text, and no example says otherwise: text is what goes out.
StepsAsText = Annotated[Literal["4", "8", "16", "32", "64"], Field(description=_STEPS)]
Safety = Annotated[bool, Advanced(), Field(description="If set to true, the safety checker will be enabled.")]
Shape = Annotated[
    Literal["auto", "16:9", "9:16", "1:1"],
    Field(
        description="Aspect ratio of the generated video. If 'auto', the aspect ratio will be determined automatically "
        "based on the input image."
    ),
]


class ExtendVideoInput(Input):
    # Required, yet empty in the document's own example: an empty prompt is sent as it stands.
    prompt: Prompt = Field(description="The text prompt to guide video generation.")
    video_url: VideoIn = Field(
        description="URL of the input video to represent the beginning of the video. If the input video does not match "
        "the chosen aspect ratio, it is resized and center cropped."
    )
    num_frames: NumFrames = 96
    # The default depends on the video (32 frames before its end): left open unless chosen.
    start_frame: int | None = Field(
        None,
        description="The frame to begin the generation from, with the remaining frames will be treated as the prefix "
        "video. The final video will contain the frames up until this number unchanged, followed by the generated "
        "frames. The default start frame is 32 frames before the end of the video, which gives optimal results.",
    )
    seed: OpenSeed = None
    resolution: Resolution = "720p"
    # The default is printed as text ("16"), the example sends the number 16: the number is what goes out.
    num_inference_steps: Annotated[Literal[4, 8, 16, 32, 64], Digits, Field(description=_STEPS)] = 16
    enable_safety_checker: Safety = True
    # The text speaks of an input image; this endpoint has a video.
    aspect_ratio: Shape = "auto"

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_small(self, 0, "start_frame")


class ImageToVideoInput(Input):
    prompt: Prompt = Field(description="The text prompt to guide video generation.")
    image_url: ImageIn = Field(
        description="URL of the input image to represent the first frame of the video. If the input image does not "
        "match the chosen aspect ratio, it is resized and center cropped."
    )
    num_frames: NumFrames = 96
    seed: OpenSeed = None
    resolution: Resolution = "720p"
    num_inference_steps: StepsAsText = "16"
    enable_safety_checker: Safety = True
    aspect_ratio: Shape = "auto"


class TextToVideoInput(Input):
    prompt: Prompt = Field(description="The text prompt to guide video generation.")
    num_frames: NumFrames = 96
    seed: OpenSeed = None
    resolution: Resolution = "720p"
    num_inference_steps: StepsAsText = "16"
    enable_safety_checker: Safety = True
    # The text speaks of an input image; this endpoint has none.
    aspect_ratio: Shape = "auto"


class MagiOutput(Output):
    video: VideoOut = Field(description="The generated video file.")
    seed: int | None = Field(None, description="The seed used for generation.")


_UNITS = (
    "$0.80 for 96 frames, $0.20 per further 24, 480p half, 32 steps double, 64 steps four times; up to whole billing "
    "units as this document counts them, at $0.80 each"
)
OFFICIAL = f"official page of magi/image-to-video: {_UNITS}"
TAKEN = f"official page of the sibling magi/image-to-video: {_UNITS}"


def price_by_frames(source: str) -> PriceRule:
    """From the official page's tariff at its lowest reading to the document's own units at their highest.

    Lowest: $0.80 for 96 frames and $0.20 per further 24, all of it halved at 480p. Highest: $0.80 a unit, one unit
    (half a unit at 480p) for 96 frames and one whole unit for each begun 24 frames beyond.
    """

    def rule(made: Any, facts: Mapping[str, Facts]) -> Price:
        more = Decimal(made.num_frames - 96) / 24
        half = Decimal("0.5") if made.resolution == "480p" else Decimal(1)
        steps = {32: 2, 64: 4}.get(int(made.num_inference_steps), 1)
        return Estimate(
            (Decimal("0.80") + Decimal("0.20") * more) * half * steps,
            Decimal("0.80") * (half + math.ceil(more)) * steps,
            source,
            SEEN,
        )

    return rule


EXTEND_VIDEO = Endpoint(
    id="fal-ai/magi/extend-video",
    title="Extend a clip",
    about="Generate a video extension.",
    family="magi",
    input=ExtendVideoInput,
    output=MagiOutput,
    price=price_by_frames(TAKEN),
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

_AS_TEXT = "num_inference_steps: no example has a number, so it is sent as the text that the document prints."

IMAGE_TO_VIDEO = Endpoint(
    id="fal-ai/magi/image-to-video",
    title="Start from a picture",
    about="A clip that begins with a picture.",
    family="magi",
    input=ImageToVideoInput,
    output=MagiOutput,
    price=price_by_frames(OFFICIAL),
    example={
        "prompt": "The person turns the head slowly and smiles.",
        "image_url": "https://fal.media/files/elephant/8kkhB12hEZI2kkbU8pZPA_test.jpeg",
        "num_frames": 96,
        "resolution": "480p",
    },
    source="document 003, page 4, type MagiImageToVideoRequest",
    decisions=(_AS_TEXT,),
    guessed=PRINTED,
)

TEXT_TO_VIDEO = Endpoint(
    id="fal-ai/magi",
    title="Start from words",
    about="A clip from a text.",
    family="magi",
    input=TextToVideoInput,
    output=MagiOutput,
    price=price_by_frames(TAKEN),
    example={
        "prompt": "Close-up shot: an old turtle swims through clear green water, light plays on its shell.",
        "num_frames": 96,
        "resolution": "480p",
        "aspect_ratio": "16:9",
    },
    source="document 003, page 4, type MagiTextToVideoRequest",
    decisions=(_AS_TEXT, "aspect_ratio auto speaks of an input image, and there is none; the rehearsal takes 16:9."),
    guessed=PRINTED,
)

FAMILY = Family(
    slug="magi",
    title="MAGI",
    about="Clips of four to eight seconds: on from another clip, from a picture, or from words.",
    operations=(EXTEND_VIDEO, IMAGE_TO_VIDEO, TEXT_TO_VIDEO),
)
