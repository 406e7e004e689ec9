"""Cut: clips one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.cuts.seam import SEAM
from lib.catalog.cuts.shared import VIDEO, VideoResult
from lib.catalog.fields import Advanced, IgnoredWhen, Input, VideoIn
from lib.catalog.operation import Cut, Family
from lib.media.asked import Joining
from lib.media.facts import Facts
from lib.media.join import Transition

_PLAIN = IgnoredWhen("transition", ("none",), "There is no transition.")
_NOT_EVENED = IgnoredWhen("even_loudness", (False,), "Loudness is left as it is.")


class JoinInput(Input):
    video_urls: list[VideoIn] = Field(min_length=2, max_length=50, description="The clips, in order")
    like: Literal["first", "majority", "clip"] = Field(
        "first", description="Which clip gives size, frame rate and coding: the first, one of the most, or a named one"
    )
    like_clip: Annotated[int, IgnoredWhen("like", ("first", "majority"), "Not chosen by number.")] = Field(
        1, ge=1, le=50, description="Number of the clip that the others follow, counted from 1"
    )
    transition: Literal["none", "crossfade", "black", "gap"] = Field(
        "none",
        description="Between clips: nothing, a cross-fade, a fade to black and from it, or a silent black pause",
    )
    transition_s: Annotated[float, _PLAIN] = Field(
        0.5, gt=0, le=10, description="How long the fade or the pause is, in seconds; to black and from it, each"
    )
    even_loudness: Annotated[bool, Advanced()] = Field(False, description="Bring all clips to one loudness (EBU R128)")
    loudness_lufs: Annotated[float, Advanced(), _NOT_EVENED] = Field(
        -16, ge=-40, le=-6, description="That loudness, in LUFS; -16 is usual online, -23 in broadcasting"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        if self.like == "clip" and self.like_clip > len(self.video_urls):
            yield "like_clip", f"There are {len(self.video_urls)} clips."


def _join(
    made: JoinInput, files: Mapping[str, Sequence[Path]], facts: Mapping[str, Sequence[Facts]], output: Path
) -> Joining:
    return Joining(
        tuple(zip(files["video_urls"], facts["video_urls"], strict=True)),
        output,
        {"first": 0, "majority": None, "clip": made.like_clip - 1}[made.like],
        Transition(made.transition, 0 if made.transition == "none" else made.transition_s),
        made.loudness_lufs if made.even_loudness else None,
    )


JOIN = Cut(
    id="cut/join",
    title="Join",
    about="Put clips one after the other. Each keeps its own sound in time; a silent one stays silent.",
    input=JoinInput,
    output=VideoResult,
    example={"video_urls": [VIDEO, VIDEO]},
    build=_join,
    suffix=".mp4",
)

FAMILY = Family(slug="join", title="Join", about="Put clips one after the other.", operations=(JOIN, SEAM))
