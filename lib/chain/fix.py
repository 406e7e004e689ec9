"""What a fix is: cuts put in before a step, or other values. Which of them help is for the check to say. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.catalog.expected import Expected
from lib.catalog.need import Missed
from lib.catalog.needs import missed
from lib.chain.alter import SOURCE
from lib.chain.finding import Finding
from lib.chain.flow import Foreseen

CutIn = tuple[str, Mapping[str, Any], str]
"""(operation, input, the output field that flows on)."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Cuts to put in before a field (`path`, else that of the finding), and values to set (None takes one out)."""

    title: str
    why: str
    cuts: Sequence[CutIn] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A finding and the step that it is about, as it will run."""

    finding: Finding
    seen: Foreseen

    @property
    def values(self) -> Any:
        return self.seen.input

    @property
    def clip(self) -> Expected | None:
        return self.seen.files.get("video_url")

    @property
    def missed(self) -> Missed | None:
        """By how much it is off, for a limit of the table."""
        found = missed(self.seen.step.operation, self.seen.input, self.seen.files)
        return next((one for one in found if one.need.rule == self.finding.rule), None)


Fixes = Callable[[Case], Iterator[Fix]]


def by_cut(title: str, why: str, name: str, values: Mapping[str, Any], *, output: str = "video", path: str = "") -> Fix:
    return Fix(title, why, ((f"cut/{name}", {"video_url": SOURCE, **values}, output),), path=path)
