"""After a step failed: its input again in its form, with what was said about it, and another try with its price."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.catalog import known
from lib.catalog.operation import Operation
from lib.catalog.recorded import price_of
from lib.chain.reference import references
from lib.errors import DailiesError
from lib.store.views import RunView, StepView
from lib.studio import Studio
from lib.ui.draft import Draft
from lib.ui.errors import show
from lib.ui.money import price_words
from lib.ui.places import choose, draft_of, page_of
from lib.ui.terms import live_pass, may_spend


def take_answer(draft: Draft, run: RunView, step: StepView) -> None:
    """Puts what the model said about single fields into the step's form, once, so that changes are not undone.

    An untouched form (another browser, a reload) takes the input too. A field that was changed meanwhile gets no word.
    """
    said, key = _said(step), f"{draft.slug}:answered"
    name = f"{run.id}/{step.attempt}.{step.resume}"
    if not said or draft.state.get(key) == name:
        return
    draft.state[key] = name
    sent = _input(run, step)
    if not draft.values():
        draft.fill(sent)
    now = draft.values()
    first = {path: path.partition(".")[0] for path in said}
    draft.put_errors({path: said[path] for path, field in first.items() if now.get(field) == sent.get(field)})


def offer_again(studio: Studio, run: RunView, step: StepView, beside: str = "") -> None:
    """The ways on from a failure. `beside` is the operation whose form stands on the same page."""
    if _said(step):
        _offer_change(run, step, beside)
    if not may_spend(studio, run, f"retry:{run.id}:{step.id}"):
        return
    paid = not studio.retry_pays(step)
    pressed = st.button(
        "Fetch the result again" if paid else f"Try again{_price(run, step)}",
        key=f"retry:{run.id}:{step.id}:{step.attempt}:{step.resume}", icon=":material/refresh:",
        type="tertiary" if _said(step) else "secondary",
        help="It was bought already; this costs nothing more." if paid else None,
    )  # fmt: skip
    if not pressed:
        return
    try:
        studio.retry(run.id, step.id, live_pass=live_pass())
    except DailiesError as error:
        show(error)
        return
    st.rerun()


def _said(step: StepView) -> dict[str, str]:
    return dict((step.error or {}).get("fields") or {})


def _price(run: RunView, step: StepView) -> str:
    return f" ({price_words(price_of(step.estimate))})" if run.mode == "live" else ""


def _offer_change(run: RunView, step: StepView, beside: str) -> None:
    made = known(step.operation)
    if made is None or made.id == beside:
        st.caption("Change the input first; the same again would be refused again.")
        return
    pressed = st.button(
        "Change the input first", key=f"change:{run.id}:{step.id}:{step.attempt}:{step.resume}",
        icon=":material/edit:", on_click=_fill_form, args=(made, run, step),
        help="Opens the form of this step with what was sent.",
    )  # fmt: skip
    if pressed:
        st.switch_page(page_of(made), query_params={"run": run.id} if len(run.steps) == 1 else None)


def _fill_form(made: Operation, run: RunView, step: StepView) -> None:
    choose(made)
    draft = draft_of(made)
    draft.clear()
    draft.state[f"{draft.slug}:answered"] = None
    take_answer(draft, run, step)


def _input(run: RunView, step: StepView) -> dict[str, Any]:
    """What the chain gives the step, its references resolved where they were; not the seed that was drawn for it."""
    written = next(each["input"] for each in run.chain["steps"] if each["id"] == step.id)
    given = {name: (step.input or written).get(name, value) for name, value in written.items()}
    return {name: value for name, value in given.items() if not list(references(value))}
