"""Wan VACE by task: depth, pose, inpainting, outpainting and reframe, each on an endpoint of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from lib.catalog.fields import Advanced, ImageIn, Input, Output, VideoIn, VideoOut, too_small
from lib.catalog.guesses import PRINTED
from lib.catalog.operation import Endpoint
from lib.catalog.price import PriceRule
from lib.catalog.wan.fields import (
    Acceleration,
    Expansion,
    PoseHead,
    Preprocess,
    PromptUsed,
    ReframeHead,
    Safety,
    SeedUsed,
    TaskInput,
)
from lib.catalog.wan.shared import OFFICIAL, TAKEN, THIRD_PARTY, price_by_frames

_CLIP = "https://v3.fal.media/files/zebra/9aDde3Te2kuJYHdR0Kz8R_output.mp4"
_NOT_SENT = "Switches and acceleration have no stated default; they are sent only when chosen."
_RATIOS = "aspect_ratio: the text names 16:9 and 9:16, the list also auto and 1:1; the list holds."


class DepthInput(TaskInput):
    video_url: VideoIn = Field(description="URL to the source video file. Required for depth task.")
    enable_safety_checker: Safety = None
    enable_prompt_expansion: Expansion = None
    preprocess: Preprocess = None
    acceleration: Acceleration = None


class DepthOutput(Output):
    video: VideoOut = Field(description="The generated depth video file.")
    prompt: PromptUsed = None
    seed: SeedUsed = None


class PoseInput(PoseHead):
    video_url: VideoIn = Field(description="URL to the source video file. Required for pose task.")
    enable_safety_checker: Safety = None
    enable_prompt_expansion: Expansion = None
    preprocess: Preprocess = None
    acceleration: Acceleration = None


class PoseOutput(Output):
    video: VideoOut = Field(description="The generated pose video file.")
    prompt: PromptUsed = None
    seed: SeedUsed = None


class InpaintingInput(TaskInput):
    video_url: VideoIn = Field(description="URL to the source video file. Required for inpainting.")
    mask_video_url: VideoIn = Field(description="URL to the source mask file. Required for inpainting.")
    ref_image_urls: list[ImageIn] | None = Field(
        None,
        title="Reference images",
        description="Urls to source reference image. If provided, the model will use this image as reference.",
    )
    enable_safety_checker: Safety = None
    enable_prompt_expansion: Expansion = None
    acceleration: Acceleration = None


class InpaintingOutput(Output):
    video: VideoOut = Field(description="The generated inpainting video file.")
    prompt: PromptUsed = None
    seed: SeedUsed = None


class OutpaintingInput(TaskInput):
    video_url: VideoIn = Field(description="URL to the source video file. Required for outpainting.")
    enable_safety_checker: Safety = None
    enable_prompt_expansion: Expansion = None
    acceleration: Acceleration = None
    expand_left: bool | None = Field(None, description="Whether to expand the video to the left.")
    expand_right: bool | None = Field(None, description="Whether to expand the video to the right.")
    expand_top: bool | None = Field(None, description="Whether to expand the video to the top.")
    expand_bottom: bool | None = Field(None, description="Whether to expand the video to the bottom.")
    expand_ratio: float = Field(
        0.25,
        ge=0,
        le=1,
        description="Amount of expansion. This is a float value between 0 and 1, where 0.25 adds 25% to the original "
        "video size on the specified sides.",
    )

    def remarks(self) -> Iterator[tuple[str, str]]:
        if not (self.expand_left or self.expand_right or self.expand_top or self.expand_bottom):
            yield "expand_left", "No side is chosen; nothing is added to the picture."


class OutpaintingOutput(Output):
    video: VideoOut = Field(description="The generated outpainting video file.")
    prompt: PromptUsed = None
    seed: SeedUsed = None


class ReframeInput(ReframeHead):
    video_url: VideoIn = Field(
        description="URL to the source video file. This video will be used as a reference for the reframe task."
    )
    enable_safety_checker: Safety = None
    enable_prompt_expansion: Expansion = None
    acceleration: Acceleration = None
    zoom_factor: float | None = Field(
        None,
        description="Zoom factor for the video. When this value is greater than 0, the video will be zoomed in by this "
        "factor (in relation to the canvas size,) cutting off the edges of the video. A value of 0 means no zoom.",
    )
    temporal_downsample_factor: Annotated[int | None, Advanced()] = Field(
        None,
        description="Temporal downsample factor for the video. This is an integer value that determines how many "
        "frames to skip in the video. A value of 0 means no downsampling. For each downsample factor, one upsample "
        "factor will automatically be applied.",
    )
    interpolator_model: Annotated[Literal["rife", "film"], Advanced()] = Field(
        "film", description="The model to use for frame interpolation. Options are 'rife' or 'film'."
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_small(self, 0, "zoom_factor", "temporal_downsample_factor")


class ReframeOutput(Output):
    video: VideoOut = Field(description="The generated reframe video file.")
    prompt: PromptUsed = None
    seed: SeedUsed = None


def _task(  # noqa: PLR0917 - a row of a table
    name: str, title: str, about: str, input: type[Input], output: type[Output], price: PriceRule,
    example: Mapping[str, Any], *decisions: str,
) -> Endpoint:  # fmt: skip
    return Endpoint(
        id=f"fal-ai/wan-vace-14b/{name}",
        title=title,
        about=about,
        family="wan",
        input=input,
        output=output,
        price=price,
        example=example,
        source=f"document 003, page 2, type WanVACE{name.capitalize()}Request",
        decisions=(_RATIOS, _NOT_SENT, *decisions),
        guessed=PRINTED,
    )


DEPTH = _task(
    "depth",
    "Follow the depth",
    "A new clip that follows the depth of another.",
    DepthInput,
    DepthOutput,
    price_by_frames(THIRD_PARTY),
    {
        "prompt": "A quiet stone village in soft evening light.",
        "resolution": "480p",
        "video_url": _CLIP,
    },
)

POSE = _task(
    "pose",
    "Follow the poses",
    "A new clip whose people move as those of another.",
    PoseInput,
    PoseOutput,
    price_by_frames(OFFICIAL),
    {
        "prompt": "A dancer in a red coat turns on a rooftop at night.",
        "resolution": "480p",
        "video_url": _CLIP,
    },
)

INPAINTING = _task(
    "inpainting",
    "Replace what a mask shows",
    "A clip with everything replaced that the mask shows.",
    InpaintingInput,
    InpaintingOutput,
    price_by_frames(TAKEN),
    {
        "prompt": "A red hot-air balloon drifts over the hills.",
        "resolution": "480p",
        "video_url": _CLIP,
        "mask_video_url": "https://v3.fal.media/files/lion/_2UO2QC26T_R8vKeVGAdX_output.mp4",
    },
)

OUTPAINTING = _task(
    "outpainting",
    "Add picture around a clip",
    "A clip with more picture on the sides that you choose.",
    OutpaintingInput,
    OutpaintingOutput,
    price_by_frames(TAKEN),
    {
        "prompt": "The street goes on to both sides, with trees and parked bicycles.",
        "resolution": "480p",
        "video_url": _CLIP,
        "expand_left": True,
        "expand_right": True,
        "expand_ratio": 0.25,
    },
)

REFRAME = _task(
    "reframe",
    "Give a clip another shape",
    "A clip in another aspect ratio, its missing parts filled in.",
    ReframeInput,
    ReframeOutput,
    price_by_frames(TAKEN),
    {"video_url": _CLIP, "resolution": "480p", "aspect_ratio": "9:16"},
    "zoom_factor and temporal_downsample_factor have no stated default; they are sent only when chosen.",
)
