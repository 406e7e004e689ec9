"""How the platform's lists are asked for: repeated parameters, pages with cursors, errors (queue-protocol 6.1)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from lib.standin.keys import Route


def many(http: HttpRequest, name: str) -> list[str]:
    """A parameter that may repeat or be comma-separated."""
    return [part for value in http.query_params.getlist(name) for part in value.split(",") if part]


def page(http: HttpRequest, items: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    """The asked page of the items, and what is said about the next one."""
    limit, start = int(http.query_params.get("limit", "100")), number_of(http.query_params.get("cursor")) or 0
    more = start + limit < len(items)
    return items[start : start + limit], {"next_cursor": cursor_of(start + limit) if more else None, "has_more": more}


def cursor_of(number: int) -> str:
    """The opaque cursor that stands for a number."""
    return base64.urlsafe_b64encode(str(number).encode()).rstrip(b"=").decode()


def number_of(cursor: str | None) -> int | None:
    """The number behind a cursor; None for none. Raises ValueError for what is no cursor."""
    return None if not cursor else int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def refused(code: int, kind: str, message: str) -> Response:
    """The platform's own shape of an error (queue-protocol 3.3)."""
    return JSONResponse({"error": {"type": kind, "message": message}}, code)


def well_asked(route: Route) -> Route:
    """The route, answering 400 for a parameter or body that cannot be read."""

    async def guarded(http: HttpRequest) -> Response:
        try:
            return await route(http)
        except (ValueError, KeyError, AttributeError) as error:
            return refused(400, "validation_error", f"A parameter cannot be read: {error}")

    return guarded
