"""The requests that were accepted, and the bill: everything about them that outlives the process."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sqlite3
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from lib.standin.database import transaction

State = Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]  # there is no other word (queue-protocol 2.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One accepted request. Payload and answer can be large and are read only when needed."""

    id: str
    endpoint: str
    origin: str
    accepted_at: float
    state: State = "IN_QUEUE"
    low_priority: bool = False
    start_by: float | None = None
    keep_payload: bool = True
    requeue: bool = True
    webhook: str | None = None
    webhook_open: bool = False
    attempts: int = 0
    cancelling: bool = False
    started_at: float | None = None
    ended_at: float | None = None
    inference_s: float | None = None
    code: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    error_type: str | None = None
    logs: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BillLine:
    """What one request cost; `usd` is decimal text, or None where no rate is known."""

    request_id: str
    endpoint: str
    payload_sha256: str
    units: float
    usd: str | None
    at: float
    status: int


def new_id() -> str:
    """A time-ordered UUID of version 7, as real request ids are."""
    raw = int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10)
    bits = int.from_bytes(raw, "big") & ~(0xF << 76) & ~(0x3 << 62) | 7 << 76 | 2 << 62
    return str(uuid.UUID(int=bits))


def payload_sha256(payload: Any) -> str:
    """The hash of the payload as JSON with sorted keys and no spaces."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _request(row: sqlite3.Row) -> Request:
    return Request(**json.loads(row["head"]))


class Records:
    """All accepted requests, in the order of their acceptance."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def accept(self, request: Request, payload: Any) -> None:
        """On disk when this returns: from here on the request is bought."""
        self._db.execute(
            "INSERT INTO requests (id, endpoint, state, low_priority, accepted_at, head, payload)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                request.id, request.endpoint, request.state, request.low_priority, request.accepted_at,
                json.dumps(dataclasses.asdict(request)), json.dumps(payload),
            ),
        )  # fmt: skip

    def save(self, request: Request) -> None:
        """Writes what has changed about the request."""
        self._db.execute(
            "UPDATE requests SET state = ?, head = ? WHERE id = ?",
            (request.state, json.dumps(dataclasses.asdict(request)), request.id),
        )

    def finish(self, request: Request, body: Any, line: BillLine | None) -> None:
        """The end of a request, its answer and its price, all at once; a second line for it is ignored."""
        with transaction(self._db):
            self.save(request)
            self._db.execute("UPDATE requests SET body = ? WHERE id = ?", (json.dumps(body), request.id))
            if line is not None:
                self._db.execute("INSERT OR IGNORE INTO bill VALUES (?, ?, ?, ?, ?, ?, ?)", dataclasses.astuple(line))

    def get(self, id: str) -> Request | None:
        """The request of that id."""
        row = self._db.execute("SELECT head FROM requests WHERE id = ?", (id,)).fetchone()
        return None if row is None else _request(row)

    def endpoint_of(self, id: str) -> str | None:
        """The full endpoint id of a known request."""
        request = self.get(id)
        return None if request is None else request.endpoint

    def payload(self, id: str) -> Any:
        return json.loads(self._db.execute("SELECT payload FROM requests WHERE id = ?", (id,)).fetchone()["payload"])

    def body(self, id: str) -> Any:
        """The stored answer of a finished request."""
        return json.loads(self._db.execute("SELECT body FROM requests WHERE id = ?", (id,)).fetchone()["body"])

    def waiting(self) -> list[str]:
        """Ids in the line, the next one first: normal priority before low, then in order of acceptance."""
        rows = self._db.execute("SELECT id FROM requests WHERE state = 'IN_QUEUE' ORDER BY low_priority, number")
        return [row["id"] for row in rows]

    def position(self, id: str) -> int:
        """How many requests are ahead of it; 0 for the next one."""
        waiting = self.waiting()
        return waiting.index(id) if id in waiting else 0

    def waiting_at(self, endpoint: str) -> int:
        """How many wait on the endpoint."""
        query = "SELECT count(*) FROM requests WHERE state = 'IN_QUEUE' AND endpoint = ?"
        return int(self._db.execute(query, (endpoint,)).fetchone()[0])

    def unfinished(self) -> list[Request]:
        """Every request that is queued or running, the first one first."""
        rows = self._db.execute("SELECT head FROM requests WHERE state != 'COMPLETED' ORDER BY number")
        return [_request(row) for row in rows]

    def undelivered(self) -> list[Request]:
        """Finished requests whose webhook has not been acknowledged."""
        query = "SELECT head FROM requests WHERE state = 'COMPLETED' AND json_extract(head, '$.webhook_open')"
        rows = self._db.execute(query)
        return [_request(row) for row in rows]

    def newest_first(
        self, endpoints: list[str], start: float, end: float, before: int | None = None, id: str | None = None
    ) -> list[tuple[int, Request]]:
        """(number, request) of those accepted from `start` up to but without `end`, older than number `before`."""
        rows = self._db.execute(
            "SELECT number, head FROM requests WHERE endpoint IN (SELECT value FROM json_each(?)) AND accepted_at >= ?"
            " AND accepted_at < ? AND number < coalesce(?, 1 << 62) AND id = coalesce(?, id) ORDER BY number DESC",
            (json.dumps(endpoints), start, end, before, id),
        )
        return [(row["number"], _request(row)) for row in rows]

    def forget_payload(self, id: str) -> None:
        """Takes the payload out of the list of recent requests."""
        request = self.get(id)
        if request is not None:
            self.save(dataclasses.replace(request, keep_payload=False))

    def bill(self) -> list[BillLine]:
        """All lines, the oldest first."""
        return [BillLine(*row) for row in self._db.execute("SELECT * FROM bill ORDER BY at, request_id")]

    def accepted(self) -> list[tuple[Request, Any]]:
        """Every request ever accepted with its payload, the first one first."""
        rows = self._db.execute("SELECT head, payload FROM requests ORDER BY number").fetchall()
        return [(_request(row), json.loads(row["payload"])) for row in rows]
