"""A take that waits for a person: what was found in it, the pictures concerned, and the three ways on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.catalog import known
from lib.catalog.recorded import price_of
from lib.errors import DailiesError
from lib.media.timing import frame_at
from lib.store.views import Asset, RunView, StepView
from lib.studio import Studio
from lib.ui.errors import show
from lib.ui.links import signature
from lib.ui.money import price_words
from lib.ui.session import BASE_URL
from lib.ui.terms import live_pass, may_spend
from lib.ui.text import plain

MOST_PICTURES = 3


def ask_about(studio: Studio, run: RunView, step: StepView) -> None:
    """Accept the take, make it again with another seed, or stop; each says what it means for money."""
    found = step.gate.found if step.gate is not None else ()
    title = "Something is wrong with this take" if found else "Does this take go on?"
    said = " ".join(str(one["said"]) for one in found) or "You wanted to look at it before more is bought."
    st.warning(plain(said), title=title, icon=":material/front_hand:")
    _pictures(studio, step, found)
    name = f"gate:{run.id}:{step.id}:{step.attempt}:{step.resume}"
    if may_spend(studio, run, name):
        if st.button("Accept it and go on", key=f"{name}:accept", type="primary"):
            _decide(studio, run, step, "accept")
        if st.button(_again(run, step), key=f"{name}:redo", help="This take is kept beside the new one."):
            _decide(studio, run, step, "redo")
    if st.button(
        "Stop here", key=f"{name}:stop", type="tertiary", help="The take is kept; nothing after it is bought."
    ):
        _decide(studio, run, step, "stop")


def _again(run: RunView, step: StepView) -> str:
    made = known(step.operation)
    how = "with another seed" if made is not None and made.seed_field() else "once more"
    cost = price_words(price_of(step.estimate)) if run.mode == "live" else "free"
    return f"Make it again {how} ({cost})"


def _decide(studio: Studio, run: RunView, step: StepView, answer: str) -> None:
    try:
        studio.decide(run.id, step.id, answer, attempt=step.attempt, live_pass=live_pass())
    except DailiesError as error:
        show(error)
        return
    st.rerun()


def _pictures(studio: Studio, step: StepView, found: Sequence[dict[str, Any]]) -> None:
    """The pictures at which the defects begin, beside each other; none in a plain script, which serves no files."""
    base, sha256 = st.session_state.get(BASE_URL), step.take.sha256 if step.take else None
    if not base or sha256 is None:
        return
    asset = studio.asset(sha256)
    for column, (number, at_s) in zip(st.columns(MOST_PICTURES), moments(asset, found), strict=False):
        address = f"{base}/film/{sha256}/still/{number}?key={signature(studio, sha256)}"
        column.image(address, caption=f"at {at_s:.1f} s", alt=f"The picture at {at_s:.1f} s")


def moments(asset: Asset, found: Sequence[dict[str, Any]]) -> list[tuple[int, float]]:
    """(picture, second) at which the defects begin that can be seen, each once."""
    facts = asset.facts
    if facts.kind != "video" or not facts.frames or not facts.fps:
        return []
    heard = ("silence", "clipping", "out_of_step")
    times = [float(one["at_s"]) for one in found if one.get("at_s") is not None and one["kind"] not in heard]
    last = facts.frames - 1
    return list({min(frame_at(at_s, facts), last): at_s for at_s in times}.items())[:MOST_PICTURES]
