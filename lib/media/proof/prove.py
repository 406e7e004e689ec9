"""Asks a limited child whether a result is what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from lib.media.facts import Facts
from lib.media.join import Seam
from lib.media.progress import Watch
from lib.media.proof.sheet import Check, Proof, proof_of
from lib.media.smart.child import Child
from lib.media.timing import shown_at
from lib.media.trim import Span

FURTHER_IN = 24  # pictures
MANY = 6  # parts
Clip = tuple[Path, Facts]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a clip, as it should stand in the result: copied and encoded runs, in their order.

    `sound` is the clip that its sound is from (the same moment of it); None where that is silent. A part may instead be
    the `seam` behind such a stretch, at `rate` pictures a second; its clip is the one before the seam.
    """

    clip: int
    span: Span
    runs: tuple[tuple[str, int], ...] = ()
    sound: int | None = 0
    seam: Seam | None = None
    rate: Fraction = Fraction(25)

    def checks(self, begin: int) -> list[Check]:
        """The first and last picture of each run; the part begins at picture `begin` of the result.

        Of a long encoded run it is not the last but one further in: to see the last, all would have to be decoded.
        """
        if self.seam:
            return self._mixed(begin, self.seam)
        found, at = [], 0
        for how, length in self.runs or (("encoded", self.span.frames),):
            last = min(length - 1, FURTHER_IN) if how == "encoded" and len(self.runs) > 1 else length - 1
            for place in sorted({at, at + last} if length else set()):
                kind = "copied" if how == "copied" else "encoded"
                found.append(Check(begin + place, self.clip, self.span.first + place, kind))  # type: ignore[arg-type]
            at += length
        return found

    def _mixed(self, begin: int, seam: Seam) -> list[Check]:
        """The picture in the middle of each half, or of the whole where the clips cross."""
        crosses = seam.kind == "crossfade"
        found = []
        for place in {seam.frames // 2} if crosses else {seam.frames // 4, 3 * seam.frames // 4}:
            before, after = seam.shares(place)
            own = self.span.end + min(place, max(seam.taken - 1, 0)) - (0 if seam.taken else 1)
            if crosses:
                found.append(Check(begin + place, self.clip, own, "mixed", before, place))
            elif after or (seam.taken and place >= seam.taken):
                found.append(Check(begin + place, self.clip + 1, place - seam.taken, "mixed", after))
            else:
                found.append(Check(begin + place, self.clip, own, "mixed", before))
        return found


async def prove(
    child: Child, output: Path, clips: Sequence[Clip], parts: Sequence[Part], watch: Watch, *, rate: int | None
) -> Proof:
    """The proof of `output`, whose pictures should be those parts of the clips; `rate` is its sound's, if it has any.

    Raises BadMedia where it cannot even be read.
    """
    request = {
        "do": "prove",
        "output": str(output),
        "rate": rate,
        "clips": [{"path": str(path), "zero_s": facts.picture_start_s} for path, facts in clips],
        **_wanted(clips, parts),
    }
    return proof_of(await child.ask(request, watch))


def _wanted(clips: Sequence[Clip], parts: Sequence[Part]) -> dict[str, object]:
    times: list[float] = []
    many = len(parts) > MANY
    checks, stretches, made_s = [], [], Fraction(0)
    for part in parts:
        facts, span = clips[part.clip][1], part.span
        if part.seam:
            checks += [_asked(one, clips) for one in part.checks(len(times))]
            times += [float(made_s + number / part.rate) for number in range(part.seam.frames)]
            made_s += part.seam.frames / part.rate
            continue
        begin_s, end_s = shown_at(span.first, facts), shown_at(span.end, facts)
        seen = part.checks(len(times))
        seen = seen[:: 2 if many and part is not parts[-1] else 1]
        checks += [_asked(one, clips) for one in seen]
        times += [float(made_s + shown_at(number, facts) - begin_s) for number in range(span.first, span.end)]
        if span.frames and part.sound is not None and clips[part.sound][1].has_sound:
            stretches.append(
                {"clip": part.sound, "begin_s": float(begin_s), "end_s": float(end_s), "made_s": float(made_s)}
            )
        made_s += end_s - begin_s
    # Of many parts only the beginnings: their ends are the others' beginnings, and counts and times cover the rest.
    return {"ends": not many, "times": times, "end_s": float(made_s), "checks": checks, "parts": stretches}


def _asked(check: Check, clips: Sequence[Clip]) -> dict[str, object]:
    """The check, with the times of the pictures that it compares."""
    other = {"other": None} if check.other is None else {"other": place_of(check.other, clips[check.clip + 1][1])}
    return {"check": asdict(check), "place": place_of(check.source, clips[check.clip][1]), **other}


def place_of(frame: int, facts: Facts) -> dict[str, float]:
    """When a picture comes after picture 0, and how far from it no other can be."""
    around = [shown_at(number, facts) for number in range(max(frame - 1, 0), frame + 2)]
    gap = min((later - earlier for earlier, later in pairwise(around)), default=Fraction(1, 50))
    return {"at_s": float(shown_at(frame, facts)), "slack_s": float(gap / 2)}
