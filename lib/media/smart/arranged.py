"""Clips that are ready to stand in one track, with their seams: what the child is asked, and what should come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from lib.media import graph
from lib.media.facts import Facts
from lib.media.join import Seam
from lib.media.mark import REHEARSAL_MARK
from lib.media.proof.prove import Fitting, Part
from lib.media.timing import frames_of, shown_at
from lib.media.trim import Span

Clip = tuple[Path, Facts]


@dataclass(frozen=True, slots=True)
class Arranged:
    """Pictures `spans` of the `ready` clips with `seams` between them at `fps`, in the form of clip `model`.

    Sound comes from the `clips` that they were made of, louder by `gains`; `fits` says how those were made of them that
    are not just copies.
    """

    clips: Sequence[Clip]
    gains: Sequence[float]
    ready: Sequence[Clip]
    spans: Sequence[Span]
    seams: Sequence[Seam]
    fps: Fraction
    model: int
    fits: Mapping[int, Fitting]

    @property
    def sample_rate(self) -> int | None:
        """None where all are silent."""
        loud = self._loud()
        return min(loud[0].sample_rate or graph.SOUND_RATE, graph.SOUND_RATE) if loud else None

    def request(self, output: Path, folder: Path) -> dict[str, Any]:
        """What `lib.media.smart.joiner` is asked."""
        return {
            "do": "join",
            "output": str(output),
            "folder": str(folder),
            "model": self.model,
            "rate": self.sample_rate,
            "layout": "mono" if all(facts.channels == 1 for facts in self._loud()) else "stereo",
            "comment": REHEARSAL_MARK if any(facts.rehearsal for _, facts in self.clips) else "",
            "fps": self.fps.as_integer_ratio(),
            "seams": [asdict(seam) for seam in self.seams],
            "movies": [self._movie(place) for place in range(len(self.ready))],
            "sounds": [self._sound(place) for place in range(len(self.ready))],
        }

    def parts(self, plans: Sequence[Sequence[int]]) -> list[Part]:
        """What the result should show; `plans` are how many pictures of each clip were encoded, copied, encoded."""
        parts, between = [], {seam.before: seam for seam in self.seams}
        for place, (span, (head, copied, tail)) in enumerate(zip(self.spans, plans, strict=True)):
            heard_in = place if self.clips[place][1].has_sound else None
            parts.append(Part(place, span, (("encoded", head), ("copied", copied), ("encoded", tail)), heard_in))
            if seam := between.get(place):
                parts.append(Part(place, Span(span.end, span.end), (), None, seam, self.fps))
        return parts

    def _loud(self) -> list[Facts]:
        return [facts for _, facts in self.clips if facts.has_sound]

    def _movie(self, place: int) -> dict[str, Any]:
        (path, facts), span = self.ready[place], self.spans[place]
        length_s = shown_at(span.end, facts) - shown_at(span.first, facts)
        return {
            "path": str(path), "frames": frames_of(facts), "first": span.first, "end": span.end,
            "length_s": length_s.as_integer_ratio(),
        }  # fmt: skip

    def _sound(self, place: int) -> dict[str, Any]:
        path, facts = self.clips[place]
        begin_s = shown_at(self.spans[place].first, self.ready[place][1])
        return {
            "path": str(path) if facts.has_sound else None, "zero_s": facts.picture_start_s,
            "gain": self.gains[place], "begin_s": begin_s.as_integer_ratio(),
        }  # fmt: skip
