"""A take's exact request as code, to be copied: Python, JavaScript, cURL, and a chain of our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from lib.catalog import export, known
from lib.store.views import Purchase


def code_card(operation_id: str, input: Mapping[str, Any], bought: Purchase | None, key: str) -> None:
    """Folded; what stands in it sends the very body that was sent. Absent where there is nothing to show."""
    shown = list(programs(operation_id, input, bought))
    if not shown:
        return
    with st.expander("As code", type="compact", key=key):
        if bought is not None:
            st.caption(_about(bought))
        tabs = st.tabs([name for name, _, _ in shown])
        for tab, (_, language, text) in zip(tabs, shown, strict=True):
            tab.code(text, language=language, height=320 if text.count("\n") > 14 else "content")


def programs(operation_id: str, input: Mapping[str, Any], bought: Purchase | None) -> Iterator[tuple[str, str, str]]:
    """(name, language, text) of each program. A cut has no request; an operation of another version has no chain."""
    if bought is not None:
        yield "Python", "python", export.python(bought.endpoint, bought.payload)
        yield "JavaScript", "javascript", export.javascript(bought.endpoint, bought.payload)
        yield "cURL", "bash", export.curl(bought.endpoint, bought.payload)
    made = known(operation_id)
    if made is not None:
        yield "Chain", "json", export.chain(made.id, made.title, input)


def _about(bought: Purchase) -> str:
    words = "The exact request. It buys on fal with your own key, from `FAL_KEY`."
    if bought.mode == "rehearsal":
        return f"{words} Its files lie on the stand-in of this machine: put them where fal can read them first."
    return f"{words} The addresses of its files expire after some days."
