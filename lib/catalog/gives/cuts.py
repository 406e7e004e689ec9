"""What a cut will give, read off the very work that it would do: exact where its files are known exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from lib.catalog.expected import NUMBERS, Between, Expected, agreed, just
from lib.catalog.fields import Input
from lib.catalog.operation import Cut
from lib.errors import InputError, MediaError
from lib.media import graph
from lib.media.asked import Evening, Joining, Picking, Playing, Seaming, Sheet, Speaking, Trimming, Work
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.join import laid_out
from lib.media.smart.fit import frames_at
from lib.media.timing import rate_of, shown_at

MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
EXACT = "the cut is exact to the picture"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying a cut at both ends of what is known: what it gives, and why it would be refused.

    `sure` says that it is refused at every end.
    """

    gives: Expected | None
    fault: InputError | MediaError | None = None
    sure: bool = False


def try_cut(cut: Cut, made: Input, files: Mapping[str, Expected]) -> Tried:
    """The cut's work on files that may not exist yet; nothing is run."""
    given = list(files.values())
    exact = all(one.facts is not None for one in given)
    results: list[Expected] = []
    faults: list[InputError | MediaError] = []
    paths = _by_field({path: Path(path) for path in files})
    for facts in _ends(files):
        try:
            work = cut.build(made, paths, facts, Path(f"made{cut.ending(made)}"))
            results.append(_given_by(work))
        except (InputError, MediaError) as error:
            faults.append(error)
    fault = faults[0] if faults and (exact or not results) else None
    return Tried(agreed(results, given) if results else None, fault, sure=fault is not None)


def _ends(files: Mapping[str, Expected]) -> list[dict[str, Any]]:
    """Facts by field with all files at their low end, and with all at their high one."""
    ends = {path: one.ends(tried=True) for path, one in files.items()}
    count = max((len(found) for found in ends.values()), default=1)
    return [_by_field({path: found[min(at, len(found) - 1)] for path, found in ends.items()}) for at in range(count)]


def _by_field(found: Mapping[str, Any]) -> dict[str, Any]:
    """As cuts want it: "video_url" one, "video_urls" (paths "video_urls.0", …) a list."""
    fields: dict[str, Any] = {}
    for path, value in found.items():
        name, _, last = path.rpartition(".")
        if last.isdecimal():
            fields.setdefault(name, []).append(value)
        else:
            fields[path] = value
    return fields


def _given_by(work: Work) -> Expected:
    """What that work makes."""
    match work:
        case Command():
            made = _promised(work)
        case Trimming(facts=facts, parts=parts):
            length_s = sum((shown_at(one.end, facts) - shown_at(one.first, facts) for one in parts), Fraction(0))
            made = _like(facts, sum(one.frames for one in parts), length_s)
        case Playing(facts=facts, moves=moves):
            frames = sum(move.frames for move in moves)
            made = _like(facts, frames, frames / rate_of(facts.fps or 25.0), size=graph.even_size(facts))
        case Evening(facts=facts):
            made = _like(facts, facts.frames or 0, shown_at(facts.frames or 0, facts))
        case Joining():
            made = _joined(work)
        case Seaming():
            made = _seamed(work)
        case Picking(facts=facts):
            made = _picture(facts.width, facts.height)
        case Sheet(width=width):
            made = _picture(width, None)
        case Speaking():
            made = Expected(kind="audio", has_sound=True)
    return made


def _promised(work: Command) -> Expected:
    promise = work.promise
    assert promise is not None
    if promise.times:
        source = promise.clips[0][1] if promise.clips else None
        copied = source is not None and "copy" in work.argv
        made = _clip(len(promise.times), Fraction(promise.end_s).limit_denominator(1_000_000), promise.size)
        return _coded(replace(made, has_sound=promise.samples is not None), source if copied else None)
    if promise.samples is not None:
        return Expected(
            kind="audio", has_sound=True, duration_s=just(promise.samples / promise.sample_rate),
            container=work.output.suffix.removeprefix("."), why={"duration_s": "the cut is exact to the sample"},
        )  # fmt: skip
    return _picture(*(promise.size or (None, None)))


def _joined(work: Joining) -> Expected:
    """As long as all clips in the form of one of them, with what stands between."""
    every = [facts for _, facts in work.clips]
    model = every[work.model] if work.model is not None else _most(every)
    rate = rate_of(model.fps or 25.0)
    spans, seams = laid_out([frames_at(one, model) for one in every], work.transition, rate)
    frames = sum(span.frames for span in spans) + sum(seam.frames for seam in seams)
    made = _like(model, frames, frames / rate)
    return replace(made, has_sound=any(one.has_sound for one in every))


def _seamed(work: Seaming) -> Expected:
    """The clip and what goes on from it; where the seam is found only later, from nothing new to all of it new."""
    (_, model), (_, other) = work.source, work.extended
    rate = rate_of(model.fps or 25.0)
    own, more = model.frames or 0, frames_at(other, model)
    low, high = max(own, more), own + more
    if work.overlap is not None:
        low = high = high - round(work.overlap * rate / rate_of(other.fps or 25.0))
    made = _like(model, high, high / rate)
    lasts_s = Between(float(low / rate), float(high / rate))
    return replace(made, has_sound=model.has_sound or other.has_sound, frames=Between(low, high), duration_s=lasts_s)


def _most(every: list[Facts]) -> Facts:
    """The first clip of the form that most have."""
    forms = [(one.width, one.height, one.fps, one.video_codec, one.pixel_format) for one in every]
    return every[forms.index(Counter(forms).most_common(1)[0][0])]


def _like(facts: Facts, frames: int, length_s: Fraction, size: tuple[int, int] | None = None) -> Expected:
    """A clip of the same size and coding, of another length."""
    made = _clip(frames, length_s, size or (facts.width or 0, facts.height or 0))
    return _coded(replace(made, has_sound=facts.has_sound), facts if size is None else None)


def _coded(made: Expected, like: Facts | None) -> Expected:
    """In the coding of the clip whose pictures were copied, else as it is."""
    return made if like is None else replace(made, video_codec=like.video_codec, pixel_format=like.pixel_format)


def _clip(frames: int, length_s: Fraction, size: tuple[int, int] | None) -> Expected:
    return Expected(
        kind="video", frames=just(frames), duration_s=just(round(float(length_s), 6)),
        fps=just(round(float(frames / length_s), 6)) if length_s else None,
        width=just(size[0]) if size else None, height=just(size[1]) if size else None,
        container=MP4, video_codec="h264", pixel_format="yuv420p", why=dict.fromkeys(NUMBERS, EXACT),
    )  # fmt: skip


def _picture(width: int | None, height: int | None) -> Expected:
    return Expected(kind="image", width=just(width) if width else None, height=just(height) if height else None)
