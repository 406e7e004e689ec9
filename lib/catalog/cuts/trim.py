"""Cut: parts of a clip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from lib.catalog.cuts.shared import VIDEO, InPart, VideoResult
from lib.catalog.fields import Advanced, IgnoredWhen, Input, Item, VideoIn
from lib.catalog.operation import Cut, Family
from lib.errors import InputError
from lib.media import trim
from lib.media.asked import Trimming
from lib.media.facts import Facts
from lib.media.timing import FORMS, is_moment

_BY_FRAME = "The picture number decides."
_BY_PARTS = IgnoredWhen("parts", ("*",), "The parts below decide.")
StartS = Annotated[float, IgnoredWhen("start_frame", ("*",), _BY_FRAME), _BY_PARTS]
EndS = Annotated[float | None, IgnoredWhen("end_frame", ("*",), _BY_FRAME), _BY_PARTS]
Number = Annotated[int | None, Advanced(), _BY_PARTS]


class Part(Item):
    """From one moment up to, not including, another."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    start: str = Field("0", description="First picture: 61.7 (seconds), 00:01:01:21, 00:01:01.700, #1851 or f1851")
    end: str | None = Field(None, description="First picture after it, in the same forms; left open, the clip's end")

    def wrong(self) -> Iterator[tuple[str, str]]:
        for name, text in (("start", self.start), ("end", self.end)):
            if text and not is_moment(text):
                yield name, FORMS


class TrimInput(InPart):
    video_url: VideoIn = Field(description="The clip to take a part of")
    start_s: StartS = Field(0, ge=0, description="Where the part begins, in seconds")
    end_s: EndS = Field(None, gt=0, description="Where it ends, in seconds; left open, it runs to the end of the clip")
    start_frame: Number = Field(None, ge=0, description="Number of the first picture kept, counted from 0")
    end_frame: Number = Field(None, ge=1, description="Number of the first picture that is no longer kept")
    parts: list[Part] = Field(
        [], max_length=100, description="Several parts, in the clip's order, in place of one; each from start up to end"
    )
    keep: Literal["parts", "rest"] = Field(
        "parts", description="Keep what is chosen, or all the rest: that takes a piece out of the middle"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        if not self.parts:
            yield from super().rules()
            return
        yield from Input.rules(self)
        yield from (
            (f"parts.{place}.{name}", said) for place, one in enumerate(self.parts) for name, said in one.wrong()
        )


def _trim(made: TrimInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Trimming:
    about = facts["video_url"]
    chosen = (
        _parts(made.parts, about, ordered=made.keep == "parts") if made.parts else [trim.span(about, **made.part())]
    )
    kept = tuple(chosen) if made.keep == "parts" else trim.without(about, chosen)
    if not kept:
        said = "Nothing is left of the clip."
        raise InputError(said, hint="Take less out.", fields={"parts" if made.parts else "keep": said})
    return Trimming(files["video_url"], about, kept, output)


def _parts(parts: Sequence[Part], facts: Facts, *, ordered: bool) -> list[trim.Span]:
    """The spans of the clip. Raises InputError at the field of the part that is wrong."""
    found: list[trim.Span] = []
    for place, one in enumerate(parts):
        try:
            found.append(trim.part(facts, one.start or "0", one.end or None))
        except InputError as error:
            fields = {f"parts.{place}.{name}": said for name, said in error.fields.items()}
            raise InputError(error.message, hint=error.hint, fields=fields) from error
        if ordered and place and found[-1].first < found[-2].end:
            said = "The parts must follow one another without overlapping."
            hint = "Cut them one by one and join them in the order that you want."
            raise InputError(said, hint=hint, fields={f"parts.{place}.start": said})
    return found


TRIM = Cut(
    id="cut/trim",
    title="Trim",
    about="Keep parts of a clip, or take parts out, exact to the picture, with the sound that belongs to them.",
    input=TrimInput,
    output=VideoResult,
    example={"video_url": VIDEO, "start_s": 1, "end_s": 4.5},
    build=_trim,
    suffix=".mp4",
)

FAMILY = Family(
    slug="trim", title="Trim", about="Keep just what you want of a clip, exact to the picture.", operations=(TRIM,)
)
