"""One take, opened: its files, what it was told, what it cost, and everything that can be done with it."""

from __future__ import annotations

import time

import streamlit as st

from lib.settings import ROOT
from lib.store.views import KeptTake
from lib.studio import Studio
from lib.ui.code_card import code_card
from lib.ui.reopen import reopen_button
from lib.ui.session import get_studio
from lib.ui.step_card import files_of, take_file
from lib.ui.take_words import cost_words, inputs, mode_of, name_of, time_words
from lib.ui.text import ago, plain

TAKE = "take"
RUNS_PAGE = ROOT / "pages" / "chains" / "runs.py"
UNDO, ASKED = "takes:undo", "takes:asked"
MOST_FILES = 12


def put_take_in_address(take_id: str) -> None:
    """Opens the take above the list, in an address that can be passed on."""
    st.query_params[TAKE] = take_id
    st.session_state.pop(ASKED, None)


def close() -> None:
    st.query_params.pop(TAKE, None)


def take_card(studio: Studio, kept: KeptTake) -> None:
    """Draws the take in full width."""
    with st.container(border=True, key=f"opened-{kept.take.id}"):
        _head(studio, kept)
        left, right = st.columns([6, 5], gap="large")
        with left:
            _files(studio, kept)
        with right:
            _told(studio, kept)
            _note(kept)
            _ways(studio, kept)
        code_card(kept.take.operation, kept.take.input, kept.purchase, f"code-take-{kept.take.id}")


def _head(studio: Studio, kept: KeptTake) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap="xsmall", width="content"):
            st.markdown(f"#### {plain(name_of(kept))}")
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                words, color = mode_of(kept)
                st.badge(words, color=color)  # type: ignore[arg-type]
                said = (
                    plain(kept.label), ago(kept.take.created_at, time.time()), time_words(kept), cost_words(kept)
                )  # fmt: skip
                st.caption(" · ".join(part for part in said if part))
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            star_button(studio, kept, "card")
            st.button("Close", key="take:close", on_click=close, icon=":material/close:", type="tertiary")


def star_button(studio: Studio, kept: KeptTake, where: str) -> None:
    """A star that is filled or not."""
    st.button(
        ":orange[★]" if kept.favourite else "☆", key=f"{where}:star:{kept.take.id}", type="tertiary",
        help="No favourite any more" if kept.favourite else "Make it a favourite",
        on_click=studio.store.library.set_favourite, args=(kept.take.id,), kwargs={"favourite": not kept.favourite},
    )  # fmt: skip


def _files(studio: Studio, kept: KeptTake) -> None:
    files = files_of(kept.take.output)
    grid = st.grid(1 if len(files) < 3 else 2, min_column_width=150, gap="small")
    for name, sha256 in files[:MOST_FILES]:
        with grid.cell():
            take_file(studio, sha256, f"{name_of(kept)}: {name}", f"take-{kept.take.id}-{name}")
    if len(files) > MOST_FILES:
        st.caption(f"And {len(files) - MOST_FILES} more files, which the run shows.")


def _told(studio: Studio, kept: KeptTake) -> None:
    st.markdown("**Inputs**")
    for title, value in inputs(studio, kept):
        st.markdown(f":small[:gray[{plain(title)}]]  \n{plain(value) or '–'}")


def _note(kept: KeptTake) -> None:
    key = f"take:note:{kept.take.id}"
    st.session_state.setdefault(key, kept.note)
    st.text_area(
        "Note", key=key, placeholder="What is worth remembering about this take", height=68, max_chars=4000,
        on_change=_keep_note, args=(kept.take.id, key),
    )  # fmt: skip


def _keep_note(take_id: str, key: str) -> None:
    get_studio().store.library.set_note(take_id, str(st.session_state.get(key) or ""))


def _ways(studio: Studio, kept: KeptTake) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        reopen_button(kept.take, f"take:reopen:{kept.take.id}")
        if st.button("Show its run", key="take:run", icon=":material/account_tree:", type="tertiary"):
            st.switch_page(RUNS_PAGE, query_params={"run": kept.take.run_id})
        if kept.deleted_at is None:
            st.button(
                "Delete", key="take:delete", icon=":material/delete:", type="tertiary", on_click=_ask_or_delete,
                args=(kept,),
            )  # fmt: skip
        else:
            st.button("Bring back", key="take:back", icon=":material/undo:", on_click=_bring_back, args=(kept.take.id,))
    if st.session_state.get(ASKED) == kept.take.id:
        _confirm(kept)


def _ask_or_delete(kept: KeptTake) -> None:
    """What was paid for is never deleted without saying so."""
    if kept.paid:
        st.session_state[ASKED] = kept.take.id
    else:
        _delete(kept.take.id)


def _confirm(kept: KeptTake) -> None:
    known = kept.cost_usd is not None
    st.warning(
        "It can be brought back for seven days. After that its file may be cleaned up, and to have it again means "
        "paying again.",
        title=f"This take cost {cost_words(kept)}" if known else f"This take was paid for ({cost_words(kept)})",
    )
    with st.container(horizontal=True):
        st.button("Delete the paid take", key="take:sure", type="primary", on_click=_delete, args=(kept.take.id,))
        st.button("Keep it", key="take:keep", type="tertiary", on_click=_keep)


def _keep() -> None:
    st.session_state.pop(ASKED, None)


def _delete(take_id: str) -> None:
    get_studio().store.library.delete(take_id)
    st.session_state[UNDO] = take_id
    _keep()
    close()


def _bring_back(take_id: str) -> None:
    get_studio().store.library.restore(take_id)
    st.session_state.pop(UNDO, None)


def undo_line(studio: Studio) -> None:
    """Right after something was deleted: one press has it back."""
    take_id = st.session_state.get(UNDO)
    if take_id is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="undo-line"):
        st.markdown("The take is deleted. For seven days it lies under Deleted.", width="content")
        st.button("Undo", key="takes:undo-it", icon=":material/undo:", on_click=_bring_back, args=(take_id,))
        st.button("Fine", key="takes:undo-not", type="tertiary", on_click=st.session_state.pop, args=(UNDO, None))
