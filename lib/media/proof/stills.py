"""The proof of pictures that were taken out of a clip, from what the child saw when it read them back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lib.errors import BadMedia
from lib.media.asked import Picking, Sheet
from lib.media.proof.prove import place_of
from lib.media.proof.sheet import CLEARLY, LIKE, Check, Proof, Seen

MOST = 24  # checks that are kept; all are made


def proven(work: Picking | Sheet, said: Mapping[str, Any]) -> Proof:
    """The proof that the files hold the pictures asked for. `said` has their `frames`, `times_s` and `likeness`.

    Raises BadMedia, with what is wrong, where they do not.
    """
    faults = [*_numbers(work, said["frames"]), *_times(work, said["frames"], said["times_s"])]
    seen = []
    for place, (number, (own, other)) in enumerate(zip(said["frames"], said["likeness"], strict=True)):
        seen.append(Seen(Check(place, 0, number, "taken"), False, round(own, 4)))
        if own < max(LIKE, other - CLEARLY):
            faults.append(f"Picture {number} is not what it is in the clip (likeness {own:.3f}).")
    if faults:
        hint = "Nothing was kept. Check that the clip plays there, or choose another picture."
        raise BadMedia(f"The result is not what it should be: {faults[0]}", hint=hint)
    wanted = len(work.numbers) or len(seen)
    return Proof(len(seen), wanted, None, _some(seen), None, None, None, None, ())


def _numbers(work: Picking | Sheet, found: Sequence[int]) -> Iterator[str]:
    """What is wrong with which pictures they are."""
    reach = work.reach if isinstance(work, Sheet) else 0
    if work.numbers and len(found) != len(work.numbers):
        yield f"There are {len(found)} pictures in place of {len(work.numbers)}."
        return
    for asked, number in zip(work.numbers, found, strict=False):
        if not asked - reach <= number <= asked:
            yield f"It holds picture {number} in place of {asked}."


def _times(work: Picking | Sheet, numbers: Sequence[int], times_s: Sequence[float]) -> Iterator[str]:
    """What is wrong with when they come, by the clip's own table: nothing while no other picture is as near."""
    for number, time_s in zip(numbers, times_s, strict=True):
        due = place_of(number, work.facts)
        off_s = time_s - due["at_s"]
        if abs(off_s) >= due["slack_s"]:
            yield f"Picture {number} comes {off_s * 1000:+.1f} ms off its time."


def _some(seen: Sequence[Seen]) -> tuple[Seen, ...]:
    """All of them, or evenly chosen ones with the first, the last and the least like."""
    if len(seen) <= MOST:
        return tuple(seen)
    places = {round(place * (len(seen) - 1) / (MOST - 2)) for place in range(MOST - 1)}
    places.add(min(range(len(seen)), key=lambda place: seen[place].ssim))
    return tuple(seen[place] for place in sorted(places))
