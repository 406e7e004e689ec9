"""PixVerse: clips from words, from a picture, or from one picture to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from lib.catalog.fields import ImageIn, Input, Output, Prompt, VideoOut
from lib.catalog.guesses import PRINTED
from lib.catalog.operation import Endpoint
from lib.catalog.pixverse.fields import FastResolution, Negative, Resolution, SameSeed, Shape, Style, too_long
from lib.catalog.price import no_price

_PICTURE = "https://fal.media/files/elephant/8kkhB12hEZI2kkbU8pZPA_test.jpeg"
_VERSION = (
    " The version in it is open: the client lists the same fields for 3.5, 4 and 4.5, and 4.5 is the newest that the "
    "documents name."
)
_NO_PRICE = no_price("No price is published for this one. Its document says that 8 s cost double.")
_NO_FAST_PRICE = no_price("No price is published for this one.")


class FastTextInput(Input):
    # The document has no text for this field.
    prompt: Prompt = Field(description="Text prompt describing the video.")
    aspect_ratio: Shape = "16:9"
    resolution: FastResolution = "720p"
    negative_prompt: Negative = ""
    style: Style = None
    seed: SameSeed = None


class FastPictureInput(FastTextInput):
    image_url: ImageIn = Field(description="URL of the image to use as the first frame")


class TextInput(Input):
    # The document has no text for this field.
    prompt: Prompt = Field(description="Text prompt describing the video.")
    aspect_ratio: Shape = "16:9"
    resolution: Resolution = "720p"
    duration: Literal["5", "8"] = Field(
        "5",
        description="The duration of the generated video in seconds. 8s videos cost double. 1080p videos are limited "
        "to 5 seconds",
    )
    negative_prompt: Negative = ""
    style: Style = None
    seed: SameSeed = None

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_long(self.resolution, self.duration)


class PictureInput(TextInput):
    image_url: ImageIn = Field(description="URL of the image to use as the first frame")


class TransitionInput(Input):
    prompt: Prompt = Field(description="The prompt for the transition")
    aspect_ratio: Shape = "16:9"
    resolution: Resolution = "720p"
    # The other types limit 1080p to 5 s; this one does not say so.
    duration: Literal["5", "8"] = Field("5", description="The duration of the generated video in seconds")
    negative_prompt: Negative = ""
    style: Style = None
    seed: SameSeed = None
    first_image_url: ImageIn = Field(title="First picture", description="URL of the image to use as the first frame")
    last_image_url: ImageIn = Field(title="Last picture", description="URL of the image to use as the last frame")


class GeneratedOutput(Output):
    video: VideoOut = Field(description="The generated video")


def _made(  # noqa: PLR0917 - a row of a table
    path: str, title: str, about: str, input: type[Input], type_name: str, example: Mapping[str, Any]
) -> Endpoint:
    fast = "duration" not in input.model_fields
    return Endpoint(
        id=f"fal-ai/pixverse/{path}",
        title=title,
        about=about,
        family="pixverse",
        input=input,
        output=GeneratedOutput,
        price=_NO_FAST_PRICE if fast else _NO_PRICE,
        example=example,
        source=f"document 003, page 5 (and 7), type {type_name}",
        guessed=PRINTED + _VERSION,
    )


_SCENE = {
    "prompt": "Epic low-cut camera capture of a girl clad in ultraviolet threads, Peter Max art style depiction.",
    "aspect_ratio": "16:9",
    "resolution": "540p",
}
_STILL = {"prompt": "A woman walks along the edge of a lake.", "aspect_ratio": "16:9", "resolution": "540p"}

TEXT = _made(
    "v4.5/text-to-video", "Start from words", "A clip from a text.", TextInput, "TextToVideoRequest",
    _SCENE | {"duration": "5"},
)  # fmt: skip
TEXT_FAST = _made(
    "v4.5/text-to-video/fast", "Start from words (fast)", "A clip from a text, in fast mode.", FastTextInput,
    "FastTextToVideoRequest", _SCENE,
)  # fmt: skip
PICTURE = _made(
    "v4.5/image-to-video", "Start from a picture", "A clip that begins with a picture.", PictureInput,
    "ImageToVideoRequestV4", _STILL | {"duration": "5", "image_url": _PICTURE},
)  # fmt: skip
PICTURE_FAST = _made(
    "v4.5/image-to-video/fast", "Start from a picture (fast)", "A clip that begins with a picture, in fast mode.",
    FastPictureInput, "FastImageToVideoRequestV4", _STILL | {"image_url": _PICTURE},
)  # fmt: skip
PICTURE_3 = _made(
    "v3.5/image-to-video", "Start from a picture, v3.5", "A clip that begins with a picture, by version 3.5.",
    PictureInput, "ImageToVideoRequest", _STILL | {"duration": "5", "image_url": _PICTURE},
)  # fmt: skip
PICTURE_3_FAST = _made(
    "v3.5/image-to-video/fast", "Start from a picture, v3.5 (fast)",
    "A clip that begins with a picture, by version 3.5 in fast mode.", FastPictureInput, "FastImageToVideoRequest",
    _STILL | {"image_url": _PICTURE},
)  # fmt: skip
TRANSITION = _made(
    "v4.5/transition", "From picture to picture", "A clip that leads from one picture to another.", TransitionInput,
    "TransitionRequest",
    {
        "prompt": "Scene slowly transitions from night to day.",
        "aspect_ratio": "16:9",
        "resolution": "540p",
        "duration": "5",
        "first_image_url": _PICTURE,
        "last_image_url": "https://fal.media/files/koala/Kv2821G03ggpKK2AiZX71_d5fa7bacf06049cfaeb9588f6003b6d5.jpg",
    },
)  # fmt: skip
