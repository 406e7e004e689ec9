"""The table from what httpx raises to what we raise."""

from __future__ import annotations

import ssl

import httpx

from lib.errors import Unreachable

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Raised before the first byte of a request: name, connection, TLS, or no free connection."""

TRANSPORT_ERRORS = (httpx.RequestError, ssl.SSLError, ConnectionError, TimeoutError)
"""What may come out of an exchange. An encrypted line that breaks while the answer is read raises ssl.SSLError, which
the HTTP library does not translate.
"""


def unreachable(error: Exception, request: str) -> Unreachable:
    """Our error for a transport error or a timeout; `sent` is False only for those that come before any byte."""
    host = request.rsplit("://", maxsplit=1)[-1].split("/", maxsplit=1)[0] or "The server"
    if isinstance(error, NEVER_SENT):
        return Unreachable(
            f"{host} cannot be reached ({_reason(error)}).",
            hint="Check the network connection. Nothing was sent.",
            request=request,
            sent=False,
        )
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return Unreachable(f"{host} did not answer in time.", hint="Try again in a moment.", request=request)
    message = f"The connection to {host} broke before the answer was complete."
    return Unreachable(message, hint="Try again in a moment.", request=request)


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time"
    text = str(error).lower()
    if "ssl" in text or "certificate" in text:
        return "its certificate was not accepted"
    return "name not found" if "resolve" in text or "name or service" in text else "connection refused or no route"
