"""What a cut or a join says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lib.media.proof.sheet import Proof


@dataclass(frozen=True, slots=True)
class Made:
    """How a result came to be: "smart" (only the seams were encoded) or "exact" (all was), and the proof that it holds.

    `reason` says, in sentences for people, why it was not smart, or why clips were encoded that are joined. `copied`
    and `encoded` count pictures, `plans` how many of each part were encoded, copied and encoded, in that order; `sound`
    says what became of it. `cut_s` and `proof_s` are how long the two took; `spent_s` says what the cut's own time went
    to, by name.
    """

    method: Literal["smart", "exact"]
    reason: str
    copied: int
    encoded: int
    sound: Literal["copied", "encoded", "none"]
    proof: Proof
    cut_s: float
    proof_s: float
    spent_s: Mapping[str, float] = field(default_factory=dict)
    plans: tuple[tuple[int, int, int], ...] = ()

    def as_output(self) -> dict[str, Any]:
        """What a cut's output says of it."""
        return {
            "method": self.method,
            "reason": self.reason,
            "copied_pictures": self.copied,
            "encoded_pictures": self.encoded,
            "proof": self.proof.as_json(),
        }
