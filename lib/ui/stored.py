"""Files that are kept here, to choose from by sight: small pictures, the newest first, found by words."""

from __future__ import annotations

import time
from math import ceil

import streamlit as st

from lib.catalog.fields import fits
from lib.chain.files import ASSET
from lib.store.library import Wanted
from lib.store.views import Asset
from lib.studio import Studio
from lib.ui.filters import looking_for
from lib.ui.posters import poster_address
from lib.ui.session import get_studio
from lib.ui.slot import NAMES, Slot
from lib.ui.text import ago, plain

ON_A_SHELF = 6
MOST_LETTERS = 28


def stored(studio: Studio, slot: Slot) -> None:
    """Uploads, samples and takes that this field can take; one press chooses."""
    key = f"{slot.key}:stored"
    kinds = [kind for kind in NAMES if fits(slot.kind, kind)]
    if not studio.store.assets.find(Wanted(), *kinds, limit=1)[0]:
        st.caption("Nothing is stored yet. Upload a file, or use the sample.")
        return
    wanted = looking_for(_search(slot, key))
    page = int(st.session_state.get(f"{key}:page") or 1)
    assets, total = studio.store.assets.find(wanted, *kinds, offset=(page - 1) * ON_A_SHELF, limit=ON_A_SHELF)
    if not assets and page > 1:  # somebody cleaned up meanwhile
        assets, total = studio.store.assets.find(wanted, *kinds, limit=ON_A_SHELF)
        st.session_state[f"{key}:page"] = 1
    if not assets:
        st.caption("No file matches. Try fewer words.")
        return
    grid = st.grid("auto", min_column_width=130, gap="small")
    for asset in assets:
        with grid.cell():
            _file(studio, slot, asset)
    if total > ON_A_SHELF:
        st.pagination(ceil(total / ON_A_SHELF), key=f"{key}:page")


def _search(slot: Slot, key: str) -> str:
    said = st.text_input(
        f"Search for {NAMES[slot.kind]}", key=f"{key}:words", placeholder="Search names, prompts, notes", live=True,
        icon=":material/search:", type="search", label_visibility="collapsed", disabled=slot.disabled,
        on_change=lambda: _turn_back(key),
    )  # fmt: skip
    return str(said or "").strip()


def _turn_back(key: str) -> None:
    """To the first page. Taken out of the session, its place would come back with the browser's next word."""
    if f"{key}:page" in st.session_state:
        st.session_state[f"{key}:page"] = 1


def _file(studio: Studio, slot: Slot, asset: Asset) -> None:
    with st.container(gap="xsmall", height="stretch"):
        address = poster_address(studio, asset.sha256)
        if address:
            st.image(address, width="stretch", alt=asset.name)
        name = asset.name if len(asset.name) <= MOST_LETTERS else f"{asset.name[: MOST_LETTERS - 1]}…"
        facts = " · ".join(part for part in (plain(asset.facts.sentence()), ago(asset.created_at, time.time())) if part)
        st.markdown(f":small[{plain(name)}  \n:gray[{facts}]]")
        st.button(
            "Use", key=f"{slot.key}:stored:{asset.sha256}", on_click=_take, args=(slot, asset.sha256),
            disabled=slot.disabled, help=f"Use {plain(asset.name)}", width="stretch",
        )  # fmt: skip


def _take(slot: Slot, sha256: str) -> None:
    """A person takes it as a source: it may go into a live run, even if the stand-in made it."""
    get_studio().choose(sha256)
    slot.put(ASSET + sha256)
