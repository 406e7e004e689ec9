"""A file goes on from here: into the form of an operation that takes it, or into a chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import streamlit as st

from lib.catalog import CUT_FAMILIES, FAMILIES, operation
from lib.catalog.fields import fits
from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Operation
from lib.chain.board import Board
from lib.chain.files import ASSET
from lib.chain.model import ChainInput
from lib.chain.presets import NAMES, preset
from lib.settings import ROOT
from lib.store.views import Asset
from lib.ui.bench import lay_out
from lib.ui.draft import LISTS, PRESENT, Draft
from lib.ui.places import choose, draft_of, family_of, page_of
from lib.ui.session import get_studio

HOME = ROOT / "pages" / "start" / "home.py"
BUILD = ROOT / "pages" / "chains" / "build.py"
READY = "extend-lipsync-upscale"
"""The chain that has a form of its own, on the Start page; the others are opened where chains are built."""
CHAIN = "chain:"
OTHERS = "Something else"
FEW = 12
LIKELY = {
    "video": (
        "fal-ai/video-upscaler", "fal-ai/pixverse/extend/fast", "fal-ai/pixverse/lipsync", "cut/trim", "cut/join",
        "cut/frame", "cut/sound", "fal-ai/pixverse/sound-effects",
    ),
    "image": (
        "fal-ai/pixverse/v4.5/image-to-video/fast", "fal-ai/luma-dream-machine/ray-2/image-to-video",
        "fal-ai/magi/image-to-video", "fal-ai/lyra-2/zoom", "fal-ai/ltx-video-13b-distilled/multiconditioning",
    ),
    "audio": ("fal-ai/pixverse/lipsync", "cut/sound"),
}  # fmt: skip
"""What people do next with such a file."""
GOLDEN = "golden"
"""The form of the chain on the Start page; its files are kept under this name."""


def send_button(asset: Asset, key: str) -> None:
    """A menu of what people do next with such a file; choosing one opens its form with the file in it.

    The last entry leads to a searchable list of all the others: models, then cuts, then chains.
    """
    likely, others = next_steps(asset.kind, _added(asset.kind))
    if not likely:
        return
    options = [*likely, OTHERS] if others else likely
    st.menu_button(
        "Continue with", options, key=key, format_func=_label, icon=":material/arrow_forward:", on_click=_choose,
        args=(key, key, asset.sha256),
    )  # fmt: skip
    if st.session_state.get(f"{key}:open"):
        st.selectbox(
            "Continue with", others, index=None, key=f"{key}:other", format_func=_label, label_visibility="collapsed",
            placeholder="Search all models, cuts and chains", on_change=_choose,
            args=(key, f"{key}:other", asset.sha256),
        )  # fmt: skip
    if chosen := st.session_state.pop(f"{key}:go", None):
        st.switch_page(_page(chosen))


def next_steps(kind: str, added: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """What takes such a file: what is done most often, and the others; all together where they are few.

    `added` are models that people added and that take it.
    """
    options = [*_operations(kind), *added, *_chains(kind)]
    likely = [option for option in LIKELY.get(kind, ()) if option in options]
    others = [option for option in options if option not in likely]
    return ([*likely, *others], []) if len(options) <= FEW else (likely, others)


def field_for(made: Operation, kind: str) -> tuple[FieldSpec, ...] | None:
    """The way to the field that such a file goes into, through lists of objects: a required one first."""
    ways = (way for spec in fields(made.input) for way in _ways(spec, kind))
    return min(ways, key=lambda way: (not way[0].required, len(way)), default=None)


def _ways(spec: FieldSpec, kind: str) -> Iterator[tuple[FieldSpec, ...]]:
    if spec.kind in ("media", "media_list") and spec.media and fits(spec.media, kind):
        yield (spec,)
    for item in spec.item:
        yield from ((spec, *way) for way in _ways(item, kind))


@cache
def _operations(kind: str) -> tuple[str, ...]:
    families = (*FAMILIES, *CUT_FAMILIES)
    return tuple(made.id for family in families for made in family.operations if field_for(made, kind) is not None)


def _added(kind: str) -> list[str]:
    """Models that people added by their id."""
    return [made.id for _, made in get_studio().models.all() if field_for(made, kind) is not None]


def _chains(kind: str) -> list[str]:
    return [CHAIN + name for name in NAMES if any(given.kind == kind for given in preset(name).inputs.values())]


def _label(option: str) -> str:
    if option == OTHERS:
        return OTHERS
    if option.startswith(CHAIN):
        return f"Chain: {preset(option.removeprefix(CHAIN)).name}"
    made = operation(option)
    family = "Cut" if made.local else family_of(made).title
    return made.title if made.title == family else f"{family}: {made.title}"


def _page(option: str) -> Path:
    if option.startswith(CHAIN):
        return HOME if option == CHAIN + READY else BUILD
    return page_of(operation(option))


def _choose(key: str, widget: str, sha256: str) -> None:
    option = str(st.session_state[widget] or "")
    st.session_state[f"{key}:open"] = option == OTHERS
    if option not in ("", OTHERS):
        _fill(option, sha256)
        st.session_state[f"{key}:go"] = option


def _fill(option: str, sha256: str) -> None:
    kind = get_studio().asset(sha256).kind
    if option.startswith(CHAIN):
        _fill_chain(option.removeprefix(CHAIN), kind, sha256)
        return
    made = operation(option)
    way, draft = field_for(made, kind), draft_of(made)
    assert way is not None
    choose(made)
    put_file(draft, way, ASSET + sha256)
    draft.put_errors({})


def put_file(draft: Draft, way: Sequence[FieldSpec], value: str) -> None:
    """Puts a file where that way leads: in each list into a card that has none yet, else into a new one."""
    path = ""
    for at, spec in enumerate(way):
        path = f"{path}.{spec.name}".removeprefix(".")
        if spec.kind in LISTS:
            path = f"{path}.{_free_row(draft, path, way[at:])}"
        elif spec.kind == "object":
            draft.ensure(spec, path)
            draft.state[draft.key(path)] = PRESENT
    draft.state[draft.key(path)] = value


def _free_row(draft: Draft, path: str, way: Sequence[FieldSpec]) -> int:
    spec, *below = way
    held = (".".join([f"{path}.{{}}", *(each.name for each in below[:1])])).format
    free = (row for row in draft.rows(path) if not draft.state.get(draft.key(held(row))))
    return next(free, None) or draft.add_row(spec, path)


def _fill_chain(ready: str, kind: str, sha256: str) -> None:
    """The file in place of the first sample of its kind."""
    chain = preset(ready)
    name = next(name for name, given in chain.inputs.items() if given.kind == kind)
    if ready == READY:
        st.session_state[f"{GOLDEN}.{name}"] = ASSET + sha256
        return
    given = ChainInput(kind=chain.inputs[name].kind, asset=sha256)
    lay_out(get_studio(), st.session_state, Board(chain.name, {**chain.inputs, name: given}, chain.steps))
