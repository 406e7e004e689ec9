"""The queue's routes: submit, status, stream, result, cancel, and the direct call."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse

from lib.standin.answers import NOT_FOUND, origin_seen, result_answer, status_body, submitted, tagged
from lib.standin.clock import Bell, Clock
from lib.standin.detail import Problem, detail_body
from lib.standin.guests import Guests
from lib.standin.keys import refusal
from lib.standin.knobs import Board
from lib.standin.places import Place, app_of, model_of, queue_place
from lib.standin.records import Records, Request, new_id
from lib.standin.runner import Runner

TRUE = frozenset({"1", "true", "yes"})
SHORTEST_TIMEOUT_S = 0.1  # queue-protocol 2.2


class Queue:
    """Routes over the records and the runner."""

    def __init__(
        self, records: Records, runner: Runner, board: Board, clock: Clock, bell: Bell, *, guests: Guests
    ) -> None:
        self._records = records
        self._guests = guests
        self._runner = runner
        self._board = board
        self._clock = clock
        self._bell = bell

    async def any(self, http: HttpRequest) -> Response:
        """Whatever is said to an endpoint or a request of it."""
        place = queue_place(http.path_params["path"])
        if place is None:
            return JSONResponse({"detail": "Not Found"}, 404)
        if place.method != http.method:
            return JSONResponse({"detail": "Method Not Allowed"}, 405, headers={"Allow": place.method})
        if place.route == "submit":
            return await self._submit(http, place)
        return await self._about(http, place)

    async def direct(self, http: HttpRequest) -> Response:
        """fal.run: the output in the same connection; `/stream` gives it as the one event of a stream."""
        path = http.path_params["path"].strip("/")
        streaming = path.endswith("/stream")
        request = await self._accept(http, path.removesuffix("/stream"))
        if isinstance(request, Response):
            return request
        ended = await self._ended(request)
        answer = result_answer(ended, self._records)
        if not streaming or ended.error is not None:
            return answer
        event = f"data: {bytes(answer.body).decode()}\n\n"
        return Response(event, media_type="text/event-stream", headers=tagged(ended))

    async def _submit(self, http: HttpRequest, place: Place) -> Response:
        if place.endpoint.endswith("/stream"):
            return await self.direct(http)
        request = await self._accept(http, place.endpoint)
        if isinstance(request, Response):
            return request
        position = self._records.position(request.id)
        return JSONResponse(submitted(request, origin_seen(http), position), headers=tagged(request))

    async def _accept(self, http: HttpRequest, endpoint: str) -> Request | Response:
        """The accepted request, on disk and in the line; or why not."""
        refused = refusal(http, self._board) or self._not_now(http, endpoint)
        if refused is not None:
            return refused
        try:
            payload = json.loads(await http.body())
        except ValueError:
            payload = None
        if not isinstance(payload, dict):
            problem = Problem((), "Input should be a JSON object", "dict_type", payload)
            return JSONResponse(detail_body([problem]), 422, headers={"x-fal-billable-units": "0"})
        request = self._request(http, endpoint)
        self._records.accept(request, payload)
        self._runner.arrived(request)
        return request

    def _not_now(self, http: HttpRequest, endpoint: str) -> Response | None:
        if self._guests.endpoint(model_of(endpoint)) is None:
            return JSONResponse({"detail": f"Application '{endpoint}' not found"}, 404)
        longest = http.query_params.get("fal_max_queue_length", "")
        if longest.isdigit() and self._records.waiting_at(endpoint) > int(longest):
            return JSONResponse({"detail": "The queue of this endpoint is longer than asked for"}, 429)
        timeout = http.headers.get("x-fal-request-timeout")
        if timeout is not None and not (_seconds(timeout) or 0) > SHORTEST_TIMEOUT_S:
            return JSONResponse({"detail": "X-Fal-Request-Timeout must be a number above 0.1"}, 400)
        return None

    def _request(self, http: HttpRequest, endpoint: str) -> Request:
        now, timeout_s = self._clock.now(), _seconds(http.headers.get("x-fal-request-timeout", ""))
        return Request(
            id=new_id(),
            endpoint=endpoint,
            origin=origin_seen(http),
            accepted_at=now,
            low_priority=http.headers.get("x-fal-queue-priority", "").lower() == "low",
            start_by=None if timeout_s is None else now + timeout_s,
            keep_payload=http.headers.get("x-fal-store-io") != "0",
            requeue=http.headers.get("x-fal-no-retry", "").lower() not in TRUE,
            webhook=http.query_params.get("fal_webhook"),
        )

    async def _about(self, http: HttpRequest, place: Place) -> Response:
        """Status, stream, result or cancel of a request; an unknown one is said before the key is looked at."""
        if place.has_sub_path and self._board.knobs.strict_paths:
            return JSONResponse({"detail": "Method Not Allowed"}, 405)
        request = self._records.get(place.request_id or "")
        if request is None or app_of(request.endpoint) != app_of(place.endpoint):
            return JSONResponse(NOT_FOUND, 404)
        return refusal(http, self._board) or self._answer(http, place, request)

    def _answer(self, http: HttpRequest, place: Place, request: Request) -> Response:
        match place.route:
            case "status":
                body = self._status(http, request)
                return JSONResponse(body, 200 if request.state == "COMPLETED" else 202, headers=tagged(request))
            case "stream":
                events = self._events(http, request.id)
                return StreamingResponse(events, media_type="text/event-stream", headers=tagged(request))
            case "cancel":
                return self._cancel(request)
            case _:
                return result_answer(request, self._records)

    def _status(self, http: HttpRequest, request: Request) -> dict[str, Any]:
        with_logs = http.query_params.get("logs", "0").lower() in TRUE
        return status_body(request, self._records, self._runner, origin_seen(http), with_logs)

    async def _events(self, http: HttpRequest, id: str) -> AsyncIterator[str]:
        """The status each time that it has changed, until it is COMPLETED; each log line once.

        fal's JavaScript client adds up the lines of all events: were they repeated, it would show them repeatedly.
        """
        last: dict[str, Any] = {}
        while last.get("status") != "COMPLETED":
            bell = self._bell.next()
            request = self._records.get(id)
            assert request is not None
            body = self._status(http, request)
            if body == last:
                await bell.wait()
                continue
            told, last = len(last.get("logs") or ()), body
            fresh = {"logs": body["logs"][told:]} if body.get("logs") else {}
            yield f"data: {json.dumps(body | fresh)}\n\n"

    def _cancel(self, request: Request) -> Response:
        if request.state == "COMPLETED":
            return JSONResponse({"status": "ALREADY_COMPLETED"}, 400, headers=tagged(request))
        self._runner.cancel(request)
        return JSONResponse({"status": "CANCELLATION_REQUESTED"}, 202, headers=tagged(request))

    async def _ended(self, request: Request) -> Request:
        while True:
            bell = self._bell.next()
            latest = self._records.get(request.id)
            if latest is not None and latest.state == "COMPLETED":
                return latest
            await bell.wait()


def _seconds(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
