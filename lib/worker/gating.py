"""Between two purchases: the take is looked at, and a person is asked where something is wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from lib.catalog import is_local, operation
from lib.catalog.operation import Operation
from lib.chain.model import Chain, GateMode
from lib.errors import Cancelled, Doubtful
from lib.media.gates.defect import Defect, Expected
from lib.media.gates.measure import Clip, measure
from lib.store import Store
from lib.store.views import RunView, Take, Ticket
from lib.worker.inputs import Inputs

ANSWERS = "Accept the take, have it made again with another seed, or stop here."
SOUND_ALONE = ("sound",)
"""Words in the id of a model that leaves the pictures as they are, although it takes a prompt."""


class Gating:
    """`cancelling` holds the ids of runs that were asked to stop."""

    def __init__(self, store: Store, inputs: Inputs, cancelling: set[str]) -> None:
        self._store = store
        self._inputs = inputs
        self._cancelling = cancelling

    async def finish(self, ticket: Ticket, run: RunView, take: Take) -> None:
        """Keeps the take, and ends its step or has it wait for a person.

        It is paid for already, so a run that is being stopped keeps it as well; it is then looked at no more.
        """
        mode = mode_of(Chain.model_validate(run.chain), ticket.step_id)
        if mode == "off" or ticket.run_id in self._cancelling:
            await asyncio.to_thread(self._store.runs.finish, ticket, take)
            return
        try:
            found = await self._found(ticket, take)
        except Cancelled:
            await asyncio.to_thread(self._store.runs.finish, ticket, take)
            return
        if found or mode == "ask":
            records = [one.as_json() for one in found]
            await asyncio.to_thread(self._store.gates.ask, ticket, take, records, question(found).record())
        else:
            await asyncio.to_thread(self._store.gates.passed, ticket, take)

    async def _found(self, ticket: Ticket, take: Take) -> Sequence[Defect]:
        if take.sha256 is None:
            return []
        made = operation(take.operation)
        files, facts = self._inputs.files(made, take.input), self._inputs.facts(made, take.input)
        pictures = _first(made, files, facts, "video", "image")
        return await measure(
            (self._store.assets.file(take.sha256), self._store.assets.get(take.sha256).facts),
            expected_of(made, facts),
            self._store.assets.part().parent,
            pictures=pictures,
            sound=_first(made, files, facts, "audio") or pictures,
            on_progress=lambda fraction: self._store.progress.tell(ticket, "Checking the take", fraction=fraction),
            cancelled=lambda: ticket.run_id in self._cancelling,
        )


def mode_of(chain: Chain, step_id: str) -> GateMode:
    """What happens to that step's take. Local work is never looked at: it is proven when it is made.

    A step's own word counts anywhere, the chain's (or "automatic") where a later step that costs money needs the take.
    """
    step = chain.step(step_id)
    if is_local(step.operation):
        return "off"
    if step.gate is not None:
        return step.gate
    return (chain.gates or "automatic") if _leads_to_money(chain, step_id) else "off"


def question(found: Sequence[Defect]) -> Doubtful:
    """What a person is asked, in sentences."""
    said = " ".join(one.said for one in found) or "Nothing was found; you wanted to look at it before it goes on."
    return Doubtful(said, hint=ANSWERS)


def expected_of(made: Operation, facts: Mapping[str, Any]) -> Expected:
    """What is known of the take beforehand: a model with a prompt makes something of the pictures that it is given,
    and one that is given a sound for its pictures keeps it.
    """
    told = "prompt" in made.input.model_fields and not any(word in made.id for word in SOUND_ALONE)
    given = {mark.kind for name, mark in made.media_in().items() if facts.get(name)}
    gives = {mark.kind for mark in made.media_out().values()}
    sounds = "audio" in given and "video" in gives
    return Expected(differs=told and bool(given & {"video", "image"}), has_sound=True if sounds else None)


def _leads_to_money(chain: Chain, step_id: str) -> bool:
    later = {step_id}
    while more := {step.id for step in chain.steps if step.id not in later and step.needs() & later}:
        if any(not is_local(chain.step(one).operation) for one in more):
            return True
        later |= more
    return False


def _first(made: Operation, files: Mapping[str, Any], facts: Mapping[str, Any], *kinds: str) -> Clip | None:
    """The first file of these kinds, those of the first kind before the others; of a list the first."""
    for kind in kinds:
        for name, mark in made.media_in().items():
            if mark.kind == kind and files.get(name):
                path, about = files[name], facts[name]
                return (path[0], about[0]) if isinstance(path, list) else (path, about)
    return None
