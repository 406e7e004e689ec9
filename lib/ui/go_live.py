"""From a rehearsed chain to the same chain live: what it would cost, one press to set it up, and what live showed."""

from __future__ import annotations

import streamlit as st

from lib.catalog.recorded import price_of
from lib.chain.board import board_of
from lib.chain.model import ChainInput, make_chain
from lib.record import only_seen_live
from lib.store.views import RunView
from lib.studio import Studio
from lib.ui.bench import lay_out
from lib.ui.money import total
from lib.ui.names import all_local
from lib.ui.send import BUILD
from lib.ui.session import get_studio
from lib.ui.terms import choose_live
from lib.ui.text import plain


def offer_live(studio: Studio, run: RunView) -> None:
    """Below a chain that was rehearsed to its end: the live price on what was seen, and the way there."""
    if run.mode != "rehearsal" or run.status != "done" or len(run.steps) == 1 or all_local(run):
        return
    offer = studio.live_offer()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"go-live-{run.id}"):
        pressed = st.button(
            "Set it up live", key=f"go-live:{run.id}", icon=":material/paid:", disabled=not offer.available,
            help="Opens this chain with Live chosen. Nothing is bought before you press Run there."
            if offer.available
            else plain(offer.reason),
        )  # fmt: skip
        st.caption(f"Live, on files like these: {total(price_of(step.estimate) for step in run.steps)}.")
    if pressed:
        _set_up(run)
        st.switch_page(BUILD)


def say_what_live_showed(studio: Studio, run: RunView) -> None:
    """What of a live run's takes does not fit, and could not be foreseen."""
    if run.mode != "live" or not run.ended:
        return
    for found in only_seen_live(studio.store, run):
        st.markdown(
            f":orange[:material/visibility: Only seen live, step {plain(found.step)}: {plain(found.message)}]",
            help=plain(found.hint) or None,
        )


def _set_up(run: RunView) -> None:
    """The chain that was rehearsed, with its files, on a board of its own."""
    chain = make_chain(run.chain)
    inputs = {name: ChainInput(kind=one.kind, asset=run.inputs[name]) for name, one in chain.inputs.items()}
    lay_out(get_studio(), st.session_state, board_of(chain.model_copy(update={"inputs": inputs})))
    choose_live("bench")
