"""What the stages of all cuts share: the clip that is chosen, and the frame around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from lib.chain.files import ASSET
from lib.errors import NotFound
from lib.store.views import Asset
from lib.studio import Studio
from lib.ui import player
from lib.ui.draft import Draft
from lib.ui.picker import Slot
from lib.ui.text import plain

FIELD = "video_url"


def chosen(draft: Draft, field: str = FIELD) -> str:
    """The SHA-256 of the file that is chosen, or ""."""
    value = str(draft.state.get(draft.key(field)) or "")
    return value.removeprefix(ASSET) if value.startswith(ASSET) else ""


def clip_of(studio: Studio, draft: Draft, field: str = FIELD) -> Asset | None:
    """The file that is chosen, if it is here and can be played: an address is fetched when asked, or by the run."""
    try:
        asset = studio.asset(chosen(draft, field)) if chosen(draft, field) else None
    except NotFound:
        return None
    if asset is None or asset.path is None:
        return None
    return asset if (asset.facts.frames if field == FIELD else asset.facts.has_sound) else None


@contextmanager
def framed(draft: Draft, asset: Asset) -> Iterator[None]:
    """The frame around a stage, with the clip's name and a way to another one."""
    slot = Slot(draft, FIELD, "video")
    with st.container(border=True, key=f"{draft.slug}:stage"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            facts = plain(player.facts_line(asset))
            st.markdown(f"**{plain(asset.name)}** :small[:gray[{facts}]]", width="content")
            st.button(
                "Change", key=f"{slot.key}:change", on_click=slot.clear, type="tertiary", icon=":material/swap_horiz:"
            )
        yield
