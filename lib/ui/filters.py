"""What people say they look for among their takes: widgets on one side, `Wanted` on the other."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import streamlit as st

from lib.catalog import CUTS, OPERATIONS
from lib.catalog.form import fields
from lib.catalog.operation import Family, Operation
from lib.store.library import Order, Wanted
from lib.studio import Studio
from lib.ui.places import ALL
from lib.ui.text import plain

ANY = "Any"
OTHER = "Other models"
SHOWN = ("All", "Favourites", "Deleted")
MODES = (ANY, "Rehearsal", "Live", "On this machine")
WHENS: Mapping[str, float | None] = {ANY: None, "Today": 1, "Last 7 days": 7, "Last 30 days": 30}
BETWEEN = "Between two days"
COSTS = (ANY, "Free", "Paid for")
ORDERS: Mapping[str, Order] = {"Newest first": "newest", "Oldest first": "oldest", "Most expensive first": "costliest"}
TEXTS = ("text", "long_text", "text_list")
KEY = "takes:"
PAGE = f"{KEY}page"
DAY_S = 24 * 3600.0


def ask(studio: Studio) -> Wanted:
    """Draws the search, the shelf and the filter; what they say together."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            "Search", key=f"{KEY}words", placeholder="Search prompts, names, notes", icon=":material/search:",
            type="search", label_visibility="collapsed", live=True, on_change=first_page, persist_state="session",
            width=340,
        )  # fmt: skip
        _segments("Shelf", f"{KEY}shelf", SHOWN)
        set_now = chosen(st.session_state)
        with st.popover(
            f"Filter ({len(set_now)})" if set_now else "Filter", icon=":material/tune:", key=f"{KEY}filter"
        ):
            _filter(studio)
        if set_now:
            st.button("Clear", key=f"{KEY}clear", on_click=clear, type="tertiary", icon=":material/close:")
    if set_now:
        st.caption(plain(" · ".join(set_now)))
    return wanted(st.session_state, time.time())


def _filter(studio: Studio) -> None:
    _select("Model or cut", f"{KEY}family", families(studio.store.library.operations()))
    _select("Started by", f"{KEY}label", [ANY, *studio.store.library.labels()])
    _select("Mode", f"{KEY}mode", MODES)
    _select("When", f"{KEY}when", [*WHENS, BETWEEN])
    if st.session_state.get(f"{KEY}when") == BETWEEN:
        with st.container(horizontal=True):
            _day("From", f"{KEY}from")
            _day("To", f"{KEY}to")
    _select("Cost", f"{KEY}cost", COSTS)
    if st.session_state.get(f"{KEY}cost") == COSTS[2]:
        st.number_input(
            "At least (US dollars)", 0.0, value=None, step=0.1, format="%.2f", key=f"{KEY}least", placeholder="any",
            on_change=first_page, persist_state="session",
        )  # fmt: skip
    _select("Order", f"{KEY}order", ORDERS)


def wanted(state: Mapping[Any, Any], now: float) -> Wanted:
    """What the widgets say, at `now` (seconds since 1970). Days are those of UTC, as everywhere in Dailies."""
    family, mode, least = (state.get(f"{KEY}{name}") for name in ("family", "mode", "least"))
    since, before = _times(state, now)
    paid = {"Free": False, "Paid for": True}.get(str(state.get(f"{KEY}cost")))
    shelf, label = state.get(f"{KEY}shelf"), state.get(f"{KEY}label")
    return replace(
        looking_for(str(state.get(f"{KEY}words") or "")),
        operations=_operations(family, mode), but=_left_out(family, mode), since=since, before=before,
        label=None if label in (None, ANY) else str(label), mode=_MODE.get(str(mode)), paid=paid,
        least_usd=Decimal(str(least)) if paid and least else None, favourite=shelf == "Favourites",
        deleted=shelf == "Deleted", order=ORDERS.get(str(state.get(f"{KEY}order")), "newest"),
    )  # fmt: skip


def looking_for(words: str) -> Wanted:
    """All that has these words in its name, notes, texts, or in what made it is called."""
    return Wanted(words=words, text_fields=text_fields(), named={word: _named(word) for word in words.split()})


_MODE: Mapping[str, Any] = {"Rehearsal": "rehearsal", "Live": "live"}


def chosen(state: Mapping[Any, Any]) -> list[str]:
    """What the filter says, in words; what matches everything is not said."""
    said = [str(state[key]) for name in ("family", "label", "mode", "when", "cost") if _says(state, key := KEY + name)]
    least = state.get(f"{KEY}least")
    return [*said, f"at least ${least:.2f}"] if least and "Paid for" in said else said


def clear() -> None:
    """Forgets the filter; the search, the shelf and the order stay."""
    for name in ("family", "label", "mode", "when", "cost"):
        st.session_state[KEY + name] = ANY
    for name in ("from", "to", "least"):
        st.session_state[KEY + name] = None
    first_page()


def first_page() -> None:
    """Another question is answered from its first page on."""
    st.session_state[PAGE] = 1


def families(operation_ids: Iterable[str]) -> list[str]:
    """The titles to choose from: those with takes, in the order of the pages."""
    made = set(operation_ids)
    known = [family.title for family in ALL if made & {each.id for each in family.operations}]
    return [ANY, *known, *([OTHER] if made - OPERATIONS.keys() else [])]


@cache
def text_fields() -> frozenset[str]:
    """The names of all fields in which people write."""
    return frozenset(spec.name for made in OPERATIONS.values() for spec in fields(made.input) if spec.kind in TEXTS)


def _named(word: str) -> list[str]:
    """The operations whose title or page is called so."""
    low = word.lower()
    return [made.id for family in ALL for made in family.operations if low in f"{family.title} {made.title}".lower()]


def _operations(family: Any, mode: Any) -> list[str] | None:
    found = _family(family)
    if found is not None:
        return [made.id for made in found.operations]
    return list(CUTS) if mode == MODES[3] else None


def _left_out(family: Any, mode: Any) -> list[str]:
    """Cuts are no rehearsals, whatever run they belong to."""
    cuts = list(CUTS) if mode in MODES[1:3] else []
    return [*cuts, *OPERATIONS] if family == OTHER else cuts


def _family(title: Any) -> Family[Operation] | None:
    return next((family for family in ALL if family.title == title), None)


def _times(state: Mapping[Any, Any], now: float) -> tuple[float | None, float | None]:
    when = state.get(f"{KEY}when")
    if when == BETWEEN:
        first, last = state.get(f"{KEY}from"), state.get(f"{KEY}to")
        return _begin(first), _begin(last + timedelta(days=1) if last else None)
    days = WHENS.get(str(when))
    today = datetime.fromtimestamp(now, UTC).date()
    return _begin(today - timedelta(days=days - 1) if days else None), None


def _begin(day: date | None) -> float | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() if day else None


def _says(state: Mapping[Any, Any], key: str) -> bool:
    return state.get(key) not in (None, ANY)


def _segments(label: str, key: str, options: Iterable[str]) -> None:
    listed = list(options)
    st.session_state.setdefault(key, listed[0])
    st.segmented_control(
        label, listed, key=key, required=True, label_visibility="collapsed", on_change=first_page,
        persist_state="session",
    )  # fmt: skip


def _select(label: str, key: str, options: Iterable[str]) -> None:
    listed = list(options)
    if st.session_state.get(key) not in listed:
        st.session_state[key] = listed[0]
    st.selectbox(label, listed, key=key, on_change=first_page, persist_state="session")


def _day(label: str, key: str) -> None:
    st.date_input(label, value=None, key=key, on_change=first_page, persist_state="session", max_value="today")
