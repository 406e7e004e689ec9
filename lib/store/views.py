"""What is read from the store: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from lib.errors import NotFound
from lib.media.facts import Facts

Mode = Literal["live", "rehearsal"]
RunStatus = Literal["queued", "running", "uncertain", "done", "failed", "cancelled"]
StepState = Literal["waiting", "ready", "running", "uncertain", "asking", "done", "failed", "cancelled", "skipped"]
"""uncertain: nobody knows whether it was bought; asking: its take is there, and a person says whether it goes on."""
PurchaseState = Literal[
    "unsent", "sending", "accepted", "uncertain", "completed", "failed", "refused", "cancelled", "given_up"
]
"""unsent: it is certain that nothing was accepted, and it will be sent (again). Nothing is reserved meanwhile."""

ENDED_RUN = ("done", "failed", "cancelled")
ENDED_STEP = ("done", "failed", "cancelled", "skipped")
OPEN_PURCHASE = ("unsent", "sending", "uncertain")
"""Not known to be accepted, and not given up either."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A stored file; `path` is None once its bytes have been cleaned up.

    `mode` is that of the run that made it, None for a file that a person brought or chose as a source.
    """

    sha256: str
    kind: str
    content_type: str
    name: str
    origin: str
    facts: Facts
    size_bytes: int
    created_at: float
    path: Path | None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class AddedModel:
    """A model that somebody added by its id: which version of its document, read where and when."""

    endpoint_id: str
    sha256: str
    source: Mode
    read_at: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is. `fraction` is 0 to 1, or None where nobody knows; `logs` are the last lines."""

    phase: str
    fraction: float | None = None
    queue_position: int | None = None
    logs: tuple[str, ...] = ()
    updated_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Purchase:
    """One line of the ledger. `reserved_usd` is None where the price is unknown."""

    key: str
    run_id: str
    step_id: str
    mode: Mode
    endpoint: str
    payload: dict[str, Any]
    payload_sha256: str
    state: PurchaseState
    sent_at: float
    sends: int
    request_id: str | None
    status_url: str | None
    response_url: str | None
    cancel_url: str | None
    adopted: bool
    reserved_usd: Decimal | None
    cost_usd: Decimal | None
    units: str | None
    output: dict[str, Any] | None
    answer: dict[str, Any] | None
    error: dict[str, Any] | None
    settled_at: float | None


@dataclass(frozen=True, slots=True)
class Take:
    """One result of a step. `output` is what the operation returned, each file with its "asset" (SHA-256)."""

    id: str
    run_id: str
    step_id: str
    attempt: int
    operation: str
    mode: Mode
    input: dict[str, Any]
    output: dict[str, Any]
    sha256: str | None
    created_at: float


@dataclass(frozen=True, slots=True)
class KeptTake:
    """A take as the library shows it: with its run, what it cost, how long it took, and what people say about it.

    `estimate` and `took_s` are None for a take that was made anew later, since a step keeps those of its last one.
    """

    take: Take
    run_name: str
    label: str
    purchase: Purchase | None
    estimate: dict[str, Any] | None
    took_s: float | None
    favourite: bool
    note: str
    deleted_at: float | None

    @property
    def paid(self) -> bool:
        """Whether money was spent on it, or may have been."""
        bought = self.purchase
        return bought is not None and bought.mode == "live" and bought.cost_usd != 0

    @property
    def cost_usd(self) -> Decimal | None:
        """Dollars: 0 where nothing was bought, None where nobody knows."""
        if not self.paid:
            return Decimal(0)
        return self.purchase.cost_usd if self.purchase else None


GateAnswer = Literal["accept", "redo", "stop"]


@dataclass(frozen=True, slots=True)
class Gate:
    """What was found in a take before money was spent on what follows, and what a person said to it.

    `found` are defects as JSON; `answer` is None while nobody has said anything (or nobody was asked).
    """

    found: tuple[dict[str, Any], ...]
    answer: GateAnswer | None
    measured_at: float


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a run as it stands. `estimate` is {"low_usd", "high_usd", "source"} or {"unknown": reason}.

    `reused` says that it was not run: its take is one that was there already, of an earlier run.
    """

    id: str
    position: int
    operation: str
    needs: tuple[str, ...]
    state: StepState
    attempt: int
    resume: int
    input: dict[str, Any] | None
    estimate: dict[str, Any] | None
    error: dict[str, Any] | None
    started_at: float | None
    finished_at: float | None
    progress: Progress | None
    take: Take | None
    purchase: Purchase | None
    gate: Gate | None = None
    reused: bool = False


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as it stands, with its steps in the order of the chain."""

    id: str
    name: str
    mode: Mode
    label: str
    chain: dict[str, Any]
    inputs: dict[str, str]
    status: RunStatus
    cancel_requested: bool
    accept_unknown_price: bool
    max_usd: Decimal | None
    created_at: float
    finished_at: float | None
    steps: tuple[StepView, ...]

    @property
    def ended(self) -> bool:
        return self.status in ENDED_RUN

    def step(self, id: str) -> StepView:
        """Raises NotFound."""
        for step in self.steps:
            if step.id == id:
                return step
        raise NotFound(f"This run has no step {id!r}.", hint="Reload the page.")


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to work on a step once: run/step/attempt, and how often it was picked up again."""

    run_id: str
    step_id: str
    attempt: int
    resume: int

    @property
    def key(self) -> str:
        return f"{self.run_id}/{self.step_id}/{self.attempt}"

    def __str__(self) -> str:
        return f"{self.key}.{self.resume}"

    @classmethod
    def parse(cls, text: str) -> Ticket:
        run_id, step_id, numbers = text.split("/")
        attempt, resume = numbers.split(".")
        return cls(run_id, step_id, int(attempt), int(resume))
