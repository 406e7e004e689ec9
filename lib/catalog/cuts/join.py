"""Cut: clips one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from lib.catalog.cuts.shared import VIDEO, VideoResult
from lib.catalog.fields import Input, VideoIn
from lib.catalog.operation import Cut, Family
from lib.media.asked import Joining
from lib.media.facts import Facts


class JoinInput(Input):
    video_urls: list[VideoIn] = Field(
        min_length=2, max_length=50, description="The clips, in order; the first one gives size and frame rate"
    )


def _join(
    made: JoinInput, files: Mapping[str, Sequence[Path]], facts: Mapping[str, Sequence[Facts]], output: Path
) -> Joining:
    return Joining(tuple(zip(files["video_urls"], facts["video_urls"], strict=True)), output)


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

FAMILY = Family(slug="join", title="Join", about="Put clips one after the other.", operations=(JOIN,))
