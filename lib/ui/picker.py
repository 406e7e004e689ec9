"""Choosing a file for a field: upload it, pick a stored one, paste an address, or take the shipped sample.

A picture may also be taken out of a clip, and a clip be trimmed, right there.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib.chain.files import ASSET
from lib.studio import Studio
from lib.ui import player
from lib.ui.fetching import fetch_button
from lib.ui.here import is_made_for, part_here, picture_here, settle, watch
from lib.ui.samples import sample_asset, sample_of
from lib.ui.session import BASE_URL, get_studio
from lib.ui.slot import ENDINGS, NAMES, Slot, clip_in
from lib.ui.stored import stored
from lib.ui.text import plain
from lib.ui.uploads import Wanted, upload_control

__all__ = ["ASSET", "Slot", "media_field", "media_slot"]

UPLOAD_MB = 200
WEB = ("https://", "http://")
PREVIEW_PX, WORDS_PX = 180, 160
UPLOAD, STORED, ADDRESS, CLIP = "Upload", "Stored", "Address", "From a clip"


def media_field(studio: Studio, slot: Slot, label: str, help: str = "", *, boxed: bool = True) -> None:
    """The field as a box: what is chosen with its facts, or the ways to choose. Within a card it needs no border."""
    with st.container(border=boxed, gap="small", height=slot.height):
        st.markdown(label, help=plain(help) or None)
        media_slot(studio, slot)


def media_slot(studio: Studio, slot: Slot) -> None:
    """The same without a box and a label of its own."""
    settle(studio, slot.draft)
    if is_made_for(slot):
        watch(studio, slot)
    elif slot.value:
        _chosen(studio, slot)
    else:
        _choose(studio, slot)


def _chosen(studio: Studio, slot: Slot) -> None:
    clip, open_key = clip_in(studio, slot), f"{slot.key}:trim:{slot.value}"
    if clip is not None and st.session_state.get(open_key):
        part_here(studio, slot, clip, open_key)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if slot.value.startswith(ASSET):
            with st.container(width=PREVIEW_PX):
                asset = player.show(studio, slot.value.removeprefix(ASSET))
            words = f"{plain(asset.name)}  \n:small[:gray[{plain(player.facts_line(asset))}]]" if asset else "Gone"
        else:
            words = f"{plain(slot.value)}  \n:small[:gray[Fetched when the run begins]]"
        with st.container(width=WORDS_PX, gap="xsmall"):
            st.markdown(words)
            with st.container(horizontal=True, gap="small"):
                _ways_on(slot, open_key, can_trim=clip is not None)
        if slot.value.startswith(WEB) and slot.kind in ENDINGS:
            fetch_button(studio, slot.value, f"{slot.key}:fetch", lambda add: slot.take(add, instead=slot.value))


def _ways_on(slot: Slot, open_key: str, *, can_trim: bool) -> None:
    st.button(
        "Change", key=f"{slot.key}:change", on_click=slot.clear, disabled=slot.disabled, type="tertiary",
        icon=":material/swap_horiz:",
    )  # fmt: skip
    if can_trim:
        st.button(
            "Trim", key=f"{slot.key}:trim", on_click=_open, args=(open_key,), disabled=slot.disabled, type="tertiary",
            icon=":material/content_cut:", help="Use only a part of this clip.",
        )  # fmt: skip


def _open(key: str) -> None:
    st.session_state[key] = True


def _choose(studio: Studio, slot: Slot) -> None:
    ways = _ways(slot)
    way: str | None = ADDRESS
    if len(ways) > 1:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.session_state.setdefault(f"{slot.key}:way", UPLOAD)
            way = st.segmented_control(
                f"Where {NAMES[slot.kind]} comes from", ways, key=f"{slot.key}:way", required=True,
                disabled=slot.disabled, label_visibility="collapsed", persist_state="session",
            )  # fmt: skip
            if way != CLIP and (name := sample_of(slot.kind)):
                st.button(
                    "Use the sample", key=f"{slot.key}:sample", on_click=_take_sample, args=(slot, name),
                    disabled=slot.disabled, type="tertiary",
                )  # fmt: skip
    {UPLOAD: _upload, STORED: stored, ADDRESS: _address, CLIP: _from_clip}[str(way)](studio, slot)


def _ways(slot: Slot) -> list[str]:
    if slot.kind not in ENDINGS:
        return [ADDRESS]
    return [UPLOAD, STORED, *([ADDRESS] if slot.addresses else []), *([CLIP] if slot.kind == "image" else [])]


def _from_clip(studio: Studio, slot: Slot) -> None:
    """First the clip, chosen as any clip is; then the picture."""
    clip = slot.clip()
    asset = clip_in(studio, clip)
    if asset is None:
        st.caption("Choose the clip that has the picture.")
        _choose(studio, clip)
    else:
        picture_here(studio, slot, clip, asset)
    if clip.error:
        st.markdown(f":red[:material/error: {plain(clip.error)}]")


def _upload(studio: Studio, slot: Slot) -> None:
    key = _upload_key(slot)
    base = st.session_state.get(BASE_URL)
    if base is None:  # without routes a file passes through this server's memory, so it must be small
        st.file_uploader(
            f"Upload {NAMES[slot.kind]}", ENDINGS[slot.kind], key=key, max_upload_size=UPLOAD_MB,
            disabled=slot.disabled, on_change=_take_upload, args=(slot, key), label_visibility="collapsed",
            accept_multiple_files=slot.many,
        )  # fmt: skip
        return
    wanted = Wanted(slot.kind, NAMES[slot.kind], ENDINGS[slot.kind], slot.many)
    upload_control(
        studio, base, wanted, key=key, series=slot.key, disabled=slot.disabled,
        wrong=slot.draft.place(slot.path) in slot.draft.errors, on_began=slot.clear,
        on_sent=lambda sha256: _take_sent(slot, key, sha256),
    )  # fmt: skip


def _address(studio: Studio, slot: Slot) -> None:
    key = f"{slot.key}:address"
    st.text_input(
        f"Address of {NAMES[slot.kind]}", key=key, placeholder="https://", disabled=slot.disabled,
        on_change=_take_address, args=(slot, key), label_visibility="collapsed",
    )  # fmt: skip


def _take_sample(slot: Slot, name: str) -> None:
    slot.take(lambda: sample_asset(get_studio(), name))


def _take_upload(slot: Slot, key: str) -> None:
    """Copies the upload to disk at once, and gives the widget a new key so that its bytes leave the memory."""
    uploaded = st.session_state.get(key)
    if not uploaded:
        return
    for one in uploaded if slot.many else [uploaded]:
        slot.take(partial(get_studio().add_file, one, one.name))
    _renew(slot)


def _take_sent(slot: Slot, key: str, sha256: str) -> None:
    """A file that the upload route has checked and kept; only the first word of a control counts."""
    if key == _upload_key(slot):
        slot.take(lambda: get_studio().asset(sha256))
        _renew(slot)


def _upload_key(slot: Slot) -> str:
    return f"{slot.key}:file:{st.session_state.get(f'{slot.key}:turn', 0)}"


def _renew(slot: Slot) -> None:
    """The control is a fresh one from now on."""
    turn = f"{slot.key}:turn"
    st.session_state[turn] = st.session_state.get(turn, 0) + 1


def _take_address(slot: Slot, key: str) -> None:
    """Weights may also be named by their repository; every other file needs a whole address."""
    address = str(st.session_state.get(key) or "").strip()
    if not address:
        return
    if slot.kind == "weights" or address.startswith(("https://", "http://", "data:")):
        slot.put(address)
    else:
        slot.put(None, error="Paste a whole address, one that begins with https://.")
