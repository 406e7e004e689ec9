"""What routes with signed addresses share: the asset behind one, the headers, the answer where there is none."""

from __future__ import annotations

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lib.errors import NotFound
from lib.store.views import Asset
from lib.studio import Studio

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-site",
    "Referrer-Policy": "no-referrer",
}
FILE_HEADERS = SAFE_HEADERS | {
    "Cache-Control": "private, max-age=21600, immutable",  # the name is the hash: the bytes cannot change
    "Content-Encoding": "identity",  # or a 14 MB scene costs half a second of compression on every download
}


async def signed_asset(studio: Studio, request: Request) -> Asset | None:
    """The stored file that the address names; None for a wrong or old signature and for what is not there any more."""
    sha256 = request.path_params["sha256"]
    if not studio.signer.valid(sha256, request.query_params.get("key", "")):
        return None
    try:
        asset = await anyio.to_thread.run_sync(studio.asset, sha256)
    except NotFound:
        return None
    return asset if asset.path is not None and asset.path.is_file() else None


def not_there() -> Response:
    """404: a wrong or old signature says no more than a wrong hash does."""
    return PlainTextResponse("There is no such file, or its address has expired. Reload the page.", 404)
