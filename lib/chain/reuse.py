"""Which steps of a chain need not run, since a take of just that content is there. Pure.

What a step would do is its operation, and its input with each reference replaced by what it stands for: files by their
SHA-256, so nothing depends on an address. A step is known as soon as all that it refers to is; one that is not found,
and all that depends on it, runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.catalog import known
from lib.catalog.operation import Operation
from lib.chain.files import ASSET
from lib.chain.model import Chain, Step, order
from lib.chain.reference import Reference, follow, references, substitute
from lib.errors import ChainError, InputError


@dataclass(frozen=True, slots=True)
class Earlier:
    """A take that is there: of which step, what was asked for (as the step was written, its references replaced; None
    where nobody knows), what was sent (with the seed that was drawn), and what came.
    """

    id: str
    step: str
    operation: str
    asked: Mapping[str, Any] | None
    sent: Mapping[str, Any]
    output: Mapping[str, Any]


def value_of(ref: Reference, inputs: Mapping[str, str], outputs: Mapping[str, Mapping[str, Any]]) -> Any:
    """What a reference stands for: "asset:<sha256>" for a file, else the value itself. `inputs` are SHA-256 by name,
    `outputs` what steps gave. Raises ChainError where there is no such take or value.
    """
    if ref.source == "inputs":
        return ASSET + inputs[ref.path[0]]
    if ref.source not in outputs:
        raise ChainError(f"{ref} has no take yet.", hint="Run the step before it first.")
    path = ref.path[:-1] if ref.path[-1] == "url" else ref.path
    try:
        value = follow(outputs[ref.source], path)
    except (KeyError, IndexError, TypeError) as error:
        raise ChainError(
            f"The take of {ref.source} holds no {'.'.join(ref.path)}.", hint="Choose another output."
        ) from error
    return ASSET + value["asset"] if isinstance(value, dict) and "asset" in value else value


def with_takes(chain: Chain, takes: Mapping[str, Earlier]) -> Chain:
    """The chain in which each step with a chosen take asks for just what made that take; `takes` are by id.

    So it needs nothing of the steps before it, and those that nothing else needs are left out. A choice of a take that
    is not here, or of another operation, is no choice.
    """
    named = [(step, takes.get(step.take or "")) for step in chain.steps]
    chosen = {step.id: take.sent for step, take in named if take is not None and _is_of(step, take)}
    if not chosen:
        return chain
    wanted = set(chain.last_steps())
    own = {name: {"input": dict(sent), "sweep": {}} for name, sent in chosen.items()}
    steps = [step.model_copy(update=own.get(step.id)) for step in chain.steps]
    while True:
        needed = wanted.union(*(step.needs() for step in steps))
        left = [step for step in steps if step.id in needed]
        if len(left) == len(steps):
            return chain.model_copy(update={"steps": tuple(left)})
        steps = left


def reusable(chain: Chain, inputs: Mapping[str, str], earlier: Sequence[Earlier]) -> dict[str, Earlier]:
    """The take that stands for each step that need not run; of several the step's chosen one, its own, the first.

    Where a seed is left open a take stands for one step only: of two such steps each wants a take of its own.
    """
    found: dict[str, Earlier] = {}
    outputs: dict[str, Mapping[str, Any]] = {}
    used: set[str] = set()
    wholes = _Wholes(earlier)
    for step in order(chain.steps):
        made = known(step.operation)
        if made is None or not step.needs() <= found.keys() or not _files(step) <= inputs.keys():
            continue
        try:
            asked = substitute(step.input, lambda ref: value_of(ref, inputs, outputs))
        except ChainError:  # it will be said when it runs
            continue
        is_settled = made.local or _names_seed(made, asked)
        same = (take for take in wholes.same(made, asked) if is_settled or take.id not in used)
        take = min(same, key=lambda take: (take.id != step.take, take.step != step.id), default=None)
        if take is not None:
            found[step.id], outputs[step.id] = take, take.output
            used |= set() if is_settled else {take.id}
    return found


class _Wholes:
    """What each take was asked for and made of, with its defaults, so that one that was written out changes nothing."""

    def __init__(self, earlier: Sequence[Earlier]) -> None:
        self._earlier = earlier
        self._whole: dict[tuple[str, str], Any] = {}

    def same(self, made: Operation, asked: Mapping[str, Any]) -> Iterator[Earlier]:
        """The takes of just that, the first ones first. What was sent counts where no seed was to be drawn."""
        wanted, is_named = _whole(made, asked), made.seed_field() is None or _names_seed(made, asked)
        for take in self._earlier:
            if take.operation == made.id and (
                (take.asked is not None and self._of(made, take, "asked", take.asked) == wanted)
                or (is_named and self._of(made, take, "sent", take.sent) == wanted)
            ):
                yield take

    def _of(self, made: Operation, take: Earlier, part: str, values: Mapping[str, Any]) -> Any:
        key = (take.id, part)
        if key not in self._whole:
            self._whole[key] = _whole(made, values)
        return self._whole[key]


def _whole(made: Operation, values: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return made.validate(values).model_dump(mode="json")
    except InputError:
        return dict(values)


def _is_of(step: Step, take: Earlier) -> bool:
    made = known(step.operation)
    return made is not None and take.operation == made.id and not step.off


def _names_seed(made: Operation, asked: Mapping[str, Any]) -> bool:
    seed = made.seed_field()
    return seed is not None and asked.get(seed) is not None


def _files(step: Step) -> set[str]:
    """The names of the chain's files that the step takes."""
    return {ref.path[0] for _, ref in references(step.input) if ref.source == "inputs"}
