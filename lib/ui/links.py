"""Addresses of stored files: signed, expiring, and the same for some hours so that a player does not start again."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import streamlit as st

from lib.store.views import Asset
from lib.studio import Studio
from lib.ui.session import BASE_URL

GRID_S = 6 * 3600
NO_ROUTES = (".streamlit.app",)
"""Hosts whose proxy puts apps behind a login redirect and a path prefix: routes of our own may not be reached there."""


def base_of(page_url: str | None, page_path: str) -> str | None:
    """ "http://host:port/prefix" of the app, from the address of one of its pages; None where routes cannot be used."""
    if not page_url or (urlsplit(page_url).hostname or "").endswith(NO_ROUTES):
        return None
    return page_url.removesuffix("/").removesuffix(f"/{page_path}" if page_path else "")


def signature(studio: Studio, sha256: str, *, now: float | None = None) -> str:
    """Valid for six to twelve hours; ends on a whole grid line, so that it stays equal in between."""
    at = time.time() if now is None else now
    end = (at // GRID_S + 2) * GRID_S
    return studio.signer.sign(sha256, end - at + 0.5)


def file_address(studio: Studio, asset: Asset, *, download: bool = False) -> str | None:
    """The absolute address of a file; None in a plain script, which has no routes."""
    base = st.session_state.get(BASE_URL)
    if base is None or asset.path is None:
        return None
    address = f"{base}/files/{asset.sha256}?key={signature(studio, asset.sha256)}"
    return f"{address}&download=1" if download else address
