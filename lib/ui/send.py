"""A file goes on from here: into the form of an operation that takes it, or into a chain."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib.catalog import CUT_FAMILIES, FAMILIES, operation
from lib.catalog.fields import fits
from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Operation
from lib.chain.files import ASSET
from lib.chain.presets import NAMES, preset
from lib.settings import ROOT
from lib.store.views import Asset
from lib.ui.places import choose, draft_of, family_of, page_of
from lib.ui.session import get_studio

HOME = ROOT / "pages" / "start" / "home.py"
CHAIN = "chain:"
GOLDEN = "golden"
"""The form of the chain on the Start page; its files are kept under this name."""


def send_button(asset: Asset, key: str) -> None:
    """A menu of all that can take the file; choosing one opens its form with the file in it."""
    options = [*_operations(asset.kind), *_chains(asset.kind)]
    if not options:
        return
    chosen = st.menu_button(
        "Send to", options, key=key, format_func=_label, icon=":material/arrow_forward:", on_click=_fill,
        args=(key, asset.sha256),
    )  # fmt: skip
    if chosen:
        st.switch_page(_page(chosen))


def field_for(made: Operation, kind: str) -> FieldSpec | None:
    """The field that such a file goes into: a required one first."""
    files = (spec for spec in fields(made.input) if spec.kind in ("media", "media_list"))
    taking = [spec for spec in files if spec.media and fits(spec.media, kind)]
    return min(taking, key=lambda spec: not spec.required, default=None)


def _operations(kind: str) -> list[str]:
    """Models first, since that is where a cut clip goes most often."""
    families = (*FAMILIES, *CUT_FAMILIES)
    listed = [made for family in families for made in family.operations]
    listed += [made for _, made in get_studio().models.all()]
    return [made.id for made in listed if field_for(made, kind) is not None]


def _chains(kind: str) -> list[str]:
    return [CHAIN + name for name in NAMES if any(given.kind == kind for given in preset(name).inputs.values())]


def _label(option: str) -> str:
    if option.startswith(CHAIN):
        return f"Chain: {preset(option.removeprefix(CHAIN)).name}"
    made = operation(option)
    family = family_of(made).title
    return made.title if made.title == family else f"{family}: {made.title}"


def _page(option: str) -> Path:
    return HOME if option.startswith(CHAIN) else page_of(operation(option))


def _fill(key: str, sha256: str) -> None:
    option = str(st.session_state[key])
    kind = get_studio().asset(sha256).kind
    if option.startswith(CHAIN):
        name = next(name for name, given in preset(option.removeprefix(CHAIN)).inputs.items() if given.kind == kind)
        st.session_state[f"{GOLDEN}.{name}"] = ASSET + sha256
        return
    made = operation(option)
    spec, draft = field_for(made, kind), draft_of(made)
    assert spec is not None
    choose(made)
    path = spec.name
    if spec.kind == "media_list":
        empty = next((row for row in draft.rows(path) if not draft.state.get(draft.key(f"{path}.{row}"))), None)
        path = f"{path}.{draft.add_row(spec, path) if empty is None else empty}"
    draft.state[draft.key(path)] = ASSET + sha256
    draft.put_errors({})
