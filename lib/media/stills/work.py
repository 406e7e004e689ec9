"""The child's part: chooses pictures, writes them, and says which they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.errors import BadMedia, TooLarge
from lib.media.smart.report import Steps
from lib.media.stills.choose import Chosen, Clip, scenes, sharpest
from lib.media.stills.clock import Clock
from lib.media.stills.files import write
from lib.media.stills.judge import Likeness, judged
from lib.media.stills.reader import Reader
from lib.media.stills.shown import as_shown


def take(request: dict[str, Any], steps: Steps) -> dict[str, Any]:
    """Writes "0001.png", … into `request["folder"]`; says the pictures' numbers, times and size, and how like each
    is to the clip's own and to the nearest beside it.

    Raises BadMedia, or TooLarge where they are more than `request["most"]`.
    """
    taken = Taken(Path(request["folder"]), request["suffix"], request["comment"])
    with Reader(request["source"], steps.moved) as reader:
        clip = Clip(reader, Clock(**request["clock"]), request["zero_s"])
        found = 0
        for chosen in _chosen(clip, request, steps):
            found += 1
            if found <= request["most"]:  # the others are counted, so that the error says how many there are
                taken.add(chosen, chosen.frame.time - clip.zero_s, reader.stream.sample_aspect_ratio)
    if found > request["most"]:
        raise _too_many(found, request["most"])
    if not found:
        raise BadMedia("There is no such picture in that part of the clip.", hint="Choose another part.")
    said = {"frames": taken.numbers, "times_s": taken.times_s, "likeness": taken.likeness}
    return said | {"width": taken.size[0], "height": taken.size[1]}


@dataclass(slots=True)
class Taken:
    """The pictures written so far."""

    folder: Path
    suffix: str
    comment: str
    numbers: list[int] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    likeness: list[Likeness] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)

    def add(self, chosen: Chosen, time_s: float, aspect: Any) -> None:
        self.numbers.append(chosen.number)
        self.times_s.append(round(time_s, 6))
        pixels = as_shown(chosen.frame, aspect)
        self.size = (pixels.shape[1], pixels.shape[0])
        path = self.folder / f"{len(self.numbers):04d}{self.suffix}"
        write(pixels, path, self.comment)
        self.likeness.append(judged(path, self.size, chosen))


def _too_many(found: int, most: int) -> TooLarge:
    return TooLarge(
        f"This would be {found} pictures; {most} are the most at a time.",
        hint="Choose a shorter part of the clip, or evenly spread pictures.",
    )


def _chosen(clip: Clip, request: dict[str, Any], steps: Steps) -> Iterator[Chosen]:
    (first, end), numbers = request["part"], request["numbers"]
    if request["which"] == "keyframes":
        numbers = clip.keys(first, end)
        if len(numbers) > request["most"]:
            raise _too_many(len(numbers), request["most"])
    if request["which"] in ("numbers", "keyframes"):
        steps.plan(len(numbers))
        return _told(clip.numbered(numbers), steps)
    steps.plan(end - first)
    pictures = _told(clip.stretch(first, end), steps)
    return scenes(pictures, request["threshold"]) if request["which"] == "scenes" else sharpest(pictures)


def _told(pictures: Iterator[Chosen], steps: Steps) -> Iterator[Chosen]:
    for chosen in pictures:
        yield chosen
        steps.encoded()
