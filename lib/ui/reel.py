"""The clips of a join in their order: each with its picture and facts, to be moved and removed; below, ways to add."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lib.chain.files import ASSET
from lib.errors import NotFound
from lib.store.views import Asset
from lib.studio import Studio
from lib.ui import player
from lib.ui.draft import Draft
from lib.ui.joint_card import joint_card
from lib.ui.picker import Slot, media_slot
from lib.ui.posters import poster_address
from lib.ui.session import BASE_URL
from lib.ui.text import plain

NAME = "video_urls"
POSTER_PX = 96


@dataclass(frozen=True, slots=True)
class NextSlot(Slot):
    """The place after the last clip: what is chosen here becomes a row of its own."""

    @property
    def value(self) -> str:
        return ""

    def put(self, value: str | None, *, error: str = "") -> None:
        """A new row with that file; a message here goes away, or comes."""
        if value:
            spec = next(spec for spec in self.draft.specs if spec.name == NAME)
            self.draft.state[self.draft.key(f"{NAME}.{self.draft.add_row(spec, NAME)}")] = value
        others = {at: said for at, said in self.draft.errors.items() if at != self.path}
        self.draft.put_errors(others | ({self.path: error} if error else {}))


def reel_stage(studio: Studio, draft: Draft) -> frozenset[str]:
    """The whole of the form's list of clips."""
    spec = next(spec for spec in draft.specs if spec.name == NAME)
    draft.ensure(spec, NAME)
    with st.container(border=True, key=f"{draft.slug}:stage"):
        rows = draft.rows(NAME)
        for place, row in enumerate(rows):
            with st.container(key=f"{draft.key(NAME)}.{row}:row"):
                _row(studio, draft, row, place, len(rows))
        _joints(studio, draft, rows)
        if spec.maximum is None or len(rows) < spec.maximum:
            st.markdown("**Add clips**" if rows else "**The clips, in order**")
            media_slot(studio, NextSlot(draft, NAME, "video", many=True))
        _say(draft, NAME)
    return frozenset({NAME})


def _row(studio: Studio, draft: Draft, row: int, place: int, rows: int) -> None:
    slot = Slot(draft, f"{NAME}.{row}", "video")
    name = f"clip {place + 1}"
    asset = _asset(studio, slot)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if asset and (address := poster_address(studio, asset.sha256)):
            st.image(address, width=POSTER_PX, alt=plain(asset.name))
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{name.capitalize()}** · {plain(asset.name if asset else slot.value)}")
            if asset:
                st.caption(plain(player.facts_line(asset)))
        for label, icon, places in (("Move up", "arrow_upward", -1), ("Move down", "arrow_downward", 1)):
            st.button(
                label, key=f"{slot.key}:{icon}", icon=f":material/{icon}:", type="tertiary",
                disabled=not 0 <= place + places < rows, help=f"{label}: {name}", on_click=draft.move_row,
                args=(NAME, row, places),
            )  # fmt: skip
        st.button(
            "Remove", key=f"{slot.key}:remove", icon=":material/close:", type="tertiary", help=f"Remove {name}",
            on_click=draft.remove_row, args=(NAME, row),
        )  # fmt: skip
    if not asset:
        media_slot(studio, slot)
    _say(draft, draft.place(slot.path))


def _joints(studio: Studio, draft: Draft, rows: list[int]) -> None:
    """One of the places where two clips meet, to be looked at."""
    if len(rows) < 2 or st.session_state.get(BASE_URL) is None:
        return
    key = f"{draft.slug}:joint"
    names = {f"{place} to {place + 1}": place for place in range(1, len(rows))}
    if st.session_state.get(key) not in names:
        st.session_state[key] = next(iter(names))
    st.selectbox("Look at the joint from clip", list(names), key=key, width=240)
    place = names[str(st.session_state[key])]
    before, after = (_asset(studio, Slot(draft, f"{NAME}.{row}", "video")) for row in rows[place - 1 : place + 1])
    if before and after:
        faded = draft.state.get(draft.key("transition"), "none") != "none"
        note = "Shown without the transition, which is made by Join." if faded else ""
        joint_card(studio, before, after, key=f"{key}:card", note=note)


def _asset(studio: Studio, slot: Slot) -> Asset | None:
    try:
        return studio.asset(slot.value.removeprefix(ASSET)) if slot.value.startswith(ASSET) else None
    except NotFound:
        return None


def _say(draft: Draft, place: str) -> None:
    if said := draft.errors.get(place):
        st.markdown(f":red[:material/error: {plain(said)}]")
