"""What a chain that is built would do: whether it fits, what it may cost, drawn as a graph, and its run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from lib.catalog.price import Price
from lib.chain.adopt import cheaper
from lib.chain.check import judge
from lib.chain.finding import Finding
from lib.chain.flow import Foreseen, Known, foresee
from lib.chain.model import Chain
from lib.chain.pricing import ChainPrice, savings, sum_up
from lib.errors import DailiesError, NotFound
from lib.store.views import Take
from lib.studio import Studio
from lib.ui.bench import Bench
from lib.ui.builder_card import Told
from lib.ui.chain_graph import DARK, LIGHT, drawn
from lib.ui.press import start_button
from lib.ui.run_card import pace, run_card
from lib.ui.session import get_studio, name_given, run_in_address
from lib.ui.step_card import title_of
from lib.ui.terms import ask_terms, chosen_mode
from lib.ui.text import count, plain

BENCH = "bench"
LEAST_FIRST = ("failed", "uncertain", "asking", "running", "ready", "waiting", "cancelled", "skipped", "done")


@dataclass(frozen=True, slots=True)
class Judged:
    """The chain as it would run, and what is known of it. Without a chain there is nothing to judge.

    `reused` are the takes that stand for steps which need not run; `price` is that of the others.
    """

    chain: Chain | None = None
    origin: Mapping[str, str] = field(default_factory=dict)
    reused: Mapping[str, Take] = field(default_factory=dict)
    known: Known | None = None
    foreseen: Mapping[str, Foreseen] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    price: ChainPrice | None = None
    wrong: DailiesError | None = None


def judge_board(studio: Studio, bench: Bench) -> Judged:
    """The board checked and priced as it would run."""
    if not bench.board.steps:
        return Judged()
    try:
        given, mode = bench.given(), chosen_mode(studio, BENCH)
        planned = studio.plan(bench.board.chain(), given, mode, board=bench.id, anew=bench.anew)
        chain = planned.chain
        known = studio.known(chain, {name: sha256 for name, sha256 in given.items() if name in chain.inputs}, planned)
    except DailiesError as error:
        return Judged(wrong=error)
    foreseen = foresee(chain, known)
    price = sum_up({name: seen for name, seen in foreseen.items() if name not in planned.reused})
    return Judged(chain, planned.origin, planned.reused, known, foreseen, tuple(judge(chain, foreseen)), price)


def told_of(judged: Judged, step: str) -> Told:
    """What is known of a step; of a sweep, what is known of its first copy."""
    if judged.chain is None:
        return Told()
    copies = [one.id for one in judged.chain.steps if judged.origin[one.id] == step]
    findings = {(one.field, one.rule, one.message): one for one in judged.findings if one.step in copies}
    if not copies or judged.price is None:
        return Told()
    seen = judged.foreseen[copies[0]]
    prices = [judged.price.steps[name] for name in copies if name in judged.price.steps]
    kept = tuple(judged.reused[name] for name in copies if name in judged.reused)
    return Told(judged.chain, judged.known, tuple(findings.values()), seen, tuple(prices), kept, len(copies))


def graph_of(bench: Bench, judged: Judged) -> None:
    if not bench.board.steps:
        return
    run_id = run_in_address()
    st.fragment(_draw_graph, run_every=_pace(run_id))(bench, judged, run_id)


def _draw_graph(bench: Bench, judged: Judged, run_id: str | None) -> None:
    states = (
        {judged.origin[one.step]: "error" for one in judged.findings if one.level == "error"} if judged.chain else {}
    )
    states |= _run_states(judged, run_id) or _kept_states(judged)
    titles = {step.id: title_of(step.operation) for step in bench.board.steps}
    look = DARK if st.context.theme.type == "dark" else LIGHT
    st.image(drawn(bench.board, titles, states, look), width="content", output_format="PNG")


def result_of() -> None:
    """The run that was started here, or that the address names."""
    if run_id := run_in_address():
        run_card(run_id)


def _pace(run_id: str | None) -> float | None:
    try:
        return pace(get_studio().run(run_id), time.time()) if run_id else None
    except NotFound:
        return None


def _run_states(judged: Judged, run_id: str | None) -> dict[str, str]:
    """How the steps of the run that is shown stand, the least advanced copy of a sweep for all."""
    if run_id is None or judged.chain is None:
        return {}
    try:
        run = get_studio().run(run_id)
    except NotFound:
        return {}
    found: dict[str, str] = {}
    for step in run.steps:
        name = judged.origin.get(step.id)
        if name is not None and (name not in found or LEAST_FIRST.index(step.state) < LEAST_FIRST.index(found[name])):
            found[name] = step.state
    return found


def _kept_states(judged: Judged) -> dict[str, str]:
    """Before anything runs: what is there already, and what a change has made stale."""
    if not judged.reused or judged.chain is None:
        return {}
    runs = {judged.origin[step.id] for step in judged.chain.steps if step.id not in judged.reused}
    return {
        name: "again" if name in runs else "kept" for name in {*runs, *(judged.origin[one] for one in judged.reused)}
    }


def run_of(studio: Studio, bench: Bench, judged: Judged) -> None:
    if judged.chain is None or judged.price is None:
        return
    chain, price = judged.chain, judged.price
    stops = [one for one in judged.findings if one.level == "error"]
    missing = [name for name in chain.inputs if name not in bench.given()]
    with st.container(border=True):
        _say_whether_it_fits(judged, stops, missing)
        _say_what_is_kept(bench, judged)
        terms = ask_terms(studio, BENCH, _by_title(chain, price.steps))
        st.markdown(price_line(price, len(price.steps), free=terms.mode == "rehearsal"))
        _say_savings(bench, judged)
        start_button(
            BENCH, _label(judged),
            lambda token: studio.start(
                bench.board.chain(), bench.given(), label=name_given(), mode=terms.mode, live_pass=terms.live_pass,
                token=token, accept_unknown_price=terms.accept_unknown_price, board=bench.id, anew=bench.anew,
            ),
            disabled=bool(stops or missing) or not terms.ready or not price.steps,
        )  # fmt: skip


def _label(judged: Judged) -> str:
    """ "Run the chain", or how much of it."""
    assert judged.price is not None
    return f"Run {count(len(judged.price.steps), 'step')}" if judged.reused and judged.price.steps else "Run the chain"


def _say_what_is_kept(bench: Bench, judged: Judged) -> None:
    """What was made before and flows on, and the way to have all of it made again."""
    if judged.reused:
        kept = count(len(judged.reused), "step keeps its take", "steps keep their takes")
        rest = "the rest runs." if judged.price and judged.price.steps else "nothing is left to run."
        st.markdown(f":green[:material/inventory_2: {kept}]; {rest}")
    if judged.reused or bench.anew:
        st.toggle(
            "Make every take anew", key=bench.anew_key, persist_state="session",
            help="Nothing that was made before is used again, but for takes that you chose.",
        )  # fmt: skip


def _say_whether_it_fits(judged: Judged, stops: list[Finding], missing: list[str]) -> None:
    warnings = sum(one.level == "warning" for one in judged.findings)
    if missing:
        st.markdown(f":orange[:material/attach_file: Choose a file for {plain(', '.join(missing))}.]")
    if stops:
        st.markdown(f":red[:material/error: {count(len(stops), 'thing does', 'things do')} not fit yet.]")
    elif warnings:
        st.markdown(f":orange[:material/warning: It can run; {count(warnings, 'thing')} to look at.]")
    elif not missing:
        st.markdown(":green[:material/check_circle: It fits.]")


def _by_title(chain: Chain, prices: Mapping[str, Price]) -> dict[str, Price]:
    return {f"{step.id} ({title_of(step.operation)})": prices[step.id] for step in chain.steps if step.id in prices}


def _say_savings(bench: Bench, judged: Judged) -> None:
    assert judged.price is not None
    assert judged.chain is not None
    if judged.price.dearest is None or len(judged.chain.steps) < 2:
        return
    st.caption(f"The dear step is {plain(judged.origin[judged.price.dearest])}.")
    found = savings(judged.chain, judged.known)[:3]
    for at, one in enumerate(found):
        origin = judged.origin[one.step]
        st.button(
            f"{plain(str(one)).rstrip('.')}", key=f"bench:saving:{at}", type="tertiary", icon=":material/savings:",
            on_click=bench.change, args=(lambda board, one=one, origin=origin: cheaper(board, origin, one),),
        )  # fmt: skip


def price_line(price: ChainPrice, steps: int, *, free: bool) -> str:
    """What all steps cost live, and that a rehearsal is free."""
    first = "Free in rehearsal. " if free else ""
    if str(price) == "price unknown":
        return f"{first}The live price of {count(steps, 'step')} is not known."
    return f"{first}Live price of {count(steps, 'step')}: **{plain(str(price))}**"
