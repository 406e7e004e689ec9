"""Rehearsal or live: said on every page that can start something, and asked only where live is offered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from lib.catalog.price import Price, Unknown, money
from lib.errors import DailiesError
from lib.store.views import Mode, RunView
from lib.studio import Studio
from lib.studio.prices import FOLLOWS
from lib.ui.errors import show
from lib.ui.session import LIVE_PASS
from lib.ui.text import plain

REHEARSAL, LIVE = "Rehearsal", "Live"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed to. `ready` is False while something live still needs a yes or the access code."""

    mode: Mode = "rehearsal"
    live_pass: str = ""
    accept_unknown_price: bool = False
    ready: bool = True


def mode_line(studio: Studio) -> None:
    """The same in one quiet line, for pages that are about something else."""
    if studio.live_offer().available:
        words = ":orange-badge[Live is offered] :small[:gray[Rehearsals are free; live runs are paid for.]]"
    else:
        words = ":violet-badge[Rehearsal] :small[:gray[Nothing is bought: stand-in models make real files.]]"
    st.markdown(words)


def local_line() -> None:
    """For pages whose work is done here."""
    st.markdown(":gray-badge[On this machine] :small[:gray[Free, and nothing leaves this machine.]]")


def mode_banner(studio: Studio) -> None:
    """Whether money can be spent here, said so that nobody misses it."""
    offer = studio.live_offer()
    if offer.available:
        st.info("Rehearse for free on made-up models, or go live on your fal account.", icon=":material/paid:")
        return
    st.info(
        f"{plain(offer.reason)} Stand-in models make real files, so you can try everything.",
        title="Rehearsal: nothing is bought", icon=":material/theater_comedy:",
    )  # fmt: skip


def chosen_mode(studio: Studio, name: str) -> Mode:
    """What was chosen there last, for what is drawn before the choice."""
    return "live" if studio.live_offer().available and st.session_state.get(f"{name}:mode") == LIVE else "rehearsal"


def choose_live(name: str) -> None:
    """Chooses live there, for whoever asked for it elsewhere; it is confirmed on that page."""
    st.session_state[f"{name}:mode"] = LIVE


def ask_terms(studio: Studio, name: str, prices: Mapping[str, Price]) -> Terms:
    """The choice between rehearsal and live, with what live needs. `prices` are by what a person calls the step."""
    if not studio.live_offer().available:
        return Terms()
    key = f"{name}:mode"
    st.session_state.setdefault(key, REHEARSAL)
    chosen = st.segmented_control(
        "Mode", [REHEARSAL, LIVE], key=key, required=True, persist_state="session",
        help="A rehearsal runs on made-up models and is free. Live buys from fal.",
    )  # fmt: skip
    return _live_terms(studio, name, prices) if chosen == LIVE else Terms()


def live_pass() -> str:
    """This session's pass for live runs, or ""."""
    return str(st.session_state.get(LIVE_PASS, ""))


def may_spend(studio: Studio, run: RunView, name: str) -> bool:
    """Whether this session may do something that can cost money on that run; asks for the access code where needed."""
    if run.mode == "rehearsal" or not studio.live_offer().needs_code or studio.unlocked(live_pass()):
        return True
    st.caption("Going on with a live run can cost money, so it needs the access code.")
    _ask_code(studio, name)
    return False


def _live_terms(studio: Studio, name: str, prices: Mapping[str, Price]) -> Terms:
    spending = studio.spending()
    st.caption(plain(f"Spent today: {money(spending.today_usd)} of {money(spending.cap_usd)}."))
    if studio.live_offer().needs_code and not studio.unlocked(live_pass()):
        _ask_code(studio, name)
        return Terms("live", ready=False)
    unpriced = {step: price for step, price in prices.items() if isinstance(price, Unknown) and price != FOLLOWS}
    accepted = [_accept(name, step, price) for step, price in unpriced.items()]
    return Terms("live", live_pass(), accept_unknown_price=bool(accepted) and all(accepted), ready=all(accepted))


def _accept(name: str, step: str, price: Unknown) -> bool:
    return st.checkbox(
        f"{plain(step)}: the price is not known. I accept whatever fal charges.",
        key=f"{name}:accept:{step}", help=plain(price.reason),
    )  # fmt: skip


def _ask_code(studio: Studio, name: str) -> None:
    with st.form(f"{name}:code-form", border=False):
        code = st.text_input("Access code", type="password", key=f"{name}:code", help="Asked once; valid for 12 hours.")
        if not st.form_submit_button("Unlock live"):
            return
    try:
        st.session_state[LIVE_PASS] = studio.unlock(code)
    except DailiesError as error:
        show(error)
        return
    st.rerun()
