"""Where two clips of a join meet: the pictures on both sides, and a moment played across."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.media.film.proxy import needs_proxy
from lib.store.views import Asset
from lib.studio import Studio
from lib.ui.links import file_address, signature
from lib.ui.session import BASE_URL
from lib.ui.shipped import shipped_text

_component = st.components.v2.component(
    "dailies_joint",
    html=shipped_text("joint/joint.html"),
    css=shipped_text("joint/joint.css"),
    js=shipped_text("joint/joint.js"),
)


def joint_card(studio: Studio, before: Asset, after: Asset, *, key: str, note: str = "") -> None:
    """Draws it; `note` is said below. Nothing without routes, or where one of the two has no pictures."""
    if st.session_state.get(BASE_URL) is None or not (before.facts.frames and after.facts.frames):
        return
    data = {"before": _side(studio, before, before.facts.frames - 1), "after": _side(studio, after, 0), "note": note}
    _component(key=key, data=data)


def _side(studio: Studio, asset: Asset, frame: int) -> dict[str, Any]:
    film = f"{st.session_state[BASE_URL]}/film/{asset.sha256}"
    return {
        "name": asset.name, "still": f"{film}/still/{frame}?key={signature(studio, asset.sha256)}",
        "video": None if needs_proxy(asset.facts) else file_address(studio, asset),
        "start_s": asset.facts.picture_start_s, "duration_s": asset.facts.duration_s or 0.0,
    }  # fmt: skip
