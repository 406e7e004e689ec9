"""What a chain may cost before it runs, and whether a live run of it may start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lib.catalog import operation
from lib.catalog.operation import Operation
from lib.catalog.price import Estimate, Price, Unknown, money
from lib.chain.files import ASSET, assets, by_field, named
from lib.chain.flow import Known, known_of
from lib.chain.model import Chain, Step
from lib.chain.pricing import price
from lib.chain.reference import Reference, substitute
from lib.chain.spot import placeholder
from lib.errors import CapReached, InputError
from lib.media.facts import Facts

ANY_CLIP = Facts(
    kind="video", content_type="video/mp4", size_bytes=1, duration_s=5, fps=24, frames=120, width=1280, height=720,
    audio_duration_s=5, audio_codec="aac",
)  # fmt: skip
"""Stands for a clip that does not exist yet, to tell "not priced at all" from "priced once its length is known"."""
FOLLOWS = Unknown("Follows from the take before it.")
FactsOf = Callable[[str], Facts]


@dataclass(frozen=True, slots=True)
class Spending:
    """Live money of today (UTC), in dollars."""

    today_usd: Decimal
    cap_usd: Decimal


def price_of_values(made: Operation, values: Mapping[str, Any], facts_of: FactsOf) -> Price:
    """What one step with these values may cost; Unknown while they do not validate or a file is missing."""
    try:
        facts = by_field((path, facts_of(sha256)) for path, sha256 in assets(made, values))
        return made.estimate(made.validate(values), facts)
    except InputError:
        return Unknown("The price shows once the form is complete.")


def price_of_step(chain: Chain, step: Step, inputs: Mapping[str, str], facts_of: FactsOf) -> Price:
    """As far as it can be known before anything is made; FOLLOWS where only an earlier take is missing."""

    def look_up(ref: Reference) -> Any:
        return ASSET + inputs[ref.path[0]] if ref.source == "inputs" else placeholder(chain, ref)

    made, values = operation(step.operation), substitute(step.input, look_up)
    found = price_of_values(made, values, facts_of)
    if isinstance(found, Unknown) and step.needs():
        return FOLLOWS if isinstance(_price_of_any(made, values), Estimate) else found
    return found


def prices_of_chain(
    chain: Chain, inputs: Mapping[str, str], facts_of: FactsOf, known: Known | None = None
) -> dict[str, Price]:
    """Each step's price on what is known or foreseen of its files; FOLLOWS where a take must be seen first."""
    foreseen = price(chain, known or known_of(chain, inputs, facts_of)).steps
    return {
        step.id: found
        if isinstance(found := foreseen[step.id], Estimate)
        else price_of_step(chain, step, inputs, facts_of)
        for step in chain.steps
    }


def require_money(
    chain: Chain, prices: Mapping[str, Price], spending: Spending, *, accept_unknown: bool, max_usd: Decimal | None
) -> None:
    """Refuses a live run before its first request where it cannot fit, or where nobody knows what a step costs.

    `prices` are those of the steps that will run. Each is checked again when it is bought, with what is known then.
    """
    for name, found in prices.items():
        if isinstance(found, Unknown) and found != FOLLOWS and not accept_unknown:
            raise CapReached(
                f"The price of step {name} ({chain.step(name).operation}) is not known: {found.reason}",
                hint="Accept an unknown price for this run (--accept-unknown-price), or rehearse for free.",
            )
    high = sum((found.high_usd for found in prices.values() if isinstance(found, Estimate)), Decimal(0))
    if spending.today_usd + high > spending.cap_usd:
        raise CapReached(
            f"This run may cost {money(high)}, and {money(spending.today_usd)} of today's "
            f"{money(spending.cap_usd)} are taken.",
            hint="Raise DAILIES_MAX_USD_PER_DAY, or go on tomorrow (UTC).",
        )
    if max_usd is not None and high > max_usd:
        what = f"This run may cost {money(high)}, more than the {money(max_usd)} allowed."
        raise CapReached(what, hint="Allow more (--max-cost).")


def _price_of_any(made: Operation, values: Mapping[str, Any]) -> Price:
    try:
        return made.estimate(made.validate(values), by_field((path, ANY_CLIP) for path, _, _ in named(made, values)))
    except InputError:
        return Unknown("The price shows once the form is complete.")
