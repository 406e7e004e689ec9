"""Every run, newest first; the one that the address names is open on top."""

from __future__ import annotations

import time

import streamlit as st

from lib.errors import DailiesError
from lib.settings import ROOT
from lib.store.views import RunView
from lib.ui.errors import show
from lib.ui.money import run_cost
from lib.ui.run_card import badges, cancel_button, run_card
from lib.ui.session import clear_address, get_studio, put_run_in_address, run_in_address
from lib.ui.text import ago, count, length, plain

SHOWN_AT_ONCE = 20
LOOK_EVERY_S = 2.0
MORE = "runs:more"


def runs_page() -> None:
    """The open run, then the list."""
    st.title("Runs", anchor=False)
    st.markdown("Everything that was started here. A run goes on when you close the page.")
    run_id = run_in_address()
    if run_id is not None:
        run_card(run_id)
        st.button("Close", key="close", on_click=clear_address, icon=":material/close:")
    active = any(not run.ended for run in get_studio().runs(SHOWN_AT_ONCE))
    st.fragment(_list, run_every=LOOK_EVERY_S if active else None)(run_id, active)


def _list(opened: str | None, active: bool) -> None:
    shown = st.session_state.get(MORE, SHOWN_AT_ONCE)
    try:
        runs = get_studio().runs(shown + 1)
    except DailiesError as error:
        show(error)
        return
    if active and all(run.ended for run in runs):
        st.rerun()
    if not runs:
        st.info("Press Run on a model's page, or start the ready-made chain.", title="Nothing has run yet")
        st.page_link(ROOT / "pages" / "start" / "home.py", label="Go to Start", icon=":material/arrow_forward:")
        return
    for run in runs[:shown]:
        _row(run, opened == run.id)
    if len(runs) > shown:
        st.button("Show more", key="more", on_click=_more)


def _more() -> None:
    st.session_state[MORE] = st.session_state.get(MORE, SHOWN_AT_ONCE) + SHOWN_AT_ONCE


def _row(run: RunView, is_open: bool) -> None:
    now = time.time()
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap="xsmall", width="content"):
            st.markdown(f"**{plain(run.name[:1].upper() + run.name[1:])}**")
            took = length((run.finished_at or now) - run.created_at)
            steps = count(len(run.steps), "step")
            who = f"{plain(run.label)} · " if run.label else ""
            st.caption(f"{who}{ago(run.created_at, now)} · {took} · {steps} · {run_cost(run)}")
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
            badges(run)
            cancel_button(get_studio(), run, "list")
            if st.button("Open", key=f"open:{run.id}", disabled=is_open):
                put_run_in_address(run.id)
                st.rerun()
