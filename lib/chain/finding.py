"""What a check finds, in words for people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lib.catalog.need import Level

ALARMS = ("error", "warning")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a field of a step ("" for the step as a whole).

    `rule` is a short name for the kind of it, `source` says where the rule is from. Only an error stops a start.
    """

    step: str
    field: str
    message: str
    hint: str = ""
    level: Level = "error"
    rule: str = "values"
    source: str = ""

    @property
    def place(self) -> tuple[str, str, str]:
        """By what it is told from others."""
        return self.step, self.field, self.rule

    @property
    def alarming(self) -> bool:
        return self.level in ALARMS

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
