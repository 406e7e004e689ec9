"""Cut: parts of a clip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from lib.catalog.cuts.shared import VIDEO, VideoResult
from lib.catalog.fields import Advanced, IgnoredWhen, Input, VideoIn
from lib.catalog.operation import Cut, Family
from lib.media import trim
from lib.media.asked import Trimming
from lib.media.facts import Facts

_BY_FRAME = "The picture number decides."
StartS = Annotated[float, IgnoredWhen("start_frame", ("*",), _BY_FRAME)]
EndS = Annotated[float | None, IgnoredWhen("end_frame", ("*",), _BY_FRAME)]


class TrimInput(Input):
    video_url: VideoIn = Field(description="The clip to take a part of")
    start_s: StartS = Field(0, ge=0, description="Where the part begins, in seconds")
    end_s: EndS = Field(None, gt=0, description="Where it ends, in seconds; left open, it runs to the end of the clip")
    start_frame: Annotated[int | None, Advanced()] = Field(
        None, ge=0, description="Number of the first picture kept, counted from 0"
    )
    end_frame: Annotated[int | None, Advanced()] = Field(
        None, ge=1, description="Number of the first picture that is no longer kept"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        by_frame = self.start_frame is not None or self.end_frame is not None
        if self.end_frame is not None and self.end_frame <= (self.start_frame or 0):
            yield "end_frame", "The end must come after the start."
        if not by_frame and self.end_s is not None and self.end_s <= self.start_s:
            yield "end_s", "The end must come after the start."


def _trim(made: TrimInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Trimming:
    about = facts["video_url"]
    part = trim.span(
        about, start_s=made.start_s, end_s=made.end_s, start_frame=made.start_frame, end_frame=made.end_frame
    )
    return Trimming(files["video_url"], about, (part,), output)


TRIM = Cut(
    id="cut/trim",
    title="Trim",
    about="Keep a part of a clip, exact to the picture, with the sound that belongs to it.",
    input=TrimInput,
    output=VideoResult,
    example={"video_url": VIDEO, "start_s": 1, "end_s": 4.5},
    build=_trim,
    suffix=".mp4",
)

FAMILY = Family(
    slug="trim", title="Trim", about="Keep just what you want of a clip, exact to the picture.", operations=(TRIM,)
)
