"""What a whole chain may cost before anything runs, on what is known or foreseen of its files. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Operation
from lib.catalog.price import Estimate, Price, Unknown, money
from lib.catalog.recorded import price_record
from lib.chain.alter import with_values
from lib.chain.check import judge
from lib.chain.files import by_field
from lib.chain.flow import Foreseen, Known, foresee
from lib.chain.model import Chain
from lib.errors import InputError

FREE = Decimal(0)
INCOMPLETE = Unknown("The price shows once the form is complete.")


@dataclass(frozen=True, slots=True)
class ChainPrice:
    """Each step's price, and their sum from `low_usd` to `high_usd`; `unknown` steps make it "at least"."""

    steps: Mapping[str, Price]

    @property
    def low_usd(self) -> Decimal:
        return sum((one.low_usd for one in self._known()), FREE)

    @property
    def high_usd(self) -> Decimal:
        return sum((one.high_usd for one in self._known()), FREE)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The steps of which nobody knows what they cost; their price is not zero."""
        return tuple(name for name, price in self.steps.items() if isinstance(price, Unknown))

    @property
    def dearest(self) -> str | None:
        """The step with the highest upper end; None where nothing costs anything."""
        known = {name: price.high_usd for name, price in self.steps.items() if isinstance(price, Estimate)}
        found = max(known, key=lambda name: known[name], default=None)
        return found if found is not None and known[found] else None

    def fits(self, max_usd: Decimal) -> bool:
        """Whether the upper end does; what is unknown is not in it."""
        return self.high_usd <= max_usd

    def __str__(self) -> str:
        low, high = money(self.low_usd), money(self.high_usd)
        known = high if low == high else f"{low} to {high}"
        if not self.unknown:
            return known
        return f"at least {low}" if self.low_usd else "price unknown"

    def as_json(self) -> dict[str, Any]:
        return {
            "low_usd": str(self.low_usd),
            "high_usd": None if self.unknown else str(self.high_usd),
            "known_high_usd": str(self.high_usd),
            "unknown": list(self.unknown),
            "dearest": self.dearest,
            "steps": {name: price_record(price) for name, price in self.steps.items()},
        }

    def _known(self) -> Iterator[Estimate]:
        return (one for one in self.steps.values() if isinstance(one, Estimate))


@dataclass(frozen=True, slots=True)
class Saving:
    """Another value of a step's field, with which the upper end of the whole chain's price is lower by `saves_usd`."""

    step: str
    field: str
    value: Any
    saves_usd: Decimal
    chain: Chain

    def __str__(self) -> str:
        return f"{self.step}: {self.field} {self.value} saves up to {money(self.saves_usd)}."


def price(chain: Chain, known: Known | None = None) -> ChainPrice:
    """Every step's price in its order of running."""
    return sum_up(foresee(chain, known))


def sum_up(foreseen: Mapping[str, Foreseen]) -> ChainPrice:
    """The same of a chain that was foreseen already."""
    return ChainPrice({name: price_of(seen) for name, seen in foreseen.items()})


def price_of(seen: Foreseen) -> Price:
    """One step's price: from that with every file at its low end to that with every file at its high one."""
    if seen.made is None or seen.input is None:
        return INCOMPLETE
    if seen.open:
        return Unknown("A value of an earlier step decides.")
    try:
        return _between([seen.made.estimate(seen.input, facts) for facts in _ends(seen)])
    except InputError:
        return INCOMPLETE


def _ends(seen: Foreseen) -> list[dict[str, Any]]:
    """Facts by field, once or at both ends. A file of which nothing is known is left out, as rules want it."""
    ends = {path: one.ends() for path, one in seen.files.items() if one != type(one)(kind=one.kind)}
    count = max((len(found) for found in ends.values()), default=1)
    return [by_field((path, found[min(at, len(found) - 1)]) for path, found in ends.items()) for at in range(count)]


def _between(prices: list[Price]) -> Price:
    known = [one for one in prices if isinstance(one, Estimate)]
    if len(known) < len(prices):
        return next(one for one in prices if isinstance(one, Unknown))
    low, high = min(one.low_usd for one in known), max(one.high_usd for one in known)
    return Estimate(low, high, known[0].source, known[0].seen)


def savings(chain: Chain, known: Known | None = None) -> list[Saving]:
    """Single settings that cost less and bring no new alarm, the largest first."""
    foreseen = foresee(chain, known)
    whole = sum_up(foreseen)
    alarms = {one.place for one in judge(chain, foreseen) if one.alarming}
    found = (
        _saving(chain, name, field, value, known, whole, alarms)
        for name, seen in foreseen.items()
        for field, value in _cheaper(seen, whole.steps[name])
    )
    return sorted((one for one in found if one is not None), key=lambda one: one.saves_usd, reverse=True)


def _saving(  # noqa: PLR0917 - the change, and what it is held against
    chain: Chain, step: str, field: str, value: Any, known: Known | None, whole: ChainPrice,
    alarms: set[tuple[str, str, str]],
) -> Saving | None:  # fmt: skip
    new = with_values(chain, step, {field: value})
    foreseen = foresee(new, known)
    after = sum_up(foreseen)
    saves_usd = whole.high_usd - after.high_usd
    worse = {one.place for one in judge(new, foreseen) if one.alarming} - alarms
    if worse or saves_usd <= 0 or set(after.unknown) - set(whole.unknown):
        return None
    return Saving(step, field, value, saves_usd, new)


def _cheaper(seen: Foreseen, now: Price) -> Iterator[tuple[str, Any]]:
    """Settings with which the step by itself costs less."""
    if seen.made is None or seen.input is None or not isinstance(now, Estimate) or not now.high_usd or seen.open:
        return
    for spec in fields(seen.made.input):
        for value in _others(spec, getattr(seen.input, spec.name)):
            if _cost(seen, seen.made, spec.name, value) < now.high_usd:
                yield spec.name, value


def _cost(seen: Foreseen, made: Operation, name: str, value: Any) -> Decimal:
    """The upper end with that value; more than any where it does not validate."""
    changed = seen.input.model_copy(update={name: value}) if seen.input else None
    assert changed is not None
    price = _between([made.estimate(changed, facts) for facts in _ends(seen)])
    return price.high_usd if isinstance(price, Estimate) else Decimal("Infinity")


def _others(spec: FieldSpec, value: Any) -> Iterator[Any]:
    """Other values of a choice or a switch, and the least of a number."""
    if spec.kind == "choice":
        yield from (choice for choice in spec.choices if choice != value)
    elif spec.kind == "boolean":
        yield not value
    elif spec.kind in ("integer", "number") and spec.minimum is not None and value is not None and value > spec.minimum:
        yield int(spec.minimum) if spec.kind == "integer" else spec.minimum
