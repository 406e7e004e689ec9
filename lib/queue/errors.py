"""One table from an answer of the provider to our errors, for every shape of body it uses (queue-protocol 3)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx

from lib.errors import (
    AuthRefused,
    BalanceLocked,
    DailiesError,
    InputRefused,
    ProtocolError,
    QueueError,
    RequestFailed,
    ServerError,
    TooManyRequests,
    UnknownRequest,
    Unreachable,
)
from lib.queue.status import Completed

_SHOWN = 500
_HINTS = {
    "content_policy_violation": "Change the prompt or the picture; the provider's content rules refused it.",
    "file_download_error": "The provider could not fetch the file. Upload it again.",
    "no_media_generated": "Try other settings, or another seed.",
    "generation_timeout": "Try a shorter or smaller output.",
    "request_timeout": "It was not started before the deadline that was set. Try again later.",
    "client_cancelled": "It was cancelled; start it again if you still want it.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. `request` names what it answers: "POST https://host/path", never a query, never a key."""

    status: int
    headers: httpx.Headers
    body: bytes
    request: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> dict[str, Any]:
        """The JSON object. Raises ProtocolError for anything else."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise self.unexpected() from error
        if not isinstance(found, dict):
            raise self.unexpected()
        return found

    def unexpected(self) -> ProtocolError:
        return ProtocolError(
            f"The provider gave an answer that is not understood (HTTP {self.status}).",
            hint="Try again later. If it stays, the provider has changed its protocol.",
            request=self.request,
            body=self.text[:_SHOWN],
        )

    @property
    def after_s(self) -> float | None:
        """Seconds of Retry-After, if it is a number."""
        found = self.headers.get("retry-after", "").strip()
        return float(found) if re.fullmatch(r"\d{1,9}(\.\d+)?", found) else None

    @property
    def billable_units(self) -> Decimal | None:
        """What the request cost in the model's own unit, None where it was not said."""
        try:
            found = Decimal(self.headers.get("x-fal-billable-units", ""))
        except InvalidOperation:
            return None
        return found if found.is_finite() else None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a refusal says: a text, messages by field path, and the type of the first."""

    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    error_type: str = ""

    @property
    def sentence(self) -> str:
        said = [f"{path}: {message}" for path, message in self.fields.items()]
        return "; ".join([self.text, *said] if self.text else said)


def read_complaint(answer: Answer) -> Complaint:
    """The complaint in a body of any shape; an HTML page or an empty body says nothing."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return Complaint("" if "<" in answer.text[:200] else answer.text.strip()[:_SHOWN], {}, _type_of(answer, {}))
    if not isinstance(body, Mapping):
        return Complaint(str(body or "")[:_SHOWN], {}, _type_of(answer, {}))
    inner = body.get("error")
    body = {**body, **inner} if isinstance(inner, Mapping) else body
    found = next((body[name] for name in ("detail", "message", "error") if body.get(name)), "")
    text, fields, kind = _detail(found)
    return Complaint(text[:_SHOWN], fields, kind or _type_of(answer, body))


def by_model(answer: Answer) -> bool:
    """Whether queue or model wrote this answer to a result request, not a proxy on the way (queue-protocol 3.5)."""
    said = read_complaint(answer)
    return bool("x-fal-request-id" in answer.headers or said.error_type or said.fields)


def too_early(answer: Answer) -> bool:
    """Whether a result request came before the end: a 400 that names no field and no type (queue-protocol 2.5)."""
    said = read_complaint(answer)
    return answer.status == 400 and not said.fields and not said.error_type and answer.billable_units is None


def _detail(found: Any) -> tuple[str, dict[str, str], str]:
    """Text, fields and type of a `detail`: a list of pydantic-like entries, one such entry, or a text."""
    entries = found if isinstance(found, list) else [found]
    texts, fields, kind = [], dict[str, str](), ""
    for entry in entries:
        if not isinstance(entry, Mapping):
            texts.append(str(entry))
            continue
        path, message = field_path(entry.get("loc")), str(entry.get("msg") or entry.get("message") or "is not valid")
        kind = kind or str(entry.get("type") or "")
        if path:
            fields[path] = "; ".join(filter(None, (fields.get(path), message[:_SHOWN])))
        else:
            texts.append(message)
    return "; ".join(texts), fields, kind


def field_path(loc: Any) -> str:
    """ "loras.0.path" for ["body", "loras", 0, "path"]."""
    parts = [str(part) for part in loc] if isinstance(loc, list) else [str(loc)] if loc else []
    return ".".join(parts[1:] if parts[:1] == ["body"] else parts)


def _type_of(answer: Answer, body: Mapping[str, Any]) -> str:
    return str(body.get("error_type") or answer.headers.get("x-fal-error-type") or body.get("type") or "")


def refusal(answer: Answer) -> QueueError:
    """Our error for an answer that is not 2xx; redirects are not followed and count as not understood."""
    status, said = answer.status, read_complaint(answer)
    about: dict[str, str] = {"request": answer.request}
    if status == 429:
        message = _with("The provider is asked for too much at the moment.", said)
        return TooManyRequests(message, hint="Try again in a moment.", request=answer.request, after_s=answer.after_s)
    if status in (401, 403):
        return _access(status, said, answer.request)
    if status in (404, 405, 410):
        return UnknownRequest(_with("The provider does not know this (any more).", said), hint=_GONE, **about)
    if status in (408, 409) or status >= 500:
        hint = _HINTS.get(said.error_type, "Try again in a moment.")
        return ServerError(_with(f"The provider has trouble (HTTP {status}).", said), hint=hint, **about)
    if 400 <= status < 500:
        hint = _HINTS.get(said.error_type, "Correct the input and run it again.")
        return InputRefused(_with("The provider refused the input.", said), hint=hint, fields=said.fields, **about)
    return answer.unexpected()


_GONE = "Check the endpoint and the request id. Results are kept for an hour, larger ones for six minutes."


def _access(status: int, said: Complaint, request: str) -> AuthRefused:
    if status == 403 and re.search(r"user is locked|exhausted balance|top.?up", said.text, re.IGNORECASE):
        hint = "Top up the balance. Requests that run already are still collected."
        return BalanceLocked(_with("The provider has locked this account.", said), hint=hint, request=request)
    if status == 401:
        return AuthRefused(_with("The key was not accepted.", said), hint="Check FAL_KEY.", request=request)
    return AuthRefused(_with("The key may not do this.", said), hint="Use a key with more rights.", request=request)


def request_failed(answer: Answer, completed: Completed, request_id: str) -> RequestFailed:
    """The model's own failure, with everything that queue and result said about it."""
    said = read_complaint(answer) if not answer.ok else Complaint()
    error_type = said.error_type or completed.error_type
    reason = said.sentence or completed.error or f"HTTP {answer.status}"
    return RequestFailed(
        "The request was cancelled." if error_type == "client_cancelled" else f"The model failed: {reason}",
        hint=_HINTS.get(error_type, "See the log, change the input or try again."),
        request=request_id,
        logs=[log.message for log in completed.logs],
        error_type=error_type,
        billed=_billed(answer),
        fields=said.fields,
    )


def _billed(answer: Answer) -> bool | None:
    """The header decides; without one, failures from 500 on are never billed (queue-protocol 3.4)."""
    units = answer.billable_units
    if units is not None:
        return units > 0
    return False if answer.status >= 500 else None


def may_have_been_accepted(error: DailiesError) -> bool:
    """Whether, after this error of a submit, a request may exist at the provider that nobody here knows."""
    if isinstance(error, Unreachable):
        return error.sent
    return isinstance(error, (ServerError, ProtocolError))


def _with(sentence: str, said: Complaint) -> str:
    return f"{sentence} It says: {said.sentence}" if said.sentence else sentence
