"""What of a chain is there already, and what would run: from the earlier runs of the same board, or of a named one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lib.chain.expand import expanded
from lib.chain.model import Chain
from lib.chain.reference import substitute
from lib.chain.reuse import Earlier, reusable, value_of, with_takes
from lib.errors import ChainError
from lib.media.facts import Facts
from lib.store import Store
from lib.store.reuse import facts_of
from lib.store.views import Mode, RunView, Take


@dataclass(frozen=True, slots=True)
class Planned:
    """The plain chain that runs, from which step of the written one each of its steps comes, and the takes that stand
    for those that need not run.
    """

    chain: Chain
    origin: Mapping[str, str] = field(default_factory=dict)
    reused: Mapping[str, Take] = field(default_factory=dict)

    @property
    def runs(self) -> list[str]:
        """The steps that would run."""
        return [step.id for step in self.chain.steps if step.id not in self.reused]

    def facts(self, store: Store) -> dict[str, dict[str, Facts]]:
        """What is known of the takes that are there, by step and output field ("video", "images.0")."""
        return {step: facts_of(store.assets, take.output) for step, take in self.reused.items()}


def plan(
    store: Store,
    chain: Chain,
    inputs: Mapping[str, str],
    mode: Mode,
    *,
    board: str = "",
    after: Sequence[str] = (),
    anew: bool = False,
) -> Planned:
    """What would run of `chain`, and what is reused of the runs of `board` and of the runs named in `after`.

    A chosen take stands for its step also `anew`, unless it is a rehearsal's and the run is live. Raises what `expand`
    raises, and NotFound for a run that is not here.
    """
    plain, origin, chosen = plain_of(store, chain, mode)
    runs = [] if anew else [run for name in after if (run := store.runs.get(name)).mode == mode]
    if board and not anew:
        runs += store.reuses.runs(board, mode)
    takes = {take.id: (take, asked) for run in runs for take, asked in _made(run)}
    takes |= {take.id: (take, None) for take in chosen if take.id not in takes}
    usable = store.reuses.usable([take for take, _ in takes.values()])
    there = [earlier(take, asked) for take, asked in takes.values() if take.id in usable]
    found = reusable(plain, inputs, there)
    return Planned(plain, origin, {step: takes[one.id][0] for step, one in found.items()})


def plain_of(store: Store, chain: Chain, mode: Mode) -> tuple[Chain, dict[str, str], list[Take]]:
    """The chain as it would run if nothing were reused but the chosen takes; the origin of its steps; those takes."""
    chosen = _chosen(store, chain, mode)
    return *expanded(with_takes(chain, {take.id: earlier(take) for take in chosen})), chosen


def earlier(take: Take, asked: Mapping[str, object] | None = None) -> Earlier:
    return Earlier(take.id, take.step_id, take.operation, asked, take.input, take.output)


def _chosen(store: Store, chain: Chain, mode: Mode) -> list[Take]:
    """The chosen takes that may stand: what the stand-in made is not paid to be worked on."""
    kept = store.library.some([step.take for step in chain.steps if step.take])
    usable = store.reuses.usable([one.take for one in kept])
    return [one.take for one in kept if one.take.id in usable and not (mode == "live" and one.take.mode == "rehearsal")]


def _made(run: RunView) -> Iterator[tuple[Take, Mapping[str, object] | None]]:
    """Each take of a run whose step is done, with what the step asked for as it was written."""
    chain = Chain.model_validate(run.chain)
    outputs = {step.id: step.take.output for step in run.steps if step.take is not None}
    for step in run.steps:
        if step.state != "done" or step.take is None:
            continue
        try:
            asked = substitute(chain.step(step.id).input, lambda ref: value_of(ref, run.inputs, outputs))
        except ChainError:
            asked = None
        yield step.take, asked
