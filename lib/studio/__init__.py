"""What both fronts, browser and command line, may do: start, cancel, answer, read. The composition root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Unpack

from lib.catalog import operation
from lib.catalog.added import forget, look_with
from lib.catalog.price import Price
from lib.catalog.recorded import price_of
from lib.chain.flow import Known, known_of
from lib.chain.model import Chain, make_chain
from lib.chain.naming import step_name
from lib.errors import ChainError, InputError, NotFound
from lib.media.facts import Facts
from lib.settings import Settings
from lib.store import Store
from lib.store.cleaning import CleanupPlan, Storage
from lib.store.secret import Signer
from lib.store.views import Asset, Mode, RunView, StepView, Ticket
from lib.studio.deciding import Word, decide
from lib.studio.derived import Derived
from lib.studio.fetching import OnProgress, fetch
from lib.studio.intake import take_in, take_in_sample
from lib.studio.live import Gate, LiveOffer
from lib.studio.models import AddedModels
from lib.studio.prices import Spending, price_of_values, prices_of_chain
from lib.studio.reuse import Planned, plan
from lib.studio.starting import How, start
from lib.worker.launch import ensure_worker

__all__ = ["LiveOffer", "Spending", "Studio", "price_of", "step_name"]

ENDED_UNBOUGHT = ("refused", "unsent", "failed", "cancelled", "given_up")
"""Purchases that can never be collected: trying again is a new one."""
GONE = ("UnknownRequest", "BadMedia", "Unsupported", "TooLarge")
"""What says that a bought result is lost or of no use: asking for it again would not help."""


class Studio:
    """One per process. `public` says that the server can be reached from other machines."""

    def __init__(self, settings: Settings, *, public: bool = False) -> None:
        self.settings = settings
        self.store = Store(settings.data_dir)
        self.signer = Signer(settings.data_dir)
        look_with(self.store.models.endpoint)
        self.models = AddedModels(settings, self.store)
        self.derived = Derived(settings.data_dir / "derived")
        self._gate = Gate(settings, self.signer, public=public)

    def wake(self) -> None:
        """Makes sure that a worker runs; it starts the stand-in when a rehearsal needs it. Quick when it does."""
        ensure_worker(self.settings)

    # Live or rehearsal

    def live_offer(self) -> LiveOffer:
        """Whether live may be chosen, by the rules of money: a key, and a code unless only this machine can come in."""
        return self._gate.offer()

    def unlock(self, code: str) -> str:
        """A pass for live runs, valid for twelve hours. Raises AccessRefused; five wrong codes close it for a while."""
        return self._gate.unlock(code)

    def unlocked(self, live_pass: str) -> bool:
        """Whether live may be used with this pass (or without one, where no code is needed)."""
        return self._gate.unlocked(live_pass)

    def spending(self) -> Spending:
        """What live runs of today (UTC) have spent or reserved, and the cap."""
        since = self.store.purchases.today_start()
        return Spending(self.store.purchases.owed_since(since, "live"), self.settings.max_usd_per_day)

    # Files

    def add_file(self, source: Path | BinaryIO, name: str, *, origin: str = "upload") -> Asset:
        """The file, checked, probed and kept. Raises BadMedia, TooLarge, InputError or NoSpace with what to do."""
        return take_in(self.store, source, name, origin)

    def add_sample(self, name: str) -> Asset:
        """A shipped sample as an asset."""
        return take_in_sample(self.store, name)

    def fetch(self, address: str, on_progress: OnProgress | None = None) -> Asset:
        """What is at a pasted address, brought here now and kept. Raises what `download` raises, and BadMedia."""
        return fetch(self.store, address, on_progress)

    def asset(self, sha256: str) -> Asset:
        """Raises NotFound."""
        return self.store.assets.get(sha256)

    def choose(self, sha256: str) -> None:
        """A person takes this file as a source: only then may what the stand-in made go into a live run."""
        self.store.assets.choose(sha256)

    def storage(self) -> Storage:
        """How much room the files take."""
        return self.store.cleaning.storage()

    def cleanup_plan(self, limit_bytes: int) -> CleanupPlan:
        """What `clean` would remove now, paid takes told apart."""
        return self.store.cleaning.plan(limit_bytes)

    def clean(self, limit_bytes: int) -> int:
        """Removes files that no unfinished run needs until `limit_bytes` remain, paid takes last; the bytes freed."""
        self.derived.clear()
        return self.store.cleaning.clean(limit_bytes)

    # Prices

    def estimate(self, operation_id: str, values: Mapping[str, Any]) -> Price:
        """What one step with these values may cost; Unknown while they do not validate or a file is missing."""
        return price_of_values(operation(operation_id), values, self.facts)

    def estimates(self, chain: Chain, inputs: Mapping[str, str]) -> dict[str, Price]:
        """Each step's price as far as it can be known before anything is made."""
        return prices_of_chain(chain, inputs, self.facts)

    def known(self, chain: Chain, inputs: Mapping[str, str], planned: Planned | None = None) -> Known:
        """The facts of a chain's files, and of the takes that are there, for `check`, `repairs` and `price`."""
        return known_of(chain, inputs, self.facts, planned.facts(self.store) if planned else None)

    # Runs

    def plan(
        self, chain: Chain, inputs: Mapping[str, str], mode: Mode, *, board: str = "", after: Sequence[str] = (),
        anew: bool = False,
    ) -> Planned:  # fmt: skip
        """What would run of the chain, and which takes of earlier runs stand for the rest: see `lib.studio.reuse`."""
        return plan(self.store, chain, inputs, mode, board=board, after=after, anew=anew)

    def start(self, chain: Chain, inputs: Mapping[str, str] | None = None, **how: Unpack[How]) -> str:
        """The id of a new run; the worker does the rest. `inputs` are SHA-256 by name, the samples fill the others.

        Raises DoesNotFit, InputError, AccessRefused, MissingKey or CapReached before anything is sent. The same
        `token` gives the same run, so a double click starts one.
        """
        run_id = start(self, self._gate, chain, inputs or {}, how)
        self.wake()
        return run_id

    def start_one(self, operation_id: str, values: Mapping[str, Any], **how: Any) -> str:
        """A run of a single operation, as the model pages make it. Media values are "asset:<sha256>" or addresses."""
        made = operation(operation_id)
        made.validate(values)
        step = {"id": step_name(operation_id), "operation": operation_id, "input": dict(values)}
        return self.start(make_chain({"name": made.title, "steps": [step]}), **how)

    def run(self, run_id: str) -> RunView:
        """Raises NotFound."""
        return self.store.runs.get(run_id)

    def runs(self, limit: int = 50) -> list[RunView]:
        """The newest first."""
        return self.store.runs.recent(limit)

    def cancel(self, run_id: str) -> None:
        """Asks the run to stop. What the provider says about money is shown on the run."""
        self.store.runs.request_cancel(run_id)
        self.wake()

    def retry(self, run_id: str, step_id: str, *, live_pass: str = "") -> None:
        """A failed or cancelled step again, with all that waited for it: see `retry_pays`.

        Raises ChainError, and AccessRefused or MissingKey where the run is live: what waits is bought then.
        """
        run = self.store.runs.get(run_id)
        step = run.step(step_id)
        if run.mode == "live":
            self._gate.require(live_pass)
        if run.cancel_requested and not run.ended:
            raise ChainError("The run is still being cancelled.", hint="Wait until it has stopped.")
        missing = [need for need in step.needs if run.step(need).state != "done"]
        if missing:
            raise ChainError(f"{step_id} needs the take of {missing[0]}.", hint=f"Try {missing[0]} again first.")
        ticket = Ticket(run_id, step_id, step.attempt, step.resume)
        if not self.store.runs.retry(ticket, new_attempt=self.retry_pays(step)):
            raise NotFound("This step is not waiting to be tried again.", hint="Reload the page.")
        self.wake()

    @staticmethod
    def retry_pays(step: StepView) -> bool:
        """Whether trying this step again is a new purchase, rather than collecting what was bought."""
        row = step.purchase
        return row is None or row.state in ENDED_UNBOUGHT or (step.error or {}).get("kind") in GONE

    def answer(self, run_id: str, step_id: str, choice: str, request_id: str = "", *, live_pass: str = "") -> None:
        """A person's word on an uncertain submit: "attach" (with the id), "resend" (may pay twice) or "give_up".

        Raises AccessRefused or MissingKey where a live run would go on with it.
        """
        if choice not in ("attach", "resend", "give_up"):
            raise InputError("That is not a choice.", fields={"choice": "attach, resend or give_up"})
        if choice == "attach" and not request_id.strip():
            raise InputError("A request id is needed.", fields={"request_id": "Paste the id from your fal dashboard."})
        run = self.store.runs.get(run_id)
        if run.mode == "live" and choice != "give_up":
            self._gate.require(live_pass)
        step = run.step(step_id)
        self.store.purchases.answer(f"{run_id}/{step_id}/{step.attempt}", choice, request_id.strip())
        self.wake()

    def decide(self, run_id: str, step_id: str, answer: str, *, attempt: int = 0, live_pass: str = "") -> None:
        """A person's word on a take that waits for it: see `lib.studio.deciding`."""
        decide(self.store, self._gate, Word(run_id, step_id, answer, attempt), live_pass)
        self.wake()

    def close(self) -> None:
        """Lets go of the database."""
        forget(self.store.models.endpoint)
        self.store.close()

    def facts(self, sha256: str) -> Facts:
        """Of a kept file. Raises NotFound."""
        return self.store.assets.get(sha256).facts
