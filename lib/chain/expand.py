"""What really runs of a chain: steps that are off are passed by, a sweep becomes many steps. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from lib.chain.alter import LONGEST_ID
from lib.chain.model import Chain, Step, make_chain, order
from lib.chain.reference import Reference, references, substitute
from lib.chain.spot import given_by
from lib.errors import DoesNotFit, InputError

MOST_STEPS = 200
Copies = Mapping[str, list[str]]
"""The ids of the steps that run in place of a step, by its id."""


def expand(chain: Chain) -> Chain:
    """The plain chain that runs. The steps of a sweep are named after theirs and their place: "zoom-1", "zoom-2".

    Raises DoesNotFit where a step that is off has nothing to pass on, InputError where nothing or too much would run.
    """
    return expanded(chain)[0]


def expanded(chain: Chain) -> tuple[Chain, dict[str, str]]:
    """As `expand`, and from which step of `chain` each step of it comes."""
    for step in chain.steps:
        if step.off:
            chain = without(chain, step.id)
    if not any(step.sweep for step in chain.steps):
        return chain, {step.id: step.id for step in chain.steps}
    copies: dict[str, list[str]] = {}
    made: list[Step] = []
    for step in order(chain.steps):
        own = list(_copies(chain, step, copies))
        copies[step.id] = [one.id for one in own]
        made += own
        if len(made) > MOST_STEPS:
            raise _too_many()
    return _rebuilt(chain, made), {copy: step for step, ids in copies.items() for copy in ids}


def without(chain: Chain, name: str) -> Chain:
    """The chain without that step: what referred to it takes what the step itself was given.

    Raises DoesNotFit where the step was given nothing of that kind, InputError where it is the last one.
    """
    gone = chain.step(name)
    left = [step for step in chain.steps if step is not gone]
    if not left:
        raise InputError("Every step of this chain is switched off.", hint="Switch one on.")

    def instead(ref: Reference) -> str:
        return str(passed_on(chain, gone, ref) if ref.source == name else ref)

    return _rebuilt(chain, [step.model_copy(update={"input": substitute(step.input, instead)}) for step in left])


def passed_on(chain: Chain, gone: Step, ref: Reference) -> Reference:
    """What stands for an output of a step that is passed by: the first thing of its kind that the step is given.

    Raises DoesNotFit where there is none.
    """
    wanted = given_by(chain, ref)
    for _, own in references(gone.input):
        given = given_by(chain, own)
        if wanted is not None and given is not None and wanted.kind is not None and wanted.kind == given.kind:
            return own
    kind = (wanted and wanted.kind) or "value"
    said = f"Step {gone.id} is switched off, but a later step uses its {kind}, and it is given none to pass on."
    raise DoesNotFit(said, hint="Switch it on, or give the later step another source.", step=gone.id, field="")


def _copies(chain: Chain, step: Step, copies: Copies) -> Iterator[Step]:
    """One step for each of its values and for each copy of what it needs; a list takes all copies at once."""
    alone = {ref.source for path, ref in references(step.input) if not any(map(str.isdecimal, path.split(".")))}
    needs = sorted(need for need in alone if len(copies.get(need, ())) > 1)
    fields = sorted(step.sweep)
    _check_sweep(step)
    choices = [copies[need] for need in needs], [step.sweep[name] for name in fields]
    many = prod(len(each) for part in choices for each in part)
    if many > MOST_STEPS:
        raise _too_many()
    rounds = product(product(*choices[0]), product(*choices[1]))
    for number, (sources, values) in enumerate(rounds, 1):
        given = _bound(step, dict(zip(needs, sources, strict=True)), copies)
        name = _named(chain, step, number) if many > 1 else step.id
        own = {"id": name, "input": given | dict(zip(fields, values, strict=True)), "sweep": {}}
        yield step.model_copy(update=own)


def _too_many() -> InputError:
    return InputError(f"This would run more than {MOST_STEPS} steps.", hint="Sweep over fewer values.")


def _check_sweep(step: Step) -> None:
    empty = [name for name, values in step.sweep.items() if not values]
    if empty:
        said = f"The sweep of step {step.id} over {empty[0]} has no values."
        raise InputError(said, hint="Give it values, or take it away.", fields={f"{step.id}.{empty[0]}": said})


def _named(chain: Chain, step: Step, number: int) -> str:
    """Short enough for an id, and not the name of another step."""
    ending, taken = f"-{number}", {other.id for other in chain.steps}
    stem = step.id[: LONGEST_ID - len(ending)]
    while stem + ending in taken:
        stem = f"{stem[: LONGEST_ID - 1 - len(ending)]}x"
    return stem + ending


def _bound(step: Step, chosen: Mapping[str, str], copies: Copies) -> dict[str, Any]:
    """The step's input with its references leading to copies; in a list, one reference becomes one for each copy."""

    def one(ref: Reference) -> str:
        own = copies.get(ref.source, [ref.source])
        return str(Reference(chosen.get(ref.source, own[0]), ref.path))

    def each(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: each(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [part for item in value for part in _spread(item, copies, each)]
        return substitute(value, one)

    return {name: each(value) for name, value in step.input.items()}


def _spread(item: Any, copies: Copies, each: Callable[[Any], Any]) -> list[Any]:
    """An item of a list, once for each copy of what it refers to."""
    sources = {ref.source for _, ref in references(item) if len(copies.get(ref.source, ())) > 1}
    if len(sources) != 1:
        return [each(item)]
    (source,) = sources

    def leading_to(copy: str) -> Any:
        return substitute(item, lambda ref: str(Reference(copy, ref.path) if ref.source == source else ref))

    return [leading_to(copy) for copy in copies[source]]


def _rebuilt(chain: Chain, steps: list[Step]) -> Chain:
    """With these steps; checked anew."""
    return make_chain(chain.model_dump() | {"steps": [step.model_dump() for step in steps]})
