"""Asks a limited child whether a result is what was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from lib.media.facts import Facts
from lib.media.fit.rate import source_of
from lib.media.join import Seam
from lib.media.progress import Watch
from lib.media.promise import Place
from lib.media.proof.sheet import Check, Proof, proof_of
from lib.media.smart.child import Child
from lib.media.timing import frames_of, rate_of, shown_at
from lib.media.trim import Span

FURTHER_IN = 24  # pictures
MANY = 6  # parts
AROUND = 8  # pictures: so far from one of which nobody can tell where it is from, another is looked at
Clip = tuple[Path, Facts]


@dataclass(frozen=True, slots=True)
class Fitting:
    """How a clip was brought to another form before: what it is then, and where its pictures lie in that.

    Parts of it count its new pictures; what they are held to are the clip's own. `toned` is of another brightness.
    """

    facts: Facts
    place: Place
    toned: bool = False


Fits = Mapping[int, Fitting]
"""By clip."""
NONE: Fits = MappingProxyType({})


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
    child: Child,
    output: Path,
    clips: Sequence[Clip],
    parts: Sequence[Part],
    watch: Watch,
    *,
    rate: int | None,
    fits: Fits = NONE,
) -> Proof:
    """The proof of `output`, whose pictures should be those parts of the clips; `rate` is its sound's, if it has any.

    Raises BadMedia where it cannot even be read.
    """
    request = {
        "do": "prove",
        "output": str(output),
        "rate": rate,
        "clips": [
            {"path": str(path), "zero_s": facts.picture_start_s, "fit": _fit(fits.get(place))}
            for place, (path, facts) in enumerate(clips)
        ],
        **_wanted(clips, parts, fits),
    }
    return proof_of(await child.ask(request, watch))


def _fit(fitting: Fitting | None) -> dict[str, object] | None:
    if fitting is None:
        return None
    lies, facts = fitting.place, fitting.facts
    place = (lies.left, lies.top, lies.width, lies.height)
    return {"place": place, "size": (facts.width, facts.height)}


def _wanted(clips: Sequence[Clip], parts: Sequence[Part], fits: Fits) -> dict[str, object]:
    times: list[float] = []
    many = len(parts) > MANY
    checks: list[dict[str, object]] = []
    stretches, made_s = [], Fraction(0)
    for part in parts:
        facts, span = fits[part.clip].facts if part.clip in fits else clips[part.clip][1], part.span
        if part.seam:
            checks += _asked(part.checks(len(times)), span, clips, fits)
            times += [float(made_s + number / part.rate) for number in range(part.seam.frames)]
            made_s += part.seam.frames / part.rate
            continue
        begin_s, end_s = shown_at(span.first, facts), shown_at(span.end, facts)
        seen = part.checks(len(times))
        seen = seen[:: 2 if many and part is not parts[-1] else 1]
        checks += _asked(seen, span, clips, fits)
        times += [float(made_s + shown_at(number, facts) - begin_s) for number in range(span.first, span.end)]
        if span.frames and part.sound is not None and clips[part.sound][1].has_sound:
            stretches.append(
                {"clip": part.sound, "begin_s": float(begin_s), "end_s": float(end_s), "made_s": float(made_s)}
            )
        made_s += end_s - begin_s
    # Of many parts only the beginnings: their ends are the others' beginnings, and counts and times cover the rest.
    return {"ends": not many, "times": times, "end_s": float(made_s), "checks": checks, "parts": stretches}


def _asked(checks: Sequence[Check], span: Span, clips: Sequence[Clip], fits: Fits) -> Iterator[dict[str, object]]:
    """The checks by the clips' own numbers, with the times of the pictures that they compare."""
    own = {one.made: one for check in checks if (one := _own(check, span, clips, fits))}
    for check in own.values():
        facts = clips[check.clip][1]
        beside = [n for n in (check.source - 1, check.source + 1) if 0 <= n < frames_of(facts)]
        yield {
            "check": asdict(check),
            "place": place_of(check.source, facts),
            "other": None if check.other is None else place_of(check.other, clips[check.clip + 1][1]),
            "beside": [(n, place_of(n, facts)) for n in beside if check.how == "encoded"],
        }


def _own(check: Check, span: Span, clips: Sequence[Clip], fits: Fits) -> Check | None:
    """The check of a fitted clip by its own numbers; of a picture near by where nobody can tell, or None."""
    fitting, coming = fits.get(check.clip), None if check.other is None else fits.get(check.clip + 1)
    if fitting is None and coming is None:
        return check
    mixed = check.how == "mixed"
    near = range(max(span.first, check.source - AROUND), min(span.end, check.source + AROUND + 1))
    other = None if check.other is None else _number(check.other, clips[check.clip + 1][1], coming)
    for number in [check.source] if mixed else sorted(near, key=lambda one: abs(one - check.source)):
        source, made = _number(number, clips[check.clip][1], fitting), check.made + number - check.source
        if source is not None and (other is None) == (check.other is None):
            return replace(
                check,
                made=made,
                source=source,
                how="mixed" if mixed else "encoded",
                other=other,
                fitted=True,
                toned=any(one and one.toned for one in (fitting, coming)),
            )
    return None


def _number(number: int, facts: Facts, fitting: Fitting | None) -> int | None:
    """The clip's own number of the picture; None where it is too near to a change to tell."""
    if fitting is None:
        return number
    found = source_of(number, facts, rate_of(fitting.facts.fps or 25.0))
    return None if found is None else min(found, frames_of(facts) - 1)


def place_of(frame: int, facts: Facts) -> dict[str, float]:
    """When a picture comes after picture 0, and how far from it no other can be."""
    around = [shown_at(number, facts) for number in range(max(frame - 1, 0), frame + 2)]
    gap = min((later - earlier for earlier, later in pairwise(around)), default=Fraction(1, 50))
    return {"at_s": float(shown_at(frame, facts)), "slack_s": float(gap / 2)}
