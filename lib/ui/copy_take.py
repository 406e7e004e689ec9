"""The inputs of an earlier take in the form that stands open: of the same operation, or of one with the same fields."""

from __future__ import annotations

import time

import streamlit as st

from lib.catalog import OPERATIONS
from lib.catalog.fitting import fitting
from lib.catalog.form import fields
from lib.catalog.operation import Operation
from lib.store.library import Wanted
from lib.store.views import KeptTake
from lib.studio import Studio
from lib.ui.draft import Draft
from lib.ui.posters import poster_address
from lib.ui.take_words import name_of, told
from lib.ui.text import ago, plain

SHOWN = 8
POSTER_PX = 96


def copy_button(studio: Studio, made: Operation, draft: Draft) -> None:
    """Opens a list of takes; one press puts what such a take was told into the form."""
    key = f"{draft.slug}:copy"
    with st.popover(
        "Copy from a take", type="tertiary", icon=":material/history:", key=key, on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        takes, _ = studio.store.library.find(Wanted(operations=alike(made)), limit=SHOWN)
        if not takes:
            st.caption("There are no takes yet that have these fields. Run this once, and its inputs are here.")
        for kept in takes:
            _row(studio, made, draft, kept, key)


def alike(made: Operation) -> list[str]:
    """The operation, and the others whose required fields are the same by name and kind."""
    wanted = _required(made)
    others = (other.id for other in OPERATIONS.values() if other.id != made.id and _required(other) == wanted)
    return [made.id, *others]


def _required(made: Operation) -> frozenset[tuple[str, str]]:
    return frozenset((spec.name, spec.kind) for spec in fields(made.input) if spec.required)


def _row(studio: Studio, made: Operation, draft: Draft, kept: KeptTake, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        address = poster_address(studio, kept.take.sha256) if kept.take.sha256 else None
        if address:
            st.image(address, width=POSTER_PX, alt=name_of(kept))
        words = plain(told(kept) or name_of(kept))
        about = " · ".join((plain(name_of(kept)), ago(kept.take.created_at, time.time())))
        st.markdown(f"{words}  \n:small[:gray[{about}]]")
        st.button(
            "Use", key=f"{key}:{kept.take.id}", on_click=_fill, args=(made, draft, kept, key), help="Copy its inputs"
        )


def _fill(made: Operation, draft: Draft, kept: KeptTake, key: str) -> None:
    """All of a take of this operation; of another one's, what this form can hold."""
    st.session_state[key] = False  # the list has done its work
    if kept.take.operation == made.id:
        draft.fill(kept.take.input)
        return
    held = fitting(draft.specs, kept.take.input, files=True)
    draft.fill(held.values)
    if held.left_out:
        st.toast(f"Copied, but for what this form does not have: {plain(', '.join(held.left_out))}.")
