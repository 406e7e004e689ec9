"""Any other model: its form read off its own description, then everything that every model's page has."""

from __future__ import annotations

import time

import streamlit as st

from lib.catalog import known
from lib.catalog.fitting import fitting
from lib.catalog.form import fields
from lib.catalog.operation import Endpoint
from lib.errors import DailiesError, NotFound
from lib.store.views import AddedModel, Mode
from lib.studio import Studio
from lib.studio.models import Reading, id_in
from lib.ui.errors import show
from lib.ui.form_link import take_link
from lib.ui.model_page import operation_area
from lib.ui.places import ADDED, added_family, draft_of
from lib.ui.session import get_studio
from lib.ui.terms import mode_line
from lib.ui.text import ago, plain

TEXT, AGAIN, SAID = "any:text", "any:again", "any:said"
MOST_CHANGES = 8


def any_page() -> None:
    """Where an id is pasted, the models that were added before, and the form of the one that is chosen."""
    studio = get_studio()
    st.title("Any other model", anchor=False)
    st.markdown(
        "Paste the id of a model at fal, or the address of its page. Its form appears here, and it works like every "
        "other: rehearsed, run, kept, chained."
    )
    mode_line(studio)
    take_link(lambda made: isinstance(made, Endpoint) and made.added)
    _ask(studio)
    made = _chosen(studio)
    if made is None:
        _teach(studio)
        return
    _head(studio, made)
    operation_area(studio, added_family(made), made)


def _ask(studio: Studio) -> None:
    """The field for an id. What is read becomes the chosen model; what went wrong stands below the field."""
    with st.form("any:read", border=False), st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Model id or address", key=TEXT, placeholder="fal-ai/some-model/text-to-video", width=460,
            help="The description is read from fal.ai. It is public and free, and no key is sent.",
        )  # fmt: skip
        pressed = st.form_submit_button("Read its form", icon=":material/description:")
    wanted = st.session_state.pop(AGAIN, "") or (text if pressed else "")
    if wanted:
        _read(studio, str(wanted))
    if said := st.session_state.get(SAID):
        _say(said)


def _read(studio: Studio, text: str) -> None:
    try:
        with st.spinner("Reading its description"):
            reading = studio.models.read(text, _source(studio, text))
    except DailiesError as error:
        st.session_state[SAID] = error.record()
        return
    _carry_over(reading.endpoint)
    st.session_state[ADDED] = reading.endpoint.id
    st.session_state[SAID] = {"read": _news(reading)}


def _carry_over(made: Endpoint) -> None:
    """What stands in the form of the version before goes into that of the new one, as far as it fits."""
    before = known(str(st.session_state.get(ADDED) or ""))
    if isinstance(before, Endpoint) and before.wire_id == made.wire_id and before.id != made.id:
        draft_of(made).fill(fitting(fields(made.input), draft_of(before).values(), files=True).values)


def _source(studio: Studio, text: str) -> Mode:
    """The made-up models are asked for at the rehearsal, all others at fal. Raises InputError."""
    return "rehearsal" if id_in(text) in studio.models.rehearsed_only() else "live"


def _news(reading: Reading) -> list[str]:
    if reading.is_new:
        return []
    return reading.changes or ["Its description was read again. The form is the same."]


def _say(said: dict[str, object]) -> None:
    """What the last reading brought, until something else is done here."""
    news = said.get("read")
    if not isinstance(news, list):
        show(said)
    elif len(news) == 1:
        st.caption(plain(news[0]))
    elif news:
        more = f" And {len(news) - MOST_CHANGES} more." if len(news) > MOST_CHANGES else ""
        st.info(" ".join(plain(one) for one in news[:MOST_CHANGES]) + more, title="Its form has changed")


def _chosen(studio: Studio) -> Endpoint | None:
    """The model whose form is shown; one that nobody keeps here any more is forgotten."""
    listed = {made.id: made for _, made in studio.models.all()}
    held = st.session_state.get(ADDED)
    made = known(str(held)) if held else None
    if isinstance(made, Endpoint) and made.added:
        listed = {made.id: made, **listed}
    else:
        st.session_state.pop(ADDED, None)
    if not listed:
        return None
    st.session_state.setdefault(ADDED, next(iter(listed)))
    chosen = st.selectbox(
        "Models added here", list(listed), key=ADDED, format_func=lambda name: _label(listed[name]), width=460,
        on_change=_forget, persist_state="session",
    )  # fmt: skip
    return listed[str(chosen)]


def _label(made: Endpoint) -> str:
    return f"{made.title} · {made.wire_id}"


def _forget() -> None:
    st.session_state.pop(SAID, None)


def _head(studio: Studio, made: Endpoint) -> None:
    """Where the form is from, and the ways to a newer one."""
    newest = _newest(studio, made)
    st.markdown(plain(made.about))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if newest is not None:
            st.caption(plain(_origin(made, newest)))
        st.button(
            "Read again", key="any:again-button", type="tertiary", icon=":material/refresh:", on_click=_again,
            args=(made.wire_id,), help="Reads the description anew and says what is different.",
        )  # fmt: skip
        if newest is not None and not _is_newest(made, newest):
            st.button("Use the newest form", key="any:newest", on_click=_use, args=(newest.endpoint_id,))


def _origin(made: Endpoint, newest: AddedModel) -> str:
    """ "Read from fal 3 h ago", or that the form is an older one."""
    if not _is_newest(made, newest):
        return "This is an older form of the model, with which takes were made."
    where = "fal" if newest.source == "live" else "the rehearsal, which made this model up,"
    return f"Read from {where} {ago(newest.read_at, time.time())}."


def _is_newest(made: Endpoint, newest: AddedModel) -> bool:
    return newest.sha256.startswith(made.id.partition("@")[2])


def _newest(studio: Studio, made: Endpoint) -> AddedModel | None:
    try:
        return studio.models.newest(made)
    except NotFound:
        return None


def _again(endpoint_id: str) -> None:
    st.session_state[AGAIN] = endpoint_id


def _use(endpoint_id: str) -> None:
    made = known(endpoint_id)
    if made is not None:
        st.session_state[ADDED] = made.id
    _forget()


def _teach(studio: Studio) -> None:
    """No model yet: three made-up ones can be tried at once."""
    with st.container(border=True, gap="small"):
        st.markdown("**Try one that exists in rehearsals only**")
        st.caption("Their descriptions are as odd as real ones can be, and nothing leaves this machine.")
        with st.container(horizontal=True, gap="small"):
            for name in studio.models.rehearsed_only():
                st.button(plain(name), key=f"any:try:{name}", on_click=_again, args=(name,))
