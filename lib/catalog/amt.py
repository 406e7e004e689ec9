"""AMT: more frames between the frames of a clip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from pydantic import Field

from lib.catalog.fields import Input, Output, VideoIn, VideoOut, too_small
from lib.catalog.operation import Endpoint, Family
from lib.catalog.price import Price, Unknown, per_second, seconds
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
            more = 2 ** min(self.recursive_interpolation_passes, 60)
            yield "recursive_interpolation_passes", f"Each pass doubles the frames: about {more:,} times as many."


class AmtOutput(Output):
    video: VideoOut = Field(description="Generated video")


def amt_price(made: AmtInput, facts: Mapping[str, Facts]) -> Price:
    length_s = seconds(facts.get("video_url"))
    if length_s is None:
        return Unknown("The price follows the length of the video; choose it first.")
    return per_second(Decimal("0.02"), length_s, length_s, "third-party figure: about $0.02 per second of video")


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

FAMILY = Family(slug="amt", title="AMT", about="More frames between the frames of a clip.", endpoints=(AMT,))
