"""How a failure looks: what is wrong, and what to do. Never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.errors import DailiesError
from lib.ui.text import plain

log = logging.getLogger(__name__)
FAULT = {
    "kind": "Fault",
    "message": "Something went wrong inside Dailies.",
    "hint": "Reload the page. Runs go on without it; the server's log has the details.",
}


def show(error: DailiesError | Mapping[str, Any], *, is_question: bool = False) -> None:
    """The error in a box: its message as title, its hint below. Takes one that was kept on a run as well.

    `is_question`: nothing failed, somebody has to decide.
    """
    record = error.record() if isinstance(error, DailiesError) else error
    message, hint = plain(str(record.get("message", ""))), plain(str(record.get("hint") or ""))
    box = st.warning if is_question else st.error
    box(hint or "Try again.", title=message or "Something failed.")


def on_script_error(error: Exception) -> bool:
    """What the server does with an exception that no page caught: our own words on screen, the rest in the log."""
    if isinstance(error, DailiesError):
        show(error)
    else:
        log.error("a page failed", exc_info=error)
        show(FAULT)
    return True
