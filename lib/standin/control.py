"""The stand-in's own routes for tests and people: info, faults, settings, bill. No browser page may call them."""

from __future__ import annotations

import os
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lib.standin.faults import Fault, Faults
from lib.standin.keys import Route as Answer
from lib.standin.keys import not_for_pages
from lib.standin.knobs import Board
from lib.standin.records import BillLine, Records, Request

VERSION = "1"


class Control:
    """What can be asked and set under /_standin/."""

    def __init__(self, records: Records, faults: Faults, board: Board) -> None:
        self._records = records
        self._faults = faults
        self._board = board

    def routes(self) -> list[Route]:
        """The table, relative to /_standin."""
        table: list[tuple[str, Answer, list[str]]] = [
            ("/info", self.info, ["GET"]),
            ("/bill", self.bill, ["GET"]),
            ("/settings", self.settings, ["GET", "POST"]),
            ("/faults", self.faults, ["GET", "POST", "DELETE"]),
            ("/faults/{id:int}", self.fault, ["GET", "DELETE"]),
            ("/faults/{id:int}/release", self.release, ["POST"]),
        ]
        return [Route(path, not_for_pages(answer), methods=methods) for path, answer, methods in table]

    async def info(self, http: HttpRequest) -> Response:
        """What a client may rely on, and who answers."""
        promise = self._board.knobs.list_complete_after_s
        body = {"rehearsal": True, "list_complete_after_s": promise, "version": VERSION, "pid": os.getpid()}
        return JSONResponse(body)

    async def bill(self, http: HttpRequest) -> Response:
        """What was bought: `lines` for money, `accepted` for every submit that was taken."""
        lines = self._records.bill()
        total = sum((Decimal(line.usd) for line in lines if line.usd is not None), Decimal(0))
        accepted = [_accepted(request, payload) for request, payload in self._records.accepted()]
        return JSONResponse({"lines": [_line(line) for line in lines], "total_usd": float(total), "accepted": accepted})

    async def settings(self, http: HttpRequest) -> Response:
        """The knobs in force, after the change that a POST asks for."""
        try:
            knobs = self._board.turn(await http.json()) if http.method == "POST" else self._board.knobs
        except ValidationError as error:
            return _invalid(error)
        return JSONResponse(knobs.model_dump(mode="json"))

    async def faults(self, http: HttpRequest) -> Response:
        """All rules with their counts; POST adds one, DELETE removes all."""
        if http.method == "GET":
            return JSONResponse({"rules": [rule.as_json() for rule in self._faults.rules()]})
        if http.method == "DELETE":
            return JSONResponse({"removed": self._faults.remove()})
        try:
            rule = self._faults.add(Fault.model_validate(await http.json()))
        except ValidationError as error:
            return _invalid(error)
        return JSONResponse(rule.as_json(), 201)

    async def fault(self, http: HttpRequest) -> Response:
        """One rule with its counts; DELETE removes it and lets go whom it holds."""
        rule = self._faults.get(http.path_params["id"])
        if rule is None:
            return JSONResponse({"detail": "No such rule"}, 404)
        if http.method == "DELETE":
            self._faults.remove(rule.id)
        return JSONResponse(rule.as_json())

    async def release(self, http: HttpRequest) -> Response:
        """Lets go whom the rule holds now."""
        rule = self._faults.get(http.path_params["id"])
        if rule is None:
            return JSONResponse({"detail": "No such rule"}, 404)
        rule.release()
        return JSONResponse(rule.as_json())


def _line(line: BillLine) -> dict[str, Any]:
    return asdict(line) | {"usd": None if line.usd is None else float(line.usd)}


def _accepted(request: Request, payload: Any) -> dict[str, Any]:
    return {
        "request_id": request.id,
        "endpoint": request.endpoint,
        "payload": payload,
        "at": request.accepted_at,
        "state": request.state,
        "attempts": request.attempts,
        "webhook": request.webhook,
    }


def _invalid(error: ValidationError) -> Response:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return JSONResponse({"detail": [dict(item) for item in found]}, 422)
