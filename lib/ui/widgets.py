"""One widget per kind of field. A kind that is not in the table is an error, never a vanished field."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.catalog.form import FieldSpec
from lib.catalog.operation import SEED_LIMIT
from lib.ui.lend import lend
from lib.ui.text import plain

SEEN_AT_ONCE = 5
SEGMENT_LETTERS = 44
SLIDER_STEPS = 200
NUMBER_PX = 96


@dataclass(frozen=True, slots=True)
class Face:
    """How a field is drawn: where its value lives, and whether it has an effect now."""

    key: str
    disabled: bool
    label: str = ""


def draw(spec: FieldSpec, face: Face) -> None:
    """The widget of a plain field. Raises TypeError for a kind that has none."""
    widget = WIDGETS.get(spec.kind)
    if widget is None:
        raise TypeError(f"No widget shows a field of kind {spec.kind!r} ({spec.name}).")
    kept = {"disabled": face.disabled, "help": plain(spec.help) or None} | lend(face.key)
    widget(spec, face.label or label_of(spec), face.key, kept)


def label_of(spec: FieldSpec) -> str:
    """The title; what may be left open says so."""
    open_ = not spec.required and spec.default is None and spec.kind not in ("boolean", "seed")
    return f"{plain(spec.title)} :gray[(optional)]" if open_ else plain(spec.title)


def is_short(spec: FieldSpec) -> bool:
    """Whether two such fields fit side by side."""
    if spec.kind == "choice":
        return not _is_segmented(spec) or _letters(spec) < SEGMENT_LETTERS / 2
    return spec.kind in ("integer", "number", "boolean", "seed", "text") and not _fits_slider(spec)


def _text(spec: FieldSpec, label: str, key: str, kept: dict[str, Any]) -> None:
    st.text_input(label, _now(key, ""), **kept)


def _long_text(spec: FieldSpec, label: str, key: str, kept: dict[str, Any]) -> None:
    # A text that is there already, or may stay out, needs no inviting space.
    height = 100 if spec.required and spec.default is None else 68
    st.text_area(label, _now(key, ""), height=height, **kept)
    if spec.default and st.session_state.get(key) != spec.default:
        st.button(
            "Back to the default text", key=f"{key}:default", type="tertiary", icon=":material/undo:",
            disabled=kept["disabled"], on_click=_put, args=(key, spec.default),
        )  # fmt: skip


def _integer(spec: FieldSpec, label: str, key: str, kept: dict[str, Any]) -> None:
    least, most = _whole(spec.minimum), _whole(spec.maximum)
    with _beside_slider(spec, label, key, kept) as beside:
        st.number_input(
            label, least, most, _shown_number(spec, key), step=int(spec.step or 1), format="%d", **(kept | beside)
        )  # fmt: skip


def _number(spec: FieldSpec, label: str, key: str, kept: dict[str, Any]) -> None:
    least, most = _real(spec.minimum), _real(spec.maximum)
    with _beside_slider(spec, label, key, kept) as beside:
        st.number_input(
            label, least, most, _shown_number(spec, key), step=float(spec.step or 0.1), format="%g", **(kept | beside)
        )  # fmt: skip


@contextmanager
def _beside_slider(spec: FieldSpec, label: str, key: str, kept: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A slider for a bounded number, which leads the number that is drawn beside it; how that one is drawn then."""
    if not _fits_slider(spec):
        yield {}
        return
    kind = int if spec.kind == "integer" else float
    least, most = kind(spec.minimum or 0), kind(spec.maximum or 0)
    # The number counts: the slider shows it, and changes it only when somebody moves the slider.
    now = st.session_state.get(key)
    shown = kind(least if now is None else min(max(now, least), most))
    slide = lend(key, by="slide", shown=shown, take=lambda value: _put(key, value))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.slider(
            label, least, most, shown, step=kind(spec.step or 1), format="%d" if kind is int else "%g",
            help=kept["help"], disabled=kept["disabled"], **slide,
        )  # fmt: skip
        yield {"label_visibility": "collapsed", "width": NUMBER_PX, "help": None}


def _seed(spec: FieldSpec, label: str, key: str, kept: dict[str, Any]) -> None:
    least, most = _whole(spec.minimum), _whole(spec.maximum)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.number_input(label, least, most, _now(key, None), step=1, placeholder="random", **kept)
        st.button(
            "Draw", key=f"{key}:dice", icon=":material/casino:", disabled=kept["disabled"],
            help="Draws a seed now, to be used again and again. Left open, each take draws its own.",
            on_click=lambda: _put(key, random.randint(least or 0, min(most or SEED_LIMIT, SEED_LIMIT))),
        )  # fmt: skip


def _put(key: str, value: Any) -> None:
    st.session_state[key] = value


def _boolean(spec: FieldSpec, label: str, key: str, kept: dict[str, Any]) -> None:
    if spec.default is None and not spec.required:
        # The document states no default, so "not said" is a value of its own.
        st.segmented_control(label, [True, False], default=_now(key, None), format_func=_yes_no, **kept)
        return
    st.toggle(label, bool(_now(key, False)), wrap=True, **kept)


def _choice(spec: FieldSpec, label: str, key: str, kept: dict[str, Any]) -> None:
    must = spec.required or spec.default is not None
    now = chosen if (chosen := _now(key, None)) in spec.choices else None
    if _is_segmented(spec):
        st.segmented_control(label, spec.choices, default=now, format_func=_shown, required=must, **kept)
        return
    index = spec.choices.index(now) if now is not None else 0 if must else None
    st.selectbox(label, spec.choices, index=index, format_func=_word, placeholder="Not chosen", **kept)


def _text_list(spec: FieldSpec, label: str, key: str, kept: dict[str, Any]) -> None:
    chosen = st.session_state.get(key) or []
    known = list(dict.fromkeys([*spec.choices, *chosen]))
    most, is_free = _whole(spec.maximum), not spec.choices
    st.multiselect(
        label, known, chosen, accept_new_options=is_free, max_selections=most,
        placeholder="Type one, then press Enter" if is_free else "Choose", **kept
    )  # fmt: skip


def _json(spec: FieldSpec, label: str, key: str, kept: dict[str, Any]) -> None:
    st.text_area(
        label, _now(key, ""), height=68, placeholder='A word, a number, or JSON such as {"width": 1280}', **kept
    )
    if spec.forms:
        st.caption(plain(spec.forms))


def _is_segmented(spec: FieldSpec) -> bool:
    return len(spec.choices) <= SEEN_AT_ONCE and _letters(spec) <= SEGMENT_LETTERS


def _letters(spec: FieldSpec) -> int:
    return sum(len(_word(choice)) + 3 for choice in spec.choices)


def _fits_slider(spec: FieldSpec) -> bool:
    if spec.kind not in ("integer", "number") or None in (spec.minimum, spec.maximum, spec.default):
        return False
    assert spec.minimum is not None
    assert spec.maximum is not None
    return (spec.maximum - spec.minimum) / (spec.step or 1) <= SLIDER_STEPS


def _now(key: str, nothing: Any) -> Any:
    """What stands in the field. Its widget is also told by its default: a browser that skips a frame reads no more."""
    held = st.session_state.get(key)
    return nothing if held is None else held


def _shown_number(spec: FieldSpec, key: str) -> Any:
    """None lets a number be left open; where there is a default, it starts from its least."""
    held = _now(key, None if spec.default is None else "min")
    within = isinstance(held, (int, float)) and (spec.minimum or held) <= held <= (spec.maximum or held)
    return held if within or held is None else "min"


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _real(bound: float | None) -> float | None:
    return None if bound is None else float(bound)


def _yes_no(value: bool) -> str:
    return "Yes" if value else "No"


def _word(choice: Any) -> str:
    """A wire value for people: "zoom_in" -> "zoom in"."""
    return str(choice).replace("_", " ")


_SPEAKS = re.compile(r"[\[\]<>`*$~!|]|://|www\.|:[a-z]", re.IGNORECASE)


def _shown(choice: Any) -> str:
    """The same where Markdown is read: what would speak there stands as it is written."""
    word = _word(choice)
    return plain(word) if _SPEAKS.search(word) else word


Widget = Callable[[FieldSpec, str, str, dict[str, Any]], None]
WIDGETS: dict[str, Widget] = {
    "text": _text,
    "long_text": _long_text,
    "integer": _integer,
    "number": _number,
    "seed": _seed,
    "boolean": _boolean,
    "choice": _choice,
    "text_list": _text_list,
    "json": _json,
}
DRAWN = frozenset({*WIDGETS, "media", "media_list", "object", "objects"})
"""Every kind of field that a form can show."""
