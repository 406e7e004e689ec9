"""One step of a run: what it does, how far it is, what came out, and what can be done about it."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from lib.catalog import is_local, known
from lib.media.progress import seconds_left
from lib.store.views import RunView, StepView
from lib.studio import Studio
from lib.ui import player
from lib.ui.again import offer_again
from lib.ui.code_card import code_card
from lib.ui.errors import show
from lib.ui.gate_card import ask_about
from lib.ui.many import some_of, ways_on
from lib.ui.money import step_cost
from lib.ui.names import said_by_title
from lib.ui.once_more import offer_once_more
from lib.ui.proof_card import SAID, proof_line
from lib.ui.proof_routes import proof_address
from lib.ui.send import send_button
from lib.ui.text import length, plain
from lib.ui.timing import timing_words
from lib.ui.uncertain import ask_what_to_do

STATES = {
    "waiting": ("Waiting", "gray"),
    "ready": ("Next", "gray"),
    "running": ("Running", "blue"),
    "uncertain": ("Uncertain", "orange"),
    "asking": ("Needs your decision", "orange"),
    "done": ("Done", "green"),
    "failed": ("Failed", "red"),
    "cancelled": ("Cancelled", "gray"),
    "skipped": ("Skipped", "gray"),
}
MOST_LETTERS = 120
SILENT_S = 20.0
"""A worker that waits for a model tells of it at least every five seconds."""
MANY_FILES = 3
SHOWN_VALUES = (str, int, float, bool)


def step_card(studio: Studio, run: RunView, step: StepView, beside: str = "") -> None:
    """The step as a card; its parts come and go with its state. `beside`: the operation whose form is on the page."""
    alone = len(run.steps) == 1  # then the run's own card has the frame, and has said all this
    with st.container(border=not alone, height="content" if alone else "stretch", key=f"step-{run.id}-{step.id}"):
        if not alone:
            _title(run, step)
        if step.state == "running":
            progress_line(step)
        if step.error is not None and step.state != "asking":
            _error(step, step.error)
        if step.take is not None:
            take_files(studio, run, step)
            _said(studio, run, step)
            offer_once_more(studio, run, step)
        if step.state == "uncertain":
            ask_what_to_do(studio, run, step)
        if step.state == "asking":
            ask_about(studio, run, step)
        if step.state in ("failed", "cancelled"):
            offer_again(studio, run, step, beside)
        _details(step)
        if step.take is not None:
            code_card(step.operation, step.take.input, step.purchase, f"code-{run.id}-{step.id}")


def title_of(operation_id: str) -> str:
    """What a person calls the operation, even if this version does not know it any more."""
    made = known(operation_id)
    return made.title if made else operation_id


def _title(run: RunView, step: StepView) -> None:
    words, color = STATES[step.state]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{step.position + 1}. {plain(title_of(step.operation))}**", width="content")
        st.badge(words, color=color)  # type: ignore[arg-type]
    took = length((step.finished_at or time.time()) - step.started_at) if step.started_at else ""
    st.caption(" · ".join(part for part in (took, step_cost(step, run.mode)) if part))


def _error(step: StepView, error: dict[str, Any]) -> None:
    named = said_by_title(step.operation, error)
    show(named, is_question=step.state == "uncertain")
    for title, words in named["fields"].items():
        st.caption(f":red[{plain(title)}: {plain(words)}]")


def progress_line(step: StepView) -> None:
    """What a running step does, and how far it is."""
    told = step.progress
    if is_silent(step, time.time()):
        st.caption(":material/hourglass_empty: Waiting for the worker, which is started again if it has stopped.")
        return
    words = phase_words(step)
    if told is not None and told.fraction is not None:
        st.progress(min(max(told.fraction, 0.0), 1.0), text=plain(words + time_left(step, time.time())))
    else:
        st.caption(f":material/progress_activity: {plain(words)}")
    if told is not None and told.logs:
        st.caption(plain(told.logs[-1][:MOST_LETTERS]))


def time_left(step: StepView, now: float) -> str:
    """ ", 40 s left" for work done here, whose pace is even; "" where nobody can know."""
    told = step.progress
    if told is None or told.fraction is None or not step.started_at or not is_local(step.operation):
        return ""
    left_s = seconds_left(told.fraction, now - step.started_at)
    return f", {length(left_s)} left" if left_s else ""


def is_silent(step: StepView, now: float) -> bool:
    """Whether nothing was heard of a running step for long: its worker is probably gone."""
    heard = max(step.started_at or 0.0, step.progress.updated_at if step.progress else 0.0)
    return now - heard > SILENT_S


def phase_words(step: StepView) -> str:
    """ "In the queue, 2 before you", "Generating", "Downloading 40 %"."""
    told = step.progress
    if told is None:
        return "Preparing"
    if told.queue_position:
        return f"{told.phase}: {told.queue_position} before you" if told.phase else f"{told.queue_position} before you"
    return f"{told.phase}, {round(told.fraction * 100)} %" if told.fraction is not None else told.phase


def take_files(studio: Studio, run: RunView, step: StepView) -> None:
    """Every file of the step's take: played or shown, with its facts, and ways to save it and to go on with it."""
    output = step.take.output if step.take else {}
    files = files_of(output)
    grid = st.grid(1 if len(files) < MANY_FILES else 2, min_column_width=150, gap="small")
    key = f"files-{run.id}-{step.id}"
    for name, sha256 in some_of(files, key):
        with grid.cell():
            take_file(studio, sha256, f"{title_of(step.operation)}: {name}", f"{run.id}-{step.id}-{name}")
            if said := picture_words(output, name):
                st.caption(plain(said))
    ways_on(studio, run.id, step.id, files, key)
    proof_line(output, f"proof-{run.id}-{step.id}", proof_address(studio, run.id, step.id))


def _said(studio: Studio, run: RunView, step: StepView) -> None:
    """The seed, and where the time went: what people note beside a take."""
    assert step.take is not None
    seed = step.take.output.get("seed", step.take.input.get("seed"))
    timing = timing_words(step, studio.store.progress.moments(run.id, step.id, step.attempt))
    said = [f"Seed {seed}" if isinstance(seed, int) else "", timing[:1].upper() + timing[1:]]
    if any(said):
        st.caption(plain(" · ".join(part for part in said if part)))


def picture_words(output: Any, name: str) -> str:
    """ "Picture 65, at 2.600 s" for a picture that was taken out of a clip; "" for other files."""
    field, _, place = name.partition(".")
    numbers, times = (output or {}).get("frames"), (output or {}).get("times_s")
    at = int(place) if place.isdigit() else 0
    if field not in ("image", "images") or not isinstance(numbers, list) or at >= len(numbers):
        return ""
    return f"Picture {numbers[at]}, at {times[at]:.3f} s" if times and at < len(times) else f"Picture {numbers[at]}"


def take_file(studio: Studio, sha256: str, label: str, key: str) -> None:
    """The file played or shown, with its facts, and ways to go on with it and to save it."""
    asset = player.show(studio, sha256, label=label)
    if asset is None or asset.path is None:
        return
    st.caption(plain(player.facts_line(asset)))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        send_button(asset, f"send-{key}")
        player.save_button(studio, asset, f"save-{key}")


def files_of(output: Any, name: str = "") -> list[tuple[str, str]]:
    """(name, SHA-256) of every stored file in an output, each file once."""
    if isinstance(output, dict):
        if isinstance(output.get("asset"), str):
            return [(name, output["asset"])]
        found = [pair for key, value in output.items() for pair in files_of(value, f"{name}.{key}" if name else key)]
    elif isinstance(output, list):
        found = [pair for at, value in enumerate(output) for pair in files_of(value, f"{name}.{at}")]
    else:
        return []
    return list({sha256: (label, sha256) for label, sha256 in found}.values())


def told_values(output: Any) -> dict[str, Any]:
    """What an output tells beside its files and plain values: a clip's metadata, measured loudness, picture numbers."""
    values = {name: value for name, value in (output or {}).items() if isinstance(value, dict | list) and value}
    return {name: value for name, value in values.items() if name not in SAID and not files_of(value, name)}


def _is_new(name: str, value: Any) -> bool:
    """Whether the value is a plain one that does not stand above already."""
    return isinstance(value, SHOWN_VALUES) and name not in SAID


def _details(step: StepView) -> None:
    """What was sent and said, folded: for who wants to know."""
    lines = [f"{name}: {value}" for name, value in (step.input or {}).items() if isinstance(value, SHOWN_VALUES)]
    lines = [line for line in lines if "asset:" not in line]
    output = step.take.output if step.take else {}
    lines += [f"{name} (returned): {value}" for name, value in output.items() if _is_new(name, value)]
    if step.purchase is not None and step.purchase.request_id:
        lines.append(f"request: {step.purchase.request_id}")
    logs = step.progress.logs if step.progress else ()
    told = told_values(output)
    if not lines and not logs and not told:
        return
    with st.expander("Details and log", type="compact"):
        if lines:
            st.text("\n".join(lines))
        if told:
            st.caption("Returned:")
            st.json(told, expanded=2)
        if logs:
            st.code("\n".join(logs), language=None, height=160, wrap_lines=True)
