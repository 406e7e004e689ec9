"""What is wrong with a take's pictures, by the rows that were kept of them. Pure but for numpy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lib.media.gates.defect import Defect
from lib.media.gates.rules import (
    BLACK_S,
    BLACK_SHARE,
    FLICKER_TURNS,
    FROZEN_S,
    GREEN_SHARE,
    TORN_PICTURES,
    UNCHANGED_SHARE,
)
from lib.media.gates.watch import Watched
from lib.media.proof.measure import Array

FADE_S = 0.2  # within which a fade to black shows itself before the black
FADE_DROP = 60.0  # levels of luma: who falls faster from picture to picture does not fade
FLICKER_S = 0.5
AT_REST = 0.3  # levels that may change once an encoder has nothing left to mend
STOPPED = 5.0  # times as much must change before a picture that is held than while it is
FLICKER_LEVELS = 2.5  # of 255, by which brightness or colour must turn back
SAME_LEVELS = 9.0  # of luma, by which no block of a picture differs that was only encoded anew
SAME_MEAN = 2.8  # levels that the whole may differ by
NEAR_S = 0.12
COMPARED = 40  # pictures of the take
SAME_SHAPE = 0.03
LONGER = 1.15  # a take that goes on that far beyond its input is more than the input
Runs = Iterator[tuple[int, int]]


def faults(take: Watched, given: Watched | None, *, differs: bool) -> Iterator[Defect]:
    """Defects in the order of their kinds; `given` is the input, whose own faults are not the model's."""
    yield from _black(take, given)
    yield from _frozen(take, given)
    yield from _flicker(take, given)
    yield from _green(take, given)
    yield from _torn(take)
    if differs and given is not None:
        yield from _unchanged(take, given)


def runs(flags: Array) -> Runs:
    """(first, end) of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(flags, np.int8), [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _black(take: Watched, given: Watched | None) -> Iterator[Defect]:
    black = take.black()
    share = float(black.mean()) if len(black) else 0.0
    known = float(given.black().mean()) if given is not None and given.times_s else 0.0
    if share > max(BLACK_SHARE.limit, known * 1.2):
        first = next(runs(black))[0]
        said = "The clip is black." if share > 0.98 else f"{share:.0%} of the clip is black."
        yield Defect("black", said, take.times_s[first], round(share, 3), BLACK_SHARE.limit, BLACK_SHARE.source)
        return
    for first, end in runs(black):
        length_s = _at(take, end) - take.times_s[first]
        if length_s > max(BLACK_S.limit, _black_s(given)) and not _is_faded(take, first, end):
            said = f"The picture is black for {length_s:.1f} s from {take.times_s[first]:.1f} s on."
            yield Defect("black", said, take.times_s[first], round(length_s, 3), BLACK_S.limit, BLACK_S.source)
            return


def _black_s(given: Watched | None) -> float:
    """The longest time that the input is black."""
    if given is None:
        return 0.0
    return max((_at(given, end) - given.times_s[first] for first, end in runs(given.black())), default=0.0)


def _is_faded(take: Watched, first: int, end: int) -> bool:
    """Whether the black comes by a fade, and goes by one: the pictures beside it are nearly black already."""
    brights = take.brights
    drops = [brights[first - 1] - brights[first]] if first else []
    drops += [brights[end] - brights[end - 1]] if end < len(brights) else []
    return bool(drops) and all(drop < FADE_DROP for drop in drops) and _was_brighter(take, first, end)


def _was_brighter(take: Watched, first: int, end: int) -> bool:
    """Whether the pictures within a fade's time around are far from black: else nothing was faded."""
    near = [
        bright
        for time_s, bright in zip(take.times_s, take.brights, strict=True)
        if take.times_s[first] - 4 * FADE_S <= time_s <= _at(take, end) + 4 * FADE_S
    ]
    return max(near) > 2 * min(near)


def _frozen(take: Watched, given: Watched | None) -> Iterator[Defect]:
    """A still end; what is black, or still from the beginning, is another matter."""
    first = take.held_from if _stops(take) else take.still_from
    length_s = take.end_s() - take.times_s[first] if take.times_s else 0.0
    known_s = given.end_s() - given.times_s[given.still_from] if given is not None and given.times_s else 0.0
    is_dark = bool(take.black()[first:].all()) if take.times_s else True
    if first and not is_dark and length_s > max(FROZEN_S.limit, known_s * 1.2):
        said = f"The picture stands still for the last {length_s:.1f} s."
        yield Defect("frozen", said, take.times_s[first], round(length_s, 3), FROZEN_S.limit, FROZEN_S.source)


def _stops(take: Watched) -> bool:
    """Whether much moves up to the picture that is held, hardly anything after it, and nothing in the end."""
    before, after = take.moved[1 : take.held_from], take.moved[take.held_from + 1 :]
    if not before or not after or float(np.median(after[len(after) // 2 :])) > AT_REST:
        return False
    return float(np.median(before)) > STOPPED * max(float(np.mean(after)), 0.5)


def _flicker(take: Watched, given: Watched | None) -> Iterator[Defect]:
    turns, at = most_turns(take)
    known = most_turns(given)[0] if given is not None else 0
    if turns > max(FLICKER_TURNS.limit, known):
        said = f"The picture flickers from {take.times_s[at]:.1f} s on."
        yield Defect("flicker", said, take.times_s[at], turns, FLICKER_TURNS.limit, FLICKER_TURNS.source)


def most_turns(clip: Watched) -> tuple[int, int]:
    """How often brightness or colour turns back within FLICKER_S at most, and the picture where that begins."""
    best = (0, 0)
    for values in np.array(clip.means).reshape(-1, 3).T:
        at = turns_of(values)
        begin = 0
        for place, number in enumerate(at):
            while clip.times_s[number] - clip.times_s[at[begin]] > FLICKER_S:
                begin += 1
            best = max(best, (place - begin + 1, at[begin]))
    return best


def turns_of(values: Array) -> list[int]:
    """The numbers of the pictures at which the values have turned back by FLICKER_LEVELS or more."""
    found, way, extreme, at = list[int](), 0, float(values[0]) if len(values) else 0.0, 0
    for number, value in enumerate(values.tolist()):
        if way * (value - extreme) >= 0 and way:
            extreme, at = value, number
        elif abs(value - extreme) >= FLICKER_LEVELS:
            found += [at] if way else []
            way, extreme, at = (1 if value > extreme else -1), value, number
    return found


def _green(take: Watched, given: Watched | None) -> Iterator[Defect]:
    known = max(given.greens, default=0.0) if given is not None else 0.0
    if not take.greens:
        return
    at = int(np.argmax(take.greens))
    if take.greens[at] > max(GREEN_SHARE.limit, known * 1.5):
        first = next(number for number, share in enumerate(take.greens) if share > GREEN_SHARE.limit)
        said = f"The picture is green at {take.times_s[first]:.1f} s, as where nothing was written."
        yield Defect(
            "green", said, take.times_s[first], round(take.greens[at], 3), GREEN_SHARE.limit, GREEN_SHARE.source
        )


def _torn(take: Watched) -> Iterator[Defect]:
    count = len(take.torn) + take.broken
    if count > TORN_PICTURES.limit:
        at_s = take.times_s[take.torn[0]] if take.torn else None
        said = f"{_count(take.broken)} cannot be read whole." if take.broken else ""
        said = said or f"The picture is torn at {at_s:.1f} s."
        yield Defect("torn", said, at_s, count, TORN_PICTURES.limit, TORN_PICTURES.source)


def _count(number: int) -> str:
    return "One picture" if number == 1 else f"{number} pictures"


def _unchanged(take: Watched, given: Watched) -> Iterator[Defect]:
    """The input again, at the same moments or at the same parts of its length."""
    if abs(take.shape / given.shape - 1) > SAME_SHAPE or (
        take.end_s() > LONGER * given.end_s() and len(given.times_s) > 1
    ):
        return
    stretch = given.end_s() / take.end_s() if take.end_s() else 1.0
    share = max(_same_share(take, given, 1.0), _same_share(take, given, stretch))
    if share >= UNCHANGED_SHARE.limit:
        said = "The pictures are those of the input again: nothing was made of them."
        yield Defect("unchanged", said, None, round(share, 3), UNCHANGED_SHARE.limit, UNCHANGED_SHARE.source)


def _same_share(take: Watched, given: Watched, stretch: float) -> float:
    """The share of the take's pictures (some of them) that are one of the input's, near the same moment."""
    known = sorted(given.kept)
    times, grids = np.array([given.times_s[number] for number in known]), np.stack([given.kept[n] for n in known])
    some = sorted(take.kept)[:: max(len(take.kept) // COMPARED, 1)]
    same = []
    for number in some:
        distance = np.abs(times - take.times_s[number] * stretch)
        near = grids[distance <= max(NEAR_S, float(distance.min()) + 1e-6)]
        change = np.abs(near - take.kept[number])
        alike = (change[:, 0].max(axis=(1, 2)) <= SAME_LEVELS) & (change.mean(axis=(2, 3)).max(axis=1) <= SAME_MEAN)
        same.append(bool(alike.any()))
    return sum(same) / len(same) if same else 0.0


def _at(clip: Watched, number: int) -> float:
    """When that picture comes, or the clip ends."""
    return clip.times_s[number] if number < len(clip.times_s) else clip.end_s()
