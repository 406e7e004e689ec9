"""A run as it goes: every step with its state, progress, result and price; looked at again until it has ended."""

from __future__ import annotations

import time

import streamlit as st

from lib.errors import DailiesError, NotFound
from lib.store.views import ENDED_STEP, RunView
from lib.studio import Studio
from lib.ui import player
from lib.ui.errors import show
from lib.ui.go_live import offer_live, say_what_live_showed
from lib.ui.hand_over import hand_over
from lib.ui.money import run_cost, step_cost
from lib.ui.names import all_local
from lib.ui.session import BASE_URL, get_studio
from lib.ui.step_card import step_card, title_of
from lib.ui.text import ago, length, plain

PACES = ((30.0, 1.0), (180.0, 2.0), (float("inf"), 4.0))
"""(age in s, seconds between two looks): what takes minutes is looked at less often, which nobody notices."""
WAKE_EVERY_S = 5.0
STEPS_ABREAST = 3
STATUS = {
    "queued": ("Queued", "gray"),
    "running": ("Running", "blue"),
    "uncertain": ("Needs your decision", "orange"),
    "done": ("Done", "green"),
    "failed": ("Failed", "red"),
    "cancelled": ("Cancelled", "gray"),
}


def run_card(run_id: str, beside: str = "") -> None:
    """Draws the run and keeps it up to date. An unknown id gets a sentence.

    `beside` is the operation whose form stands on the same page.
    """
    try:
        run = get_studio().run(run_id)
    except NotFound:
        st.warning(
            "It may belong to another data folder, or the address was cut short.", title="There is no such run",
            icon=":material/search_off:",
        )  # fmt: skip
        return
    every_s = pace(run, time.time())
    st.fragment(_look, run_every=every_s)(run_id, every_s, beside)


def pace(run: RunView, now: float) -> float | None:
    """Seconds until an open page looks at the run again; None once it has ended. Each step begins anew."""
    if run.ended:
        return None
    begun = max([run.created_at, *(step.started_at or 0.0 for step in run.steps)])
    return next(every_s for age_s, every_s in PACES if now - begun < age_s)


def _look(run_id: str, every_s: float | None, beside: str) -> None:
    try:
        run = get_studio().run(run_id)
        if every_s is not None and pace(run, time.time()) != every_s:
            st.rerun()  # the whole page once more, so that its clock goes at the new pace, or away
        _draw(get_studio(), run, beside)
    except DailiesError as error:
        show(error)


def _draw(studio: Studio, run: RunView, beside: str) -> None:
    if not run.ended:
        keep_awake(studio)
    with st.container(border=True, key=f"run-{run.id}"):
        _head(studio, run)
        _finished(studio, run)
        offer_live(studio, run)
        say_what_live_showed(studio, run)
        for row in range(0, len(run.steps), STEPS_ABREAST):
            steps = run.steps[row : row + STEPS_ABREAST]
            for column, step in zip(st.columns(len(steps), gap="medium"), steps, strict=True):
                with column:
                    step_card(studio, run, step, beside)


def _head(studio: Studio, run: RunView) -> None:
    now = time.time()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap="xsmall", width="content"):
            st.markdown(f"#### {plain(run.name[:1].upper() + run.name[1:])}")
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                badges(run)
                took = length((run.finished_at or now) - run.created_at)
                cost = step_cost(run.steps[0], run.mode) if len(run.steps) == 1 else run_cost(run)
                st.caption(f"{took} · {cost} · started {ago(run.created_at, now)}")
        cancel_button(studio, run, "card")
        hand_over(studio, run)
    if st.session_state.get(BASE_URL) is None:
        st.caption("This host has no file server of ours: files up to 100 MB are shown, through its memory.")
    if not run.ended and len(run.steps) > 1:
        part, words = how_far(run)
        st.progress(part, text=plain(words))
    if run.mode == "rehearsal" and not all_local(run):
        st.caption("Made by stand-in models from your real files: it shows how it works, not how good a model is.")


def _finished(studio: Studio, run: RunView) -> None:
    """What a finished chain is for, large; a single step shows it in its own card."""
    takes = [step.take.sha256 for step in run.steps if step.take is not None and step.take.sha256 is not None]
    if run.status != "done" or len(run.steps) == 1 or not takes:
        return
    large, beside = st.columns([5, 2], gap="medium", vertical_alignment="center")
    with large:
        asset = player.show(studio, takes[-1], label=f"{run.name}: finished")
    with beside:
        st.markdown("#### Your video is ready")
        if asset is not None:
            st.caption(plain(player.facts_line(asset)))
            player.save_button(studio, asset, f"save-{run.id}")


def how_far(run: RunView) -> tuple[float, str]:
    """The part that is done, 0 to 1, and "Step 2 of 3: lip-sync"."""
    ended = sum(step.state in ENDED_STEP for step in run.steps)
    active = next((step for step in run.steps if step.state in ("running", "ready", "uncertain", "asking")), None)
    if active is None:
        return ended / len(run.steps), "About to begin"
    part = active.progress.fraction or 0.0 if active.progress else 0.0
    words = f"Step {active.position + 1} of {len(run.steps)}: {title_of(active.operation).lower()}"
    return min((ended + part) / len(run.steps), 1.0), words


def badges(run: RunView) -> None:
    """What the run is: rehearsal or live, and how it stands."""
    words, color = STATUS[run.status]
    if run.cancel_requested and not run.ended:
        words, color = "Cancelling", "orange"
    st.badge(words, color=color)  # type: ignore[arg-type]
    if all_local(run):
        st.badge("On this machine", color="gray")
        return
    rehearsal = run.mode == "rehearsal"
    st.badge("Rehearsal" if rehearsal else "Live", color="violet" if rehearsal else "orange")


def cancel_button(studio: Studio, run: RunView, where: str) -> None:
    """Asks an unfinished run to stop; absent once it has ended."""
    if run.ended:
        return
    pressed = st.button(
        "Cancel", key=f"{where}:cancel:{run.id}", disabled=run.cancel_requested, icon=":material/stop_circle:",
        help="Steps that have not begun stop at once. The provider is asked to stop a request that is under way.",
    )  # fmt: skip
    if pressed:
        studio.cancel(run.id)
        st.rerun()


def keep_awake(studio: Studio) -> None:
    """A run that is looked at has a worker, even if the last one was killed."""
    last = st.session_state.get("woken_at", 0.0)
    if time.monotonic() - last < WAKE_EVERY_S:
        return
    st.session_state["woken_at"] = time.monotonic()
    try:
        studio.wake()
    except DailiesError as error:
        show(error)  # and the run below it, as it stands
