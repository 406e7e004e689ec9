"""The browser files that come with the app, each under an address that names its content."""

from __future__ import annotations

import hashlib
from functools import cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lib.settings import ROOT

FOLDER = ROOT / "lib" / "assets"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def shipped_route() -> Route:
    """`/assets/<folder>/<name>?v=<hash>`: for ever the same, so that a browser asks once."""
    return Route("/assets/{name:path}", _answer, methods=["GET"])


def shipped_address(base: str, name: str) -> str:
    """The address of "upload/control.js" below the app's own address `base`."""
    return f"{base}/assets/{name}?v={_version(name)}"


def shipped_text(name: str) -> str:
    """What the file holds, for what goes into a page by itself."""
    return (FOLDER / name).read_text(encoding="utf-8")


async def _answer(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _names():
        return PlainTextResponse("There is no such file.", 404)
    # An open page of an older version may still ask: it gets what is there now, but must not keep that.
    same = request.query_params.get("v") == _version(name)
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if same else "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(_content(name), media_type=TYPES["." + name.rsplit(".", 1)[-1]], headers=headers)


@cache
def _names() -> frozenset[str]:
    """All that may be asked for, so that a name never leads elsewhere."""
    return frozenset(
        path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.suffix in TYPES and path.is_file()
    )


@cache
def _content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@cache
def _version(name: str) -> str:
    return hashlib.sha256(_content(name)).hexdigest()[:16]
