"""What the server answers beside the pages: /healthz, and stored files under /files/<hash>."""

from __future__ import annotations

from collections.abc import Callable

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from lib.errors import NotFound
from lib.store.views import Asset
from lib.studio import Studio

INLINE = ("image/", "video/", "audio/", "model/ply")
FILE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-site",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=21600, immutable",  # the name is the hash: the bytes cannot change
    "Content-Encoding": "identity",  # or a 14 MB scene costs half a second of compression on every download
}


def routes(studio_of: Callable[[], Studio]) -> list[BaseRoute]:
    """The routes; `studio_of` is asked when a file is, so that /healthz never waits for anything."""

    async def file(request: Request) -> Response:
        studio = await anyio.to_thread.run_sync(studio_of)
        return await answer(studio, request)

    return [Route("/healthz", healthz, methods=["GET"]), Route("/files/{sha256}", file, methods=["GET"])]


async def healthz(request: Request) -> Response:
    """The server is up. Says nothing about providers, so that a health check cannot restart a healthy app."""
    return JSONResponse({"status": "ok", "app": "dailies"}, headers={"Cache-Control": "no-store"})


async def answer(studio: Studio, request: Request) -> Response:
    """The file (with ranges), or 404: a wrong or old signature says no more than a wrong hash does."""
    sha256 = request.path_params["sha256"]
    if not studio.signer.valid(sha256, request.query_params.get("key", "")):
        return _not_there()
    try:
        asset = await anyio.to_thread.run_sync(studio.asset, sha256)
    except NotFound:
        return _not_there()
    if asset.path is None or not asset.path.is_file():
        return _not_there()
    return _file(asset, download="download" in request.query_params)


def _file(asset: Asset, *, download: bool) -> Response:
    assert asset.path is not None
    shown = asset.content_type.startswith(INLINE) and not download
    return FileResponse(
        asset.path,
        media_type=asset.content_type,
        filename=file_name(asset),
        content_disposition_type="inline" if shown else "attachment",
        headers=FILE_HEADERS,
    )


def file_name(asset: Asset) -> str:
    """The asset's name with the ending that its bytes deserve."""
    suffix = asset.path.suffix if asset.path else ""
    stem = "".join(c for c in asset.name if c.isprintable() and c not in '/\\"').strip(" .") or asset.sha256[:12]
    return stem if stem.lower().endswith(suffix) else f"{stem}{suffix}"


def _not_there() -> Response:
    return PlainTextResponse("There is no such file, or its address has expired. Reload the page.", 404)
