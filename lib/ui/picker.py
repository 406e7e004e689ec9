"""Choosing a file for a field: upload it, pick a stored one, paste an address, or take the shipped sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import streamlit as st

from lib.catalog.fields import fits
from lib.errors import DailiesError
from lib.store.views import Asset
from lib.studio import Studio
from lib.ui import player
from lib.ui.draft import Draft
from lib.ui.fetching import fetch_button
from lib.ui.samples import sample_asset, sample_of
from lib.ui.session import BASE_URL, get_studio
from lib.ui.text import plain
from lib.ui.uploads import Wanted, upload_control

ASSET = "asset:"
WEB = ("https://", "http://")
UPLOAD_MB = 200
PREVIEW_PX, WORDS_PX = 180, 160
UPLOAD, STORED, ADDRESS = "Upload", "Stored", "Address"
ENDINGS = {
    "video": ["mp4", "mov", "webm", "mkv", "avi", "m4v", "ts", "m2ts", "mts", "3gp", "ogv", "gif"],
    "image": ["png", "jpg", "jpeg", "webp", "gif"],
    "audio": ["wav", "mp3", "flac", "ogg", "m4a", "aac"],
}
ENDINGS["media"] = sorted({ending for endings in ENDINGS.values() for ending in endings})
NAMES = {"video": "a video", "image": "a picture", "audio": "a sound", "scene": "a scene", "weights": "weights"}
NAMES["media"] = "a video, picture or sound"


@dataclass(frozen=True, slots=True)
class Slot:
    """One file of a form: where its address is kept, what kind it is, and how it is drawn."""

    draft: Draft
    path: str
    kind: str
    disabled: bool = False
    addresses: bool = True
    """Whether an address may be pasted instead of choosing a file."""
    many: bool = False
    """Whether several files may be chosen at once; each is put by itself."""
    height: Literal["content", "stretch"] = "content"
    """"stretch" where two boxes stand side by side."""

    @property
    def key(self) -> str:
        return self.draft.key(self.path)

    @property
    def value(self) -> str:
        return str(self.draft.state.get(self.key) or "")

    def put(self, value: str | None, *, error: str = "") -> None:
        """Keeps the choice; a message at this field goes away, or comes."""
        self.draft.state[self.key] = value
        place = self.draft.place(self.path)
        others = {at: message for at, message in self.draft.errors.items() if at != place}
        self.draft.put_errors(others | ({place: error} if error else {}))

    def clear(self) -> None:
        self.put(None)


def media_field(studio: Studio, slot: Slot, label: str, help: str = "") -> None:
    """The field as a bordered box: what is chosen with its facts, or the ways to choose."""
    with st.container(border=True, gap="small", height=slot.height):
        st.markdown(label, help=plain(help) or None)
        media_slot(studio, slot)


def media_slot(studio: Studio, slot: Slot) -> None:
    """The same without a box and a label of its own."""
    if slot.value:
        _chosen(studio, slot)
    else:
        _choose(studio, slot)


def _chosen(studio: Studio, slot: Slot) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if slot.value.startswith(ASSET):
            with st.container(width=PREVIEW_PX):
                asset = player.show(studio, slot.value.removeprefix(ASSET))
            words = f"{plain(asset.name)}  \n:small[:gray[{plain(player.facts_line(asset))}]]" if asset else "Gone"
        else:
            words = f"{plain(slot.value)}  \n:small[:gray[Fetched when the run begins]]"
        with st.container(width=WORDS_PX, gap="xsmall"):
            st.markdown(words)
            st.button(
                "Change", key=f"{slot.key}:change", on_click=slot.clear, disabled=slot.disabled, type="tertiary",
                icon=":material/swap_horiz:",
            )  # fmt: skip
        if slot.value.startswith(WEB) and slot.kind in ENDINGS:
            fetch_button(studio, slot.value, f"{slot.key}:fetch", lambda add: _take(slot, add, instead=slot.value))


def _choose(studio: Studio, slot: Slot) -> None:
    ways = [*([UPLOAD, STORED] if slot.kind in ENDINGS else []), *([ADDRESS] if slot.addresses else [])]
    way: str | None = ADDRESS
    if len(ways) > 1:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.session_state.setdefault(f"{slot.key}:way", UPLOAD)
            way = st.segmented_control(
                f"Where {NAMES[slot.kind]} comes from", ways, key=f"{slot.key}:way", required=True,
                disabled=slot.disabled, label_visibility="collapsed", persist_state="session",
            )  # fmt: skip
            if name := sample_of(slot.kind):
                st.button(
                    "Use the sample", key=f"{slot.key}:sample", on_click=_take_sample, args=(slot, name),
                    disabled=slot.disabled, type="tertiary",
                )  # fmt: skip
    {UPLOAD: _upload, STORED: _stored, ADDRESS: _address}[str(way)](studio, slot)


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


def _stored(studio: Studio, slot: Slot) -> None:
    assets = {
        asset.sha256: asset for asset in studio.store.assets.recent(*(kind for kind in NAMES if fits(slot.kind, kind)))
    }
    if not assets:
        st.caption("Nothing is stored yet. Upload a file, or use the sample.")
        return
    key = f"{slot.key}:stored"
    st.selectbox(
        f"Choose {NAMES[slot.kind]}", list(assets), index=None, key=key, format_func=lambda sha: title(assets[sha]),
        placeholder="Choose a stored file", disabled=slot.disabled, on_change=_take_stored, args=(slot, key),
        label_visibility="collapsed",
    )  # fmt: skip


def _address(studio: Studio, slot: Slot) -> None:
    key = f"{slot.key}:address"
    st.text_input(
        f"Address of {NAMES[slot.kind]}", key=key, placeholder="https://", disabled=slot.disabled,
        on_change=_take_address, args=(slot, key), label_visibility="collapsed",
    )  # fmt: skip


def title(asset: Asset) -> str:
    """A stored file in a list: its name and facts."""
    facts = asset.facts.sentence()
    return f"{asset.name} · {facts}" if facts else asset.name


def _take_sample(slot: Slot, name: str) -> None:
    _take(slot, lambda: sample_asset(get_studio(), name))


def _take_upload(slot: Slot, key: str) -> None:
    """Copies the upload to disk at once, and gives the widget a new key so that its bytes leave the memory."""
    uploaded = st.session_state.get(key)
    if not uploaded:
        return
    for one in uploaded if slot.many else [uploaded]:
        _take(slot, partial(get_studio().add_file, one, one.name))
    _renew(slot)


def _take_sent(slot: Slot, key: str, sha256: str) -> None:
    """A file that the upload route has checked and kept; only the first word of a control counts."""
    if key == _upload_key(slot):
        _take(slot, lambda: get_studio().asset(sha256))
        _renew(slot)


def _upload_key(slot: Slot) -> str:
    return f"{slot.key}:file:{st.session_state.get(f'{slot.key}:turn', 0)}"


def _renew(slot: Slot) -> None:
    """The control is a fresh one from now on."""
    turn = f"{slot.key}:turn"
    st.session_state[turn] = st.session_state.get(turn, 0) + 1


def _take(slot: Slot, add: Callable[[], Asset], instead: str | None = None) -> None:
    """Puts the file, or `instead` with what is wrong."""
    try:
        asset = add()
    except DailiesError as error:
        slot.put(instead, error=f"{error.message} {error.hint}".strip())
        return
    if not fits(slot.kind, asset.kind):
        is_ = NAMES.get(asset.kind, asset.kind)
        slot.put(instead, error=f"This field takes {NAMES[slot.kind]}, and {asset.name} is {is_}.")
        return
    slot.put(ASSET + asset.sha256)


def _take_stored(slot: Slot, key: str) -> None:
    if chosen := st.session_state.get(key):
        get_studio().choose(str(chosen))  # a person takes it as a source: it may go into a live run
        slot.put(ASSET + str(chosen))


def _take_address(slot: Slot, key: str) -> None:
    """Weights may also be named by their repository; every other file needs a whole address."""
    address = str(st.session_state.get(key) or "").strip()
    if not address:
        return
    if slot.kind == "weights" or address.startswith(("https://", "http://", "data:")):
        slot.put(address)
    else:
        slot.put(None, error="Paste a whole address, one that begins with https://.")
