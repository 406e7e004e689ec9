"""A preset chain ready to press: its files, its steps with their prices, and one button."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from lib.catalog import operation
from lib.catalog.form import FieldSpec, fields
from lib.catalog.price import Price
from lib.chain.model import Chain, ChainInput, Step, make_chain
from lib.chain.reference import references
from lib.errors import DailiesError, InputError
from lib.studio import Studio
from lib.ui.draft import Draft
from lib.ui.errors import show
from lib.ui.money import price_words, reason, total
from lib.ui.names import title_at
from lib.ui.picker import ASSET, Slot, media_field
from lib.ui.press import start_button
from lib.ui.samples import sample_asset
from lib.ui.session import name_given
from lib.ui.step_card import title_of
from lib.ui.terms import ask_terms
from lib.ui.text import plain
from lib.ui.widgets import Face, draw

TITLES = {"video": "Your clip", "voice": "The voice"}


def chain_form(studio: Studio, name: str, chain: Chain) -> None:
    """Draws the form of a chain; `name` tells two forms on one session apart."""
    draft = Draft(name, _specs(chain), st.session_state)
    for input_name, wanted in chain.inputs.items():
        _give_sample(studio, draft, input_name, wanted)
    _draw_inputs(studio, draft, chain)
    values = draft.values()
    given = {key: values[key].removeprefix(ASSET) for key in chain.inputs if key in values}
    missing = [input_name for input_name in chain.inputs if input_name not in given]
    prices = {} if missing else studio.estimates(chain, given)
    _draw_steps(draft, chain, prices)
    named = {title_of(step.operation): prices[step.id] for step in chain.steps if step.id in prices}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        terms = ask_terms(studio, name, named)
    start_button(
        name,
        "Run the chain",
        lambda token: studio.start(
            _written(chain, values), given, label=name_given(), mode=terms.mode, live_pass=terms.live_pass, token=token,
            accept_unknown_price=terms.accept_unknown_price,
        ),
        disabled=bool(missing) or not terms.ready,
        on_error=lambda error: _put_errors(draft, error),
        title_of=lambda path: title_at(draft.specs, path),
    )  # fmt: skip
    if prices:
        free = "Free in rehearsal. " if terms.mode == "rehearsal" else ""
        st.caption(f"{free}Live price of all steps: {total(prices.values())}.")


def _specs(chain: Chain) -> tuple[FieldSpec, ...]:
    files = (
        FieldSpec(name=name, title=TITLES.get(name, name), help="", kind="media", required=True, media=wanted.kind)
        for name, wanted in chain.inputs.items()
    )
    return (*files, *(spec for step in chain.steps for spec in _texts(step)))


def _texts(step: Step) -> list[FieldSpec]:
    """What a step is told in words: it fits the sample, so it can be changed with the clip. Named "extend.prompt"."""
    told = [spec for spec in fields(operation(step.operation).input) if spec.required and spec.kind == "long_text"]
    return [
        replace(spec, name=f"{step.id}.{spec.name}", default=step.input[spec.name])
        for spec in told
        if not list(references(step.input.get(spec.name)))
    ]


def _written(chain: Chain, values: Mapping[str, Any]) -> Chain:
    """The chain with the texts of the form. Raises InputError at a text that was left empty."""
    told = {step.id: [spec.name for spec in _texts(step)] for step in chain.steps}
    empty = [name for names in told.values() for name in names if not values[name].strip()]
    if empty:
        raise InputError("A text is missing.", fields=dict.fromkeys(empty, "This field is required"))
    record = chain.model_dump(mode="json", exclude_none=True)
    for step in record["steps"]:
        step["input"] |= {name.removeprefix(f"{step['id']}."): values[name] for name in told[step["id"]]}
    return make_chain(record)


def _give_sample(studio: Studio, draft: Draft, name: str, wanted: ChainInput) -> None:
    """The sample stands there until somebody changes it."""
    key = draft.key(name)
    if key in draft.state or wanted.sample is None:
        return
    try:
        draft.state[key] = ASSET + sample_asset(studio, wanted.sample).sha256
    except DailiesError as error:
        show(error)


def _draw_inputs(studio: Studio, draft: Draft, chain: Chain) -> None:
    columns = st.columns(len(chain.inputs), gap="medium") if chain.inputs else []
    for column, (name, wanted) in zip(columns, chain.inputs.items(), strict=True):
        with column:
            slot = Slot(draft, name, wanted.kind, addresses=False, height="stretch")
            media_field(studio, slot, f"**{plain(TITLES.get(name, name))}**")
            _say(draft, name)


def _say(draft: Draft, name: str) -> None:
    if name in draft.errors:
        st.markdown(f":red[:material/error: {plain(draft.errors[name])}]")


def _draw_steps(draft: Draft, chain: Chain, prices: Mapping[str, Price]) -> None:
    columns = st.columns(len(chain.steps), gap="medium")
    for number, (column, step) in enumerate(zip(columns, chain.steps, strict=True), 1):
        made = operation(step.operation)
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            texts = _texts(step)
            # What a step does moves into its help where it has a text of its own: the button stays on a small screen.
            st.markdown(f"**{number}. {plain(made.title)}**", help=plain(made.about) if texts else None)
            if not texts:
                st.caption(plain(made.about))
            for spec in texts:
                draft.ensure(spec, spec.name)
                draw(spec, Face(draft.key(spec.name), disabled=False))
                _say(draft, spec.name)
            if step.id in prices:
                st.caption(f"Live: {price_words(prices[step.id])}", help=plain(reason(prices[step.id])))


def _put_errors(draft: Draft, error: DailiesError) -> None:
    if isinstance(error, InputError):
        draft.put_errors(error.fields)
