"""What a page may take for granted: the studio, the run in the address, and the names of what the session keeps."""

from __future__ import annotations

import logging
import threading
import time

import streamlit as st

from lib.errors import DailiesError
from lib.settings import is_loopback, load_settings
from lib.studio import Studio

log = logging.getLogger(__name__)

STUDIO = "studio"
BASE_URL = "base_url"
LIVE_PASS = "live_pass"  # noqa: S105 - the name of a key, not a pass
RUN = "run"
NAME = "your_name"
CALM_S = 3.0
"""How long a worker without work waits before it starts."""


def get_studio() -> Studio:
    """The studio of this process; a session that was handed one of its own (as tests do) uses that."""
    handed = st.session_state.get(STUDIO)
    return handed if handed is not None else shared_studio()


@st.cache_resource(show_spinner=False)
def shared_studio() -> Studio:
    """One studio for all sessions. It wakes the worker in the background: no page and no health check waits for it.

    Raises SettingsError or StoreError with what to do.
    """
    address = st.get_option("server.address")
    studio = Studio(load_settings(), public=address is None or not is_loopback(str(address)))
    threading.Thread(target=_wake, args=(studio,), name="wake", daemon=True).start()
    return studio


def _wake(studio: Studio) -> None:
    """At once where something goes on; else a little later, so that the first page has the machine for itself."""
    try:
        if not studio.store.runs.recent(1, active_only=True):
            time.sleep(CALM_S)
        studio.wake()
    except DailiesError as error:
        log.warning("not awake yet: %s %s", error.message, error.hint)


def ask_name() -> None:
    """A small field in the sidebar; the name is kept for this session only."""
    st.sidebar.text_input(
        "Your name", key=NAME, placeholder="Your name (optional)", max_chars=40, persist_state="session",
        help="Labels the runs that you start, for those who share this installation.", label_visibility="collapsed",
    )  # fmt: skip


def name_given() -> str:
    """The name that labels the runs of this session, or ""."""
    return str(st.session_state.get(NAME) or "").strip()


def run_in_address() -> str | None:
    """The run that `?run=` names, from whichever browser it comes."""
    return st.query_params.get(RUN) or None


def put_run_in_address(run_id: str) -> None:
    st.query_params[RUN] = run_id


def clear_address() -> None:
    st.query_params.clear()


def open_early() -> None:
    """Opens the shared studio. A failure is logged here and shown on the pages, which ask again."""
    try:
        shared_studio()
    except DailiesError as error:
        log.warning("%s %s", error.message, error.hint)
