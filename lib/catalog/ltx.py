"""LTX: a video from a prompt and any number of pictures and clips, each pinned to a frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.fields import (
    Advanced,
    IgnoredWhen,
    ImageIn,
    Input,
    Item,
    LongText,
    Newer,
    Output,
    Prompt,
    SeedIn,
    VideoIn,
    VideoOut,
    WeightsIn,
    too_small,
)
from lib.catalog.operation import Endpoint, Family
from lib.catalog.price import flat


class LoRAWeight(Item):
    # The document marks nothing; an entry without weights cannot mean anything.
    path: WeightsIn = Field(description="URL or path to the LoRA weights.")
    weight_name: str | None = Field(
        None,
        description="Name of the LoRA weight. Only used if path is a HuggingFace repository, and is only required when "
        "the repository contains multiple LoRA weights.",
    )
    scale: float = Field(
        1,
        description="Scale of the LoRA weight. This is a multiplier applied to the LoRA weight when loading it.",
    )


# The document names the next two types and defines neither. Names and order of the first come from its example;
# defaults, limits, and all of the second, from the types of the official client (queue-protocol 7.4).
class ImageConditioningInput(Item):
    strength: Annotated[float, Newer()] = Field(1, ge=0, le=1, description="How strongly this picture holds.")
    start_frame_num: Annotated[int, Newer()] = Field(
        0, multiple_of=8, title="At frame", description="The frame at which the picture stands."
    )
    image_url: ImageIn = Field(description="The picture to use as conditioning.")


class VideoConditioningInput(Item):
    video_url: VideoIn = Field(description="The clip to use as conditioning.")
    conditioning_type: Literal["rgb", "depth", "pose", "canny"] = Field(
        "rgb", description="What of the clip is followed: its picture, depth, poses or edges."
    )
    preprocess: Annotated[
        bool | None,
        IgnoredWhen("conditioning_type", ("rgb",), "The picture itself is followed; there is nothing to prepare."),
    ] = Field(None, description="Whether depth, poses or edges are computed from the clip first.")
    start_frame_num: Annotated[int, Newer()] = Field(
        0, multiple_of=8, title="At frame", description="The frame at which the clip begins."
    )
    strength: float = Field(1, description="How strongly this clip holds; 1 is fully.")
    limit_num_frames: bool | None = Field(None, description="Whether to use only the first frames of the clip.")
    max_num_frames: Annotated[int, IgnoredWhen("limit_num_frames", (False,), "The whole clip is used.")] = Field(
        1441, title="Frames used at most", description="How many frames of the clip are used at most."
    )
    resample_fps: bool | None = Field(None, description="Whether to change the frame rate of the clip first.")
    target_fps: Annotated[int, IgnoredWhen("resample_fps", (False,), "The clip keeps its frame rate.")] = Field(
        24, description="The frame rate that the clip is changed to."
    )
    reverse_video: bool | None = Field(None, description="Whether to play the clip backwards.")


class MulticonditioningInput(Input):
    prompt: Prompt = Field(description="Text prompt to guide generation")
    negative_prompt: Annotated[str, LongText(), Advanced()] = Field(
        "worst quality, inconsistent motion, blurry, jittery, distorted",
        description="Negative prompt for generation",
    )
    # The lists and booleans without a printed default are not sent unless chosen.
    loras: Annotated[list[LoRAWeight] | None, Advanced()] = Field(
        None, description="LoRA weights to use for generation"
    )
    resolution: Literal["480p", "720p"] = Field("720p", description="Resolution of the generated video (480p or 720p).")
    aspect_ratio: Literal["9:16", "1:1", "16:9", "auto"] = Field("auto", description="The aspect ratio of the video.")
    seed: Annotated[SeedIn, Advanced()] = Field(None, description="Random seed for generation")
    # The document states no limits; 9 to 1441 stand on newer pages of sibling endpoints (queue-protocol 7.4).
    num_frames: Annotated[int, Newer()] = Field(121, ge=9, le=1441, description="The number of frames in the video.")
    first_pass_num_inference_steps: Annotated[int, Advanced()] = Field(
        8, title="First pass: steps", description="Number of inference steps during the first pass."
    )
    first_pass_skip_final_steps: Annotated[int, Advanced()] = Field(
        1,
        title="First pass: final steps skipped",
        description="Number of inference steps to skip in the final steps of the first pass. By skipping some steps at "
        "the end, the first pass can focus on larger changes instead of smaller details.",
    )
    second_pass_num_inference_steps: Annotated[int, Advanced()] = Field(
        8, title="Second pass: steps", description="Number of inference steps during the second pass."
    )
    second_pass_skip_initial_steps: Annotated[int, Advanced()] = Field(
        5,
        title="Second pass: initial steps skipped",
        description="The number of inference steps to skip in the initial steps of the second pass. By skipping some "
        "steps at the beginning, the second pass can focus on smaller details instead of larger changes.",
    )
    frame_rate: int = Field(30, description="The frame rate of the video.")
    expand_prompt: Annotated[bool | None, Advanced()] = Field(
        None, description="Whether to expand the prompt using a language model."
    )
    reverse_video: Annotated[bool | None, Advanced()] = Field(None, description="Whether to reverse the video.")
    enable_safety_checker: Annotated[bool, Advanced()] = Field(
        True, description="Whether to enable the safety checker."
    )
    constant_rate_factor: Annotated[int, Advanced()] = Field(
        35,
        title="Constant rate factor (CRF)",
        description="The constant rate factor (CRF) to compress input media with. Compressed input media more closely "
        "matches the model's training data, which can improve motion quality.",
    )
    # "URL of images" in the text, objects in the example: objects are sent.
    images: list[ImageConditioningInput] | None = Field(None, description="URL of images to use as conditioning")
    videos: list[VideoConditioningInput] | None = Field(None, description="Videos to use as conditioning")

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_small(self, 1, "frame_rate", "first_pass_num_inference_steps", "second_pass_num_inference_steps")
        yield from too_small(
            self, 0, "first_pass_skip_final_steps", "second_pass_skip_initial_steps", "constant_rate_factor"
        )
        for path, item in self._pinned():
            yield from ((f"{path}.{name}", said) for name, said in too_small(item, 0, "start_frame_num"))
        for place, clip in enumerate(self.videos or ()):
            for name, said in too_small(clip, 1, "max_num_frames", "target_fps"):
                yield f"videos.{place}.{name}", said

    def remarks(self) -> Iterator[tuple[str, str]]:
        for path, item in self._pinned():
            if item.start_frame_num >= self.num_frames:
                yield f"{path}.start_frame_num", f"The video has only the frames 0 to {self.num_frames - 1}."
        if self.first_pass_skip_final_steps >= self.first_pass_num_inference_steps:
            yield "first_pass_skip_final_steps", "The first pass would skip all of its steps."
        if self.second_pass_skip_initial_steps >= self.second_pass_num_inference_steps:
            yield "second_pass_skip_initial_steps", "The second pass would skip all of its steps."

    def _pinned(self) -> Iterator[tuple[str, ImageConditioningInput | VideoConditioningInput]]:
        yield from ((f"images.{place}", item) for place, item in enumerate(self.images or ()))
        yield from ((f"videos.{place}", item) for place, item in enumerate(self.videos or ()))


class MulticonditioningOutput(Output):
    video: VideoOut = Field(description="The generated video file.")
    prompt: str | None = Field(None, description="The prompt used for generation.")
    seed: int | None = Field(None, description="The seed used for generation.")


MULTICONDITIONING = Endpoint(
    id="fal-ai/ltx-video-13b-distilled/multiconditioning",
    title="From pictures and clips",
    about="Generate a video from a prompt and any number of images and video.",
    family="ltx",
    input=MulticonditioningInput,
    output=MulticonditioningOutput,
    price=flat("0.04", "official page of ltx-video-13b-distilled: $0.04 per video"),
    example={
        "prompt": "A vibrant, abstract composition featuring a person with outstretched arms, rendered in a "
        "kaleidoscope of colors against a deep, dark background. The figure is composed of intricate, swirling "
        "patterns reminiscent of a mosaic, with hues of orange, yellow, blue, and green that evoke the style of "
        "artists such as Wassily Kandinsky or Bridget Riley. The camera zooms into the face striking portrait of a "
        "man, reimagined through the lens of old-school video-game graphics. The subject's face is rendered in a "
        "kaleidoscope of colors, with bold blues and reds set against a vibrant yellow backdrop. His dark hair is "
        "pulled back, framing his profile in a dramatic pose.",
        "negative_prompt": "worst quality, inconsistent motion, blurry, jittery, distorted",
        "loras": [],
        "resolution": "720p",
        "aspect_ratio": "auto",
        "num_frames": 121,
        "first_pass_num_inference_steps": 8,
        "first_pass_skip_final_steps": 1,
        "second_pass_num_inference_steps": 8,
        "second_pass_skip_initial_steps": 5,
        "frame_rate": 30,
        "expand_prompt": False,
        "reverse_video": False,
        "enable_safety_checker": True,
        "constant_rate_factor": 35,
        "images": [
            {
                "strength": 1,
                "start_frame_num": 0,
                "image_url": "https://storage.googleapis.com/falserverless/model_tests/ltx/"
                "NswO1P8sCLzrh1WefqQFK_9a6bdbfa54b944c9a770338159a113fd.jpg",
            },
            {
                "strength": 1,
                "start_frame_num": 120,
                "image_url": "https://storage.googleapis.com/falserverless/model_tests/ltx/"
                "YAPOGvmS2tM_Krdp7q6-d_267c97e017c34f679844a4477dfcec38.jpg",
            },
        ],
        "videos": [],
    },
    source="document 003, page 3; items of images and videos from the types of the official client",
    decisions=(
        "images: called URLs in the text, objects in the example; objects are sent.",
        "videos: the document never shows an item; its fields are those of the official client's types.",
        "The lists, expand_prompt and reverse_video have no stated default; they are sent only when chosen.",
        "frame_rate 30 and constant_rate_factor 35 are the document's defaults, although newer pages differ.",
        "num_frames, and strength and start_frame_num of an item: the document states no limits; newer pages' hold.",
    ),
)

FAMILY = Family(
    slug="ltx",
    title="LTX",
    about="A video from a prompt and any number of pictures and clips, each pinned to a frame.",
    operations=(MULTICONDITIONING,),
)
