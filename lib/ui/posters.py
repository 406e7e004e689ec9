"""Posters in lists: an address that the browser asks when it shows one, so that no page ever waits for a picture."""

from __future__ import annotations

from collections.abc import Callable

import anyio.to_thread
import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from lib.errors import NotFound
from lib.studio import Studio
from lib.studio.posters import HEIGHT, WIDTH, Posters
from lib.ui.links import signature
from lib.ui.session import BASE_URL
from lib.ui.signed import SAFE_HEADERS

BLANK = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
    f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#141a19"/>'
    '<path d="M222 108h36l14 14v40h-50z M258 108v14h14" fill="none" stroke="#6f807b" stroke-width="3"'
    ' stroke-linejoin="round"/></svg>'
)
KEPT = {"Cache-Control": "private, max-age=21600, immutable"}
NOT_KEPT = {"Cache-Control": "no-store"}


def poster_address(studio: Studio, sha256: str) -> str | None:
    """Where the browser gets the file's poster; None in a plain script, which has no routes."""
    base = st.session_state.get(BASE_URL)
    return f"{base}/posters/{sha256}?key={signature(studio, sha256)}" if base else None


def poster_route(studio_of: Callable[[], Studio]) -> Route:
    """Answers /posters/<hash>: the picture, or a blank one where the file has none."""
    desks: dict[Studio, Posters] = {}

    async def poster(request: Request) -> Response:
        studio = await anyio.to_thread.run_sync(studio_of)
        if studio not in desks:
            desks[studio] = Posters(studio.settings.data_dir / "posters")
        return await answer(studio, desks[studio], request)

    return Route("/posters/{sha256}", poster, methods=["GET"])


async def answer(studio: Studio, posters: Posters, request: Request) -> Response:
    """The poster, or 404 for a wrong or old signature."""
    sha256 = request.path_params["sha256"]
    if not studio.signer.valid(sha256, request.query_params.get("key", "")):
        return PlainTextResponse("There is no such picture, or its address has expired. Reload the page.", 404)
    try:
        asset = await anyio.to_thread.run_sync(studio.asset, sha256)
    except NotFound:
        return _blank()
    path = await posters.get(asset)
    return _blank() if path is None else FileResponse(path, media_type="image/jpeg", headers=SAFE_HEADERS | KEPT)


def _blank() -> Response:
    return Response(BLANK, media_type="image/svg+xml", headers=SAFE_HEADERS | NOT_KEPT)
