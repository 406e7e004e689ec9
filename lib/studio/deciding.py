"""A person's word on a take that waits for it before money is spent on what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from lib.errors import InputError, NotFound
from lib.store import Store
from lib.store.views import GateAnswer, Ticket
from lib.studio.live import Gate


@dataclass(frozen=True, slots=True)
class Word:
    """What was said of that take; `attempt` is the one that the person saw, 0 for whichever waits now."""

    run_id: str
    step_id: str
    answer: str
    attempt: int = 0


def decide(store: Store, gate: Gate, word: Word, live_pass: str) -> None:
    """Carries it out: "accept" (it goes on), "redo" (another take with another seed, bought anew) or "stop".

    Raises NotFound where the question is settled already (a second click, another tab), and AccessRefused or
    MissingKey where a live run would go on with it.
    """
    if word.answer not in get_args(GateAnswer):
        raise InputError("That is not a choice.", fields={"answer": ", ".join(get_args(GateAnswer))})
    run = store.runs.get(word.run_id)
    step = run.step(word.step_id)
    if run.mode == "live" and word.answer != "stop":
        gate.require(live_pass)
    if word.attempt not in (0, step.attempt):
        raise NotFound("This question is settled already.", hint="Reload the page.")
    store.gates.answer(Ticket(run.id, step.id, step.attempt, step.resume), word.answer)  # type: ignore[arg-type]
