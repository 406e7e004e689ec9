"""The proxy route: one address that stands for all of fal's hosts, named in `x-fal-target-url` (queue-protocol 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.standin.knobs import Board
from lib.standin.webhooks import is_loopback

# Host -> what stands before its paths here.
HOSTS: Mapping[str, str] = {
    "queue.fal.run": "",
    "queue.falrun.com": "",
    "fal.run": "/fal-run",
    "falrun.com": "/fal-run",
    "rest.fal.ai": "",
    "rest.alpha.fal.ai": "",
    "v3.fal.media": "",
    "v3b.fal.media": "",
    "api.fal.ai": "",
    "fal.ai": "",
}


class Proxy:
    """Passes a request on to `app` at the path of the real address, with a key put in where there is none."""

    def __init__(self, app: ASGIApp, board: Board) -> None:
        self._app = app
        self._board = board

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = urlsplit(HttpRequest(scope).headers.get("x-fal-target-url", ""))
        prefix = HOSTS.get(target.hostname or "", "" if is_loopback(target.geturl()) else None)
        if prefix is None:
            await JSONResponse({"error": "Invalid x-fal-target-url"}, 400)(scope, receive, send)
            return
        await self._app(self._moved(scope, prefix, target), receive, send)

    def _moved(self, scope: Scope, prefix: str, target: SplitResult) -> Scope:
        path = prefix + target.path
        headers = [(name, value) for name, value in scope["headers"] if name != b"x-fal-target-url"]
        if not any(name == b"authorization" for name, _ in headers):
            key = (self._board.knobs.keys or ["rehearsal:proxy"])[0]
            headers.append((b"authorization", f"Key {key}".encode()))
        moved = {"path": unquote(path), "raw_path": path.encode(), "query_string": target.query.encode()}
        return {**scope, **moved, "root_path": "", "headers": headers}
