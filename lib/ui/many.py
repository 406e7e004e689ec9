"""A take of many files: some of them at first, more on demand, and all of them in one file to save."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from lib.studio import Studio
from lib.ui.links import signature
from lib.ui.session import BASE_URL
from lib.ui.text import count

T = TypeVar("T")
AT_FIRST, MORE = 12, 24
TOGETHER = 3
"""From so many files on, saving them one by one is a nuisance."""


def some_of(files: Sequence[T], key: str) -> Sequence[T]:
    """Those that are shown now."""
    return files[: _shown(key)]


def ways_on(studio: Studio, run_id: str, step_id: str, files: Sequence[object], key: str) -> None:
    """Below the files: a way to see more of them, and one to save them all."""
    left = len(files) - _shown(key)
    if left <= 0 and len(files) < TOGETHER:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if left > 0:
            st.button(
                f"Show {min(left, MORE)} more of {len(files)}", key=f"{key}:more", icon=":material/expand_more:",
                on_click=_show_more, args=(key,),
            )  # fmt: skip
        address = all_files_address(studio, run_id, step_id)
        if address and len(files) >= TOGETHER:
            st.link_button(f"Download all ({count(len(files), 'file')}, zip)", address, icon=":material/folder_zip:")


def all_files_address(studio: Studio, run_id: str, step_id: str) -> str | None:
    """Where a browser gets all files of a step's take in one; None in a plain script, which has no routes."""
    base = st.session_state.get(BASE_URL)
    key = signature(studio, all_files_text(run_id, step_id))
    return f"{base}/all-files/{run_id}/{step_id}?key={key}" if base else None


def all_files_text(run_id: str, step_id: str) -> str:
    """What is signed."""
    return f"bundle/{run_id}/{step_id}"


def _shown(key: str) -> int:
    return int(st.session_state.get(f"{key}:shown", AT_FIRST))


def _show_more(key: str) -> None:
    st.session_state[f"{key}:shown"] = _shown(key) + MORE
