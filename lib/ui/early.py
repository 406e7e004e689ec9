"""The server answers at once; what is ours is loaded beside it, while the browser fetches Streamlit's own files."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

OURS = ("/files/", "/assets/", "/upload", "/film/", "/posters/", "/preview/", "/proof/", "/bundle/", "/all-files/")
"""What the addresses of our own routes begin with, so that they are known before the routes are."""


@cache
def begin() -> Future[Any]:
    """Starts to load the pages and to open the studio, in a thread of its own; once, however often it is called.

    One thread only: modules that are loaded by two at once may meet each other half-made.
    """
    return ThreadPoolExecutor(1, thread_name_prefix="early").submit(_load)


def _load() -> Any:
    router = importlib.import_module("lib.ui.router")
    importlib.import_module("lib.ui.session").open_early()
    return router


def router() -> Any:
    """The module `lib.ui.router`, waited for if need be. Raises what loading it raised."""
    return begin().result()


async def healthz(request: Request) -> Response:
    """The server is up. Says nothing about providers, so that a health check cannot restart a healthy app."""
    return JSONResponse({"status": "ok", "app": "dailies"}, headers={"Cache-Control": "no-store"})


def early_routes() -> list[BaseRoute]:
    """/healthz, which waits for nothing, and a place for all others."""
    return [Route("/healthz", healthz, methods=["GET"]), OurRoutes(_routes)]


class OurRoutes(BaseRoute):
    """Every route of ours below OURS; who asks before they are loaded waits for `load`."""

    def __init__(self, load: Callable[[], ASGIApp]) -> None:
        self._load = load

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_ours = scope["type"] == "http" and scope["path"].startswith(OURS)
        return (Match.FULL, {}) if is_ours else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await anyio.to_thread.run_sync(self._load))(scope, receive, send)


@cache
def _routes() -> Router:
    router()
    routes, session = (importlib.import_module(f"lib.ui.{name}") for name in ("routes", "session"))
    return Router(routes.routes(session.shared_studio))
