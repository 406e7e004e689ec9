"""Everything ever made, as a library: found, starred, compared, opened, deleted and brought back."""

from __future__ import annotations

import time
from math import ceil

import streamlit as st

from lib.errors import DailiesError, NotFound
from lib.settings import ROOT
from lib.store.library import Wanted
from lib.store.views import KeptTake
from lib.studio import Studio
from lib.ui.errors import show
from lib.ui.filters import PAGE, ask, first_page
from lib.ui.posters import poster_address
from lib.ui.session import get_studio
from lib.ui.take_card import TAKE, put_take_in_address, star_button, take_card, undo_line
from lib.ui.take_words import cost_words, mode_of, name_of, told
from lib.ui.text import ago, count, plain

ON_A_PAGE = 24
MOST_COMPARED = 4
COMPARED = "takes:compared"
COMPARE_PAGE = ROOT / "pages" / "library" / "compare.py"


def takes_page() -> None:
    """The take that the address names, then the search and what it finds."""
    studio = get_studio()
    st.title("Takes", anchor=False)
    st.markdown(
        "Everything that was ever made here. Open a take to use its inputs again, or compare some side by side."
    )
    undo_line(studio)
    opened = st.query_params.get(TAKE)
    if opened:
        _opened(studio, opened)
    if not studio.store.library.operations():
        _teach()
        return
    try:
        _shelf(studio, ask(studio))
    except DailiesError as error:
        show(error)


def _opened(studio: Studio, take_id: str) -> None:
    try:
        take_card(studio, studio.store.library.get(take_id))
    except NotFound as error:
        st.warning(error.hint, title=error.message, icon=":material/search_off:")


def _teach() -> None:
    st.info("Press Run on a model's page, or cut a clip. Every result is kept here.", title="There are no takes yet")
    st.page_link(ROOT / "pages" / "start" / "home.py", label="Go to Start", icon=":material/arrow_forward:")


def _shelf(studio: Studio, wanted: Wanted) -> None:
    """One page of what matches; a page that is not there any more is the last one."""
    page = int(st.session_state.get(PAGE) or 1)
    takes, total = studio.store.library.find(wanted, offset=(page - 1) * ON_A_PAGE, limit=ON_A_PAGE)
    pages = max(1, ceil(total / ON_A_PAGE))
    if page > pages:
        st.session_state[PAGE] = page = pages
        takes, total = studio.store.library.find(wanted, offset=(page - 1) * ON_A_PAGE, limit=ON_A_PAGE)
    compare_line()
    if not takes:
        _nothing(wanted)
        return
    first = (page - 1) * ON_A_PAGE + 1
    st.caption(f"{first} to {first + len(takes) - 1} of {count(total, 'take')}" if pages > 1 else count(total, "take"))
    grid = st.grid("auto", min_column_width=230, gap="medium")
    for kept in takes:
        with grid.cell():
            _cell(studio, kept)
    if pages > 1:
        st.pagination(pages, key=PAGE, persist_state="session")


def _nothing(wanted: Wanted) -> None:
    if wanted.deleted:
        st.info("A deleted take lies here for seven days and can be brought back.", title="Nothing was deleted lately")
    elif wanted.favourite:
        st.info("Press the star of a take that you want to find again.", title="No take matches here")
    else:
        st.info("Try fewer words, or clear the filter.", title="No take matches")


def _cell(studio: Studio, kept: KeptTake) -> None:
    take_id = kept.take.id
    with st.container(border=True, gap="xsmall", key=f"take-{take_id}", height="stretch"):
        _poster(studio, kept)
        words, color = mode_of(kept)
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="xsmall"
        ):
            st.markdown(f"**{plain(name_of(kept))}**", width="content")
            st.badge(words, color=color)  # type: ignore[arg-type]
        if said := told(kept) or _other_name(kept):
            st.caption(plain(said))
        who = (plain(kept.label), ago(kept.take.created_at, time.time()), cost_words(kept))
        st.caption(" · ".join(part for part in who if part))
        if kept.note:
            st.caption(f":material/edit_note: {plain(kept.note)}")
        _actions(studio, kept)


def _other_name(kept: KeptTake) -> str:
    """The run's name, where it says more than that of the operation."""
    return kept.run_name if kept.run_name != name_of(kept) else ""


def _poster(studio: Studio, kept: KeptTake) -> None:
    """The browser fetches it by itself: no page waits for a picture."""
    sha256 = kept.take.sha256
    address = poster_address(studio, sha256) if sha256 else None
    if address:
        st.image(address, alt=f"{name_of(kept)}: {told(kept) or kept.run_name}", width="stretch")


def _actions(studio: Studio, kept: KeptTake) -> None:
    take_id = kept.take.id
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if kept.deleted_at is not None:
            st.button(
                "Bring back", key=f"back:{take_id}", icon=":material/undo:", on_click=studio.store.library.restore,
                args=(take_id,),
            )  # fmt: skip
            return
        st.button("Open", key=f"open:{take_id}", on_click=put_take_in_address, args=(take_id,))
        star_button(studio, kept, "list")
        compared = _compared()
        st.checkbox(
            "Compare", value=take_id in compared, key=f"compare:{take_id}", on_change=_choose, args=(take_id,),
            disabled=len(compared) >= MOST_COMPARED and take_id not in compared,
        )  # fmt: skip


def _compared() -> list[str]:
    return list(st.session_state.get(COMPARED, []))


def _choose(take_id: str) -> None:
    others = [each for each in _compared() if each != take_id]
    ticked = bool(st.session_state.get(f"compare:{take_id}"))
    st.session_state[COMPARED] = [*others, take_id][:MOST_COMPARED] if ticked else others


def compare_line() -> None:
    """What is chosen for comparison, and the way there."""
    chosen = _compared()
    if not chosen:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="compare-line"):
        st.markdown(f"**{count(len(chosen), 'take')}** chosen", width="content")
        pressed = st.button(
            "Compare", key="takes:compare", type="primary", icon=":material/compare:", disabled=len(chosen) < 2,
            help="Choose two to four takes." if len(chosen) < 2 else None,
        )  # fmt: skip
        st.button("Forget the choice", key="takes:forget", type="tertiary", on_click=_forget)
    if pressed:
        st.switch_page(COMPARE_PAGE, query_params={"takes": ",".join(chosen)})


def _forget() -> None:
    for take_id in _compared():
        if f"compare:{take_id}" in st.session_state:  # taken out, it would come back with the browser's next word
            st.session_state[f"compare:{take_id}"] = False
    st.session_state[COMPARED] = []
    first_page()
