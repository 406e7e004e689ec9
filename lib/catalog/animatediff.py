"""AnimateDiff: redraw the beginning of a clip after a prompt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from lib.catalog.fields import Advanced, Input, LongText, Output, Prompt, SeedIn, VideoIn, VideoOut, too_small
from lib.catalog.operation import Endpoint, Family
from lib.catalog.price import no_price

# queue-protocol 7.4: the values on the sibling endpoints that still have the field.
_KNOWN_MOTIONS = ("zoom-out", "zoom-in", "pan-left", "pan-right", "tilt-up", "tilt-down")


class VideoToVideoInput(Input):
    # The document's example is an animated GIF.
    video_url: VideoIn = Field(description="URL of the video.")
    first_n_seconds: int = Field(
        3, title="First seconds", description="The first N number of seconds of video to animate."
    )
    prompt: Prompt = Field(
        description="The prompt to use for generating the image. Be as descriptive as possible for best results."
    )
    negative_prompt: Annotated[str, LongText(), Advanced()] = Field(
        "(bad quality, worst quality:1.2), ugly faces, bad anime",
        description="The negative prompt to use. Use it to address details that you don't want in the image. This "
        "could be colors, objects, scenery and even the small details (e.g. moustache, blurry, low resolution).",
    )
    num_inference_steps: Annotated[int, Advanced()] = Field(
        8,
        description="The number of inference steps to perform. 4-12 is recommended for turbo mode.",
    )
    strength: float = Field(0.7, description="The strength of the input video in the final output.")
    guidance_scale: Annotated[float, Advanced()] = Field(
        1,
        description="The CFG (Classifier Free Guidance) scale is a measure of how close you want the model to stick to "
        "your prompt when looking for a related image to show you.",
    )
    seed: Annotated[SeedIn, Advanced()] = Field(
        None,
        description="The same seed and the same prompt given to the same version of Stable Diffusion will output the "
        "same image every time.",
    )
    fps: int = Field(8, title="Frames per second", description="Number of frames per second to extract from the video.")
    # The document lists no values for this enum: any text is let through.
    motions: Annotated[list[str] | None, Advanced()] = Field(None, description="The motions to apply to the video.")

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_small(self, 1, "first_n_seconds", "num_inference_steps", "fps")

    def remarks(self) -> Iterator[tuple[str, str]]:
        if not 4 <= self.num_inference_steps <= 12:
            yield "num_inference_steps", "4 to 12 steps are recommended for turbo mode."
        if any(motion not in _KNOWN_MOTIONS for motion in self.motions or ()):
            yield "motions", f"Sibling endpoints know only {', '.join(_KNOWN_MOTIONS)}."


class VideoToVideoOutput(Output):
    video: VideoOut = Field(description="Generated video file.")
    seed: int | None = Field(None, description="Seed used for generating the video.")


VIDEO_TO_VIDEO = Endpoint(
    id="fal-ai/fast-animatediff/turbo/video-to-video",
    title="Redraw a clip (turbo)",
    about="Turbo Video To Video: redraw the first seconds of a clip after a prompt.",
    family="animatediff",
    input=VideoToVideoInput,
    output=VideoToVideoOutput,
    price=no_price("The official page prints $0 per compute second, which is no proof that it is free."),
    example={
        "video_url": "https://huggingface.co/datasets/huggingface/documentation-images/resolve/main/diffusers/"
        "animatediff-vid2vid-input-2.gif",
        "first_n_seconds": 3,
        "prompt": "closeup of tony stark, robert downey jr, fireworks, high quality, ultra HD",
        "negative_prompt": "(bad quality, worst quality:1.2), ugly faces, bad anime",
        "num_inference_steps": 8,
        "strength": 0.7,
        "guidance_scale": 1,
        "fps": 8,
    },
    source="document 003, page 8",
    decisions=(
        "motions: the document lost its list of values; any text is accepted, with a remark for unknown ones.",
        "num_inference_steps 8 and guidance_scale 1 are the document's defaults, although newer pages differ.",
        "The texts speak of an image; a video is meant.",
    ),
)

FAMILY = Family(
    slug="animatediff",
    title="AnimateDiff",
    about="Redraw the beginning of a clip after a prompt.",
    operations=(VIDEO_TO_VIDEO,),
)
