"""The page of one family, models or cuts: its operations, a form for every field, the price, the result beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.catalog.operation import Family, Operation
from lib.catalog.price import Estimate, Price
from lib.errors import DailiesError, InputError, InputRefused, NotFound
from lib.store.views import RunView
from lib.studio import Studio
from lib.ui.again import take_answer
from lib.ui.draft import Draft
from lib.ui.form_head import form_head
from lib.ui.form_link import take_link
from lib.ui.forms import Form
from lib.ui.here import is_making, settle
from lib.ui.money import price_words, reason
from lib.ui.names import title_at
from lib.ui.places import chosen_key, draft_of, family_at
from lib.ui.press import start_button
from lib.ui.run_card import run_card
from lib.ui.session import get_studio, name_given, run_in_address
from lib.ui.stages import STAGES
from lib.ui.stale import say_if_changed
from lib.ui.terms import Terms, ask_terms, local_line, mode_line
from lib.ui.text import plain


def family_page(slug: str) -> None:
    """Draws the page of the family with that slug."""
    studio = get_studio()
    family = family_at(slug)
    st.title(plain(family.title), anchor=False)
    st.markdown(plain(family.about))
    local_line() if family.operations[0].local else mode_line(studio)
    take_link(lambda made: made in family.operations)
    operation_area(studio, family, _choose(family))


def operation_area(studio: Studio, family: Family[Operation], made: Operation) -> None:
    """The form of one operation, and beside it the price, the button and the result."""
    draft = draft_of(made)
    settle(studio, draft)
    stage = STAGES.get(made.id)
    drawn = stage.draw(studio, draft) if stage else frozenset()
    below = bool(stage and stage.below and drawn)
    if below:  # the button belongs to what is marked, which is a screen high
        _run(studio, made, draft)
    left, right = st.columns([6, 5], gap="large")
    shown = _shown(studio, family)
    if shown is not None and shown.steps[0].operation == made.id:
        take_answer(draft, shown, shown.steps[0])
    with left:
        _form(studio, made, draft, drawn, about=len(family.operations) > 1 and made.about != family.about)
    with right:
        if not below:
            _run(studio, made, draft)
        if shown is not None:
            say_if_changed(made, draft, shown)
        _result(made, shown)


def _choose(family: Family[Operation]) -> Operation:
    """The operation that is shown; a family of one needs no choice."""
    by_title = {made.title: made for made in family.operations}
    if len(by_title) == 1:
        return family.operations[0]
    key = chosen_key(family)
    st.session_state.setdefault(key, family.operations[0].title)
    chosen = st.segmented_control(
        "What to do", list(by_title), key=key, required=True, label_visibility="collapsed", persist_state="session"
    )
    return by_title[str(chosen)]


def _form(studio: Studio, made: Operation, draft: Draft, drawn: frozenset[str], *, about: bool) -> None:
    if about:
        st.markdown(plain(made.about))
    form_head(studio, made, draft)
    Form(studio, draft, _remarks(made, draft.values()), drawn).draw()


def _run(studio: Studio, made: Operation, draft: Draft) -> None:
    """The price of what stands in the form, and the button: beside the form, so that the result appears below it."""
    with st.container(border=True, key=f"{draft.slug}:run"):
        terms = Terms() if made.local else _ask(studio, made, draft)
        start_button(
            draft.slug,
            made.title if made.local else "Run",
            lambda token: _start(studio, made, draft, terms, token),
            disabled=not terms.ready or is_making(draft),
            on_error=lambda error: _put_errors(draft, error),
            title_of=lambda path: title_at(draft.specs, path),
        )
        if is_making(draft):
            st.caption("A file of this form is being cut; then it can run.")


def _ask(studio: Studio, made: Operation, draft: Draft) -> Terms:
    """Says the price, and asks how to run."""
    price = studio.estimate(made.id, draft.values())
    terms = ask_terms(studio, draft.slug, {made.title: price})
    _say_price(price, terms)
    return terms


def _say_price(price: Price, terms: Terms) -> None:
    free = "Free in rehearsal. " if terms.mode == "rehearsal" else ""
    if isinstance(price, Estimate):
        label = "Live price" if free else "Price"
        st.markdown(f"{free}{label}: **{price_words(price)}**", help=plain(reason(price)))
    else:
        st.markdown(f"{free}{plain(price.reason)}")


def _start(studio: Studio, made: Operation, draft: Draft, terms: Terms, token: str) -> str:
    draft.put_errors({})
    return studio.start_one(
        made.id, draft.values(), mode=terms.mode, live_pass=terms.live_pass, token=token,
        accept_unknown_price=terms.accept_unknown_price, label=name_given(),
    )  # fmt: skip


def _put_errors(draft: Draft, error: DailiesError) -> None:
    if isinstance(error, InputError | InputRefused):
        draft.put_errors(error.fields)


def _remarks(made: Operation, values: Mapping[str, Any]) -> dict[str, str]:
    """What is allowed but probably not meant, by field; nothing while the values do not validate."""
    try:
        return dict(made.validate(values).remarks())
    except InputError:
        return {}


def _shown(studio: Studio, family: Family[Operation]) -> RunView | None:
    """The run of this family that the address names, or the last one that was started here."""
    kept = f"{family.slug}:run"
    named = _own(studio, run_in_address(), family)
    if named is not None:
        st.session_state[kept] = named.id
    return named or _own(studio, st.session_state.get(kept), family)


def _result(made: Operation, shown: RunView | None) -> None:
    if shown is not None:
        run_card(shown.id, made.id)
        return
    with st.container(border=True, gap="xsmall"):
        st.markdown("**Your result appears here**")
        outputs = ", ".join(sorted({mark.kind for mark in made.media_out().values()})) or "data"
        press = made.title if made.local else "Run"
        st.caption(f"Fill in the form, or use the example, and press {press}. It gives: {outputs}.")


def _own(studio: Studio, run_id: str | None, family: Family[Operation]) -> RunView | None:
    """The run if it is one of this page. An address left over from another page is ignored."""
    try:
        run = studio.run(run_id) if run_id else None
    except NotFound:
        return None
    if run is None or len(run.steps) > 1:
        return None
    return run if run.steps[0].operation in {made.id for made in family.operations} else None
