"""Lynx: a video of the person in a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.fields import Advanced, ImageIn, Input, LongText, Output, Prompt, SeedIn, VideoFileOut, too_small
from lib.catalog.operation import Endpoint, Family
from lib.catalog.price import no_price

_NEGATIVE = (
    "Bright tones, overexposed, blurred background, static, subtitles, style, works, paintings, images, overall gray, "
    "worst quality, low quality, JPEG compression residue, ugly, incomplete, extra fingers, poorly drawn hands, poorly "
    "drawn faces, deformed, disfigured, misshapen limbs, fused fingers, still picture, messy background, three legs, "
    "many people in the background, walking backwards"
)


class LynxInput(Input):
    image_url: ImageIn = Field(description="The URL of the subject image to be used for video generation")
    prompt: Prompt = Field(description="Text prompt to guide video generation")
    negative_prompt: Annotated[str, LongText(), Advanced()] = Field(
        _NEGATIVE, description="Negative prompt to guide what should not appear in the generated video"
    )
    num_inference_steps: Annotated[int, Advanced()] = Field(
        50,
        description="Number of inference steps for sampling. Higher values give better quality but take longer.",
    )
    seed: Annotated[SeedIn, Advanced()] = Field(
        None, description="Random seed for reproducibility. If None, a random seed is chosen."
    )
    resolution: Literal["480p", "580p", "720p"] = Field(
        "720p", description="Resolution of the generated video (480p, 580p, or 720p)"
    )
    aspect_ratio: Literal["16:9", "9:16", "1:1"] = Field(
        "16:9", description="Aspect ratio of the generated video (16:9, 9:16, or 1:1)"
    )
    ip_scale: float = Field(
        1,
        title="Identity scale",
        description="Identity preservation scale. Controls how closely the generated video preserves the subject's "
        "identity from the reference image.",
    )
    strength: Annotated[float, Advanced()] = Field(
        1,
        description="Reference image scale. Controls the influence of the reference image on the generated video.",
    )
    frames_per_second: int = Field(
        16, ge=5, le=30, description="Frames per second of the generated video. Must be between 5 to 30."
    )
    guidance_scale: Annotated[float, Advanced()] = Field(
        5,
        description="Classifier-free guidance scale. Higher values give better adherence to the prompt but may "
        "decrease quality.",
    )
    guidance_scale_2: Annotated[float, Advanced()] = Field(
        2,
        title="Image guidance scale",
        description="Image guidance scale. Controls how closely the generated video follows the reference image. "
        "Higher values increase adherence to the reference image but may decrease quality.",
    )
    # "between 9 to 100" does not say whether the ends count; they are taken in, as on the sibling pages that say so.
    num_frames: int = Field(
        81, ge=9, le=100, description="Number of frames in the generated video. Must be between 9 to 100."
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_small(self, 1, "num_inference_steps")


class LynxOutput(Output):
    video: VideoFileOut = Field(description="The generated video file")
    # Marked as required, yet missing from the document's own example: a paid result is not refused over it.
    seed: int | None = Field(None, description="The seed used for generation")


LYNX = Endpoint(
    id="fal-ai/lynx",
    title="A person from a picture",
    about="Generate subject consistent videos using Lynx from ByteDance.",
    family="lynx",
    input=LynxInput,
    output=LynxOutput,
    price=no_price("No price is published for this endpoint."),
    example={
        "image_url": "https://storage.googleapis.com/falserverless/example_inputs/lynx/example_in.png",
        "prompt": "A person carves a pumpkin on a porch in the evening. The camera captures their upper body as they "
        "draw a face with a marker, carefully cut along the lines, then lift the lid with both hands. Their face "
        "lights up with excitement as they peek inside",
        "negative_prompt": _NEGATIVE,
        "num_inference_steps": 50,
        "resolution": "720p",
        "aspect_ratio": "16:9",
        "ip_scale": 1,
        "strength": 1,
        "frames_per_second": 16,
        "guidance_scale": 5,
        "guidance_scale_2": 2,
        "num_frames": 81,
    },
    source="document 002",
    decisions=(
        '"between 9 to 100" and "between 5 to 30" are read with both ends allowed.',
        "seed is marked as a required output but missing from the example; a result without it is accepted.",
    ),
)

FAMILY = Family(slug="lynx", title="Lynx", about="Make a video of the person in a picture.", operations=(LYNX,))
