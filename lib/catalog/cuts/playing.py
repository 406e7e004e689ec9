"""Cuts: a clip played again, backwards, or with an end that stands still."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from pydantic import Field

from lib.catalog.cuts.shared import VIDEO, FittedResult
from lib.catalog.fields import Advanced, IgnoredWhen, Input, VideoIn
from lib.catalog.operation import Cut
from lib.media.asked import Playing
from lib.media.facts import Facts
from lib.media.fit import moves
from lib.media.fit.rate import count, rate_in

Files = Mapping[str, Path]
Known = Mapping[str, Facts]


def clip_of(files: Files, facts: Known) -> tuple[Path, Facts]:
    return files["video_url"], facts["video_url"]


class LoopInput(Input):
    video_url: VideoIn = Field(description="The clip to repeat")
    times: Annotated[int, IgnoredWhen("until_s", ("*",), "The length decides.")] = Field(
        2, ge=1, le=1000, description="How often it is shown"
    )
    until_s: float | None = Field(
        None, gt=0, le=3600, description="How long the result lasts, in seconds; the last time is cut short"
    )
    there_and_back: bool = Field(False, description="Play it backwards in between, so that no jump is seen")


def _loop(made: LoopInput, files: Files, facts: Known, output: Path) -> Playing:
    path, about = clip_of(files, facts)
    found = moves.loop(about, times=made.times, until_s=made.until_s, there_and_back=made.there_and_back)
    return Playing(path, about, found, output)


LOOP = Cut(
    id="cut/loop",
    title="Loop",
    about="Repeat a clip, so many times or until it is long enough, on wish there and back.",
    input=LoopInput,
    output=FittedResult,
    example={"video_url": VIDEO, "times": 3},
    build=_loop,
    suffix=".mp4",
)

_BY_FRAMES = "The number of pictures decides."


class HoldInput(Input):
    video_url: VideoIn = Field(description="The clip whose first or last picture stays")
    last_s: Annotated[float, IgnoredWhen("last_frames", ("*",), _BY_FRAMES)] = Field(
        1, ge=0, le=600, description="How long the last picture stays, in seconds"
    )
    first_s: Annotated[float, IgnoredWhen("first_frames", ("*",), _BY_FRAMES)] = Field(
        0, ge=0, le=600, description="How long the first picture stays before the clip begins, in seconds"
    )
    last_frames: Annotated[int | None, Advanced()] = Field(
        None, ge=0, le=36_000, description="For how many pictures more the last one stays"
    )
    first_frames: Annotated[int | None, Advanced()] = Field(
        None, ge=0, le=36_000, description="For how many pictures more the first one stays"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        if not any((self.last_s, self.first_s, self.last_frames, self.first_frames)):
            yield "last_s", "Nothing is held for 0 seconds."


def _hold(made: HoldInput, files: Files, facts: Known, output: Path) -> Playing:
    path, about = clip_of(files, facts)
    asked = ((made.first_frames, made.first_s), (made.last_frames, made.last_s))
    first, last = (_pictures(frames, seconds, about) for frames, seconds in asked)
    return Playing(path, about, moves.hold(about, first=first, last=last), output)


def _pictures(frames: int | None, seconds: float, about: Facts) -> int:
    if frames is not None:
        return frames
    return count(Fraction(seconds), rate_in(about)) if seconds else 0


HOLD = Cut(
    id="cut/hold",
    title="Hold",
    about="Let the first or the last picture of a clip stand still for a while, in silence.",
    input=HoldInput,
    output=FittedResult,
    example={"video_url": VIDEO, "last_s": 2},
    build=_hold,
    suffix=".mp4",
)


class ReverseInput(Input):
    video_url: VideoIn = Field(description="The clip to play backwards, sound and all")


def _reverse(made: ReverseInput, files: Files, facts: Known, output: Path) -> Playing:
    path, about = clip_of(files, facts)
    return Playing(path, about, moves.reverse(about), output)


REVERSE = Cut(
    id="cut/reverse",
    title="Reverse",
    about="Play a clip backwards, with its sound.",
    input=ReverseInput,
    output=FittedResult,
    example={"video_url": VIDEO},
    build=_reverse,
    suffix=".mp4",
)
