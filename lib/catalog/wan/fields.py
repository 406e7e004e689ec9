"""The fields that all five tasks of Wan VACE have on endpoints of their own, as the document prints them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.fields import Advanced, IgnoredWhen, Input, LongText, Prompt, SeedIn, too_small
from lib.catalog.wan.shared import NEGATIVE, NUM_FRAMES_LIMIT

_MATCH_FRAMES = (
    "If true, the number of frames in the generated video will match the number of frames in the input video. If "
    "false, the number of frames will be determined by the num_frames parameter."
)
_MATCH_RATE = (
    "If true, the frames per second of the generated video will match the input video. If false, the frames per "
    "second will be determined by the frames_per_second parameter."
)


class TaskInput(Input):
    """What stands before the media fields; each task adds those and the last ones."""

    prompt: Prompt = Field(description="The text prompt to guide video generation.")
    negative_prompt: Annotated[str, LongText(), Advanced()] = Field(
        NEGATIVE, description="Negative prompt for video generation."
    )
    # No default is printed for the booleans of these types nor for `acceleration`: not sent unless chosen.
    match_input_num_frames: Annotated[bool | None, Advanced()] = Field(None, description=_MATCH_FRAMES)
    num_frames: Annotated[
        int, IgnoredWhen("match_input_num_frames", (True,), "The number of frames follows the input video.")
    ] = Field(
        81,
        ge=81,
        le=NUM_FRAMES_LIMIT,
        description="Number of frames to generate. Must be between 81 to 241 (inclusive).",
    )
    match_input_frames_per_second: Annotated[bool | None, Advanced()] = Field(None, description=_MATCH_RATE)
    frames_per_second: Annotated[
        int, IgnoredWhen("match_input_frames_per_second", (True,), "The frame rate follows the input video.")
    ] = Field(
        16,
        ge=5,
        le=30,
        description="Frames per second of the generated video. Must be between 5 to 30. Ignored if "
        "match_input_frames_per_second is true.",
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

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_small(self, 1, "num_inference_steps")


class PoseHead(TaskInput):
    """The same with what a prompt for poses should say."""

    prompt: Prompt = Field(
        description="The text prompt to guide video generation. For pose task, the prompt should describe the desired "
        "pose and action of the subject in the video."
    )


class ReframeHead(TaskInput):
    """The same where the prompt may be left out and the clip's own length and rate hold."""

    prompt: Prompt = Field("", description="The text prompt to guide video generation. Optional for reframing.")
    match_input_num_frames: Annotated[bool, Advanced()] = Field(True, description=_MATCH_FRAMES)
    match_input_frames_per_second: Annotated[bool, Advanced()] = Field(True, description=_MATCH_RATE)


Safety = Annotated[bool | None, Advanced(), Field(description="If set to true, the safety checker will be enabled.")]
Expansion = Annotated[bool | None, Advanced(), Field(description="Whether to enable prompt expansion.")]
Preprocess = Annotated[bool | None, Advanced(), Field(description="Whether to preprocess the input video.")]
Acceleration = Annotated[
    Literal["none", "regular"] | None,
    Advanced(),
    Field(
        description="Acceleration to use for inference. Options are 'none' or 'regular'. Accelerated inference will "
        "very slightly affect output, but will be significantly faster."
    ),
]


PromptUsed = Annotated[str | None, Field(description="The prompt used for generation.")]
SeedUsed = Annotated[int | None, Field(description="The seed used for generation.")]
