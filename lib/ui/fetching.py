"""A pasted address brought here before anything runs, so that it can be seen and marked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from lib.store.views import Asset
from lib.studio import Studio
from lib.ui.text import size

LOOK_EVERY_S = 0.2


def fetch_button(studio: Studio, address: str, key: str, take: Callable[[Callable[[], Asset]], None]) -> None:
    """Once pressed, has `take` fetch and keep the file. Anything else that is pressed meanwhile stops it."""
    pressed = st.button(
        "Fetch now", key=key, icon=":material/download:", type="tertiary",
        help="Brings the file here, so that you can see and mark it before anything runs.",
    )  # fmt: skip
    if pressed:
        bar = st.progress(0.0, text="Fetching the file.")
        take(lambda: studio.fetch(address, _shown(bar)))
        st.rerun()


def _shown(bar: Any) -> Callable[[int, int | None], None]:
    """Moves the bar, some times a second."""
    last_s = time.monotonic()

    def tell(so_far: int, total: int | None) -> None:
        nonlocal last_s
        if time.monotonic() - last_s >= LOOK_EVERY_S:
            last_s = time.monotonic()
            bar.progress(min(so_far / total, 1.0) if total else 0.0, text=words(so_far, total))

    return tell


def words(so_far: int, total: int | None) -> str:
    """ "Fetching the file: 3.2 MB of 12.0 MB." """
    amount = f"{size(so_far)} of {size(total)}" if total else size(so_far)
    return f"Fetching the file: {amount}."
