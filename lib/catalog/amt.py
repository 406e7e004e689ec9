"""AMT: more frames between the frames of a clip, or between pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from pydantic import Field

from lib.catalog.fields import ImageIn, Input, Item, Output, VideoIn, VideoOut, too_small
from lib.catalog.guesses import FRAMES_PRINTED
from lib.catalog.operation import Endpoint, Family
from lib.catalog.price import Price, Unknown, no_price, per_second, seconds
from lib.media.facts import Facts


class AmtInput(Input):
    # The document's example is an animated GIF.
    video_url: VideoIn = Field(description="URL of the video to be processed")
    output_fps: int = Field(24, title="Output frame rate", description="Output frames per second")
    recursive_interpolation_passes: int = Field(
        2, title="Interpolation passes", description="Number of recursive interpolation passes"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        yield from too_small(self, 1, "output_fps")
        yield from too_small(self, 0, "recursive_interpolation_passes")

    def remarks(self) -> Iterator[tuple[str, str]]:
        if self.recursive_interpolation_passes > 4:
            more = _times(self)
            yield "recursive_interpolation_passes", f"Each pass doubles the frames: about {more:,} times as many."


class AmtOutput(Output):
    video: VideoOut = Field(description="Generated video")


def _times(made: AmtInput) -> int:
    """How many times as many frames there will be: each pass doubles them (more than 60 passes are past counting)."""
    return 1 << min(made.recursive_interpolation_passes, 60)


def amt_price(made: AmtInput, facts: Mapping[str, Facts]) -> Price:
    """$0.02 per second. Whether of the video given or of the one made is not said: the interval covers both."""
    clip = facts.get("video_url")
    length_s = seconds(clip)
    if clip is None or length_s is None or clip.frames is None:
        return Unknown("The price follows the length of the video; choose it first.")
    made_s = Decimal(clip.frames * _times(made)) / made.output_fps
    source = "third-party figure: about $0.02 per second of video"
    return per_second(Decimal("0.02"), min(length_s, made_s), max(length_s, made_s), source)


AMT = Endpoint(
    id="fal-ai/amt-interpolation",
    title="Smooth a clip",
    about="Interpolate: raise the frame rate with new frames in between.",
    family="amt",
    input=AmtInput,
    output=AmtOutput,
    price=amt_price,
    example={
        "video_url": "https://huggingface.co/datasets/huggingface/documentation-images/resolve/main/diffusers/"
        "animatediff-vid2vid-input-2.gif",
        "output_fps": 24,
        "recursive_interpolation_passes": 2,
    },
    source="document 003, page 10",
    decisions=("The document's example output is a placeholder picture; the output is a video.",),
)


class Frame(Item):
    url: ImageIn = Field(title="Picture", description="URL of the frame")


class FrameInterpolationInput(Input):
    frames: list[Frame] = Field(description="Frames to interpolate")
    output_fps: int = Field(24, title="Output frame rate", description="Output frames per second")
    recursive_interpolation_passes: int = Field(
        4, title="Interpolation passes", description="Number of recursive interpolation passes"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        if len(self.frames) < 2:
            yield "frames", "Needs at least two frames."
        yield from too_small(self, 1, "output_fps")
        yield from too_small(self, 0, "recursive_interpolation_passes")


class FrameInterpolationOutput(Output):
    # The document does not print the answer; this is the client's.
    video: VideoOut = Field(description="The generated video")


FRAME_INTERPOLATION = Endpoint(
    id="fal-ai/amt-interpolation/frame-interpolation",
    title="Smooth pictures into a clip",
    about="Interpolate between pictures: a clip that leads from each to the next.",
    family="amt",
    input=FrameInterpolationInput,
    output=FrameInterpolationOutput,
    price=no_price("No price is published for pictures, only for clips."),
    example={
        "frames": [
            {"url": "https://storage.googleapis.com/falserverless/model_tests/amt-interpolation/start.png"},
            {"url": "https://storage.googleapis.com/falserverless/model_tests/amt-interpolation/end.png"},
        ],
        "output_fps": 24,
        "recursive_interpolation_passes": 4,
    },
    source="document 003, page 10, type Frame",
    guessed=FRAMES_PRINTED,
)

FAMILY = Family(
    slug="amt",
    title="AMT",
    about="More frames between the frames of a clip, or between pictures.",
    operations=(AMT, FRAME_INTERPOLATION),
)
