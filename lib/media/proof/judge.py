"""Judges a result inside a limited child: by libavformat's eyes, and without a word from what made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from lib.media.packets import spans
from lib.media.proof.measure import Array, lag, ssim
from lib.media.proof.peek import heard, opened, pictures, start_s
from lib.media.proof.sheet import HALF_A_PACKET, Check, Proof, Seen

SLACK_S = 0.002  # some containers count in milliseconds
LAST_S = 0.1  # with reordered pictures a file cannot say exactly how long the last one stands
WINDOW_S = 0.4  # of sound that is compared at each end


@dataclass(frozen=True, slots=True)
class Made:
    """What the packets of the result tell: times and ends count from its first picture, which comes at `zero_s`."""

    zero_s: float
    times_s: list[float]
    picture_end_s: float
    sound_end_s: float | None


def judge(request: dict[str, Any]) -> dict[str, Any]:
    """The proof as JSON.

    `request` holds the `output`, the `times` of its pictures and the `end_s` that it should have, the `rate` of its
    sound (None without), whether the parts' sound is compared at their `ends` as well, and where all that comes from:
    `clips` are {path, zero_s}, `zero_s` being when picture 0 comes after the file's own start. `checks` are {check:
    that of the sheet, place, other}: {at_s, slack_s}, when its pictures come after picture 0. `parts` are {clip,
    begin_s, end_s, made_s}, seconds from the first pictures.
    """
    made = read(request["output"], sound=bool(request["rate"]))
    wanted, rate = request["times"], request["rate"]
    faults, seen, offset_s = _count_faults(made, wanted, request["end_s"]), list[Seen](), None
    if rate and made.sound_end_s is None:
        faults.append("The result has no sound.")
    if not faults:
        zeros_s = [start_s(clip["path"]) + clip["zero_s"] for clip in request["clips"]]
        seen = _compared(request, made, zeros_s)
        faults = [_sentence(one) for one in seen if not one.holds]
        offset_s = _offset_s(request, made, zeros_s) if rate else None
    samples = round((made.sound_end_s or 0) * rate) if rate else None
    due = round(request["end_s"] * rate) if rate else None
    faults += _sound_faults(samples, due, offset_s, rate)
    return Proof(
        len(made.times_s), len(wanted), made.picture_end_s, tuple(seen), rate, samples, due, offset_s, tuple(faults)
    ).as_json()


def read(path: str, *, sound: bool) -> Made:
    """What the file's packets tell."""
    with opened(path) as container:
        video = container.streams.video[0]
        audio = list(container.streams.audio)[: int(sound)]
        found = spans(container, [video, *audio])
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


def _compared(request: dict[str, Any], made: Made, zeros_s: Sequence[float]) -> list[Seen]:
    asked = [(Check(**one["check"]), one["place"], one["other"]) for one in request["checks"]]
    results = picked(
        request["output"],
        {check.made: (made.zero_s + made.times_s[check.made], place["slack_s"]) for check, place, _ in asked},
    )
    seen, held = [], dict[int, Any]()  # by the result's picture: that of the clip before, for a mix
    for number, (clip, zero_s) in enumerate(zip(request["clips"], zeros_s, strict=True)):
        mine = {check.source: place for check, place, _ in asked if check.clip == number}
        mine |= {
            check.other: place for check, _, place in asked if check.other is not None and check.clip == number - 1
        }
        sources = picked(clip["path"], {n: (zero_s + one["at_s"], one["slack_s"]) for n, one in mine.items()})
        for check, _, other in asked:
            if check.clip == number and other:
                held[check.made] = sources[check.source]
            elif check.clip == number:
                seen.append(_seen(check, sources[check.source], results[check.made]))
            elif check.other is not None and check.clip == number - 1:
                seen.append(_seen(check, held.pop(check.made), results[check.made], sources[check.other]))
    return sorted(seen, key=lambda one: one.check.made)


def picked(path: str, wanted: dict[int, tuple[float, float]]) -> dict[int, Any]:
    """The pictures by their number, read in the order of their times."""
    numbers = sorted(wanted, key=lambda number: wanted[number])
    return dict(zip(numbers, pictures(path, [wanted[number] for number in numbers]), strict=True))


def _seen(check: Check, source: Any, made: Any, other: Any = None) -> Seen:
    if check.how == "copied":
        same = source.format.name == made.format.name and np.array_equal(_exact(source), _exact(made))
        return Seen(check, bool(same), 1.0 if same else ssim(_grey(source), _grey(made)))
    turned = np.rot90(_grey(source), round((source.rotation - made.rotation) / 90) % 4)
    if check.how == "mixed":
        turned = np.rint(turned * check.share + (0 if other is None else _grey(other) * (1 - check.share)))
    return Seen(check, False, ssim(turned, _grey(made)))


def _exact(frame: Any) -> Array:
    if frame.width % 2 or frame.height % 2:  # a form that numpy has no shape for
        frame = frame.reformat(format="rgb48le")
    whole: Array = frame.to_ndarray()
    return whole


def _grey(frame: Any) -> Array:
    grey: Array = frame.reformat(format="gray").to_ndarray()
    return grey


def _offset_s(request: dict[str, Any], made: Made, zeros_s: Sequence[float]) -> float | None:
    """The largest lag at the ends of the parts, in seconds; None where all of them are silent."""
    rate, found = request["rate"], []
    for part in request["parts"]:
        length_s = part["end_s"] - part["begin_s"]
        window_s = min(WINDOW_S, length_s)
        path, zero_s = request["clips"][part["clip"]]["path"], zeros_s[part["clip"]]
        for skip_s in {0.0, length_s - window_s if request["ends"] else 0.0}:
            truth = heard(path, zero_s + part["begin_s"] + skip_s, window_s, rate)
            found.append(lag(heard(request["output"], made.zero_s + part["made_s"] + skip_s, window_s, rate), truth))
    known = [shift for shift in found if shift is not None]
    return max(known, key=abs) / rate if known else None
