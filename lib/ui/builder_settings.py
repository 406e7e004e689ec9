"""The settings of one step of a chain that is built: its form, its name, and several values at once."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Operation
from lib.chain.edit import rename, sweep
from lib.chain.model import Step
from lib.errors import InputError
from lib.studio import Studio
from lib.ui.bench import Bench
from lib.ui.forms import Form
from lib.ui.lend import lend

ONE_VALUE = ("text", "long_text", "integer", "number", "seed", "boolean", "choice")
TRUTH = {"yes": True, "true": True, "no": False, "false": False}


def settings_of(studio: Studio, bench: Bench, step: Step, made: Operation) -> None:
    draft = bench.draft(step)
    with st.container(gap="small", key=f"settings-{step.id}"):
        _name(bench, step)
        specs = fields(made.input)
        hidden = frozenset(spec.name for spec in specs) - {spec.name for spec in draft.specs}
        Form(studio, draft, _remarks(made, step), hidden).draw()
        _sweep(bench, step, draft.specs)


def _remarks(made: Operation, step: Step) -> dict[str, str]:
    try:
        return dict(made.validate(step.input).remarks())
    except InputError:
        return {}


def _name(bench: Bench, step: Step) -> None:
    def act(text: str) -> None:
        name = text.strip()
        bench.change(lambda board: rename(board, step.id, name))
        if any(one.id == name for one in bench.board.steps):
            bench.show(name)

    st.text_input(
        "Name of the step", step.id, max_chars=40, help="Other steps refer to it by this name.",
        **lend(f"bench:{step.id}:name", shown=step.id, take=act),
    )  # fmt: skip


def _sweep(bench: Bench, step: Step, specs: tuple[FieldSpec, ...]) -> None:
    """The step once for each of several values."""
    known = {spec.name: spec for spec in specs if spec.kind in ONE_VALUE}
    if not known:
        return
    with st.popover(
        f"Several values ({_times(step)})" if step.sweep else "Try several values", icon=":material/linear_scale:"
    ):
        key = f"bench:{step.id}:sweep"
        st.session_state.setdefault(f"{key}:field", next(iter(step.sweep), next(iter(known))))
        name = st.selectbox("Setting", list(known), key=f"{key}:field", format_func=lambda one: known[one].title)
        now = "\n".join(str(one) for one in step.sweep.get(name, ()))

        def act(text: str) -> None:
            bench.change(lambda board: sweep(board, step.id, name, values_in(known[name], text.splitlines())))

        st.text_area("Values, one on each line", now, **lend(f"{key}:{name}:values", shown=now, take=act))
        if known[name].kind == "seed":
            st.button(
                "Six seeds", key=f"{key}:six", on_click=bench.change,
                args=(lambda board: sweep(board, step.id, name, (1, 2, 3, 4, 5, 6)),),
            )  # fmt: skip


def _times(step: Step) -> str:
    return f"{math.prod(len(values) for values in step.sweep.values())} times"


def values_in(spec: FieldSpec, lines: list[str]) -> tuple[Any, ...]:
    """The values that somebody wrote, one on each line. Raises InputError at one that is no such value."""
    found: list[Any] = []
    for line in filter(None, map(str.strip, lines)):
        try:
            found.append(_value(spec, line))
        except ValueError as error:
            said = f"{line} cannot be {spec.title}."
            raise InputError(said, hint="Write one value on each line.", fields={spec.name: said}) from error
    return tuple(found)


def _value(spec: FieldSpec, line: str) -> Any:
    if spec.kind in ("integer", "seed"):
        return int(line)
    if spec.kind == "number":
        return float(line)
    if spec.kind == "boolean":
        return _one_of(TRUTH, line.lower())
    if spec.kind == "choice":
        return _one_of({str(choice): choice for choice in spec.choices}, line)
    return line


def _one_of(known: dict[str, Any], line: str) -> Any:
    if line not in known:
        raise ValueError(line)
    return known[line]
