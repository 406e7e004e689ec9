"""The three answers to "was it bought?", each with what it may cost."""

from __future__ import annotations

import streamlit as st

from lib.catalog.recorded import price_of
from lib.errors import DailiesError
from lib.store.views import RunView, StepView
from lib.studio import Studio
from lib.ui.errors import show
from lib.ui.money import price_words
from lib.ui.terms import live_pass, may_spend


def ask_what_to_do(studio: Studio, run: RunView, step: StepView) -> None:
    """Attach the request that was accepted, send again, or give up."""
    name = f"uncertain:{run.id}:{step.id}:{step.attempt}"
    if step.purchase is not None and step.purchase.answer:
        st.caption("Your decision is noted and is being carried out.")
        return
    if not may_spend(studio, run, name):
        return
    price = price_words(price_of(step.estimate))
    st.caption("Dailies keeps looking for it at the provider. You can also decide:")
    with st.form(f"{name}:attach", border=False):
        request_id = st.text_input("Request id", key=f"{name}:id", placeholder="From your list of requests at fal")
        if st.form_submit_button("Attach this request", help="Takes over its result. Costs nothing more."):
            _answer(studio, run, step, "attach", request_id)
    if st.button(f"Send again, may pay twice ({price})", key=f"{name}:resend"):
        _answer(studio, run, step, "resend")
    if st.button("Give up this step", key=f"{name}:give_up", type="tertiary"):
        _answer(studio, run, step, "give_up")


def _answer(studio: Studio, run: RunView, step: StepView, choice: str, request_id: str = "") -> None:
    try:
        studio.answer(run.id, step.id, choice, request_id, live_pass=live_pass())
    except DailiesError as error:
        show(error)
        return
    st.rerun()
