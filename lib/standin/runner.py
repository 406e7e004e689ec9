"""The runner: takes requests from the line one at a time and has them performed, so one encoder runs at once."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lib.standin import outcome as outcomes
from lib.standin.clock import Bell, Clock
from lib.standin.knobs import Board
from lib.standin.outcome import REQUEUED, Outcome
from lib.standin.records import BillLine, Records, Request, payload_sha256

MAX_ATTEMPTS = 10  # queue-protocol 2.7
UNRECORDED_PAUSE_S = 2.0

Work = Callable[[Request, Any, Callable[[str], None]], Awaitable[Outcome]]
"""(request, payload, log) -> how it ended; cancelled through its task."""

logger = logging.getLogger(__name__)


class Runner:
    """One request at a time. `on_finish` is told each request that has just ended."""

    def __init__(
        self,
        records: Records,
        work: Work,
        clock: Clock,
        *,
        board: Board,
        bell: Bell,
        on_finish: Callable[[Request], None],
    ) -> None:
        self._records = records
        self._work = work
        self._clock = clock
        self._board = board
        self._bell = bell
        self._on_finish = on_finish
        self._task: asyncio.Task[Outcome] | None = None
        self._running: str | None = None
        self._logs: list[dict[str, str]] = []

    async def run(self) -> None:
        """Works until it is cancelled; what was running then is performed again after the next start."""
        self._recover()
        while True:
            bell = self._bell.next()
            head = self._next()
            left_s = self._clock.left_s(head.accepted_at, self._board.knobs.queue_delay_s) if head else None
            if head is not None and left_s == 0:
                await self._perform_or_wait(head)
                continue
            try:
                await asyncio.wait_for(bell.wait(), left_s)
            except TimeoutError:
                continue

    def arrived(self, request: Request) -> None:
        """A request stands in the line."""
        if request.start_by is not None:
            delay_s = max(0.0, request.start_by - self._clock.now())
            asyncio.get_running_loop().call_later(delay_s, self._expire, request.id)
        self._bell.ring()

    def cancel(self, request: Request) -> None:
        """Out of the line at once; a running one is asked to stop and may still finish."""
        if request.state == "IN_QUEUE":
            self._finish(request, outcomes.cancelled(), None)
        elif not request.cancelling:
            self._records.save(replace(request, cancelling=True))
            if self._running == request.id and self._task is not None:
                self._task.cancel()

    def logs(self, request: Request) -> list[dict[str, str]]:
        """The lines so far, live while it runs."""
        return list(self._logs) if self._running == request.id else request.logs

    def _recover(self) -> None:
        """After a kill: what was running goes back into its place in the line."""
        for request in self._records.unfinished():
            if request.cancelling:
                self._finish(request, outcomes.cancelled(), None)
            elif request.state == "IN_PROGRESS":
                self._records.save(replace(request, state="IN_QUEUE", started_at=None))
            else:
                self.arrived(request)

    def _next(self) -> Request | None:
        waiting = self._records.waiting()
        return self._records.get(waiting[0]) if waiting else None

    def _expire(self, id: str) -> None:
        request = self._records.get(id)
        if request is not None and request.state == "IN_QUEUE":
            self._finish(request, outcomes.timed_out(), None)

    async def _perform_or_wait(self, head: Request) -> None:
        try:
            await self._perform(head)
        except sqlite3.OperationalError:  # the disk is full: the request waits until it is not
            logger.exception("the request %s could not be recorded and is performed again", head.id)
            await asyncio.sleep(UNRECORDED_PAUSE_S)
            self._recover()

    async def _perform(self, waiting: Request) -> None:
        request = replace(waiting, state="IN_PROGRESS", started_at=self._clock.now(), attempts=waiting.attempts + 1)
        self._records.save(request)
        self._running, self._logs = request.id, []
        payload = self._records.payload(request.id)
        self._task = asyncio.ensure_future(self._work(request, payload, self._log))
        self._bell.ring()
        try:
            await asyncio.wait({self._task})
        finally:
            if not self._task.done():  # the server is being stopped
                self._task.cancel()
                await asyncio.wait({self._task})
        self._end(request, payload, self._task)
        self._running, self._task = None, None

    def _end(self, started: Request, payload: Any, task: asyncio.Task[Outcome]) -> None:
        latest = self._records.get(started.id) or started
        request = replace(latest, logs=list(self._logs))
        ended = _outcome(task)
        if ended.error_type in REQUEUED and request.requeue and request.attempts < MAX_ATTEMPTS:
            self._records.save(replace(request, state="IN_QUEUE", started_at=None))
            self._bell.ring()
        else:
            self._finish(request, ended, payload)

    def _finish(self, request: Request, ended: Outcome, payload: Any) -> None:
        now = self._clock.now()
        final = replace(
            request, state="COMPLETED", ended_at=now, code=ended.code, headers=ended.headers, error=ended.error,
            error_type=ended.error_type, webhook_open=request.webhook is not None,
            inference_s=None if request.started_at is None else round(now - request.started_at, 3),
        )  # fmt: skip
        self._records.finish(final, ended.body, _line(final, ended, payload))
        self._bell.ring()
        self._on_finish(final)

    def _log(self, message: str) -> None:
        stamp = datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds")
        self._logs.append({"message": message, "level": "INFO", "source": "USER", "timestamp": stamp})
        self._bell.ring()


def _outcome(task: asyncio.Task[Outcome]) -> Outcome:
    """How the work ended; a fault of a performer fails its own request only, and is written to the log."""
    if task.cancelled():
        return outcomes.cancelled()
    error = task.exception()
    if error is None:
        return task.result()
    logger.error("a performer failed", exc_info=error)
    return outcomes.failed(500, f"The rehearsal of this model failed: {error}", "internal_error")


def _line(request: Request, ended: Outcome, payload: Any) -> BillLine | None:
    if ended.charge is None or request.ended_at is None:
        return None
    usd = None if ended.charge.usd is None else str(ended.charge.usd)
    sha256 = payload_sha256(payload)
    return BillLine(request.id, request.endpoint, sha256, ended.charge.units, usd, request.ended_at, ended.code)
