"""A preset chain ready to press: its files, its steps with their prices, and one button."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.catalog import operation
from lib.catalog.form import FieldSpec
from lib.catalog.price import Price
from lib.chain.model import Chain, ChainInput
from lib.errors import DailiesError, InputError
from lib.studio import Studio
from lib.ui.draft import Draft
from lib.ui.errors import show
from lib.ui.money import price_words, reason, total
from lib.ui.picker import ASSET, Slot, media_field
from lib.ui.press import start_button
from lib.ui.samples import sample_asset
from lib.ui.step_card import title_of
from lib.ui.terms import ask_terms
from lib.ui.text import plain

TITLES = {"video": "Your clip", "voice": "The voice"}


def chain_form(studio: Studio, name: str, chain: Chain) -> None:
    """Draws the form of a chain; `name` tells two forms on one session apart."""
    draft = Draft(name, _specs(chain), st.session_state)
    for input_name, wanted in chain.inputs.items():
        _give_sample(studio, draft, input_name, wanted)
    _draw_inputs(studio, draft, chain)
    given = {key: value.removeprefix(ASSET) for key, value in draft.values().items()}
    missing = [input_name for input_name in chain.inputs if input_name not in given]
    prices = {} if missing else studio.estimates(chain, given)
    _draw_steps(chain, prices)
    named = {title_of(step.operation): prices[step.id] for step in chain.steps if step.id in prices}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        terms = ask_terms(studio, name, named)
    start_button(
        name,
        "Run the chain",
        lambda token: studio.start(
            chain, given, mode=terms.mode, live_pass=terms.live_pass, token=token,
            accept_unknown_price=terms.accept_unknown_price,
        ),
        disabled=bool(missing) or not terms.ready,
        on_error=lambda error: _put_errors(draft, error),
    )  # fmt: skip
    if prices:
        free = "Free in rehearsal. " if terms.mode == "rehearsal" else ""
        st.caption(f"{free}Live price of all steps: {total(prices.values())}.")


def _specs(chain: Chain) -> tuple[FieldSpec, ...]:
    return tuple(
        FieldSpec(name=name, title=TITLES.get(name, name), help="", kind="media", required=True, media=wanted.kind)
        for name, wanted in chain.inputs.items()
    )


def _give_sample(studio: Studio, draft: Draft, name: str, wanted: ChainInput) -> None:
    """The sample stands there until somebody changes it."""
    key = draft.key(name)
    if key in draft.state or wanted.sample is None:
        return
    try:
        draft.state[key] = ASSET + sample_asset(studio, wanted.sample).sha256
    except DailiesError as error:
        show(error)


def _draw_inputs(studio: Studio, draft: Draft, chain: Chain) -> None:
    columns = st.columns(len(chain.inputs), gap="medium") if chain.inputs else []
    for column, (name, wanted) in zip(columns, chain.inputs.items(), strict=True):
        with column:
            slot = Slot(draft, name, wanted.kind, addresses=False, height="stretch")
            media_field(studio, slot, f"**{plain(TITLES.get(name, name))}**")
            if name in draft.errors:
                st.markdown(f":red[:material/error: {plain(draft.errors[name])}]")


def _draw_steps(chain: Chain, prices: Mapping[str, Price]) -> None:
    columns = st.columns(len(chain.steps), gap="medium")
    for number, (column, step) in enumerate(zip(columns, chain.steps, strict=True), 1):
        made = operation(step.operation)
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.markdown(f"**{number}. {plain(made.title)}**")
            st.caption(plain(made.about))
            if step.id in prices:
                st.caption(f"Live: {price_words(prices[step.id])}", help=plain(reason(prices[step.id])))


def _put_errors(draft: Draft, error: DailiesError) -> None:
    if isinstance(error, InputError):
        draft.put_errors(error.fields)
