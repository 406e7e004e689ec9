"""Two to four takes side by side or under a wipe, in lock-step, and what their inputs differ in."""

from __future__ import annotations

import streamlit as st

from lib.settings import ROOT
from lib.store.library import Wanted
from lib.store.views import KeptTake
from lib.studio import Studio
from lib.ui.compare_player import MOST, compare_player
from lib.ui.differences import Row, differences
from lib.ui.session import get_studio
from lib.ui.take_words import name_of, told

TAKES = "takes"
CHOSEN = "compare:chosen"
LETTERS = "ABCD"
OFFERED = 100
SCROLLS = "<style>.st-key-differences [data-testid=stMarkdownContainer] { overflow-x: auto; }</style>"
"""On a narrow screen the table is pushed sideways by itself, not the page."""
TAKES_PAGE = ROOT / "pages" / "library" / "takes.py"


def compare_page() -> None:
    """The choice, the player, the table."""
    studio = get_studio()
    st.title("Compare", anchor=False)
    st.markdown("Takes in lock-step, picture by picture, and what they were told differently.")
    takes = _choose(studio)
    if len(takes) < 2:
        st.info("Choose two to four takes above, or tick them in the library.", title="Nothing to compare yet")
        st.page_link(TAKES_PAGE, label="Go to Takes", icon=":material/arrow_forward:")
        return
    compare_player(studio, takes, LETTERS)
    with st.container(key="differences"):
        st.html(SCROLLS)
        st.markdown("#### What differs")
        st.markdown(table(differences(studio, takes)))


def _choose(studio: Studio) -> list[KeptTake]:
    """The takes that the address names, which may be changed here."""
    named = [each for each in st.query_params.get(TAKES, "").split(",") if each]
    recent, _ = studio.store.library.find(Wanted(), limit=OFFERED)
    known = {kept.take.id: kept for kept in [*recent, *studio.store.library.some(named)]}
    shown = [each for each in dict.fromkeys(named) if each in known][:MOST]
    if st.session_state.get(CHOSEN) != shown:
        st.session_state[CHOSEN] = shown
    st.multiselect(
        "Takes", list(known), key=CHOSEN, format_func=lambda each: _label(known[each]), max_selections=MOST,
        placeholder="Choose two to four takes", label_visibility="collapsed", on_change=_put_in_address,
    )  # fmt: skip
    return [known[each] for each in shown]


def _put_in_address() -> None:
    st.query_params[TAKES] = ",".join(st.session_state.get(CHOSEN) or [])


def _label(kept: KeptTake) -> str:
    said = told(kept)
    return f"{name_of(kept)}: {said}" if said else f"{name_of(kept)} ({kept.run_name})"


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table; their cells are safe already."""
    columns = len(rows[0][1])
    head = ["", *LETTERS[:columns]]
    lines = [head, ["---"] * len(head), *([f"**{what}**", *cells] for what, cells in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
