"""Choosing the next step: what can take what is there, and of the others why they cannot."""

from __future__ import annotations

import streamlit as st

from lib.catalog.operation import Family, Operation
from lib.chain.board import why_not
from lib.chain.edit import add
from lib.ui.bench import Bench
from lib.ui.places import ALL
from lib.ui.text import plain

WORDS = "bench:add:words"


@st.dialog("Add a step", width="large")
def add_step(bench: Bench) -> None:
    """A window with every operation; those that fit come first."""
    words = st.text_input("Search", key=WORDS, placeholder="upscale, trim, voice …", icon=":material/search:")
    found = [(made, family, why_not(made, bench.board)) for family in ALL for made in family.operations]
    wanted = [one for one in found if matches(one[0], one[1], words)]
    if not wanted:
        st.caption("Nothing is called that. Try another word.")
    for made, family, why in sorted(wanted, key=lambda one: bool(one[2])):
        _offer(bench, made, family, why)


def matches(made: Operation, family: Family[Operation], words: str) -> bool:
    """Whether every word stands in what the operation is called or about."""
    text = f"{family.title} {made.title} {made.id} {made.about}".lower()
    return all(word in text for word in words.lower().split())


def _offer(bench: Bench, made: Operation, family: Family[Operation], why: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        with st.container(gap=None, width="stretch"):
            name = made.title if made.title == family.title else f"{family.title}: {made.title}"
            st.markdown(f":gray[{plain(name)}]" if why else f"**{plain(name)}**")
            st.caption(plain(why or made.about))
        pressed = st.button(
            "Add", key=f"bench:add:{made.id}", disabled=bool(why), help=f"Adds {made.title}", on_click=_add,
            args=(bench, made.id),
        )  # fmt: skip
    if pressed:
        st.rerun()  # the window closes


def _add(bench: Bench, operation_id: str) -> None:
    """The new step, its settings open."""
    bench.change(lambda board: add(board, operation_id))
    bench.show(bench.board.steps[-1].id)
