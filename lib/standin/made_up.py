"""Answers that a fault rule puts in the place of the true one."""

from __future__ import annotations

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from lib.standin.detail import Problem, detail_body
from lib.standin.faults import Fault

LOCKED = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."


def made_up(fault: Fault) -> Response:
    """The answer that the rule asks for."""
    match fault.do:
        case "locked_403":
            return JSONResponse({"detail": LOCKED}, 403)
        case "http_429":
            wait = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
            return JSONResponse({"detail": "Too many requests"}, 429, headers=wait | fault.headers)
        case "detail_422":
            refusal = Problem(("prompt",), "The content was refused.", "content_policy_violation", "…")
            body = detail_body([refusal]) if fault.body is None else fault.body
            return JSONResponse(body, 422, headers={"x-fal-billable-units": "0"} | fault.headers)
        case "expire_result":
            return JSONResponse({"status": "NOT_FOUND"}, 404)
        case "non_json_200":
            return HTMLResponse(fault.body or "<html><body>Welcome to nginx</body></html>", 200, fault.headers)
        case _:
            return _as_asked(fault)


def _as_asked(fault: Fault) -> Response:
    """Text that begins with "<" is HTML, other text is plain, everything else JSON."""
    if isinstance(fault.body, str):
        kind = HTMLResponse if fault.body.lstrip().startswith("<") else PlainTextResponse
        return kind(fault.body, fault.code, fault.headers)
    body = {"detail": f"Made-up status {fault.code}"} if fault.body is None else fault.body
    return JSONResponse(body, fault.code, fault.headers)
