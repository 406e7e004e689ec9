"""Prices and costs in words. A rehearsal costs nothing, whatever the live price is."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from lib.catalog import is_local
from lib.catalog.price import Estimate, Price, money
from lib.catalog.recorded import price_of
from lib.store.views import RunView, StepView
from lib.studio.prices import FOLLOWS
from lib.ui.names import all_local
from lib.ui.text import plain

FREE = Decimal(0)


def price_words(price: Price) -> str:
    """ "$0.30", "$0.20 to $0.24", "free", or that it is not known (yet); the dollar is safe in Markdown."""
    if isinstance(price, Estimate):
        return "free" if price.high_usd == 0 else plain(str(price))
    return "known after the step before" if price == FOLLOWS else "price unknown"


def reason(price: Price) -> str:
    """Where the price is from, or why there is none."""
    if isinstance(price, Estimate):
        return f"{price.source} (read on {price.seen.isoformat()})"
    return price.reason


def total(prices: Iterable[Price]) -> str:
    """The sum in words: "$0.50 to $0.54", with "and what is not known yet" where something is missing."""
    listed = list(prices)
    known = [price for price in listed if isinstance(price, Estimate)]
    low, high = sum((p.low_usd for p in known), FREE), sum((p.high_usd for p in known), FREE)
    words = plain(money(high) if money(low) == money(high) else f"{money(low)} to {money(high)}")
    if not known:
        return "price unknown"
    return words if len(known) == len(listed) else f"{words} plus what has no price yet"


def step_cost(step: StepView, mode: str) -> str:
    """What a step cost, or may cost."""
    if step.reused:
        return "kept from before, free"
    if is_local(step.operation):
        return "free"
    if mode == "rehearsal":
        return f"free (live: {price_words(price_of(step.estimate))})"
    bought = step.purchase
    if bought is not None and bought.cost_usd is not None:
        return f"cost {plain(money(bought.cost_usd))}"
    return f"estimate {price_words(price_of(step.estimate))}"


def run_cost(run: RunView) -> str:
    """What a run cost so far, or "free" for a rehearsal."""
    if run.mode == "rehearsal" or all_local(run):
        return "free"
    costs = [step.purchase.cost_usd for step in run.steps if step.purchase and step.purchase.cost_usd is not None]
    if costs:
        return plain(money(sum(costs, FREE)))
    return f"estimate {total(price_of(step.estimate) for step in run.steps if not step.reused)}"
