"""A result beside a form that has changed since: it says so, so that nobody takes the one for the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.catalog.operation import Operation
from lib.errors import InputError
from lib.store.views import RunView
from lib.ui.draft import Draft

MARKS = frozenset({"start_s", "end_s", "start_frame", "end_frame", "parts"})


def say_if_changed(made: Operation, draft: Draft, run: RunView) -> None:
    """One line above the result of a cut that was made otherwise than the form now says, and the way back to it."""
    step, now = run.chain["steps"][0], draft.values()
    if not made.local or step["operation"] != made.id or not now:
        return
    changed = differing(made, step["input"], now)
    if not changed:
        return
    what = "marks" if changed <= MARKS else "settings"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{draft.slug}:stale"):
        st.markdown(f":orange[:material/history: This was made with other {what} than the form has now.]")
        st.button(
            f"Show its {what}", key=f"{draft.slug}:back", type="tertiary", icon=":material/undo:",
            on_click=draft.fill, args=(step["input"],),
        )  # fmt: skip


def differing(made: Operation, before: Mapping[str, Any], now: Mapping[str, Any]) -> frozenset[str]:
    """The fields in which two inputs differ; those of a form that does not validate differ as they stand."""
    one, other = _sent(made, before), _sent(made, now)
    return frozenset(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _sent(made: Operation, values: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return made.validate(values).payload()
    except InputError:
        return values
