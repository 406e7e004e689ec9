"""How a run begins: everything that could stop it is looked at before anything is written, let alone sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypedDict

from lib.catalog import operation
from lib.catalog.recorded import price_record
from lib.chain.check import require
from lib.chain.flow import known_of
from lib.chain.model import Chain
from lib.store.views import Mode
from lib.studio.intake import files_for, require_live_sources
from lib.studio.live import Gate
from lib.studio.prices import prices_of_chain, require_money
from lib.studio.reuse import plain_of, plan
from lib.worker.launch import dismiss_other

if TYPE_CHECKING:
    from lib.studio import Studio


class How(TypedDict, total=False):
    """How a run is started. `label` is who starts it; the same `token` gives the same run.

    `board` is what it is started from: what an earlier run of it, or a run in `after`, made of the same content is not
    made again, unless all is wanted `anew`.
    """

    mode: Mode
    live_pass: str
    label: str
    token: str | None
    accept_unknown_price: bool
    max_usd: Decimal | None
    board: str
    after: Sequence[str]
    anew: bool


def start(studio: Studio, gate: Gate, chain: Chain, inputs: Mapping[str, str], how: How) -> str:
    """The id of the new run. Raises DoesNotFit, InputError, AccessRefused, MissingKey or CapReached."""
    store, mode, token = studio.store, how.get("mode", "rehearsal"), how.get("token")
    if token and (run_id := store.runs.find(token)):
        return run_id
    plain, _, _ = plain_of(store, chain, mode)
    require(plain)
    studio.models.prepare((step.operation for step in plain.steps), mode)
    if mode == "live":
        gate.require(how.get("live_pass", ""))
    given = files_for(store, chain, inputs)
    planned = plan(
        store, chain, given, mode, board=how.get("board", ""), after=how.get("after", ()), anew=how.get("anew", False)
    )
    chain = planned.chain
    known = known_of(chain, given, studio.facts, planned.facts(store))
    require(chain, known)
    prices = prices_of_chain(chain, given, studio.facts, known)
    if mode == "live":
        require_live_sources(store, chain, given)
        to_pay = {step: prices[step] for step in planned.runs}
        require_money(
            chain, to_pay, studio.spending(), accept_unknown=how.get("accept_unknown_price", False),
            max_usd=how.get("max_usd"),
        )  # fmt: skip
        dismiss_other(studio.settings)
    steps = [
        (step.id, operation(step.operation).id, sorted(step.needs()), price_record(prices[step.id]))
        for step in chain.steps
    ]
    return store.runs.create(
        chain.model_dump(mode="json", exclude_none=True), steps, mode=mode, inputs=given, name=chain.name,
        label=how.get("label", ""), token=token, accept_unknown_price=how.get("accept_unknown_price", False),
        max_usd=how.get("max_usd"), reused=planned.reused, board=how.get("board", ""),
    )  # fmt: skip
