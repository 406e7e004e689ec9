"""After a step is done: the same once more, as it was or with another seed, at a price that is said before."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.catalog import known
from lib.catalog.operation import Operation
from lib.catalog.price import Unknown
from lib.store.views import RunView, StepView
from lib.studio import Studio
from lib.ui.money import price_words
from lib.ui.press import Look, start_button
from lib.ui.session import name_given
from lib.ui.terms import live_pass, may_spend

AGAIN = Look(":material/refresh:", "secondary", None, "The very same input once more.")
OTHER_SEED = Look(":material/casino:", "secondary", None, "The same input with a seed that is drawn anew.")


def offer_once_more(studio: Studio, run: RunView, step: StepView) -> None:
    """Two buttons, or one where there is no seed; none for local work, which would give the same file."""
    made = known(step.operation)
    if made is None or made.local or step.take is None or len(run.steps) > 1:
        return
    price = studio.estimate(made.id, step.take.input)
    if run.mode == "live" and isinstance(price, Unknown):
        st.caption("Run it again from its form: the price of this is not known, so it needs your yes.")
        return
    if not may_spend(studio, run, f"more:{run.id}"):
        return
    said = f" ({price_words(price)})" if run.mode == "live" else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _button(studio, run, made, step.take.input, label=f"Again{said}", look=AGAIN)
        if made.seed_field() is not None:
            other = {name: value for name, value in step.take.input.items() if name != made.seed_field()}
            drawn = made.draw_seed(other, random.Random())
            _button(studio, run, made, drawn, label=f"Again with another seed{said}", look=OTHER_SEED)


def _button(studio: Studio, run: RunView, made: Operation, input: Mapping[str, Any], *, label: str, look: Look) -> None:
    start_button(
        f"more:{run.id}:{look.icon}",
        label,
        lambda token: studio.start_one(
            made.id, input, mode=run.mode, live_pass=live_pass(), token=token, label=name_given()
        ),
        look=look,
    )
