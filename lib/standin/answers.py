"""What the queue says about a request: status, result and the words around them (queue-protocol 2.2 to 2.6)."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from lib.standin.places import app_of
from lib.standin.records import Records, Request
from lib.standin.runner import Runner

NOT_FOUND = {"status": "NOT_FOUND"}


def origin_seen(http: HttpRequest) -> str:
    """The stand-in's origin as the client addressed it, so that every address it is given leads back here."""
    return f"{http.url.scheme}://{http.url.netloc}"


def urls(request: Request, origin: str) -> dict[str, str]:
    """The three addresses of a request: app only, without the sub-path."""
    base = f"{origin}/{app_of(request.endpoint)}/requests/{request.id}"
    return {"response_url": base, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel"}


def submitted(request: Request, origin: str, position: int) -> dict[str, Any]:
    """The answer to a submit."""
    return _head(request, origin) | {"queue_position": position}


def status_body(request: Request, records: Records, runner: Runner, origin: str, with_logs: bool) -> dict[str, Any]:
    """The status as it is now."""
    body = _head(request, origin)
    if request.state == "IN_QUEUE":
        return body | {"queue_position": records.position(request.id)}
    body["logs"] = runner.logs(request) if with_logs else None
    if request.state == "COMPLETED":
        body["metrics"] = {"inference_time": request.inference_s}
        if request.error is not None:
            body |= {"error": request.error, "error_type": request.error_type}
    return body


def result_answer(request: Request, records: Records) -> Response:
    """The bare output, the stored failure, or 400 while it is still under way."""
    if request.state != "COMPLETED" or request.code is None:
        return JSONResponse({"detail": "Request is still in progress"}, 400, headers=tagged(request))
    return JSONResponse(records.body(request.id), request.code, headers=tagged(request) | request.headers)


def tagged(request: Request) -> dict[str, str]:
    """The header that names the request."""
    return {"x-fal-request-id": request.id}


def _head(request: Request, origin: str) -> dict[str, Any]:
    return {"status": request.state, "request_id": request.id, **urls(request, origin)}
