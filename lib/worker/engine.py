"""The hands: a durable queue that calls `perform(stage, ticket)` until there is no next stage. DBOS stands behind it.

The rules below were each learned by breaking DBOS (durable execution notes, 2c): start only through a queue, a fixed
application version, unlimited recovery attempts, few threads, JSON only, no process ever shut down politely.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

Perform = Callable[[str, str], Awaitable[str | None]]
"""(stage, ticket) -> the next stage, or None at the end. It settles its own failures and never raises them."""

FIRST = "begin"
VERSION = "flow-1"
QUEUES = {"paid": 64, "local": max(1, (os.cpu_count() or 2) // 2)}
"""How many steps of each queue go on at once: a paid one mostly waits, a cut keeps a core busy."""
BUSY_POLL_S, IDLE_POLL_S = 0.2, 1.0
"""Each look of a queue costs a transaction: five a second are worth it only while something goes on."""
THREADS = 32
KEPT = timedelta(days=1)
ENDED = ["SUCCESS", "ERROR", "CANCELLED"]


class Engine(Protocol):
    """Starting the same ticket twice is one execution."""

    async def launch(self) -> None: ...

    async def start(self, ticket: str, queue: str) -> None: ...

    async def ended(self, ticket: str) -> bool: ...

    async def pace(self, *, busy: bool) -> None: ...


class DbosEngine:
    """One per process, since DBOS is a singleton; `folder` holds its database."""

    def __init__(self, folder: Path, perform: Perform) -> None:
        self._folder = folder
        self._busy: bool | None = None
        self._flow = _register(perform)

    async def launch(self) -> None:
        """Takes up whatever an earlier process left unfinished."""
        _quiet()
        DBOS(config=_config(self._folder))
        DBOS.launch()
        await self.pace(busy=True)
        await self._prune()

    async def start(self, ticket: str, queue: str) -> None:
        with SetWorkflowID(ticket):
            await DBOS.enqueue_workflow_async(queue, self._flow, ticket)

    async def ended(self, ticket: str) -> bool:
        """Whether DBOS is done with this ticket, so that it would never be called again."""
        found = await DBOS.list_workflows_async(workflow_ids=[ticket], load_input=False, load_output=False)
        return any(each.status in (*ENDED, "MAX_RECOVERY_ATTEMPTS_EXCEEDED") for each in found)

    async def pace(self, *, busy: bool) -> None:
        """How eagerly the queues are looked at."""
        if busy == self._busy:
            return
        self._busy = busy
        for name, concurrency in QUEUES.items():
            await DBOS.register_queue_async(
                name,
                worker_concurrency=concurrency,
                polling_interval_sec=BUSY_POLL_S if busy else IDLE_POLL_S,
                on_conflict="always_update",
            )

    async def _prune(self) -> None:
        """The open-source DBOS keeps every execution for ever; ours are worthless once they have ended."""
        before = (datetime.now(UTC) - KEPT).isoformat()
        old = await DBOS.list_workflows_async(
            status=ENDED, end_time=before, limit=2000, load_input=False, load_output=False
        )
        if old:
            await DBOS.delete_workflows_async([each.workflow_id for each in old])


def _register(perform: Perform) -> Callable[[str], Any]:
    """One small data-driven workflow for every step, so that its shape hardly ever changes."""

    @DBOS.step(name="stage")
    async def stage(name: str, ticket: str) -> str | None:
        return await perform(name, ticket)

    @DBOS.workflow(name="step", max_recovery_attempts=None)
    async def flow(ticket: str) -> None:
        name: str | None = FIRST
        while name is not None:
            name = await stage(name, ticket)

    return flow


def _config(folder: Path) -> DBOSConfig:
    return {
        "name": "dailies",
        "system_database_url": f"sqlite:///{folder / 'engine.sqlite'}",
        "application_version": VERSION,
        "executor_id": "worker",
        "log_level": "WARNING",
        "serializer": DBOSPortableJSONSerializer(),
        "max_executor_threads": THREADS,
        "use_listen_notify": False,
    }


def _quiet() -> None:
    logging.getLogger("dbos").setLevel(logging.WARNING)
