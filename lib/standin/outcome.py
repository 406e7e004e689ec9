"""How the performing of a request ended: what its result will answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lib.standin.detail import Problem, detail_body

# The runner failures that fal puts back into the queue (queue-protocol 2.7 and 3.2).
REQUEUED = frozenset(
    {
        "startup_timeout", "runner_scheduling_failure", "runner_connection_timeout", "runner_disconnected",
        "runner_connection_refused", "runner_connection_error",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Charge:
    """Billing units, and dollars where a rate is known."""

    units: float
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """HTTP status, body and headers of the result; `error` and `error_type` show in the status of a failure."""

    code: int
    body: Any
    error: str | None = None
    error_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    charge: Charge | None = None


def done(body: dict[str, Any], charge: Charge) -> Outcome:
    """A success and what it costs."""
    return Outcome(200, body, headers={"x-fal-billable-units": str(charge.units)}, charge=charge)


def refused(problems: Iterable[Problem]) -> Outcome:
    """The model's own 422: nothing was computed, so nothing is billed."""
    found = list(problems)
    headers = {"x-fal-billable-units": "0", "X-Fal-Error-Type": found[0].type} | _retry("false")
    return Outcome(422, detail_body(found), "Invalid status code: 422", found[0].type, headers)


def failed(code: int, message: str, error_type: str) -> Outcome:
    """A failure below the model: a flat body, never billed (queue-protocol 3.2)."""
    headers = {"X-Fal-Error-Type": error_type} | _retry("true" if error_type in REQUEUED else "false")
    return Outcome(code, {"detail": message, "error_type": error_type}, message, error_type, headers)


def cancelled() -> Outcome:
    """Stopped because the client asked, and it was honoured in time."""
    return failed(499, "Request was cancelled by the client", "client_cancelled")


def timed_out() -> Outcome:
    """The start deadline of the client has passed."""
    late = failed(504, "Request did not start in the time that the client allowed", "request_timeout")
    late.headers["X-Fal-Request-Timeout-Type"] = "user"
    return late


def _retry(word: str) -> dict[str, str]:
    # One header under its present and its former name (queue-protocol 3.1).
    return {"X-Fal-Needs-Retry": word, "X-Fal-Retryable": word}
