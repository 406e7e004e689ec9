"""A form in an address: what somebody changed, without its files, checked again when it is opened."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.catalog import known
from lib.catalog.fitting import fitting
from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Operation
from lib.errors import InputError
from lib.ui.draft import Draft
from lib.ui.places import choose, draft_of, family_of
from lib.ui.text import plain

FORM = "form"
MOST_LETTERS = 6000
"""Longer addresses are cut off by programs that pass them on."""
CUT_OFF = "It was probably cut off on its way. Ask for it again, or fill in the form yourself."
MOST_NAMED = 5
LINK_PX = 320


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link says: the operation, the values its form can hold, and the names of those it cannot."""

    made: Operation
    values: dict[str, Any]
    left_out: tuple[str, ...]


def write(made: Operation, draft: Draft) -> str:
    """The form as one word for an address. Raises InputError where there is too much text in it."""
    told = {"operation": made.id, "values": told_values(draft.specs, draft.values())}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    code = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    if len(code) > MOST_LETTERS:
        raise InputError("There is too much text in this form for a link.", hint="Shorten it, or send the text itself.")
    return code


def read(code: str) -> Opened:
    """What the word says, as far as it holds. Raises InputError with a sentence for what is no such word."""
    told = _decoded(code)
    made = known(told["operation"]) or known(told["operation"].partition("@")[0])  # of an added model: any version
    if made is None:
        said = "Dailies may be older than the link. If it is a model that somebody added, add it here first."
        raise InputError("This link is for a form that is not here.", hint=said)
    held = fitting(fields(made.input), told["values"], files=False)
    return Opened(made, held.values, held.left_out)


def told_values(specs: Sequence[FieldSpec], values: Mapping[str, Any]) -> dict[str, Any]:
    """What a link may carry: what differs from its default and is no file."""
    by_name = {spec.name: spec for spec in specs}
    told = {}
    for name, value in values.items():
        spec = by_name[name]
        if spec.media is not None or value == spec.default:
            continue
        rows = value if spec.kind == "objects" else [value]
        if spec.kind in ("objects", "object"):
            inside = [told_values(spec.item, row) for row in rows]
            value = inside if spec.kind == "objects" else inside[0]  # noqa: PLW2901 - without its files
        told[name] = value
    return told


def take_link(belongs: Callable[[Operation], bool]) -> None:
    """Fills in the form that the address carries, once, so that what is changed afterwards stays changed; one that
    does not belong to this page is left alone.
    """
    code, state = st.query_params.get(FORM), st.session_state
    if not code or state.get(f"{FORM}:taken") == code:
        return
    try:
        opened = read(code)
    except InputError as error:
        st.warning(error.hint, title=error.message, icon=":material/link_off:")
        return
    if not belongs(opened.made):
        return  # the browser keeps an old query on its way back to another page
    state[f"{FORM}:taken"] = code
    choose(opened.made)
    draft_of(opened.made).fill(opened.values)
    if opened.left_out:
        named = ", ".join(plain(name[:40]) for name in opened.left_out[:MOST_NAMED])
        st.warning(f"Left as they were: {named}.", title="Not all of this link fits this form", icon=":material/link:")


def link_button(made: Operation, draft: Draft) -> None:
    """Shows the address of the form as it stands, to be copied."""
    with st.popover(
        "Copy link", type="tertiary", icon=":material/link:", key=f"{draft.slug}:link", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        try:
            address = f"{_page_address(made)}?{FORM}={write(made, draft)}"
        except InputError as error:
            st.caption(plain(f"{error.message} {error.hint}"))
            return
        st.caption("Opens this form with these settings. The files themselves are not in the link.")
        st.code(address, language=None, width=LINK_PX)


def _page_address(made: Operation) -> str:
    slug = family_of(made).slug
    return f"{(st.context.url or '').removesuffix('/').removesuffix(f'/{slug}')}/{slug}"


def _decoded(code: str) -> dict[str, Any]:
    """{"operation": str, "values": {...}}; everything else is no link of ours."""
    if len(code) > MOST_LETTERS:
        raise InputError("This link is too long to be one of ours.", hint=CUT_OFF)
    try:
        raw = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
        told = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError("This link cannot be read.", hint=CUT_OFF) from error
    if not isinstance(told, dict) or not isinstance(told.get("operation"), str):
        raise InputError("This link cannot be read.", hint=CUT_OFF)
    if not isinstance(told.get("values"), dict):
        raise InputError("This link cannot be read.", hint=CUT_OFF)
    return told
