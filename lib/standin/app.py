"""The stand-in as an ASGI application: its parts, put together once, and the table of its routes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sqlite3
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from lib.standin.clock import Bell, Clock
from lib.standin.control import Control
from lib.standin.database import open_database
from lib.standin.faults import Faults
from lib.standin.guests import Guests
from lib.standin.keys import LocalOnly, not_for_pages, with_key
from lib.standin.keys import Route as Answer
from lib.standin.knobs import Board
from lib.standin.listing import well_asked
from lib.standin.perform import Performer
from lib.standin.places import fault_place
from lib.standin.platform import Platform
from lib.standin.proxy import Proxy
from lib.standin.queue import Queue
from lib.standin.recent import Recent
from lib.standin.records import Records
from lib.standin.runner import Runner
from lib.standin.shelf import Shelf
from lib.standin.spoil import Spoiled, locator
from lib.standin.storage import Storage, full_disk_said, upload_token
from lib.standin.webhooks import Signer, Webhooks
from lib.standin.work import Work

logger = logging.getLogger(__name__)

EXPOSED = (
    "x-fal-request-id", "x-fal-billable-units", "x-fal-error-type", "x-fal-needs-retry", "x-fal-retryable",
    "x-fal-request-timeout-type", "etag", "content-range", "retry-after",
)  # fmt: skip


def create_app(folder: Path, *, performers: Mapping[str, Performer], clock: Clock | None = None) -> Starlette:
    """The application over one folder. While it runs, its runner performs what is in the line."""
    folder.mkdir(parents=True, exist_ok=True)
    time, bell, faults = clock or Clock(), Bell(), Faults()
    db = open_database(folder / "standin.sqlite3")
    board, records, shelf = Board(db, time, bell), Records(db), Shelf(db, folder / "files", time)
    signer = Signer(db)
    webhooks = Webhooks(records, signer, faults, time, bell)
    guests = Guests(folder)
    work = Work(performers, shelf, faults, board, folder / "work", guests=guests)
    runner = Runner(records, work, time, board=board, bell=bell, on_finish=webhooks.deliver)
    recent = Recent(records, board, time)
    queue = Queue(records, runner, board, time, bell, guests=guests)
    wire = Router(
        [
            Route("/.well-known/jwks.json", _answering(signer.jwks())),
            *_storage_routes(Storage(shelf, upload_token(db)), board),
            *_platform_routes(Platform(records, recent, guests), recent, board),
            Route("/fal-run/{path:path}", queue.direct, methods=["POST"]),
            Route("/{path:path}", queue.any, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )
    spoiled = Spoiled(wire, faults, time, locator(fault_place, records.endpoint_of), webhooks.delivered)
    control = Mount("/_standin", routes=Control(records, faults, board).routes())
    return Starlette(
        routes=[control, Mount("/", _open(spoiled, board))],
        middleware=[Middleware(LocalOnly)],
        lifespan=_lifespan(runner, webhooks, db),
    )


def _lifespan(runner: Runner, webhooks: Webhooks, db: sqlite3.Connection) -> Lifespan[Starlette]:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        webhooks.resume()
        running = asyncio.ensure_future(runner.run())
        running.add_done_callback(_last_words)
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await webhooks.close()
        db.close()

    return lifespan


def _last_words(running: asyncio.Future[None]) -> None:
    """The runner ends only when it is told to. Of anything else, a full disk say, the process ends with it: requests
    lie on disk, and whoever needs the stand-in starts it again.
    """
    if not running.cancelled() and (error := running.exception()) is not None:
        logger.critical("the runner has died, and so the stand-in leaves", exc_info=error)
        signal.raise_signal(signal.SIGTERM)


def _open(wire: ASGIApp, board: Board) -> ASGIApp:
    """The wire with its proxy address, for pages of any origin."""
    proxied = Router([Route("/api/fal/proxy", Proxy(wire, board)), Mount("/", _Options(wire))])
    return CORSMiddleware(
        proxied, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], expose_headers=EXPOSED
    )


class _Options:
    """Answers a bare OPTIONS, which is no preflight, for every address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        bare = scope["type"] == "http" and scope["method"] == "OPTIONS"
        await (Response(status_code=204) if bare else self._app)(scope, receive, send)


def _storage_routes(storage: Storage, board: Board) -> list[Route]:
    upload = [
        Route("/storage/auth/token", with_key(board, storage.token), methods=["POST"]),
        Route("/storage/upload/initiate", with_key(board, well_asked(storage.initiate)), methods=["POST"]),
        Route("/storage/upload/initiate-multipart", with_key(board, well_asked(storage.initiate)), methods=["POST"]),
        Route("/files/upload", full_disk_said(storage.single), methods=["POST"]),
        Route("/files/upload/multipart", full_disk_said(storage.multipart), methods=["POST"]),
        Route("/files/{path:path}", full_disk_said(storage.put), methods=["PUT"]),
        Route("/files/{path:path}", full_disk_said(well_asked(storage.complete)), methods=["POST"]),
    ]
    return [*upload, Route("/files/{path:path}", storage.file, methods=["GET", "HEAD"])]


def _platform_routes(platform: Platform, recent: Recent, board: Board) -> list[Route]:
    """Each under /v1 and bare, since everything stands on one origin."""
    table: list[tuple[str, str, Answer]] = [
        ("GET", "/models", platform.models),
        ("GET", "/models/pricing", platform.pricing),
        ("POST", "/models/pricing/estimate", platform.estimate),
        ("GET", "/models/usage", not_for_pages(platform.usage)),
        ("GET", "/models/requests/by-endpoint", not_for_pages(recent.requests)),
        ("DELETE", "/models/requests/{id}/payloads", not_for_pages(recent.forget)),
        ("GET", "/meta", platform.meta),
    ]
    keyed = [
        Route(prefix + path, with_key(board, well_asked(answer)), methods=[method])
        for method, path, answer in table
        for prefix in ("/v1", "")
    ]
    return [
        *keyed,
        Route("/billing/user_balance", with_key(board, platform.balance)),
        Route("/tokens/", with_key(board, platform.realtime_token), methods=["POST"]),
        Route("/api/openapi/queue/openapi.json", platform.openapi),
    ]


def _answering(body: object) -> Answer:
    async def answer(http: HttpRequest) -> Response:
        return JSONResponse(body)

    return answer
