"""Above a form: the ways to fill it in at once, its link, and where its fields are explained."""

from __future__ import annotations

import streamlit as st

from lib.catalog.operation import Endpoint, Operation
from lib.studio import Studio
from lib.ui.copy_take import copy_button
from lib.ui.draft import Draft
from lib.ui.form_link import link_button
from lib.ui.reference_page import reference_link
from lib.ui.samples import with_samples
from lib.ui.session import get_studio
from lib.ui.stages import reset
from lib.ui.text import plain


def form_head(studio: Studio, made: Operation, draft: Draft) -> None:
    """Draws it, with a line of its own where the id of the operation is a guess."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Use the example", key=f"{draft.slug}:example", on_click=_fill_example, args=(made, draft),
            icon=":material/lightbulb:", help="Fills in an example, with the shipped samples as files.",
        )  # fmt: skip
        copy_button(studio, made, draft)
        st.button(
            "Reset", key=f"{draft.slug}:reset", on_click=reset, args=(draft,), type="tertiary",
            help="Takes all settings back to their defaults. The files stay.",
        )  # fmt: skip
        link_button(made, draft)
        reference_link(made)
    if isinstance(made, Endpoint) and made.guessed:
        st.caption(plain(f"The id is a guess. {made.guessed}"))


def _fill_example(made: Operation, draft: Draft) -> None:
    draft.fill(with_samples(get_studio(), made, made.example))
