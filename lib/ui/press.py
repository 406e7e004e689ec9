"""The button that starts a run: one run, however often it is pressed, and disabled from the first press on."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from lib.errors import DailiesError
from lib.ui.errors import show
from lib.ui.session import put_run_in_address

DOUBLE_CLICK_S = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """How such a button looks; the one of a form is the page's first, and answers Ctrl+Enter."""

    icon: str = ":material/play_arrow:"
    type: Literal["primary", "secondary", "tertiary"] = "primary"
    shortcut: str | None = "Ctrl+Enter"
    help: str | None = None


FIRST = Look()


def start_button(
    name: str,
    label: str,
    start: Callable[[str], str],
    *,
    disabled: bool = False,
    on_error: Callable[[DailiesError], None] | None = None,
    title_of: Callable[[str], str] = str,
    look: Look = FIRST,
) -> None:
    """Draws the button; once pressed, calls `start` with the token of this form and puts the run into the address.

    The token is part of the button, so a second press of the same button asks for the same run. What `start` raises is
    shown below the button and given to `on_error`, which may put messages at fields; `title_of` says what the field of
    a path is called.
    """
    state = st.session_state
    token = state.setdefault(f"{name}:token", secrets.token_urlsafe(16))
    pressed = state.get(f"{name}:pressed") == token
    st.button(
        label, key=f"{name}:start:{token}", type=look.type, icon=look.icon, disabled=disabled or pressed,
        on_click=_press, args=(name, token), shortcut=look.shortcut, help=look.help,
    )  # fmt: skip
    if error := state.get(f"{name}:error"):
        show(_in_short(error, title_of))
    if not pressed:
        return
    try:
        with st.spinner("Starting"):
            run_id = start(token)
    except DailiesError as failure:
        state[f"{name}:error"] = failure.record()
        if on_error is not None:
            on_error(failure)
        del state[f"{name}:pressed"]
        st.rerun()
    except Exception:
        del state[f"{name}:pressed"]  # or every redraw would press again
        raise
    state[f"{name}:token"] = secrets.token_urlsafe(16)
    state[f"{name}:started_at"] = time.monotonic()
    del state[f"{name}:pressed"]
    put_run_in_address(run_id)
    st.rerun()


def _in_short(error: Mapping[str, Any], title_of: Callable[[str], str]) -> Mapping[str, Any]:
    """Messages that stand at their fields are not said twice, nor are the names that the wire has for fields."""
    wrong = list(dict.fromkeys(title_of(path) for path in error.get("fields") or {}))
    if not wrong:
        return error
    named = ", ".join(wrong)
    message = (
        f"One field needs a change: {named}." if len(wrong) == 1 else f"{len(wrong)} fields need a change: {named}."
    )
    return {"message": message, "hint": "What is wrong stands right below the field."}


def _press(name: str, token: str) -> None:
    """The second click of a double click may land on the next button, and a key that is held presses again and again:
    none of these is meant, until nothing was pressed for a while.
    """
    if time.monotonic() - st.session_state.get(f"{name}:started_at", -DOUBLE_CLICK_S) < DOUBLE_CLICK_S:
        st.session_state[f"{name}:started_at"] = time.monotonic()
        return
    st.session_state[f"{name}:pressed"] = token
    st.session_state[f"{name}:error"] = None
