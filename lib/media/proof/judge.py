"""Judges a result inside a limited child: by libavformat's eyes, and without a word from what made it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from lib.media.packets import spans
from lib.media.proof import alike
from lib.media.proof.alike import Fit
from lib.media.proof.measure import lag, ssim
from lib.media.proof.peek import heard, opened, pictures, start_s, track
from lib.media.proof.sheet import HALF_A_PACKET, LAST_S, SLACK_S, Check, Proof, Seen
from lib.media.smart.report import Steps

WINDOW_S = 0.4  # of sound that is compared at each end


@dataclass(frozen=True, slots=True)
class Made:
    """What the packets of the result tell: times and ends count from its first picture, which comes at `zero_s`."""

    zero_s: float
    times_s: list[float]
    picture_end_s: float
    sound_end_s: float | None

    def at(self, number: int, slack_s: float) -> tuple[float, float]:
        """When that picture comes on the file's clock, and how far from it no other can be."""
        near = self.times_s[max(number - 1, 0) : number + 2]
        gaps = [(later - earlier) / 2 for earlier, later in pairwise(near)]
        return self.zero_s + self.times_s[number], min([slack_s, *gaps])


@dataclass(frozen=True, slots=True)
class Asked:
    """A check, and when its pictures come after picture 0 of their clips, and those `beside` the one that it is of."""

    check: Check
    place: dict[str, float]
    other: dict[str, float] | None
    beside: list[tuple[int, dict[str, float]]]

    def is_beside(self, clip: int, number: int) -> bool:
        """Whether that picture is only beside the one that it is of."""
        return clip == self.check.clip and number != self.check.source

    @property
    def last(self) -> int:
        """The last of its own clip's pictures that it needs."""
        return max(self.check.source, *(number for number, _ in self.beside), -1)


def judge(request: dict[str, Any], steps: Steps) -> dict[str, Any]:
    """The proof as JSON.

    `request` holds the `output`, the `times` of its pictures and the `end_s` that it should have, the `rate` of its
    sound (None without), whether the parts' sound is compared at their `ends` as well, and where all that comes from:
    `clips` are {path, zero_s, fit}, `zero_s` being when picture 0 comes after the file's own start, `fit` how it was
    fitted (`lib.media.proof.alike`), if it was. `checks` are {check: that of the sheet, place, other: {at_s, slack_s},
    beside: [number, place]}: when its pictures come after picture 0. `parts` are {clip,
    begin_s, end_s, made_s}, seconds from the first pictures.
    """
    wanted, rate = request["times"], request["rate"]
    with opened(request["output"]) as result:
        made = read(result, sound=bool(rate), told=steps.moved)
        faults, seen, offset_s = _count_faults(made, wanted, request["end_s"]), list[Seen](), None
        if rate and made.sound_end_s is None:
            faults.append("The result has no sound.")
        if not faults:
            with opened(request["output"]) as heard_in:
                seen, offset_s = _compared(request, made, result, heard_in, steps)
            faults = [_sentence(one) for one in seen if not one.holds]
    samples = round((made.sound_end_s or 0) * rate) if rate else None
    due = round(request["end_s"] * rate) if rate else None
    faults += _sound_faults(samples, due, offset_s, rate)
    return Proof(
        len(made.times_s), len(wanted), made.picture_end_s, tuple(seen), rate, samples, due, offset_s, tuple(faults)
    ).as_json()


def read(container: Any, *, sound: bool, told: Callable[[int], None] = lambda _: None) -> Made:
    """What the file's packets tell; `told` hears the size of each."""
    video = track(container, "video")
    audio = list(container.streams.audio)[: int(sound)]
    found = spans(container, [video, *audio], lambda packet: told(packet.size))
    starts, base = sorted(found[video.index].starts), Fraction(video.time_base)
    zero_s = (starts[0] if starts else 0) * base
    times = [float(start * base - zero_s) for start in starts]
    heard_s = [float(found[stream.index].end * stream.time_base - zero_s) for stream in audio]
    end_s = float(found[video.index].end * base - zero_s)
    return Made(float(zero_s), times, end_s, heard_s[0] if heard_s else None)


def _count_faults(made: Made, wanted: Sequence[float], end_s: float) -> list[str]:
    if len(made.times_s) != len(wanted):
        return [f"The result shows {len(made.times_s)} pictures in place of {len(wanted)}."]
    worst = max((abs(is_s - due_s) for is_s, due_s in zip(made.times_s, wanted, strict=True)), default=0.0)
    faults = [f"A picture comes {worst * 1000:.1f} ms off its time."] if worst > SLACK_S else []
    return faults + (["The picture ends too early."] if made.picture_end_s < end_s - LAST_S else [])


def _sound_faults(samples: int | None, due: int | None, offset_s: float | None, rate: int | None) -> list[str]:
    if rate is None or samples is None or due is None:
        return []
    faults = []
    if abs(samples - due) > HALF_A_PACKET:
        faults.append(f"The sound is {samples - due:+d} samples longer than the picture.")
    if offset_s is not None and abs(offset_s) * rate > HALF_A_PACKET:
        faults.append(f"The sound is {offset_s * 1000:+.1f} ms off the picture.")
    return faults


def _sentence(seen: Seen) -> str:
    check = seen.check
    return f"Picture {check.made} is not picture {check.source} of the source (likeness {seen.ssim:.3f})."


def _compared(
    request: dict[str, Any], made: Made, result: Any, heard_in: Any, steps: Steps
) -> tuple[list[Seen], float | None]:
    """What each check showed, and the largest lag of sound in seconds (None where all is silent).

    Files are opened once, one after the other: that is most of the time that many short clips take. Pictures come in
    the order of the result, so that only few are held at a time; meanwhile `heard_in`, another opening of it, is heard.
    """
    steps.plan(len(request["checks"]))
    asked = [Asked(Check(**one["check"]), one["place"], one["other"], one["beside"]) for one in request["checks"]]
    at = {one.check.made: made.at(one.check.made, one.place["slack_s"]) for one in asked}
    compared = Compared(picked(result, at), [clip["fit"] for clip in request["clips"]], steps)
    lags = list[int]()
    for number, clip in enumerate(request["clips"]):
        due = _due(asked, number)
        parts = [one for one in request["parts"] if one["clip"] == number] if request["rate"] else []
        if not (due or parts):
            continue
        with opened(clip["path"]) as source:
            zero_s = start_s(source) + clip["zero_s"]
            times = {n: (zero_s + place["at_s"], place["slack_s"]) for n, (place, _) in due.items()}
            spare = {n for n, (_, checks) in due.items() if all(one.is_beside(number, n) for one in checks)}
            for n, frame in picked(source, times, spare):
                for one in due[n][1]:
                    compared.take(one, number, n, frame)
            for part in parts:
                lags += _lags(request, part, (source, zero_s), (heard_in, made.zero_s))
    offset_s = max(lags, key=abs) / request["rate"] if lags else None
    return sorted(compared.seen, key=lambda one: one.check.made), offset_s


class Compared:
    """What was seen so far, and the pictures that wait for those that they are compared with."""

    def __init__(self, shown: Iterator[tuple[int, Any]], fits: Sequence[Fit | None], steps: Steps) -> None:
        self.shown, self.fits, self.steps = shown, fits, steps
        self.seen: list[Seen] = []
        self.made: dict[int, Any] = {}
        self.views: dict[int, dict[int, Any]] = {}

    def take(self, asked: Asked, clip: int, number: int, frame: Any) -> None:
        """A picture of that clip, for one check; they come in the order of the result, clip by clip."""
        check, fit = asked.check, self.fits[clip]
        if clip != check.clip:
            self._see(self._mixed(check, alike.view(frame, shown=check.fitted, fit=fit)))
            return
        if number == check.source:
            self.made[check.made] = _up_to(check.made, self.shown)
        if check.how == "copied":
            self._see(_copied(check, frame, self.made.pop(check.made)))
            return
        if frame is not None:  # one beside it may be missing from a damaged clip
            self.views.setdefault(check.made, {})[number] = alike.view(frame, shown=check.fitted, fit=fit)
        if number == asked.last and check.other is None:
            self._see(self._mixed(check, None) if check.how == "mixed" else self._judged(check, fit))

    def _see(self, seen: Seen) -> None:
        self.seen.append(seen)
        self.steps.encoded()

    def _judged(self, check: Check, fit: Fit | None) -> Seen:
        return alike.judged(check, self.views.pop(check.made), self.made.pop(check.made), fit)

    def _mixed(self, check: Check, other: Any) -> Seen:
        own = self.views.pop(check.made)[check.source]
        return alike.mixed(check, (own, other), self.made.pop(check.made))


def _copied(check: Check, source: Any, made: Any) -> Seen:
    same = alike.equal(source, made)
    return Seen(check, same, 1.0 if same else ssim(alike.view(source), alike.view(made)))


def _due(asked: Sequence[Asked], clip: int) -> dict[int, tuple[dict[str, float], list[Asked]]]:
    """The clip's pictures that are needed, by number: when they come, and the checks that they are for, in order.

    For a mix that is the clip's own picture, or the one that comes into the clip before it.
    """
    found: dict[int, tuple[dict[str, float], list[Asked]]] = {}
    for one in sorted(asked, key=lambda one: one.check.made):
        check = one.check
        if check.clip == clip:
            for number, place in ((check.source, one.place), *one.beside):
                found.setdefault(number, (place, []))[1].append(one)
        elif check.clip == clip - 1 and check.other is not None and one.other is not None:
            found.setdefault(check.other, (one.other, []))[1].append(one)
    return found


def _up_to(number: int, shown: Iterator[tuple[int, Any]]) -> Any:
    """That picture of the result, which is still to come."""
    return next(frame for n, frame in shown if n == number)


def picked(
    container: Any, wanted: dict[int, tuple[float, float]], spare: Collection[int] = ()
) -> Iterator[tuple[int, Any]]:
    """The pictures with their number, in the order of their times, each read when it is asked for.

    Those that can be spared may be None.
    """
    numbers = sorted(wanted, key=lambda number: wanted[number])
    return zip(
        numbers,
        pictures(container, [wanted[number] for number in numbers], {wanted[number] for number in spare}),
        strict=True,
    )


def _lags(
    request: dict[str, Any], part: dict[str, Any], source: tuple[Any, float], result: tuple[Any, float]
) -> list[int]:
    """By how many samples the sound comes late at the beginning of a part, and at its end where that is asked for."""
    rate, length_s = request["rate"], part["end_s"] - part["begin_s"]
    window_s = min(WINDOW_S, length_s)
    found = []
    for skip_s in {0.0, length_s - window_s if request["ends"] else 0.0}:
        (clip, zero_s), (output, begin_s) = source, result
        truth = heard(clip, zero_s + part["begin_s"] + skip_s, window_s, rate)
        found.append(lag(heard(output, begin_s + part["made_s"] + skip_s, window_s, rate), truth))
    return [shift for shift in found if shift is not None]
