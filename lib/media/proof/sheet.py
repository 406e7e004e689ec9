"""The proof of one result, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

LEAST_SSIM = 0.98
TONED = 0.7  # of one whose brightness was brought to another range: colours of one brightness come apart
LIKE = 0.85  # of a picture at another size, in other colours or in another file format, to the clip's own
CLEARLY = 0.01  # by so much a neighbour must be more like it to be the right one
FAINTLY = 0.002  # the same of one that was only encoded: a better encoding can be tried
SLACK_S = 0.002  # some containers count in milliseconds
LAST_S = 0.1  # with reordered pictures a file cannot say exactly how long the last one stands
HALF_A_PACKET = 512  # samples: half of what AAC codes at once
How = Literal["copied", "encoded", "mixed", "taken"]


@dataclass(frozen=True, slots=True)
class Check:
    """Picture `made` of the result should be picture `source` of clip number `clip`.

    A taken one is a still, perhaps smaller and in other colours. A mixed one should have that `share` of it; the rest
    is picture `other` of the clip after it, or black. A `fitted` one was brought to another size, rate or colours,
    a `toned` one from HDR to the usual range or back.
    """

    made: int
    clip: int
    source: int
    how: How
    share: float = 1.0
    other: int | None = None
    fitted: bool = False
    toned: bool = False

    @property
    def least(self) -> float:
        """How like it must be."""
        if self.toned:
            return TONED
        return LIKE if self.how == "taken" or self.fitted else LEAST_SSIM

    def moved(self, clip: int, by: int) -> Check:
        """The same check, where the pictures of that clip have numbers that are higher by so much."""
        if self.clip == clip:
            return replace(self, source=self.source + by)
        other = self.other if self.other is None or self.clip != clip - 1 else self.other + by
        return replace(self, other=other)


@dataclass(frozen=True, slots=True)
class Seen:
    """What comparing them showed: copied pictures are `equal` to the bit, encoded ones alike by `ssim` (luma).

    `astray` says that a picture beside the one that it should be is clearly more like it.
    """

    check: Check
    equal: bool
    ssim: float
    astray: bool = False

    @property
    def holds(self) -> bool:
        if self.check.how == "copied":
            return self.equal
        return not self.astray and self.ssim >= self.check.least


@dataclass(frozen=True, slots=True)
class Proof:
    """Counts, seams and ends of a result; `faults` says what is wrong, in sentences, and is empty where all is right.

    `duration_s` is None for stills. `sound_samples` and `wanted_samples` are lengths at `sample_rate`, None for silent
    results. `offset_s` is the largest shift of sound against picture that was found at the ends of the parts (sound
    late is positive).
    """

    frames: int
    wanted_frames: int
    duration_s: float | None
    seen: tuple[Seen, ...]
    sample_rate: int | None
    sound_samples: int | None
    wanted_samples: int | None
    offset_s: float | None
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults

    @property
    def is_unlike(self) -> bool:
        """Whether nothing is wrong but that encoded pictures are not alike enough: a better encoding may mend it."""
        unlike = [one for one in self.seen if not one.holds]
        return len(unlike) == len(self.faults) > 0 and not any(
            one.check.how == "copied" or one.check.fitted for one in unlike
        )

    def of_part(self, clip: int, first: int) -> Proof:
        """The same, where that clip was only what of a longer one comes from picture `first` on: by its numbers."""
        return replace(self, seen=tuple(replace(one, check=one.check.moved(clip, first)) for one in self.seen))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def proof_of(said: Mapping[str, Any]) -> Proof:
    """The proof behind its JSON, which may say more than a proof does."""
    seen = tuple(
        Seen(Check(**one["check"]), one["equal"], one["ssim"], one.get("astray", False)) for one in said["seen"]
    )
    known = {name: said[name] for name in (one.name for one in fields(Proof)) if name in said}
    return Proof(**{**known, "seen": seen, "faults": tuple(said["faults"])})
