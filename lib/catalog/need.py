"""What an operation may ask of its files: a limit on what is measured, and whether it is met. Pure.

An `error` is what a document rules out or what cannot be made; a `warning` is what is paid for and lost, or probably
not meant; a `note` is worth knowing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lib.catalog.expected import Between, Expected

Level = Literal["error", "warning", "note"]
Files = Mapping[str, Expected]
Measure = Callable[[Any, Files], Between | None]
Bound = Callable[[Any, Files], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A limit at `field`: what is `measured` must lie between `least` and `most`, where it holds at all (`when`).

    `said` are the words where it does not, with {have}, {least} and {most} in them; `unit` is what is measured.
    """

    rule: str
    field: str
    level: Level
    measured: Measure
    said: str
    hint: str
    source: str
    least: Bound | None = None
    most: Bound | None = None
    when: Callable[[Any], bool] = lambda made: True
    slack: float = 0.0


@dataclass(frozen=True, slots=True)
class Missed:
    """A need that is not met, `below` or above its limit; not `sure` where only part of what may come is outside."""

    need: Need
    have: Between
    limit: float
    below: bool
    sure: bool


def judged(need: Need, made: Any, files: Files) -> Missed | None:
    """How these values and files miss the need; None where they meet it, or too little is known."""
    have = need.measured(made, files)
    if have is None:
        return None
    least = need.least(made, files) if need.least else None
    most = need.most(made, files) if need.most else None
    if least is not None and have.low < least - need.slack:
        return Missed(need, have, least, below=True, sure=have.high < least - need.slack)
    if most is not None and have.high > most + need.slack:
        return Missed(need, have, most, below=False, sure=have.low > most + need.slack)
    return None
