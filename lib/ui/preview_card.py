"""The preview of a cut: it plays, or says why it cannot and what to do instead."""

from __future__ import annotations

import streamlit as st

from lib.ui.shipped import shipped_text

INSTEAD = "The cut itself works all the same. To see it now, press “Play result” in the player above."
NOTE = "For looking only: this file still holds what you cut away. Trim makes the real one."
_component = st.components.v2.component(
    "dailies_preview",
    html=shipped_text("preview/preview.html"),
    css=shipped_text("preview/preview.css"),
    js=shipped_text("preview/preview.js"),
)


def preview_card(address: str, *, key: str) -> None:
    """Shows what is at that address of /preview."""
    _component(key=key, data={"address": address, "instead": INSTEAD, "note": NOTE})
