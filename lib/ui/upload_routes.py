"""Files of any size by the tus 1.0.0 protocol (tus.io): in blocks to the disk, on from where they stopped.

Strict tus, so that every client of it works. What became of a complete file is one request more, `GET`: its hash,
name and facts, or a sentence on why not.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import suppress
from email.utils import formatdate
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from lib.errors import AccessRefused, DailiesError, InputError, InUse, MediaError, NoSpace, NotFound, TooLarge
from lib.studio import Studio
from lib.studio.incoming import Incoming, Upload
from lib.studio.intake import MAX_FILE_BYTES
from lib.ui.upload_body import Refused, drain, thread, write

TICKET = "upload"
"""What the signature in the header `Upload-Ticket` is for."""
TUS = {"Tus-Resumable": "1.0.0", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
OFFERED = {
    "Tus-Version": "1.0.0",
    "Tus-Extension": "creation,expiration,termination",
    "Tus-Max-Size": str(MAX_FILE_BYTES),
}
STATUS: dict[type[DailiesError], int] = {
    AccessRefused: 403, NotFound: 404, InUse: 423, NoSpace: 507, TooLarge: 413, MediaError: 422, InputError: 400,
}  # fmt: skip
Answer = Callable[[Incoming, Request], Awaitable[Response]]


def upload_routes(studio_of: Callable[[], Studio]) -> list[BaseRoute]:
    """`/upload` and `/upload/<id>`; the studio is asked for when a request comes."""

    async def begin(request: Request) -> Response:
        return await _answered(studio_of, request, {"OPTIONS": _offer, "POST": _begin})

    async def go_on(request: Request) -> Response:
        answers = {"OPTIONS": _offer, "HEAD": _offset, "PATCH": _receive, "DELETE": _drop, "GET": _outcome}
        return await _answered(studio_of, request, answers)

    return [
        Route("/upload", begin, methods=["POST", "OPTIONS"]),
        Route("/upload/{id}", go_on, methods=["GET", "HEAD", "PATCH", "DELETE", "POST", "OPTIONS"]),
    ]


async def _answered(studio_of: Callable[[], Studio], request: Request, answers: Mapping[str, Answer]) -> Response:
    method = request.method
    if method == "POST":  # for proxies that let nothing else through
        method = request.headers.get("X-HTTP-Method-Override", method).upper()
    try:
        studio = await thread(studio_of)
        if method not in answers:
            raise Refused(405, f"{method} is not possible here.")
        if method != "OPTIONS":
            _admit(studio, request)
            _check_version(method, request)
        return await answers[method](Incoming(studio.store), request)
    except DailiesError as error:
        return _error(error)


def _error(error: DailiesError) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    more = OFFERED if isinstance(error, Refused) and error.status == 412 else {}
    body = {"message": error.message, "hint": error.hint}
    return JSONResponse(body, getattr(error, "status", status), TUS | more)


def _admit(studio: Studio, request: Request) -> None:
    """Raises AccessRefused for another site's page, and for whoever was not given a ticket by one of ours."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    # Behind a proxy Host may be another than the browser's; what the browser says itself then decides.
    if origin and urlsplit(origin).netloc != request.headers.get("Host") and site != "same-origin":
        raise AccessRefused("Another site may not upload files here.", hint="Open Dailies itself.")
    if not studio.signer.valid(TICKET, request.headers.get("Upload-Ticket", "")):
        raise AccessRefused(
            "The permission to upload has expired.",
            hint="Reload the page and choose the same file: it goes on where it was.",
        )


def _check_version(method: str, request: Request) -> None:
    if method != "GET" and request.headers.get("Tus-Resumable") != TUS["Tus-Resumable"]:
        raise Refused(412, "This server speaks version 1.0.0 of the tus protocol.")


async def _offer(incoming: Incoming, request: Request) -> Response:
    return Response(status_code=204, headers=TUS | OFFERED)


async def _begin(incoming: Incoming, request: Request) -> Response:
    size_bytes = _whole(request, "Upload-Length")
    name = _metadata(request.headers.get("Upload-Metadata", "")).get("filename", "")
    upload = await thread(incoming.begin, name, size_bytes)
    # Relative, since the browser may see the app under a path of its own.
    last = request.url.path.rstrip("/").rsplit("/", 1)[-1]
    return Response(status_code=201, headers=_state(upload) | {"Location": f"{last}/{upload.id}"})


async def _offset(incoming: Incoming, request: Request) -> Response:
    upload = await thread(incoming.get, request.path_params["id"])
    return Response(headers=_state(upload) | {"Upload-Length": str(upload.size_bytes)})


async def _receive(incoming: Incoming, request: Request) -> Response:
    """The bytes that come, from where the upload is; with the last one the file is looked at and kept."""
    body = request.stream()
    try:
        if request.headers.get("Content-Type") != "application/offset+octet-stream":
            raise Refused(415, "The bytes must come as application/offset+octet-stream.")
        at = _whole(request, "Upload-Offset")
        with incoming.alone(request.path_params["id"]):
            upload = await _append(incoming, request.path_params["id"], at, body)
        return Response(status_code=204, headers=_state(upload))
    except DailiesError:
        await drain(body)
        raise


async def _append(incoming: Incoming, id: str, at: int, body: AsyncGenerator[bytes, None]) -> Upload:
    upload = await thread(incoming.get, id)
    if upload.offset != at:
        raise Refused(409, f"This upload is at byte {upload.offset}, not {at}.")
    if not upload.complete:
        await write(await thread(incoming.writer, id), body, upload.size_bytes - at)
        upload = await thread(incoming.get, id)
        if upload.complete:
            await thread(_settle, incoming, id)
    return upload


async def _drop(incoming: Incoming, request: Request) -> Response:
    with incoming.alone(request.path_params["id"]):
        await thread(incoming.drop, request.path_params["id"])
    return Response(status_code=204, headers=TUS)


async def _outcome(incoming: Incoming, request: Request) -> Response:
    with incoming.alone(request.path_params["id"]):
        upload = await thread(incoming.get, request.path_params["id"])
        if not upload.complete:
            raise Refused(409, f"This upload is at byte {upload.offset} of {upload.size_bytes}.")
        asset = await thread(incoming.settle, upload.id)
    facts = {"sha256": asset.sha256, "name": upload.name, "kind": asset.kind, "facts": asset.facts.sentence()}
    return JSONResponse(facts, headers=TUS)


def _settle(incoming: Incoming, id: str) -> None:
    """The bytes were received, whatever comes of them: that is told to whoever asks with GET."""
    with suppress(DailiesError):
        incoming.settle(id)


def _state(upload: Upload) -> dict[str, str]:
    expires = formatdate(upload.expires_at, usegmt=True)
    return TUS | {"Upload-Offset": str(upload.offset), "Upload-Expires": expires}


def _whole(request: Request, name: str) -> int:
    """The header as a number. Its length is bounded, since Python refuses to read endless ones."""
    value = request.headers.get(name, "")
    if not (value.isascii() and value.isdecimal() and len(value) <= 15):
        raise Refused(400, f"{name} must be a whole number of bytes.")
    return int(value)


def _metadata(header: str) -> dict[str, str]:
    """ "filename Y2xpcC5tcDQ=,filetype dmlkZW8=" as a dictionary."""
    try:
        pairs = [pair.strip().partition(" ") for pair in header.split(",") if pair.strip()]
        return {name: base64.b64decode(value, validate=True).decode() for name, _, value in pairs}
    except ValueError as error:
        raise Refused(400, "Upload-Metadata cannot be read.") from error
