"""What a take should be, and what was found wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Kind = Literal[
    "black", "frozen", "silence", "clipping", "duration", "aspect", "size", "fps", "flicker", "unchanged", "no_sound",
    "out_of_step", "torn", "green", "unreadable",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a take before it is looked at; None where nothing is.

    `width` and `height` are as shown, `aspect` is width by height where the size itself is open. `differs` says that
    the pictures should not be those of the input again: something was to be made of them.
    """

    duration_s: float | None = None
    width: int | None = None
    height: int | None = None
    aspect: float | None = None
    fps: float | None = None
    has_sound: bool | None = None
    differs: bool = False

    @property
    def shape(self) -> float | None:
        """Width by height."""
        return self.width / self.height if self.width and self.height else self.aspect


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong with a take.

    `said` is a sentence for people, `at_s` when it begins (seconds after the first picture; None: all of it).
    `measured` is what was found and `limit` what it was held against, in the unit that `source` (the reason of the
    limit) speaks of.
    """

    kind: Kind
    said: str
    at_s: float | None = None
    measured: float | None = None
    limit: float | None = None
    source: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def defect_of(values: Mapping[str, Any]) -> Defect:
    """The reverse of `as_json`; what a newer version adds is passed over."""
    return Defect(**{name: values[name] for name in Defect.__dataclass_fields__ if name in values})
