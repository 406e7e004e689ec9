"""The worker: one process per data folder that does the work. `kill -9` at any instant is a normal way to stop it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from lib.catalog.added import look_with
from lib.errors import DailiesError
from lib.ledger.ledger import LIVE_SEARCH_S, Ledger
from lib.settings import Settings
from lib.store import Store
from lib.worker.engine import DbosEngine, Engine, Perform
from lib.worker.flows import Flows
from lib.worker.inputs import Inputs
from lib.worker.launch import LOCK_FD, TOLD, Lock, told_of
from lib.worker.outputs import Outputs
from lib.worker.providers import Providers
from lib.worker.reconciler import WATCH_EVERY_S, Reconciler

log = logging.getLogger(__name__)

TICK_S = 0.25
LOOK_S = 2.0
"""A quiet store is looked at this often anyway: two commits can bear the same time."""
PROGRESS_S = 0.2
IDLE_S = 600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long an uncertain submit is searched for at once, and how often afterwards; tests are in a hurry."""

    search_s: float = LIVE_SEARCH_S
    watch_s: float = WATCH_EVERY_S


PACE = Pace()


def serve(
    settings: Settings,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    engine: Callable[[Settings, Perform], Engine] = lambda settings, perform: DbosEngine(settings.data_dir, perform),
    pace: Pace = PACE,
) -> int:
    """Works until nothing was to do for ten minutes or the folder is gone; at once 0 where another worker runs."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    handed = os.environ.pop(LOCK_FD, "")
    lock = Lock(settings.data_dir / "worker.lock", handed=int(handed) if handed else None)
    if not lock.acquire(patience_s=1.0):
        return 0
    lock.sign(os.getpid())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    (settings.data_dir / TOLD).write_text(told_of(settings), encoding="utf-8")
    try:
        asyncio.run(Worker(settings, lock, transport, engine, pace).work())
    except BaseException:
        log.exception("the worker stops")
        os._exit(1)  # the engine's threads would hold the lock for ever, and nobody could take over
    return 0


def _leave(number: int, frame: object) -> None:
    """Crash-only: a polite shutdown would turn runs in flight into failed ones."""
    os._exit(0)


class Worker:
    def __init__(
        self,
        settings: Settings,
        lock: Lock,
        transport: httpx.AsyncBaseTransport | None,
        engine: Callable[[Settings, Perform], Engine],
        pace: Pace = PACE,
    ) -> None:
        self._settings = settings
        self._lock = lock
        self._changed = asyncio.Event()
        self._busy = True
        self._looked_at: tuple[int, ...] = ()
        self._cancelling: set[str] = set()
        self._told = told_of(settings)
        self._store = Store(settings.data_dir, desk="worker")
        look_with(self._store.models.endpoint)
        providers = Providers(settings, transport)
        ledger = Ledger(self._store.purchases, day_cap_usd=settings.max_usd_per_day, search_s=pace.search_s)
        inputs = Inputs(self._store, providers, time.time, random.SystemRandom())
        flows = Flows(
            self._store, ledger, providers, inputs, Outputs(self._store, providers), self._cancelling,
            on_change=self._changed.set,
        )  # fmt: skip
        self._engine = engine(settings, flows.perform)
        self._reconciler = Reconciler(
            self._store, ledger, providers, self._engine, self._cancelling, watch_every_s=pace.watch_s
        )

    async def work(self) -> None:
        self._store.assets.sweep()
        await self._engine.launch()
        await self._reconciler.take_up()
        telling = asyncio.create_task(self._tell())
        busy_at = look_at = time.monotonic()
        while self._wanted():
            if telling.done():
                telling.result()
            stamp = self._store.database.stamp()
            if self._looked_at != stamp or self._busy or time.monotonic() >= look_at:
                self._looked_at, look_at = stamp, time.monotonic() + LOOK_S
                await self._look()
            busy_at = time.monotonic() if self._busy else busy_at
            if time.monotonic() - busy_at > IDLE_S and self._left():
                break
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), TICK_S)
        os._exit(0)

    async def _look(self) -> None:
        try:
            await self._reconciler.tick()
            self._busy = bool(await asyncio.to_thread(self._store.runs.active)) or self._reconciler.watching
            await self._engine.pace(busy=self._busy)
        except DailiesError as error:  # the disk is full, say: what is under way goes on, and so do we
            log.warning("%s", error.message)
            self._busy = True

    def _wanted(self) -> bool:
        """Whether our folder is there, and nobody has started a run under other caps or with another key."""
        try:
            told = (self._settings.data_dir / TOLD).read_text(encoding="utf-8")
        except OSError:
            return False
        return told == self._told and (self._settings.data_dir / "worker.lock").exists()

    def _left(self) -> bool:
        """Whether we are gone: a run that is made just now either finds no worker, or is found here."""
        self._lock.release()
        return not self._store.runs.active() or not self._lock.acquire()

    async def _tell(self) -> None:
        while True:
            try:
                if self._store.progress.told:
                    await asyncio.to_thread(self._store.progress.flush)
            except DailiesError as error:
                log.warning("progress is not written: %s", error.message)
            await asyncio.sleep(PROGRESS_S)
