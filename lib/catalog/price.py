"""What a step may cost: an interval in US dollars with its source and date, or Unknown. Unknown is never zero."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lib.media.facts import Facts

SEEN = date(2026, 11, 20)
"""The day on which the prices in the family modules were read."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Between `low_usd` and `high_usd`; equal where the rule is exact. `source` says where from, `seen` when."""

    low_usd: Decimal
    high_usd: Decimal
    source: str
    seen: date

    def __str__(self) -> str:
        if money(self.low_usd) == money(self.high_usd):
            return money(self.high_usd)
        return f"{money(self.low_usd)} to {money(self.high_usd)}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """No price is known, and why: nothing published, or a file whose length matters is not chosen yet."""

    reason: str

    def __str__(self) -> str:
        return "price unknown"


Price = Estimate | Unknown
PriceRule = Callable[[Any, Mapping[str, Facts]], Price]
"""(validated input, facts by field name such as "video_url") -> Price."""


def money(usd: Decimal) -> str:
    """ "$0.30", with as many digits as a small price needs: "$0.0011"."""
    digits = 2 if usd == 0 else max(2, 1 - usd.adjusted())
    whole, _, cents = f"{usd:.{digits}f}".partition(".")
    return f"${whole}.{cents.rstrip('0'):0<2}"


def no_price(reason: str) -> PriceRule:
    """The rule of an endpoint for which nothing is known."""
    return lambda made, facts: Unknown(reason)


def flat(usd: str, source: str) -> PriceRule:
    """The rule of work that costs the same whatever is asked."""
    return lambda made, facts: Estimate(Decimal(usd), Decimal(usd), source, SEEN)


FREE = flat("0", "local work is free")


def seconds(facts: Facts | None) -> Decimal | None:
    """How long a clip or a sound lasts, exactly as probed; None where that is not known."""
    length_s = (facts.duration_s or facts.audio_duration_s) if facts else None
    return None if length_s is None else Decimal(str(length_s))


def per_second(rate_usd: Decimal, shortest_s: Decimal, longest_s: Decimal, source: str) -> Estimate:
    """A price by the second. Whether a begun second counts whole is nowhere said: the interval covers both."""
    return Estimate(rate_usd * shortest_s, rate_usd * math.ceil(longest_s), source, SEEN)
