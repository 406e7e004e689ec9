"""Stored files on screen: a player or picture, one line of facts, and a way to save them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from lib.errors import NotFound
from lib.store.views import Asset
from lib.studio import Studio
from lib.ui.links import file_address
from lib.ui.routes import file_name
from lib.ui.text import plain, size

PLAIN_LIMIT_BYTES = 100_000_000
"""Without routes a file passes through this server's memory, which small hosts do not have to spare."""


def show(studio: Studio, sha256: str, *, width: int | str = "stretch", label: str = "") -> Asset | None:
    """Plays or shows the file, whatever its kind; None where there is no such file any more."""
    asset = _find(studio, sha256)
    if asset is None or asset.path is None:
        st.caption("This file was cleaned up to free space. Run the step again to have it back.")
        return asset
    source = file_address(studio, asset) or _through_memory(asset)
    draw = PLAYERS.get(asset.kind)
    if source is not None and draw is not None:
        draw(source, label or asset.name, width)
    return asset


def facts_line(asset: Asset) -> str:
    """ "5.3 s, 640 x 360, 25 fps, sound, 0.6 MB"."""
    return ", ".join(part for part in (asset.facts.sentence(), _together(size(asset.size_bytes))) if part)


def _together(words: str) -> str:
    """A number never parts from its unit at the end of a line."""
    return words.replace(" ", "\u00a0")


def save_button(studio: Studio, asset: Asset, key: str) -> None:
    """A link to the file as a download; in a plain script a button that reads it when pressed."""
    address, path = file_address(studio, asset, download=True), asset.path
    if address is not None:
        st.link_button("Download", address, icon=":material/download:")
    elif path is not None and asset.size_bytes <= PLAIN_LIMIT_BYTES:
        st.download_button(
            "Download", path.read_bytes, file_name(asset), asset.content_type, key=key, icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip


def _find(studio: Studio, sha256: str) -> Asset | None:
    try:
        return studio.asset(sha256)
    except NotFound:
        return None


def _through_memory(asset: Asset) -> str | None:
    path: Path | None = asset.path
    if path is None or asset.size_bytes > PLAIN_LIMIT_BYTES:
        st.caption("This file is too large to be shown here: the app runs without its file server.")
        return None
    return str(path)


def _video(source: str, label: str, width: Any) -> None:
    st.video(source, alt=plain(label), width=width)


def _audio(source: str, label: str, width: Any) -> None:
    st.audio(source, alt=plain(label), width=width)


def _image(source: str, label: str, width: Any) -> None:
    st.image(source, alt=plain(label), width=width)


def _scene(source: str, label: str, width: Any) -> None:
    st.caption("A 3D scene. Download it to open it in a splat viewer.")


PLAYERS: dict[str, Callable[[str, str, Any], None]] = {
    "video": _video,
    "audio": _audio,
    "image": _image,
    "scene": _scene,
}
