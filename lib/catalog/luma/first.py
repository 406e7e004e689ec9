"""The first Luma Dream Machine: clips from words, or from a picture."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lib.catalog.fields import ImageIn, Input, Output, Prompt, VideoOut
from lib.catalog.guesses import PRINTED, PRINTED_EARLIER
from lib.catalog.operation import Endpoint
from lib.catalog.price import no_price

Shape = Literal["16:9", "9:16", "4:3", "3:4", "21:9", "9:21"]
_LOOP = "loop: false by default in document 004; document 003 prints none."
_LENGTH = "The document has no field for size or length."


class FirstFromWordsInput(Input):
    # The document has no text for this field.
    prompt: Prompt = Field(description="Text prompt describing the video.")
    aspect_ratio: Shape = Field("16:9", description="The aspect ratio of the generated video")
    loop: bool = Field(False, description="Whether the video should loop (end of video is blended with the beginning)")


class FirstFromPictureInput(Input):
    # The document has no text for these two fields.
    prompt: Prompt = Field(description="Text prompt describing the video.")
    image_url: ImageIn = Field(title="First picture", description="The picture that the video starts from.")
    end_image_url: ImageIn | None = Field(
        None, title="Last picture", description="An image to blend the end of the video with"
    )
    aspect_ratio: Shape = Field("16:9", description="The aspect ratio of the generated video")
    loop: bool = Field(False, description="Whether the video should loop (end of video is blended with the beginning)")


class FirstOutput(Output):
    # The document does not print the answer; this is the client's.
    video: VideoOut = Field(description="The generated video")


FIRST_FROM_WORDS = Endpoint(
    id="fal-ai/luma-dream-machine",
    title="First version: from words",
    about="The first Luma Dream Machine: a clip from a text.",
    family="luma",
    input=FirstFromWordsInput,
    output=FirstOutput,
    price=no_price("No price is published for the first version."),
    example={
        "prompt": "A teddy bear in sunglasses playing electric guitar and dancing",
        "aspect_ratio": "16:9",
    },
    source="document 004, type TextToVideoRequest",
    decisions=(_LOOP, _LENGTH),
    guessed=PRINTED,
)

FIRST_FROM_PICTURE = Endpoint(
    id="fal-ai/luma-dream-machine/image-to-video",
    title="First version: from a picture",
    about="The first Luma Dream Machine: a clip from a picture and a text.",
    family="luma",
    input=FirstFromPictureInput,
    output=FirstOutput,
    price=no_price("No price is published for the first version."),
    example={
        "prompt": "Low-angle shot of a majestic tiger prowling through a snowy landscape.",
        "image_url": "https://fal.media/files/elephant/8kkhB12hEZI2kkbU8pZPA_test.jpeg",
        "aspect_ratio": "16:9",
    },
    source="document 004, type ImageToVideoRequest",
    decisions=(_LOOP, _LENGTH, "image_url is required here, and optional with Ray 2."),
    guessed=PRINTED_EARLIER,
)
