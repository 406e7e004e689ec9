"""The browser part of comparing: one control of our own (plain JavaScript) over the stored files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import streamlit as st

from lib.errors import NotFound
from lib.settings import ROOT
from lib.store.views import Asset, KeptTake
from lib.studio import Studio
from lib.ui import player
from lib.ui.links import file_address
from lib.ui.take_words import name_of, told
from lib.ui.text import plain

MOST = 4
FOLDER = ROOT / "lib" / "assets" / "compare"
SHOWN = ("video", "image")


def compare_player(studio: Studio, takes: Sequence[KeptTake], letters: str) -> None:
    """Plays the first file of each take in lock-step. Without routes of our own they are shown one by one."""
    found = [(letter, kept, _file(studio, kept)) for letter, kept in zip(letters, takes, strict=False)]
    panes = [_pane(studio, letter, kept, asset) for letter, kept, asset in found if asset is not None]
    sources = [pane for pane in panes if pane is not None]
    if len(sources) == len(takes):
        _control()(key="compare", data={"panes": sources}, width="stretch", height="content")
        return
    for column, (letter, kept, asset) in zip(st.columns(len(found), gap="small"), found, strict=True):
        with column:
            st.markdown(f"**{letter}** {plain(name_of(kept))}")
            if asset is None:
                st.caption("There is no file to show.")
            else:
                player.show(studio, asset.sha256, label=name_of(kept))


def _file(studio: Studio, kept: KeptTake) -> Asset | None:
    try:
        return studio.asset(kept.take.sha256) if kept.take.sha256 else None
    except NotFound:
        return None


def _pane(studio: Studio, letter: str, kept: KeptTake, asset: Asset) -> dict[str, Any] | None:
    """What the control needs to know of one take; None for what it cannot show."""
    address = file_address(studio, asset)
    if address is None or asset.kind not in SHOWN:
        return None
    facts = asset.facts
    return {
        "letter": letter, "name": name_of(kept), "told": told(kept), "kind": asset.kind, "url": address,
        "facts": facts.sentence(), "fps": facts.fps or 0, "frames": facts.frames or 0, "width": facts.width or 16,
        "height": facts.height or 9, "start_s": facts.picture_start_s, "shown_at_s": list(facts.shown_at_s),
    }  # fmt: skip


@cache
def _control() -> Callable[..., Any]:
    html, css, js = ((FOLDER / f"compare.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component("dailies_compare", html=html, css=css, js=js)
