"""The exact inputs of a take, again in the form of its operation."""

from __future__ import annotations

import streamlit as st

from lib.catalog import known
from lib.catalog.operation import Operation
from lib.store.views import Take
from lib.ui.places import choose, draft_of, page_of


def reopen_button(take: Take, key: str) -> None:
    """Opens the form with what was sent, the seed too; absent where this version has no form for it."""
    made = known(take.operation)
    if made is None:
        return
    pressed = st.button(
        "Use these inputs again", key=key, icon=":material/edit_note:", on_click=fill, args=(made, take),
        help="Opens the form with exactly what was sent, the seed included.",
    )  # fmt: skip
    if pressed:
        st.switch_page(page_of(made))


def fill(made: Operation, take: Take) -> None:
    """Puts the take's input into the operation's form in this session."""
    choose(made)
    draft_of(made).fill(take.input)
