"""Storage's routes: a token with a single or multipart upload, signed uploads, and the files themselves (section 4)."""

from __future__ import annotations

import errno
import json
import re
import secrets
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, JSONResponse, Response

from lib.standin.answers import origin_seen
from lib.standin.database import keep, recall
from lib.standin.keys import Route
from lib.standin.shelf import Kept, Shelf, Upload, new_path

_PATH = re.compile(r"(?P<path>b/[^/]+/[^/]+?)(?:/multipart/(?P<id>\w+))?(?:/(?P<tail>\d+|complete))?")
LIFETIME_HEADERS = ("x-fal-object-lifecycle-preference", "x-fal-object-lifecycle")
TYPE_UNKNOWN = "application/octet-stream"


class Storage:
    """Routes over the shelf. There is one token, which clients cache: it stays good across restarts."""

    def __init__(self, shelf: Shelf, token: str) -> None:
        self._shelf = shelf
        self._token = token

    async def token(self, http: HttpRequest) -> Response:
        """The upload token with its hour of validity."""
        # With a numeric offset: Python 3.10 cannot read a bare Z.
        expires_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds")
        body = {"token": self._token, "token_type": "Bearer", "base_url": origin_seen(http), "expires_at": expires_at}
        return JSONResponse(body)

    async def single(self, http: HttpRequest) -> Response:
        """The whole file in one body."""
        if not self._may(http):
            return _no_token()
        kept = await self._shelf.take(_path(http), _type(http), _lifetime_s(http), http.stream())
        return JSONResponse({"access_url": _url(http, kept.path)})

    async def multipart(self, http: HttpRequest) -> Response:
        """The address and id of an upload in parts."""
        if not self._may(http):
            return _no_token()
        upload = self._shelf.begin(_path(http), _type(http), _lifetime_s(http))
        return JSONResponse({"access_url": _url(http, upload.path), "uploadId": upload.token})

    async def initiate(self, http: HttpRequest) -> Response:
        """Where to put a file, whole or in parts: an address that carries its own permission."""
        wanted = await http.json()
        path = new_path(wanted.get("file_name") or "upload.bin")
        upload = self._shelf.begin(path, wanted.get("content_type") or TYPE_UNKNOWN, _lifetime_s(http))
        url = _url(http, path)
        return JSONResponse({"upload_url": f"{url}?signature={upload.token}", "file_url": url})

    async def put(self, http: HttpRequest) -> Response:
        """Bytes for an upload that was begun: all of them, or one numbered part."""
        upload, tail = self._begun(http)
        if upload is None:
            return JSONResponse({"detail": "No such upload, or a wrong signature"}, 403)
        if tail is None:
            await self._shelf.take(upload.path, upload.content_type, upload.lifetime_s, http.stream())
            return Response(status_code=200)
        etag = await self._shelf.write(self._shelf.part(upload, int(tail)), http.stream())
        # The Python client reads the header, the JavaScript client the body.
        return JSONResponse({"partNumber": int(tail), "etag": f'"{etag}"'}, headers={"ETag": f'"{etag}"'})

    async def complete(self, http: HttpRequest) -> Response:
        """All parts are there: the file is."""
        upload, tail = self._begun(http)
        if upload is None or tail != "complete":
            return JSONResponse({"detail": "No such upload, or a wrong signature"}, 403)
        parts = (await http.json()).get("parts") or []
        if not self._shelf.part(upload, 0).parent.exists() and self._shelf.find(upload.path):
            return JSONResponse({"access_url": _url(http, upload.path)})  # completed before, and asked again
        numbers = sorted(int(part["partNumber"]) for part in parts)
        wrong = self._wrong(upload, numbers)
        if wrong:
            return JSONResponse({"detail": wrong}, 400)
        await self._shelf.join(upload, numbers)
        return JSONResponse({"access_url": _url(http, upload.path)})

    async def file(self, http: HttpRequest) -> Response:
        """A file, for anybody, also in ranges."""
        kept = self._shelf.find(http.path_params["path"])
        return JSONResponse({"detail": "Not Found"}, 404) if kept is None else _served(kept)

    def _wrong(self, upload: Upload, numbers: Sequence[int]) -> str:
        if list(numbers) != list(range(1, len(numbers) + 1)) or not numbers:
            return "Parts must be numbered from 1 without a gap"
        absent = [number for number in numbers if not self._shelf.part(upload, number).exists()]
        return f"Part {absent[0]} was never uploaded" if absent else ""

    def _begun(self, http: HttpRequest) -> tuple[Upload | None, str | None]:
        """The upload that this address belongs to, if its permission is right, and what follows the file's path."""
        found = _PATH.fullmatch(http.path_params["path"].rstrip("/"))
        upload = self._shelf.upload(found["path"]) if found else None
        if found is None or upload is None:
            return None, None
        given = found["id"] or http.query_params.get("signature", "")
        return (upload if _same(given, upload.token) else None), found["tail"]

    def _may(self, http: HttpRequest) -> bool:
        return _same(http.headers.get("authorization", ""), f"Bearer {self._token}")


def upload_token(db: sqlite3.Connection) -> str:
    """The token of this folder, made once."""
    token = recall(db, "upload token") or secrets.token_urlsafe(24)
    keep(db, "upload token", token)
    return token


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode(), wanted.encode())


def full_disk_said(route: Route) -> Route:
    """The route, answering 507 when the disk is full."""

    async def guarded(http: HttpRequest) -> Response:
        try:
            return await route(http)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return JSONResponse({"detail": "The disk of the rehearsal is full"}, 507)

    return guarded


def _served(kept: Kept) -> Response:
    headers = {
        "Cache-Control": "max-age=5184000",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }
    return FileResponse(kept.file, media_type=kept.content_type, headers=headers)


def _no_token() -> Response:
    return JSONResponse({"detail": "Invalid or expired token"}, 401)


def _url(http: HttpRequest, path: str) -> str:
    return f"{origin_seen(http)}/files/{path}"


def _path(http: HttpRequest) -> str:
    return new_path(http.headers.get("x-fal-file-name") or "upload.bin")


def _type(http: HttpRequest) -> str:
    return http.headers.get("content-type") or TYPE_UNKNOWN


def _lifetime_s(http: HttpRequest) -> float | None:
    """Seconds that the file is to be kept; None for ever. A header that cannot be read asks for nothing."""
    for name in LIFETIME_HEADERS:
        try:
            wanted: Any = json.loads(http.headers.get(name, "null"))
        except ValueError:
            continue
        if isinstance(wanted, dict) and isinstance(wanted.get("expiration_duration_seconds"), int | float):
            return float(wanted["expiration_duration_seconds"])
    return None
