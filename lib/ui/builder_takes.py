"""The takes of one step of a chain that is built, side by side: which one flows on, and how they compare."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.chain.edit import choose
from lib.chain.model import Step
from lib.store.views import KeptTake, Take
from lib.studio import Studio
from lib.ui.bench import Bench
from lib.ui.posters import poster_address
from lib.ui.take_words import cost_words, told
from lib.ui.takes_page import COMPARE_PAGE, MOST_COMPARED
from lib.ui.text import ago, count, plain

MOST = 12


def takes_of(studio: Studio, bench: Bench, step: Step, flowing: Sequence[Take], takes: Sequence[Take]) -> None:
    """Folded away: every take that the step has had, the newest first, each to be chosen as the one that flows on."""
    own = [take for take in takes if is_of(take, step)]
    flow = {take.id for take in flowing}
    if step.take and step.take not in {take.id for take in own}:
        own += [one.take for one in studio.store.library.some([step.take])]
    if not own:
        return
    with st.popover(count(len(own), "take"), icon=":material/filter_none:", type="tertiary"):
        grid = st.grid("auto", min_column_width=150, gap="small")
        for kept in studio.store.library.some([take.id for take in own[:MOST]]):
            with grid.cell():
                _take(studio, bench, step, kept, flows=kept.take.id in flow)
        if len(own) > 1:
            ids = ",".join(take.id for take in own[:MOST_COMPARED])
            st.page_link(
                COMPARE_PAGE, label="Compare the newest", icon=":material/compare:", query_params={"takes": ids}
            )


def is_of(take: Take, step: Step) -> bool:
    """Whether it was made by the step, or by one of its copies of a sweep."""
    return re.fullmatch(rf"{re.escape(step.id)}(-\d+)?", take.step_id) is not None and (
        take.operation.partition("@")[0] == step.operation.partition("@")[0]
    )


def _take(studio: Studio, bench: Bench, step: Step, kept: KeptTake, *, flows: bool) -> None:
    take = kept.take
    address = poster_address(studio, take.sha256) if take.sha256 else None
    if address:
        st.image(address, width="stretch", alt=f"Take of {step.id}")
    seed = take.output.get("seed", take.input.get("seed"))
    named = f"seed {seed}" if seed is not None else ""
    about = ago(take.created_at, time.time()), cost_words(kept), named, plain(told(kept))
    st.markdown(f":small[:gray[{' · '.join(part for part in about if part)}]]")
    if step.take == take.id:
        _button(bench, step, take, "Let the settings decide", "lock_open", None)
    elif flows:
        st.markdown(":small[:green[:material/check: Flows on]]")
    else:
        _button(bench, step, take, "Let this one flow on", "lock", take.id)


def _button(bench: Bench, step: Step, take: Take, label: str, icon: str, chosen: Any) -> None:  # noqa: PLR0917
    st.button(
        label, key=f"bench:{step.id}:take:{take.id}", icon=f":material/{icon}:", type="tertiary",
        on_click=bench.change, args=(lambda board: choose(board, step.id, chosen),),
    )  # fmt: skip
