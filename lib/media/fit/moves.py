"""Which moves make a loop, a clip there and back, a held end or a clip played backwards. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import cycle, islice, pairwise

from lib.errors import InputError
from lib.media.asked import Move
from lib.media.facts import Facts
from lib.media.fit.rate import count, rate_in
from lib.media.timing import frames_of, shown_at
from lib.media.trim import Span

MOST_MOVES = 10_000
MOST_BYTES = 192 * 2**20  # of decoded pictures that are turned round at a time
MOST_UNEVEN = 60  # pictures whose uneven times are written out one by one


def reverse(facts: Facts) -> tuple[Move, ...]:
    """The whole clip from its end."""
    return (Move(Span(0, frames_of(facts)), backwards=True),)


def loop(facts: Facts, *, times: int | None, until_s: float | None, there_and_back: bool) -> tuple[Move, ...]:
    """The clip so many times, or until it has lasted `until_s` (the last time is cut short).

    There and back, neither turning point is shown twice.
    """
    frames = frames_of(facts)
    once = [Move(Span(0, frames))]
    if there_and_back and frames > 2:
        once.append(Move(Span(1, frames - 1), backwards=True))
    if until_s is None:
        moves = once * (times or 1)
    else:
        wanted = count(Fraction(until_s), rate_in(facts))
        moves = list(islice(_until(once, wanted), MOST_MOVES + 1))
    if len(moves) > MOST_MOVES:
        message = f"That is more than {MOST_MOVES:,} times."
        raise InputError(message, hint="Choose less.", fields={"times": message})
    return tuple(moves)


def hold(facts: Facts, *, first: int, last: int) -> tuple[Move, ...]:
    """The first and the last picture held for so many pictures more."""
    frames = frames_of(facts)
    before = [Move(Span(0, 1), held=first)] if first else []
    after = [Move(Span(frames - 1, frames), held=last)] if last else []
    return (*before, Move(Span(0, frames)), *after)


def pieces(moves: Iterable[Move], facts: Facts) -> Iterator[Move]:
    """The same, in pieces that fit in memory where they are turned round."""
    size = (facts.width or 1) * (facts.height or 1) * 3 // 2
    most = max(MOST_BYTES // size, 2)
    most = min(most, MOST_UNEVEN) if facts.shown_at_s else most
    for move in moves:
        if not move.backwards:
            yield move
            continue
        borders = [*range(move.part.end, move.part.first, -most), move.part.first]
        yield from (Move(Span(begin, end), backwards=True) for end, begin in pairwise(borders))


def times_of(move: Move, facts: Facts) -> list[Fraction]:
    """When its pictures come, from its own beginning, and when the last one ends."""
    if move.held:
        return [number / rate_in(facts) for number in range(move.held + 1)]
    begins = [shown_at(number, facts) for number in range(move.part.first, move.part.end + 1)]
    if move.backwards:
        return [begins[-1] - begin for begin in reversed(begins)]
    return [begin - begins[0] for begin in begins]


def shown_by(moves: Sequence[Move], facts: Facts) -> tuple[list[Fraction], Fraction]:
    """When all pictures come, and when the last one ends."""
    times: list[Fraction] = []
    begin = Fraction(0)
    for move in moves:
        own = times_of(move, facts)
        times += [begin + time for time in own[:-1]]
        begin += own[-1]
    return times, begin


def _until(once: list[Move], wanted: int) -> Iterator[Move]:
    """The moves over and over, until there are that many pictures."""
    for move in cycle(once):
        part, left = move.part, wanted
        if move.frames > left:
            part = Span(part.end - left, part.end) if move.backwards else Span(part.first, part.first + left)
        yield Move(part, backwards=move.backwards)
        wanted -= part.frames
        if not wanted:
            return
