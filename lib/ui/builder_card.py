"""One step of a chain that is built: what it takes and gives, what does not fit and what would mend it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.catalog import operation
from lib.catalog.fields import fits
from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Operation
from lib.catalog.price import Estimate, Price
from lib.chain.adopt import repaired
from lib.chain.board import Board, behind, sources
from lib.chain.edit import bind, duplicate, move, put_input, remove, switch
from lib.chain.files import takes
from lib.chain.finding import Finding
from lib.chain.flow import Foreseen, Known
from lib.chain.model import Chain, Step
from lib.chain.reference import Reference, parse
from lib.chain.repair import repairs
from lib.errors import NotFound
from lib.store.views import Take
from lib.studio import Studio
from lib.ui.bench import Bench, is_file
from lib.ui.builder_settings import settings_of
from lib.ui.builder_takes import takes_of
from lib.ui.lend import lend
from lib.ui.money import price_words
from lib.ui.names import title_at
from lib.ui.text import plain

ICONS = {"error": ":material/error:", "warning": ":material/warning:", "note": ":material/info:"}
COLOURS = {"error": "red", "warning": "orange", "note": "gray"}
NOTHING = "Nothing yet"
MOST_REPAIRS = 3


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a step before it runs: the chain that would run, its findings, what it will give, the prices of
    what runs of it, the takes that it keeps, and of how many copies it is made.
    """

    chain: Chain | None = None
    known: Known | None = None
    findings: tuple[Finding, ...] = ()
    seen: Foreseen | None = None
    prices: tuple[Price, ...] = ()
    kept: tuple[Take, ...] = ()
    copies: int = 0


def step_of(studio: Studio, bench: Bench, step: Step, number: int, told: Told, takes: Sequence[Take]) -> None:  # noqa: PLR0917
    """Draws the card."""
    try:
        made = operation(step.operation)
    except NotFound as error:
        made, said = None, error
    with st.container(border=True, gap="small", key=f"step-{step.id}"):
        _head(bench, step, number, made, told)
        if made is None:
            st.markdown(f":red[{plain(said.message)}] {plain(said.hint)}")
            return
        for spec in fields(made.input):
            if is_file(spec):
                _source(bench, step, made, spec)
        _gives(step, told)
        takes_of(studio, bench, step, told.kept, takes)
        for at, found in enumerate(told.findings):
            _finding(bench, step, made, found, told, at)
        if bench.open == step.id:
            settings_of(studio, bench, step, made)


def _head(bench: Bench, step: Step, number: int, made: Operation | None, told: Told) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        title = plain(made.title if made else step.operation)
        st.markdown(f"**{number}. {title}**{_badge(step, told)}", width="content")
        with st.container(horizontal=True, gap="xsmall", width="content", vertical_alignment="center"):
            opened = bench.open == step.id
            st.button(
                "Close" if opened else "Settings", key=f"bench:{step.id}:tune", icon=":material/tune:", type="tertiary",
                on_click=bench.show, args=(None if opened else step.id,),
            )  # fmt: skip
            _icon(step, "Earlier", "arrow_upward", bench.change, lambda board: move(board, step.id, -1), number == 1)
            last = number == len(bench.board.steps)
            _icon(step, "Later", "arrow_downward", bench.change, lambda board: move(board, step.id, 1), last)
            _icon(step, "Duplicate", "content_copy", bench.change, lambda board: duplicate(board, step.id))
            on = "Switch on" if step.off else "Switch off"
            _icon(
                step, on, "toggle_on" if step.off else "toggle_off", bench.change, lambda board: switch(board, step.id)
            )
            _icon(step, "Remove", "delete", bench.change, lambda board: remove(board, step.id))


def _badge(step: Step, told: Told) -> str:
    """Whether it runs, keeps its take, or is not needed. Before a first run there is nothing to tell apart."""
    if step.off:
        return " :gray-badge[off]"
    if told.kept:
        chosen = step.take in {take.id for take in told.kept}
        words = "chosen take" if chosen else "keeps its take"
        return f" :green-badge[{words}]" if len(told.kept) == told.copies else " :blue-badge[some run again]"
    return ""


def _icon(step: Step, words: str, icon: str, act: Callable[[Any], None], given: Any, disabled: bool = False) -> None:  # noqa: PLR0917
    st.button(
        "", key=f"bench:{step.id}:{icon}", icon=f":material/{icon}:", help=f"{words}: {step.id}", type="tertiary",
        on_click=act, args=(given,), disabled=disabled,
    )  # fmt: skip


def _source(bench: Bench, step: Step, made: Operation, spec: FieldSpec) -> None:
    """From what the step takes a file: one, or several in their order."""
    required = spec.required
    now = step.input.get(spec.name)
    if not required and not now and bench.open != step.id:
        return
    offered = offered_to(bench.board, step, made, spec)
    key = f"bench:{step.id}:from:{spec.name}"
    if spec.kind == "media_list":
        chosen = [str(one) for one in now or [] if parse(one)]
        shown = [one for one in chosen if one in offered]
        st.multiselect(
            plain(spec.title), list(offered), shown, format_func=lambda one: offered.get(one, one),
            help=plain(spec.help) or None, placeholder="Choose in the order in which they are used",
            **lend(key, shown=shown, take=lambda refs: _bind_all(bench, step, spec, refs)),
        )  # fmt: skip
        return
    if isinstance(now, str) and now and parse(now) is None:
        offered = {now: "A file of its own"} | offered
    index = list(offered).index(now) if now in offered else None
    st.selectbox(
        plain(spec.title) + ("" if required else " :gray[(optional)]"), list(offered), index=index,
        format_func=lambda one: offered.get(one, one), placeholder=NOTHING, help=plain(spec.help) or None,
        **lend(key, shown=now if now in offered else None, take=lambda ref: _bind(bench, step, spec, ref)),
    )  # fmt: skip


def _bind(bench: Bench, step: Step, spec: FieldSpec, ref: str) -> None:
    bench.change(lambda board: bind(board, step.id, spec.name, parse(ref)))


def _bind_all(bench: Bench, step: Step, spec: FieldSpec, refs: list[str]) -> None:
    def bound(board: Board) -> Board:
        values = {field: value for field, value in board.step(step.id).input.items() if field != spec.name}
        return put_input(board, step.id, values | ({spec.name: refs} if refs else {}))

    bench.change(bound)


def offered_to(board: Board, step: Step, made: Operation, spec: FieldSpec) -> dict[str, str]:
    """What the field may be bound to, by reference; nothing that itself follows on the step."""
    numbers = {one.id: at for at, one in enumerate(board.steps, 1)}
    found: dict[str, str] = {}
    for source in sources(board):
        later = source.ref.source == step.id or step.id in behind(board, source.ref.source)
        if not later and (takes(made, str(spec.media), source.kind) or fits(str(spec.media), source.kind)):
            found[str(source.ref)] = source_words(source.ref, numbers)
    return found


def source_words(ref: Reference, numbers: dict[str, int]) -> str:
    """ "File: video", "Step 2, upscale: video"."""
    what = ".".join(ref.path)
    return f"File: {what}" if ref.source == "inputs" else f"Step {numbers[ref.source]}, {ref.source}: {what}"


def _gives(step: Step, told: Told) -> None:
    """What comes out as far as it can be foreseen, how often, and its price."""
    parts = []
    if told.copies > 1:
        parts.append(f"{told.copies} times")
    files = told.seen.given.files if told.seen else {}
    parts += [f"gives {said}" for one in files.values() if (said := one.sentence())][:1]
    if told.prices and not step.off:
        parts.append(_price(told.prices))
    if parts:
        st.caption(plain(" · ".join(parts)[:1].upper() + " · ".join(parts)[1:]).replace("\\\\$", "\\$"))


def _price(prices: tuple[Price, ...]) -> str:
    if len(prices) == 1:
        return price_words(prices[0]).replace("\\", "")
    if all(isinstance(one, Estimate) for one in prices):
        return f"{price_words(prices[0])} each".replace("\\", "")
    return "price not known"


def _finding(bench: Bench, step: Step, made: Operation, found: Finding, told: Told, at: int) -> None:  # noqa: PLR0917
    specs = fields(made.input)
    said = (
        found.message.replace(f"{found.field}: ", f"{title_at(specs, found.field)}: ", 1)
        if found.field
        else found.message
    )
    words = f":{COLOURS[found.level]}[{ICONS[found.level]} {plain(said)}]"
    st.markdown(words, help=plain(f"{found.hint} {found.source}".strip()) or None)
    if told.chain is None or found.level == "note":
        return
    for number, repair in enumerate(repairs(told.chain, found, told.known)[:MOST_REPAIRS]):
        st.button(
            f"{plain(repair.title)} :small[free]", key=f"bench:{step.id}:repair:{at}:{number}", icon=":material/build:",
            help=plain(" ".join((repair.why, *repair.changes))), on_click=bench.change,
            args=(lambda board, repair=repair: repaired(board, step.id, found.step, repair),),
        )  # fmt: skip
