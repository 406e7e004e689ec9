"""Which page belongs to which operation, and how a file gets there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from lib.catalog import CUT_FAMILIES, FAMILIES
from lib.catalog.form import fields
from lib.catalog.operation import Family, Operation
from lib.settings import ROOT
from lib.ui.draft import Draft, slug_of

ALL: tuple[Family[Operation], ...] = (*CUT_FAMILIES, *FAMILIES)
ANY = "any"
ADDED = f"{ANY}:endpoint"
"""Where the session keeps which added model is shown."""


def family_at(slug: str) -> Family[Operation]:
    """The family whose page has that address."""
    return next(family for family in ALL if family.slug == slug)


def family_of(made: Operation) -> Family[Operation]:
    """The family on whose page the operation is."""
    found = (family for family in ALL if made in family.operations)
    return next(found, None) or added_family(made)


def added_family(made: Operation) -> Family[Operation]:
    """The page for what somebody added by its id."""
    return Family(slug=ANY, title="Any other model", about="Models that were added by their id.", operations=(made,))


def page_of(made: Operation) -> Path:
    """The script of that page."""
    return ROOT / "pages" / ("cut" if made.local else "models") / f"{family_of(made).slug}.py"


def draft_of(made: Operation, state: Any = None) -> Draft:
    """The operation's form in this session."""
    return Draft(slug_of(made), fields(made.input), st.session_state if state is None else state)


def choose(made: Operation) -> None:
    """Lets its page show this operation and not another of the family."""
    family = family_of(made)
    if family.slug == ANY:
        st.session_state[ADDED] = made.id
    if len(family.operations) > 1:
        st.session_state[chosen_key(family)] = made.title


def chosen_key(family: Family[Operation]) -> str:
    """Where the session keeps which operation of the family is shown."""
    return f"{family.slug}:endpoint"
