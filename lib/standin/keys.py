"""Who may call: from this machine, with any key unless the knobs name some; some routes never for web pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.standin.knobs import Board
from lib.standin.webhooks import is_loopback

Route = Callable[[HttpRequest], Coroutine[Any, Any, Response]]


def refusal(http: HttpRequest, board: Board) -> Response | None:
    """The 401 for a missing or unknown key; None for a good one."""
    scheme, _, key = http.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "key" or not key:
        return JSONResponse({"detail": "Cannot access application without a key."}, 401)
    if board.knobs.keys is not None and key not in board.knobs.keys:
        return JSONResponse({"detail": "No user found for the given key ID and secret."}, 401)
    return None


def not_for_pages(route: Route) -> Route:
    """The route, refused to web pages: what was sent and bought is nobody else's business."""

    async def guarded(http: HttpRequest) -> Response:
        if "origin" in http.headers:
            return JSONResponse({"detail": "Not for web pages"}, 403)
        return await route(http)

    return guarded


class LocalOnly:
    """Refuses requests under a name that is not this machine's, which is how a page would rebind DNS to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        foreign = scope["type"] == "http" and not is_loopback(str(HttpRequest(scope).url))
        answer = JSONResponse({"detail": "This stand-in answers on loopback only"}, 403) if foreign else self._app
        await answer(scope, receive, send)


def with_key(board: Board, route: Route) -> Route:
    """The route, for callers with a good key."""

    async def guarded(http: HttpRequest) -> Response:
        refused = refusal(http, board)
        return await route(http) if refused is None else refused

    return guarded
