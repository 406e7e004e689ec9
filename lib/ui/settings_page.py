"""How this installation stands: mode, money, room, versions. Never the value of a key."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import streamlit as st

from lib.catalog.price import money
from lib.errors import DailiesError
from lib.settings import fal_key
from lib.studio import Studio
from lib.ui.errors import show
from lib.ui.session import get_studio
from lib.ui.text import count, plain, size

SHOWN_VERSIONS = ("streamlit", "pydantic", "httpx", "dbos", "sqlalchemy", "imageio-ffmpeg", "av")
GB = 1_000_000_000
ASKED, FREED = "settings:asked", "settings:freed"


def settings_page() -> None:
    """All cards of the page."""
    st.title("Settings", anchor=False)
    st.markdown("What this installation may do, what it has spent, and how much room it takes.")
    studio = get_studio()
    for pair in ((_mode, _money), (_storage, _about)):
        for column, part in zip(st.columns(2, gap="medium"), pair, strict=True):
            with column, st.container(border=True, height="stretch"):
                _guarded(part, studio)


def _guarded(part: Callable[[Studio], None], studio: Studio) -> None:
    """One card that fails leaves the others standing."""
    try:
        part(studio)
    except DailiesError as error:
        show(error)


def _mode(studio: Studio) -> None:
    st.markdown("**Mode**")
    offer = studio.live_offer()
    with st.container(horizontal=True, gap="small"):
        _either(offer.available, "Live is offered", "Rehearsal only")
        _either(fal_key() is not None, "Key present", "No key")
        _either(bool(studio.settings.access_code), "Access code set", "No access code")
    st.caption(plain(offer.reason))
    with st.expander("How to go live", type="compact"):
        st.markdown(
            "Set `FAL_KEY` in the environment or in `.streamlit/secrets.toml`. Set `DAILIES_ACCESS_CODE` as well, "
            "unless the server listens on 127.0.0.1 only. Then start Dailies again. The key is never shown or stored."
        )


def _either(holds: bool, yes: str, no: str) -> None:
    st.badge(yes if holds else no, color="green" if holds else "gray")


def _money(studio: Studio) -> None:
    st.markdown("**Money**")
    spending = studio.spending()
    today, cap = spending.today_usd, spending.cap_usd
    used = float(today / cap) if cap else 0.0
    st.progress(min(used, 1.0), text=plain(f"{money(today)} of {money(cap)} spent or reserved today (UTC)"))
    st.caption("Only live runs count. Set `DAILIES_MAX_USD_PER_DAY` to change the limit of a day.")


def _storage(studio: Studio) -> None:
    st.markdown("**Storage**")
    storage = studio.storage()
    st.caption(
        f"{count(storage.files, 'file')}, {plain(size(storage.size_bytes))}. "
        f"The stand-in keeps {plain(size(storage.standin_bytes))} of its own. "
        f"{plain(size(storage.free_bytes))} are free on this disk."
    )
    limit_gb = st.number_input("Keep at most (GB)", 0.0, value=5.0, step=0.5, format="%g", key="settings:limit")
    st.caption(
        "Rehearsals go first, what was paid for last. Runs keep their facts and costs, unfinished ones their files."
    )
    _clean_up(studio, int(limit_gb * GB))
    with st.expander("Where files are kept", type="compact"):
        st.text(str(studio.settings.data_dir))
        st.caption("Set `DAILIES_DATA_DIR` to keep them elsewhere.")


def _clean_up(studio: Studio, limit_bytes: int) -> None:
    """Two presses: the first says what would go, the second removes it. Another limit asks again."""
    pressed = st.button("Clean up", key="settings:clean", icon=":material/cleaning_services:")
    if pressed:
        st.session_state[ASKED] = limit_bytes
    if st.session_state.get(ASKED) == limit_bytes:
        _confirm(studio, limit_bytes)
    if (freed := st.session_state.pop(FREED, None)) is not None:
        st.success(f"{plain(size(freed))} freed.")


def _confirm(studio: Studio, limit_bytes: int) -> None:
    plan = studio.cleanup_plan(limit_bytes)
    if not plan.files:
        st.success("Nothing has to go.")
        return
    files = count(plan.files, "file")
    paid = f"{count(plan.paid_takes, 'paid take')} would lose {'its' if plan.paid_takes == 1 else 'their'} file."
    st.warning(
        f"{paid} To have it again means paying again." if plan.paid_takes else "Nothing that was paid for is among it.",
        title=f"Remove {files} ({plain(size(plan.size_bytes))})?",
    )  # fmt: skip
    with st.container(horizontal=True):
        st.button(f"Remove {files}", key="settings:remove", type="primary", on_click=_remove, args=(limit_bytes,))
        st.button("Keep them", key="settings:keep", type="tertiary", on_click=_keep)


def _remove(limit_bytes: int) -> None:
    st.session_state[FREED] = get_studio().clean(limit_bytes)
    _keep()


def _keep() -> None:
    st.session_state.pop(ASKED, None)


def _about(studio: Studio) -> None:
    st.markdown("**Versions**")
    lines = [f"Python {platform.python_version()}"]
    for name in SHOWN_VERSIONS:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is missing")
    st.caption(plain(" · ".join(lines)))
