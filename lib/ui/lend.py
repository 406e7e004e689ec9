"""A value of the page, lent to a widget: what the server writes is never undone by a late word of the browser.

With each request the browser sends the values of all its widgets as it has them. One that was on its way while the
server wrote a value brings the old value back, and Streamlit takes it for a change that somebody made. So the value
lives beside its widgets, and a widget that shows another one gets a new identity: to the old one nobody listens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

NOW: Any = object()


def lend(key: str, *, shown: Any = NOW, by: str = "", take: Callable[[Any], None] | None = None) -> dict[str, Any]:
    """The `key` and `on_change` of a widget that shows the session's value under `key`, and changes it when used.

    `shown` is what it shows in place of that value; `by` tells several widgets of one value apart; `take` is called
    with what somebody chose, in place of keeping it under `key`, and may write there what is to be shown from now on. A
    widget that is used keeps its identity, and with it the focus, as long as it is given to show what it said.
    """
    state = st.session_state
    turn, keeps = f"{key}:{by}:turn", shown is NOW
    own = _own(key, by, state.get(turn, 0))
    if keeps:
        shown = state.get(key)
    if own in state and state[own] != shown:
        state[turn] = state.get(turn, 0) + 1
        own = _own(key, by, state[turn])
    if own not in state:
        state[own] = shown

    def hear() -> None:
        if own != _own(key, by, state.get(turn, 0)):
            return  # of a widget that is no more, but the browser has not heard of it
        if take is None:
            state[key] = state[own]
        else:
            take(state[own])
            if keeps:
                state[own] = state[key]

    return {"key": own, "on_change": hear}


def _own(key: str, by: str, turn: int) -> str:
    return f"{key}:{by}~{turn}"
