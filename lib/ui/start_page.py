"""The page people land on: what this is, and a chain that only needs one press."""

from __future__ import annotations

import streamlit as st

from lib.chain.presets import preset
from lib.ui.chain_form import chain_form
from lib.ui.run_card import run_card
from lib.ui.session import clear_address, get_studio, run_in_address
from lib.ui.terms import mode_banner


def start_page(preset_name: str) -> None:
    """The preset as a form, or the run that the address names."""
    studio = get_studio()
    st.title("From one clip to a finished video", anchor=False)
    st.markdown("Dailies chains video models: the clip is extended, given a voice, and enlarged, in one go.")
    mode_banner(studio)
    run_id = run_in_address()
    if run_id is None:
        chain_form(studio, "golden", preset(preset_name))
        return
    run_card(run_id)
    st.button("Start another run", key="another", on_click=clear_address, icon=":material/add:")
