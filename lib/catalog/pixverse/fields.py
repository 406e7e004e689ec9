"""The fields that the clips of PixVerse share, as the document prints them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.fields import Advanced, LongText, SeedIn

Shape = Annotated[
    Literal["16:9", "4:3", "1:1", "3:4", "9:16"], Field(description="The aspect ratio of the generated video")
]
_RESOLUTION = Field(description="The resolution of the generated video")
Resolution = Annotated[Literal["360p", "540p", "720p", "1080p"], _RESOLUTION]
FastResolution = Annotated[Literal["360p", "540p", "720p"], _RESOLUTION]
Negative = Annotated[str, LongText(), Advanced(), Field(description="Negative prompt to be used for the generation")]
Style = Annotated[
    Literal["anime", "3d_animation", "clay", "comic", "cyberpunk"] | None,
    Field(description="The style of the generated video"),
]
SameSeed = Annotated[
    SeedIn,
    Advanced(),
    Field(
        description="The same seed and the same prompt given to the same version of the model will output the same "
        "video every time."
    ),
]


def too_long(resolution: str, duration: str) -> Iterator[tuple[str, str]]:
    """The rule that a field's text states in words."""
    if (resolution, duration) == ("1080p", "8"):
        yield "duration", "1080p videos are limited to 5 seconds."
