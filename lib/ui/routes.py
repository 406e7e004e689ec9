"""What the server answers beside the pages: /healthz, stored files under /files/<hash>, uploads, shipped files."""

from __future__ import annotations

from collections.abc import Callable

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from lib.store.views import Asset
from lib.studio import Studio
from lib.ui.all_files import all_files_route
from lib.ui.early import healthz
from lib.ui.film_routes import film_routes
from lib.ui.hand_over import bundle_route
from lib.ui.posters import poster_route
from lib.ui.proof_routes import proof_routes
from lib.ui.shipped import shipped_route
from lib.ui.signed import FILE_HEADERS, not_there, signed_asset
from lib.ui.upload_routes import upload_routes

INLINE = ("image/", "video/", "audio/", "model/ply")


def routes(studio_of: Callable[[], Studio]) -> list[BaseRoute]:
    """The routes; `studio_of` is asked when a file is, so that /healthz never waits for anything."""

    async def file(request: Request) -> Response:
        studio = await anyio.to_thread.run_sync(studio_of)
        return await answer(studio, request)

    own = [Route("/healthz", healthz, methods=["GET"]), Route("/files/{sha256}", file, methods=["GET"])]
    looking = [poster_route(studio_of), *film_routes(studio_of), *proof_routes(studio_of)]
    taking = [all_files_route(studio_of), bundle_route(studio_of)]
    return [*own, shipped_route(), *upload_routes(studio_of), *looking, *taking]


async def answer(studio: Studio, request: Request) -> Response:
    """The file (with ranges), or 404: a wrong or old signature says no more than a wrong hash does."""
    asset = await signed_asset(studio, request)
    if asset is None:
        return not_there()
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
