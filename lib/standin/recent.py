"""The list of recent requests, by which a submit whose answer was lost is found again (queue-protocol 6.4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from lib.standin.clock import Clock
from lib.standin.knobs import Board
from lib.standin.listing import cursor_of, many, number_of, refused
from lib.standin.records import Records, Request

MOST_IDS = 50
MOST_ITEMS = 100
DAY_S = 24 * 3600.0


class Recent:
    """Routes over the records. A fresh request shows after the lag that the knobs set."""

    def __init__(self, records: Records, board: Board, clock: Clock) -> None:
        self._records = records
        self._board = board
        self._clock = clock

    async def requests(self, http: HttpRequest) -> Response:
        """Recent requests of the asked endpoints, queued and running ones too, the latest first."""
        endpoints = many(http, "endpoint_id")
        if not endpoints or len(endpoints) > MOST_IDS:
            return refused(400, "validation_error", f"endpoint_id must be given 1 to {MOST_IDS} times")
        found = self._found(http, endpoints)
        limit = max(1, min(MOST_ITEMS, int(http.query_params.get("limit", "50"))))
        more = len(found) > limit
        expand = "payloads" in many(http, "expand")
        items = [self._item(one, expand) for _, one in found[:limit]]
        cursor = cursor_of(found[limit - 1][0]) if more else None
        return JSONResponse({"items": items, "next_cursor": cursor, "has_more": more})

    async def forget(self, http: HttpRequest) -> Response:
        """Removes the kept payload of a request."""
        request_id = http.path_params["id"]
        if self._records.get(request_id) is None:
            return refused(404, "not_found", "No such request")
        self._records.forget_payload(request_id)
        return JSONResponse({"cdn_delete_results": []})

    def span(self, http: HttpRequest) -> tuple[float, float]:
        """[start, end) in seconds: the last day, or the last 90 for a single request."""
        now = self._clock.now()
        reach_s = 90 * DAY_S if "request_id" in http.query_params else DAY_S
        start, end = http.query_params.get("start"), http.query_params.get("end")
        return (_epoch(start) if start else now - reach_s), (_epoch(end) if end else now + DAY_S)

    def _found(self, http: HttpRequest, endpoints: list[str]) -> list[tuple[int, Request]]:
        start, end = self.span(http)
        lag_s, asked = self._board.knobs.list_lag_s, http.query_params
        visible = min(end, self._clock.now() - lag_s) if lag_s else end
        before = number_of(asked.get("cursor"))
        found = self._records.newest_first(endpoints, start, visible, before, asked.get("request_id"))
        return [(number, one) for number, one in found if asked.get("status") in (None, _ended_as(one))]

    def _item(self, request: Request, expand: bool) -> dict[str, Any]:
        item: dict[str, Any] = {
            "request_id": request.id,
            "endpoint_id": request.endpoint,
            "sent_at": iso(request.accepted_at),
            "started_at": None if request.started_at is None else iso(request.started_at),
        }
        if request.ended_at is not None:
            item |= {"ended_at": iso(request.ended_at), "status_code": request.code, "duration": request.inference_s}
        if expand and request.keep_payload:
            item["json_input"] = self._records.payload(request.id)
            if request.state == "COMPLETED":
                item["json_output"] = self._records.body(request.id)
        return item


def iso(seconds: float) -> str:
    """Seconds since the epoch as the platform writes times."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _epoch(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _ended_as(request: Request) -> str | None:
    """The list's word for how it ended; None while it has not."""
    if request.code is None:
        return None
    return "success" if request.code < 400 else "user_error" if request.code < 500 else "error"
