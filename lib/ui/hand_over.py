"""A run in other hands: downloads of its chain as a program, a file or a fal workflow, and of the whole as a bundle."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import anyio.to_thread
import streamlit as st
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from lib.chain.check import require
from lib.chain.exports import FORMS, Form
from lib.chain.model import make_chain
from lib.chain.seeds import with_seeds
from lib.errors import DailiesError
from lib.store.views import RunView
from lib.studio import Studio
from lib.studio.bundle import write_bundle
from lib.ui.links import signature
from lib.ui.session import BASE_URL
from lib.ui.signed import SAFE_HEADERS, not_there
from lib.ui.text import plain

NOT_KEPT = SAFE_HEADERS | {"Cache-Control": "no-store", "Content-Encoding": "identity"}


def hand_over(studio: Studio, run: RunView) -> None:
    """A menu of downloads; absent while the run goes on."""
    if not run.ended:
        return
    with st.popover("Hand over", icon=":material/ios_share:", type="tertiary", key=f"hand-over-{run.id}"):
        st.caption("The chain, with the seeds of this run. Programs ask for the files and need your own fal key.")
        for name, form in FORMS.items():
            _offer(run, name, form)
        st.caption("Everything in one zip: chain, files, takes, costs and a report to read. No key is in it.")
        address = bundle_address(studio, run.id)
        if address is None:
            st.caption(f"On this host the command line makes it: `python -m lib bundle {run.id} bundle.zip`")
        else:
            st.link_button("Bundle", address, icon=":material/folder_zip:", width="stretch")


def _offer(run: RunView, name: str, form: Form) -> None:
    text, refused = _written(run.id, run.finished_at, name, run)
    if refused is not None:
        named = form.title.lower() in refused["message"].lower()
        st.caption(plain(f"{'' if named else f'{form.title}: '}{refused['message']} {refused['hint']}"))
        return
    st.download_button(
        form.title, text, form.file_name, form.content_type, key=f"hand-over-{run.id}-{name}", on_click="ignore",
        icon=":material/download:", width="stretch",
    )  # fmt: skip


@st.cache_data(show_spinner=False, max_entries=64)
def _written(run_id: str, finished_at: float | None, name: str, _run: RunView) -> tuple[str, dict[str, Any] | None]:
    """The text, or why there is none; written once for a run that has ended, not whenever it is looked at."""
    try:
        return text_of(_run, FORMS[name]), None
    except DailiesError as error:
        return "", error.record()


def text_of(run: RunView, form: Form) -> str:
    """The run's chain in that form; a seed that was not drawn yet is the same each time. Raises a DailiesError."""
    chain = make_chain(run.chain)
    require(chain)
    drawn = {step.id: step.input or {} for step in run.steps}
    return form.text(with_seeds(chain, drawn, random.Random(run.id)) if form.seeded else chain)


def bundle_address(studio: Studio, run_id: str) -> str | None:
    """Where a browser gets the bundle of a run; None in a plain script, which has no routes."""
    base = st.session_state.get(BASE_URL)
    return f"{base}/bundle/{run_id}?key={signature(studio, _signed(run_id))}" if base else None


def bundle_route(studio_of: Callable[[], Studio]) -> Route:
    """Answers /bundle/<run>: the zip, made on disk for this answer and removed after it."""

    async def bundle(request: Request) -> Response:
        studio = await anyio.to_thread.run_sync(studio_of)
        run_id = request.path_params["run_id"]
        if not studio.signer.valid(_signed(run_id), request.query_params.get("key", "")):
            return not_there()
        part = studio.store.assets.part(".zip")
        try:
            await anyio.to_thread.run_sync(write_bundle, studio.store, run_id, part)
        except DailiesError as error:
            return JSONResponse({"message": error.message, "hint": error.hint}, 422, NOT_KEPT)
        gone = BackgroundTask(part.unlink, missing_ok=True)
        name = f"dailies-{run_id[:8]}.zip"
        return FileResponse(part, media_type="application/zip", filename=name, headers=NOT_KEPT, background=gone)

    return Route("/bundle/{run_id}", bundle, methods=["GET"])


def _signed(run_id: str) -> str:
    return f"bundle/{run_id}"
