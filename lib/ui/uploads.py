"""The upload control: a file of up to 2 GB from the browser to the disk, in parts, on from where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from lib.studio import Studio
from lib.ui.links import signature
from lib.ui.shipped import shipped_address, shipped_text
from lib.ui.upload_routes import TICKET

LIMIT = "Up to 2 GB"
# Small and inline; what is large is fetched by it from /assets.
_control = st.components.v2.component(
    "dailies_upload",
    html=shipped_text("upload/control.html"),
    css=shipped_text("upload/control.css"),
    js=shipped_text("upload/loader.js"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a field takes: "video", what people call it ("a video"), the file endings that are offered, and whether
    several may be chosen at once.
    """

    kind: str
    words: str
    endings: Sequence[str]
    many: bool = False


def upload_control(
    studio: Studio,
    base: str,
    wanted: Wanted,
    *,
    key: str,
    series: str,
    disabled: bool = False,
    wrong: bool = False,
    on_began: Callable[[], None],
    on_sent: Callable[[str], None],
) -> None:
    """Draws the control; `base` is the app's own address.

    `on_sent` gets the SHA-256 of a file that the server has checked and kept. With `wrong` a message stands at the
    field, and `on_began` is called as soon as another file is chosen. A new `key` is a fresh control; of several files
    the next one is sent by the next control of the same `series`.
    """
    endings = [ending.upper() for ending in wanted.endings]
    _control(
        key=key,
        data={
            "slot": key,
            "series": series,
            "many": wanted.many,
            "script": shipped_address(base, "upload/control.js"),
            "tus": shipped_address(base, "upload/tus.min.js"),
            "endpoint": f"{base}/upload",
            "ticket": signature(studio, TICKET),
            "kind": wanted.kind,
            "endings": tuple(wanted.endings),  # for a list, Streamlit would load pandas to see whether it is a table
            "label": f"Upload {wanted.words}",
            "limits": f"{LIMIT} · {', '.join(endings)}",
            "refusal": f"This field takes {wanted.words}: {', '.join(endings)}.",
            "disabled": disabled,
            "wrong": wrong,
        },
        on_began_change=on_began,
        on_sent_change=lambda: _pass_on(key, on_sent),
    )


def _pass_on(key: str, on_sent: Callable[[str], None]) -> None:
    """The browser tells it again until the control is gone; what comes after that is known already."""
    told = st.session_state.get(key)
    if told is not None and told.sent:
        on_sent(str(told.sent))
