"""Wan VACE, all tasks in one: remake a clip along its depth, its poses or a mask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.fields import (
    Advanced,
    IgnoredWhen,
    ImageIn,
    Input,
    LongText,
    Output,
    Prompt,
    SeedIn,
    VideoIn,
    VideoOut,
    too_small,
)
from lib.catalog.operation import Endpoint
from lib.catalog.wan.shared import NEGATIVE, NUM_FRAMES_LIMIT, TAKEN, price_by_frames


class WanInput(Input):
    prompt: Prompt = Field(description="The text prompt to guide video generation.")
    negative_prompt: Annotated[str, LongText(), Advanced()] = Field(
        NEGATIVE, description="Negative prompt for video generation."
    )
    # No default is printed for the booleans of this page nor for `acceleration`: not sent unless chosen.
    match_input_num_frames: Annotated[bool | None, Advanced()] = Field(
        None,
        description="If true, the number of frames in the generated video will match the number of frames in the "
        "input video. If false, the number of frames will be determined by the num_frames parameter.",
    )
    num_frames: Annotated[
        int, IgnoredWhen("match_input_num_frames", (True,), "The number of frames follows the input video.")
    ] = Field(
        81,
        ge=81,
        le=NUM_FRAMES_LIMIT,
        description="Number of frames to generate. Must be between 81 to 241 (inclusive).",
    )
    match_input_frames_per_second: Annotated[bool | None, Advanced()] = Field(
        None,
        description="If true, the frames per second of the generated video will match the input video. If false, the "
        "frames per second will be determined by the frames_per_second parameter.",
    )
    frames_per_second: Annotated[
        int, IgnoredWhen("match_input_frames_per_second", (True,), "The frame rate follows the input video.")
    ] = Field(
        16,
        ge=5,
        le=30,
        description="Frames per second of the generated video. Must be between 5 to 30. Ignored if "
        "match_input_frames_per_second is true.",
    )
    task: Literal["depth", "pose", "inpainting", "outpainting", "reframe"] = Field(
        "depth", description="Task type for the model."
    )
    seed: Annotated[SeedIn, Advanced()] = Field(
        None, description="Random seed for reproducibility. If None, a random seed is chosen."
    )
    resolution: Literal["480p", "580p", "720p"] = Field(
        "720p", description="Resolution of the generated video (480p,580p, or 720p)."
    )
    # The text names two ratios, the enum four: the enum holds.
    aspect_ratio: Literal["auto", "16:9", "1:1", "9:16"] = Field(
        "auto", description="Aspect ratio of the generated video (16:9 or 9:16)."
    )
    num_inference_steps: Annotated[int, Advanced()] = Field(
        30,
        description="Number of inference steps for sampling. Higher values give better quality but take longer.",
    )
    guidance_scale: Annotated[float, Advanced()] = Field(
        5,
        description="Guidance scale for classifier-free guidance. Higher values encourage the model to generate "
        "images closely related to the text prompt.",
    )
    # In the submit example, hence required; sent there as an empty text, so an empty one is let through.
    video_url: VideoIn = Field(
        description="URL to the source video file. If provided, the model will use this video as a reference."
    )
    mask_video_url: Annotated[
        VideoIn | None, IgnoredWhen("mask_image_url", ("*",), "The mask picture is used instead.")
    ] = Field(
        None, description="URL to the source mask file. If provided, the model will use this mask as a reference."
    )
    mask_image_url: ImageIn | None = Field(
        None,
        description="URL to the guiding mask file. If provided, the model will use this mask as a reference to create "
        "masked video. If provided mask video url will be ignored.",
    )
    ref_image_urls: list[ImageIn] | None = Field(
        None,
        title="Reference images",
        description="Urls to source reference image. If provided, the model will use this image as reference.",
    )
    enable_safety_checker: Annotated[bool | None, Advanced()] = Field(
        None, description="If set to true, the safety checker will be enabled."
    )
    enable_prompt_expansion: Annotated[bool | None, Advanced()] = Field(
        None, description="Whether to enable prompt expansion."
    )
    preprocess: Annotated[bool | None, Advanced()] = Field(None, description="Whether to preprocess the input video.")
    acceleration: Annotated[Literal["none", "regular"] | None, Advanced()] = Field(
        None,
        description="Acceleration to use for inference. Options are 'none' or 'regular'. Accelerated inference will "
        "very slightly affect output, but will be significantly faster.",
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        # Not the rule that a required file is named: the document's own example sends an empty video_url.
        yield from too_small(self, 1, "num_inference_steps")

    def remarks(self) -> Iterator[tuple[str, str]]:
        if not self.video_url:
            yield "video_url", "No video is given; the model has nothing to follow."
        if self.task == "inpainting" and not (self.mask_video_url or self.mask_image_url):
            yield "mask_video_url", "Inpainting fills a mask, and none is given."
        if self.task in ("outpainting", "reframe"):
            yield "task", "The fields that steer this task exist only on its own endpoint, not on this one."


class WanOutput(Output):
    video: VideoOut = Field(description="The generated video file.")
    prompt: str | None = Field(None, description="The prompt used for generation.")
    seed: int | None = Field(None, description="The seed used for generation.")


WAN_VACE = Endpoint(
    id="fal-ai/wan-vace-14b",
    title="Remake a clip",
    about="Make a new video that follows the depth, the poses or the mask of another.",
    family="wan",
    input=WanInput,
    output=WanOutput,
    price=price_by_frames(TAKEN),
    example={
        "prompt": "The video shows a man riding a horse on a vast grassland. He has long lavender hair and wears a "
        "traditional dress of a white top and black pants. The animation style makes him look like he is doing some "
        "kind of outdoor activity or performing. The background is a spectacular mountain range and cloud sky, giving "
        "a sense of tranquility and vastness. The entire video is shot from a fixed angle, focusing on the rider and "
        "his horse.",
        "negative_prompt": NEGATIVE,
        "match_input_num_frames": False,
        "num_frames": 81,
        "match_input_frames_per_second": False,
        "frames_per_second": 16,
        "task": "depth",
        "resolution": "720p",
        "aspect_ratio": "auto",
        "num_inference_steps": 30,
        "guidance_scale": 5,
        "video_url": "",
        "enable_safety_checker": True,
        "enable_prompt_expansion": False,
        "preprocess": False,
        "acceleration": "none",
    },
    source="document 003, page 2",
    decisions=(
        "video_url: in the submit example, so required; empty there, so an empty text is accepted with a remark.",
        "aspect_ratio: the text names 16:9 and 9:16, the list also auto and 1:1; the list holds.",
        "match_input_*, enable_*, preprocess and acceleration have no stated default; they are sent only when chosen.",
        "outpainting and reframe are offered as tasks, but their own fields are not on this endpoint.",
    ),
)
