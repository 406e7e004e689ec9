"""Cut: a clip and what a model made on from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.cuts.shared import VIDEO, VideoResult
from lib.catalog.fields import Advanced, Input, VideoIn
from lib.catalog.operation import Cut
from lib.media.asked import Seaming
from lib.media.facts import Facts


class SeamInput(Input):
    video_url: VideoIn = Field(description="The clip as it was before")
    extended_url: VideoIn = Field(
        description="What a model made on from it: the continuation alone, or all of it with the continuation"
    )
    overlap: int | None = Field(
        None, ge=0, le=100_000,
        description="How many pictures of the extended clip are in the first already; left open, that is found",
    )  # fmt: skip
    match_colour: bool = Field(False, description="Bring the continuation to the first clip's brightness and colours")
    match_loudness: bool = Field(False, description="Bring the continuation to the first clip's loudness (EBU R128)")
    crossfade_s: Annotated[float, Advanced()] = Field(
        0, ge=0, le=2, description="Seconds of cross-fade, at most as long as both clips show the same pictures"
    )


class SeamResult(VideoResult):
    found: Literal["source and continuation", "continuation alone"] | None = Field(
        None, description="What the extended clip turned out to be"
    )
    overlap_frames: int | None = Field(None, description="How many of its pictures were in the first clip already")
    likeness: float | None = Field(None, description="How alike those pictures are (correlation; 1 is the same)")
    crossfade_frames: int | None = Field(None, description="How many pictures the cross-fade takes")


def _seam(made: SeamInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Seaming:
    return Seaming(
        (files["video_url"], facts["video_url"]),
        (files["extended_url"], facts["extended_url"]),
        output,
        made.overlap,
        made.match_colour,
        made.match_loudness,
        made.crossfade_s,
    )


SEAM = Cut(
    id="cut/seam",
    title="Extend seam",
    about="Join a clip and what a model made on from it where one goes over into the other: no picture comes twice.",
    input=SeamInput,
    output=SeamResult,
    example={"video_url": VIDEO, "extended_url": VIDEO, "overlap": 24},
    build=_seam,
    suffix=".mp4",
)
