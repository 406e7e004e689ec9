"""What some cuts show above their form: the clip itself, on which one cuts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from lib.chain.files import ASSET
from lib.errors import NotFound
from lib.media.film.proxy import needs_proxy
from lib.store.views import Asset
from lib.studio import Studio
from lib.ui import player
from lib.ui.clip_player import at_frame, clip_player
from lib.ui.draft import Draft
from lib.ui.marking import DRAWN, IN, OUT, Marking
from lib.ui.picker import Slot
from lib.ui.proof_routes import preview_address
from lib.ui.text import plain

Stage = Callable[[Studio, Draft], frozenset[str]]
"""Draws, and says which fields of the form it has drawn."""
SIDES = {IN: "In: the first picture kept", OUT: "Out: the first picture no longer kept"}
HOW = "Seconds (61.7), a timecode (00:01:01:21), a time (00:01:01.700) or a picture number (#1851)."


def trim_stage(studio: Studio, draft: Draft) -> frozenset[str]:
    """The player with its marks, the same marks to type, and several parts."""
    asset = _clip(studio, draft)
    if asset is None:
        return frozenset()
    marking = Marking(draft, asset.facts)
    marking.belong_to(asset.sha256)
    kept = marking.kept()
    with st.container(border=True, key=f"{draft.slug}:stage"):
        _head(draft, asset)
        clip_player(
            studio, asset, key=f"{draft.slug}:player", start_frame=marking.frame(IN),
            end_frame=marking.frame(OUT), cuts=kept,
            on_marks=lambda marks: marking.take(marks.start_frame, marks.end_frame),
        )  # fmt: skip
        _by_hand(marking)
        _preview(studio, asset, draft, kept)
        _say_errors(marking)
    return DRAWN


def frame_stage(studio: Studio, draft: Draft) -> frozenset[str]:
    """The player, to look for the picture; one press takes the one that is on screen."""
    asset = _clip(studio, draft)
    if asset is None:
        return frozenset()
    with st.container(border=True, key=f"{draft.slug}:stage"):
        _head(draft, asset)
        clip_player(studio, asset, key=f"{draft.slug}:player", marks=False)
        st.button(
            "Take the picture on screen", key=f"{draft.slug}:take", icon=":material/photo_camera:",
            on_click=_take_picture, args=(draft, asset.sha256),
        )  # fmt: skip
    return frozenset({"video_url"})


STAGES: Mapping[str, Stage] = {"cut/trim": trim_stage, "cut/frame": frame_stage}


def _clip(studio: Studio, draft: Draft) -> Asset | None:
    """The clip that is chosen, if it is here: an address is fetched only when the run begins."""
    value = str(draft.state.get(draft.key("video_url")) or "")
    if not value.startswith(ASSET):
        return None
    try:
        asset = studio.asset(value.removeprefix(ASSET))
    except NotFound:
        return None
    return asset if asset.path is not None and asset.facts.frames else None


def _head(draft: Draft, asset: Asset) -> None:
    slot = Slot(draft, "video_url", "video")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        facts = plain(player.facts_line(asset))
        st.markdown(f"**{plain(asset.name)}** :small[:gray[{facts}]]", width="content")
        st.button(
            "Change", key=f"{slot.key}:change", on_click=slot.clear, type="tertiary", icon=":material/swap_horiz:"
        )


def _by_hand(marking: Marking) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for side, label in SIDES.items():
            _moment(marking, side, label)
        st.button(
            "Add as a part", key=f"{marking.draft.slug}:add-part", icon=":material/playlist_add:",
            on_click=marking.add_part, help="For several parts: each is added below, to be kept or taken out.",
        )  # fmt: skip


def _say_errors(marking: Marking) -> None:
    for side in SIDES:
        if said := marking.error(side):
            st.markdown(f":red[:material/error: {plain(said)}]")


def _preview(studio: Studio, asset: Asset, draft: Draft, kept: tuple[tuple[int, int], ...]) -> None:
    """The result at once, before it is cut: nothing is encoded for it."""
    shown = bool(kept) and not needs_proxy(asset.facts)  # else the player's own "Play result" shows it
    address = preview_address(studio, asset, kept) if shown else None
    if address and st.toggle("Preview the result", key=f"{draft.slug}:preview"):
        st.video(address, width=480)
        st.caption("For looking only: this file still holds what you cut away. Trim makes the real one.")


def _moment(marking: Marking, side: str, label: str) -> None:
    key = f"{marking.draft.slug}:{side}"
    if not marking.error(side):  # what is wrong stays in the field, to be mended
        st.session_state[key] = marking.words(side)
    st.text_input(
        label, key=key, on_change=lambda: marking.type(side, str(st.session_state[key])), width=240, help=HOW,
        placeholder="start" if side == IN else "end",
    )  # fmt: skip


def _take_picture(draft: Draft, sha256: str) -> None:
    """Asks the player only now: since the button was drawn it may have gone on."""
    draft.state[draft.key("which")] = "number"
    draft.state[draft.key("frame")] = at_frame(f"{draft.slug}:player", sha256)
