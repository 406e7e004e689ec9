"""Luma Ray 2: change what a clip shows, start a clip from a picture or from words, give a clip another shape."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from lib.catalog.fields import ImageIn, Input, Output, Prompt, VideoIn, VideoOut
from lib.catalog.operation import Endpoint
from lib.catalog.price import SEEN, Estimate, Price, Unknown, per_second, seconds
from lib.media.facts import Facts


class ModifyInput(Input):
    video_url: VideoIn = Field(description="URL of the input video to modify")
    # The endpoint's own page says "Optional" and leaves it out of the submit example; the type list on the
    # image-to-video page marks it as required. The own page is followed.
    image_url: ImageIn | None = Field(
        None, title="First frame", description="Optional URL of the first frame image for modification"
    )
    prompt: Prompt | None = Field(None, description="Instruction for modifying the video")
    mode: Literal[
        "adhere_1", "adhere_2", "adhere_3", "flex_1", "flex_2", "flex_3", "reimagine_1", "reimagine_2", "reimagine_3"
    ] = Field(
        "flex_1",
        description="Amount of modification to apply to the video, adhere_1 is the least amount of modification, "
        "reimagine_3 is the most",
    )


class ModifyOutput(Output):
    video: VideoOut = Field(description="URL of the modified video")


def modify_price(made: ModifyInput, facts: Mapping[str, Facts]) -> Price:
    """$0.35 per second of output, taken to last as long as the input; or $0.50 to $1 a clip. Both third-party."""
    length_s = seconds(facts.get("video_url"))
    if length_s is None:
        return Unknown("The price follows the length of the video; choose it first.")
    by_second = per_second(Decimal("0.35"), length_s, length_s, "")
    return Estimate(
        min(by_second.low_usd, Decimal("0.50")),
        max(by_second.high_usd, Decimal("1.00")),
        "third-party figures only: $0.35 per second of output, or $0.50 to $1.00 per clip",
        SEEN,
    )


class ImageToVideoInput(Input):
    # The document has no text for this field.
    prompt: Prompt = Field(description="Text prompt describing the video.")
    # Not required here, although an older Luma endpoint requires it: the submit example sends the prompt alone.
    image_url: ImageIn | None = Field(
        None,
        title="First picture",
        description="Initial image to start the video from. Can be used together with end_image_url.",
    )
    end_image_url: ImageIn | None = Field(
        None,
        title="Last picture",
        description="Final image to end the video with. Can be used together with image_url.",
    )
    aspect_ratio: Literal["16:9", "9:16", "4:3", "3:4", "21:9", "9:21"] = Field(
        "16:9", description="The aspect ratio of the generated video"
    )
    # Document 004 prints the default false; document 003 prints none for the same field.
    loop: bool = Field(False, description="Whether the video should loop (end of video is blended with the beginning)")
    resolution: Literal["540p", "720p", "1080p"] = Field(
        "540p", description="The resolution of the generated video (720p costs 2x more, 1080p costs 4x more)"
    )
    # Newer pages also offer 9s; this document has 5s alone.
    duration: Literal["5s"] = Field("5s", description="The duration of the generated video")


class ImageToVideoOutput(Output):
    # The heading of the output field is lost in the document; its example shows the name and a plain file.
    video: VideoOut = Field(description="URL of the generated video")


def image_to_video_price(made: ImageToVideoInput, facts: Mapping[str, Facts]) -> Price:
    """$0.50 for 5 s at 540p; "2x more" and "4x more" are read as times two and times four."""
    usd = Decimal("0.50") * {"540p": 1, "720p": 2, "1080p": 4}[made.resolution]
    source = "third-party figure of $0.50 per 5 s at 540p; times 2 at 720p and times 4 at 1080p (document 004)"
    return Estimate(usd, usd, source, SEEN)


MODIFY = Endpoint(
    id="fal-ai/luma-dream-machine/ray-2/modify",
    title="Change a clip",
    about="Ray2 Modify Video: restyle a clip, from a light touch to a new scene.",
    family="luma",
    input=ModifyInput,
    output=ModifyOutput,
    price=modify_price,
    example={
        "video_url": "https://v3.fal.media/files/zebra/9aDde3Te2kuJYHdR0Kz8R_output.mp4",
        "image_url": "https://fal.media/files/koala/Kv2821G03ggpKK2AiZX71_d5fa7bacf06049cfaeb9588f6003b6d5.jpg",
        "mode": "flex_1",
    },
    source="document 003, page 1",
    decisions=(
        "image_url: optional on the endpoint's own page, required in a type list on another; the own page holds.",
    ),
)

IMAGE_TO_VIDEO = Endpoint(
    id="fal-ai/luma-dream-machine/ray-2/image-to-video",
    title="Start from a picture",
    about="Luma's state of the art Ray2 model for image-to-video generation.",
    family="luma",
    input=ImageToVideoInput,
    output=ImageToVideoOutput,
    price=image_to_video_price,
    example={
        "prompt": "A stylish woman walks down a Tokyo street filled with warm glowing neon and animated city signage.",
        "image_url": "https://fal.media/files/elephant/8kkhB12hEZI2kkbU8pZPA_test.jpeg",
        "aspect_ratio": "16:9",
        "resolution": "540p",
        "duration": "5s",
    },
    source="document 004",
    decisions=(
        "loop: false by default in the endpoint's own document; another page prints none.",
        "duration: only 5s, as the document has it, although newer pages also name 9s.",
        '"Default value: undefined" is read as no default.',
    ),
)
