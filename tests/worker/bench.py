"""The worker's parts without its process: a test says which stage runs when, against a real stand-in."""

from __future__ import annotations

import asyncio
import random
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from lib.chain.model import make_chain
from lib.ledger.ledger import Ledger
from lib.media.facts import Facts
from lib.queue.provider import Provider, standin_provider
from lib.settings import Settings
from lib.store import Store
from lib.store.views import Asset, Mode, RunView, StepView, Ticket
from lib.studio import Studio
from lib.worker.flows import Flows
from lib.worker.inputs import Inputs
from lib.worker.outputs import Outputs
from lib.worker.providers import Providers
from lib.worker.reconciler import Reconciler
from tests.standin.conftest import Standin

UPSCALE = "fal-ai/video-upscaler"


class AloneStudio(Studio):
    """Starts no other process."""

    def wake(self) -> None:
        """The test is the worker."""


class Here(Providers):
    """The stand-in that a test has started, and nothing else."""

    def __init__(self, settings: Settings, origin: str) -> None:
        super().__init__(settings)
        self._standin = origin

    async def get(self, mode: Mode) -> Provider:
        if mode == "live":
            return await super().get(mode)
        assert self._standin is not None
        return await standin_provider(self._standin, self.http(mode))


class ByHand:
    """An engine that only notes what it is asked to start."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.over: set[str] = set()

    async def launch(self) -> None: ...

    async def start(self, ticket: str, queue: str) -> None:
        self.started.append(ticket)

    async def ended(self, ticket: str) -> bool:
        return ticket in self.over

    async def pace(self, *, busy: bool) -> None: ...


class Bench:
    """`flows` and `reconciler` over one store; waits are short."""

    def __init__(self, folder: Path, standin: Standin, facts: Facts) -> None:
        self.standin = standin
        self.facts = facts
        self.source = standin.stage.clip
        self.settings = Settings(folder, Decimal(5), fal_origin=standin.origin)
        self.studio = AloneStudio(self.settings)
        self.store: Store = Store(folder, desk="worker")
        self.providers = Here(self.settings, standin.origin)
        self.cancelling: set[str] = set()
        ledger = Ledger(self.store.purchases, day_cap_usd=Decimal(5), search_s=0.3)
        inputs = Inputs(self.store, self.providers, time.time, random.Random(1))
        outputs = Outputs(self.store, self.providers)
        self.flows = Flows(self.store, ledger, self.providers, inputs, outputs, self.cancelling, sleep=_shortly)
        self.engine = ByHand()
        self.reconciler = Reconciler(
            self.store, ledger, self.providers, self.engine, self.cancelling, watch_every_s=0.05
        )

    async def close(self) -> None:
        for client in self.providers.clients():
            await client.aclose()
        self.store.close()
        self.studio.close()

    def clip(self) -> Asset:
        """A clip that differs by a few bytes of padding from what the stand-in's performers hand out."""
        padded = self.source.read_bytes() + b"\x00\x00\x00\x10free" + bytes(8)
        part = self.store.assets.part()
        part.write_bytes(padded)
        return self.store.assets.keep(part, self.facts, name="clip.mp4", origin="upload")

    def start(self, *steps: tuple[str, str, dict[str, Any]], **how: Any) -> str:
        """The id of a run of (id, operation, input), its input "clip" the session's clip."""
        listed = [{"id": name, "operation": made, "input": given} for name, made, given in steps]
        chain = make_chain({"name": "test", "inputs": {"clip": {"kind": "video"}}, "steps": listed})
        return self.studio.start(chain, {"clip": self.clip().sha256}, **how)

    def upscale(self, **how: Any) -> str:
        return self.start(("up", UPSCALE, {"video_url": "$inputs.clip"}), **how)

    def view(self, run_id: str) -> RunView:
        return self.store.runs.get(run_id)

    def step(self, run_id: str, step_id: str = "up") -> StepView:
        return self.view(run_id).step(step_id)

    def ticket(self, run_id: str, step_id: str = "up") -> Ticket:
        step = self.step(run_id, step_id)
        return Ticket(run_id, step_id, step.attempt, step.resume)

    async def stage(self, name: str, run_id: str, step_id: str = "up") -> str | None:
        return await self.flows.perform(name, str(self.ticket(run_id, step_id)))

    async def until(self, stage: str, run_id: str, step_id: str = "up") -> None:
        """Runs the step's stages until `stage` is next."""
        ticket, name = str(self.ticket(run_id, step_id)), "begin"
        while name != stage:
            following = await self.flows.perform(name, ticket)
            assert following is not None, self.step(run_id, step_id).error
            name = following

    async def finish(self, run_id: str, step_id: str = "up") -> StepView:
        """Runs the step's stages to its end, from the start, as the engine would."""
        ticket, name = str(self.ticket(run_id, step_id)), "begin"
        following: str | None = name
        while following is not None:
            following = await self.flows.perform(following, ticket)
        return self.step(run_id, step_id)

    def accepted(self) -> int:
        """How many submits the stand-in took: what was bought, as the witness says."""
        return len(self.standin.bill()["accepted"])


async def _shortly(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.02))
