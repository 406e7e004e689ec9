"""Random cuts over the family of clips, judged by what is shown: `python -m tests.media_smart.trial [cuts] [seed]`.

The judge decodes every picture of a result and reads its number; copied pictures must be those of the source to the
bit, encoded ones like them; the noise under them must lie where it lay.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np

from lib.errors import DailiesError
from lib.media.proof.measure import ssim
from lib.media.smart.made import Made
from lib.media.smart.trim import smart_trim
from lib.media.timing import shown_at
from lib.media.trim import Span
from tests.media.barcoded import RATE, heard, lag, number_in
from tests.media_smart.family import MAKERS, Clip, make

HALF_A_PACKET = 512
RARE = 4
HEARABLE = 4800  # samples: in less, noise cannot be found again surely


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as it comes out of the decoder: its number, its time, its bytes, its luma."""

    number: int
    time_s: float
    exact: bytes
    grey: np.ndarray


@dataclass(slots=True)
class Source:
    """A clip, and what it really shows and plays."""

    clip: Clip
    pictures: list[Shown] = field(default_factory=list)
    sound: np.ndarray | None = None

    @classmethod
    def of(cls, clip: Clip) -> Source:
        return cls(clip, shown(clip.path), heard(clip.path) if clip.facts.has_sound else None)


def shown(path: Path) -> list[Shown]:
    """All that a player shows, in order; a picture that lies on its side is read upright."""
    found = []
    with av.open(str(path)) as container:
        container.streams.video[0].thread_count = 1
        for frame in container.decode(video=0):
            colours, grey = frame.to_ndarray(format="rgb24"), frame.to_ndarray(format="gray")
            if frame.height > frame.width:  # the clip that was turned, encoded anew as it is seen
                colours, grey = (np.rot90(one, -1) for one in (colours, grey))
            exact = frame.to_ndarray(format="rgb48le") if frame.width % 2 else frame.to_ndarray()
            found.append(Shown(number_in(colours), float(frame.time), exact.tobytes(), grey))
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """One cut: what came of it, and every fault that the judge found."""

    clip: str
    parts: tuple[Span, ...]
    made: Made | None
    faults: tuple[str, ...]
    seconds: float


def draw(rng: random.Random, frames: int) -> list[Span]:
    """A random part; every fourth time two or three."""
    if rng.random() < 0.75:
        first = rng.randrange(frames)
        return [Span(first, rng.randint(first + 1, frames))]
    count = rng.choice((2, 3))
    borders = sorted(rng.sample(range(frames + 1), 2 * count))
    return [Span(first, end) for first, end in zip(borders[::2], borders[1::2], strict=True)]


async def one(source: Source, parts: Sequence[Span], output: Path) -> Verdict:
    began = time.monotonic()
    try:
        made = await smart_trim(source.clip.path, source.clip.facts, output, parts)
    except DailiesError as error:
        return Verdict(source.clip.name, tuple(parts), None, (f"error: {error.message}",), time.monotonic() - began)
    seconds = time.monotonic() - began
    faults = [*judged_pictures(source, parts, output, made), *judged_sound(source, parts, output)]
    return Verdict(source.clip.name, tuple(parts), made, tuple(faults), seconds)


def judged_pictures(source: Source, parts: Sequence[Span], output: Path, made: Made) -> list[str]:
    wanted = [source.pictures[number] for part in parts for number in range(part.first, part.end)]
    result = shown(output)
    if [picture.number for picture in result] != [picture.number for picture in wanted]:
        return [f"shows {[picture.number for picture in result]}"]
    faults, facts, begin_s = [], source.clip.facts, 0.0
    due = []
    for part in parts:
        due += [begin_s + float(shown_at(n, facts) - shown_at(part.first, facts)) for n in range(part.first, part.end)]
        begin_s += float(shown_at(part.end, facts) - shown_at(part.first, facts))
    late = max(abs(is_.time_s - result[0].time_s - at) for is_, at in zip(result, due, strict=True))
    if late > 0.002:
        faults.append(f"a picture is {late * 1000:.1f} ms off its time")
    same = [is_.exact == was.exact for is_, was in zip(result, wanted, strict=True)]
    claimed = said_copied(parts, made)
    if len(claimed) != made.copied:
        faults.append(f"{made.copied} pictures said to be copied, {len(claimed)} by its plans")
    if differ := [place for place in claimed if not same[place]]:
        faults.append(f"pictures {differ} are said to be copied and differ")
    worst = min(1.0 if like else ssim(is_.grey, was.grey) for like, is_, was in zip(same, result, wanted, strict=True))
    return faults + ([f"likeness {worst:.3f}"] if worst < 0.98 else [])


def said_copied(parts: Sequence[Span], made: Made) -> list[int]:
    """Which pictures of the result it says were copied."""
    found, begin = [], 0
    for part, (head, copied, _) in zip(parts, made.plans or [(0, 0, 0)] * len(parts), strict=True):
        found += range(begin + head, begin + head + copied)
        begin += part.frames
    return found


def judged_sound(source: Source, parts: Sequence[Span], output: Path) -> list[str]:
    if source.sound is None:
        return []
    result, facts, begin, faults = heard(output), source.clip.facts, 0, []
    zero = round(source.pictures[0].time_s * RATE)
    for part in parts:
        first, end = (round(shown_at(number, facts) * RATE) for number in (part.first, part.end))
        truth, mine = source.sound[zero + first : zero + end], result[begin : begin + end - first]
        begin += end - first
        if len(truth) >= HEARABLE and abs(off := lag(mine, truth)) > HALF_A_PACKET:
            faults.append(f"sound {off:+d} samples off")
    length = sound_length(output, len(result))
    if abs(length - begin) > HALF_A_PACKET:
        faults.append(f"sound {length - begin:+d} samples longer")
    return faults


def sound_length(path: Path, decoded: int) -> int:
    """In samples, as a player takes it: what the decoder gives, up to where the file says that the track ends."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        start, length = stream.start_time or 0, stream.duration
        return decoded if length is None else min(decoded, round((start + length) * stream.time_base * RATE))


async def trial(cuts: int, seed: int, folder: Path, names: Sequence[str] = tuple(MAKERS)) -> list[Verdict]:
    """That many cuts, the clips in turn."""
    rng = random.Random(seed)
    sources: dict[str, Source] = {}
    verdicts = []
    for number in range(cuts):
        name = names[number % len(names)]
        if name not in sources:
            sources[name] = Source.of(make(name, folder))
        parts = draw(rng, sources[name].clip.facts.frames or 0)
        verdicts.append(await one(sources[name], parts, folder / "out.mp4"))
    return verdicts


def table(verdicts: Sequence[Verdict]) -> str:
    """One line per clip, and the sum."""
    rows = [f"{'clip':20}{'cuts':>6}{'smart':>7}{'exact':>7}{'failed':>8}{'copied':>8}{'ssim':>8}{'A/V ms':>8}{'s':>7}"]
    names = [*dict.fromkeys(one.clip for one in verdicts), "all"]
    rows += [_row(name, [one for one in verdicts if name in (one.clip, "all")]) for name in names]
    exact = [(one.made.reason, one) for one in verdicts if one.made and one.made.reason]
    reasons = Counter(reason for reason, _ in exact)
    rows += [f"{count:6} exact: {reason}" for reason, count in reasons.most_common()]
    rows += [f"rare: {one.clip} {one.parts}: {reason}" for reason, one in exact if reasons[reason] < RARE]
    return "\n".join([*rows, *(f"FAILED {one.clip} {one.parts}: {one.faults}" for one in verdicts if one.faults)])


def _row(name: str, mine: Sequence[Verdict]) -> str:
    made = [one.made for one in mine if one.made]
    likeness = min((seen.ssim for one in made for seen in one.proof.seen), default=0.0)
    shift = max((abs(one.proof.offset_s or 0) for one in made), default=0.0)
    share = sum(one.copied for one in made) / max(sum(one.copied + one.encoded for one in made), 1)
    counts = Counter[Any](one.method for one in made)
    failed = sum(bool(one.faults) for one in mine)
    seconds = sum(one.seconds for one in mine) / len(mine)
    cells = f"{name:20}{len(mine):6}{counts['smart']:7}{counts['exact']:7}{failed:8}{share:8.0%}"
    return f"{cells}{likeness:8.3f}{shift * 1000:8.2f}{seconds:7.2f}"


def main() -> None:
    given = sys.argv[1:]
    cuts, seed = (int(word) for word in (*given[:2], *("60", "1")[len(given) :]))
    names = given[2:] or tuple(MAKERS)
    with tempfile.TemporaryDirectory() as folder:
        verdicts = asyncio.run(trial(cuts, seed, Path(folder), names))
    print(table(verdicts))
    sys.exit(any(one.faults for one in verdicts))


if __name__ == "__main__":
    main()
