"""A chain with something changed: a value set, a cut put in before a step. Pure; the chain itself stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.chain.model import Chain, Step

SOURCE, BEFORE = "@source", "@before"
"""In the input of a cut that is put in: what stood in the field, and what the cut before it gives."""
LONGEST_ID = 40


def with_values(chain: Chain, step_id: str, values: Mapping[str, Any]) -> Chain:
    """The step with these values; None takes a field out."""
    step = chain.step(step_id)
    kept = {**step.input, **values}
    return _replaced(chain, [step.model_copy(update={"input": _without_none(kept)})])


def with_cuts(chain: Chain, step_id: str, path: str, cuts: Sequence[tuple[str, Mapping[str, Any], str]]) -> Chain:
    """Cuts put in before the step, between it and what stands at `path`.

    Each is (operation, input, output field). They are steps like all others, named after the step: "extend-fit".
    """
    step = chain.step(step_id)
    source = before = _at(step.input, path.split("."))
    new: list[Step] = []
    for operation, values, output in cuts:
        named = {name: {SOURCE: source, BEFORE: before}.get(value, value) for name, value in values.items()}
        name = free_id([*chain.steps, *new], f"{step.id}-fit")
        new.append(Step(id=name, operation=operation, input=named))
        before = f"${name}.{output}"
    changed = step.model_copy(update={"input": put(step.input, path.split("."), before)})
    return _replaced(chain, [*new, changed])


def free_id(steps: Sequence[Step], wanted: str) -> str:
    """An id that no step has yet: "extend-fit", "extend-fit-2"."""
    taken = {step.id for step in steps} | {"inputs"}
    number, name = 1, wanted[:LONGEST_ID]
    while name in taken:
        number += 1
        name = f"{wanted[: LONGEST_ID - 1 - len(str(number))]}-{number}"
    return name


def _replaced(chain: Chain, steps: Sequence[Step]) -> Chain:
    """The last of `steps` in place of the one of its id, the others before it."""
    listed: list[Step] = []
    for step in chain.steps:
        listed += steps if step.id == steps[-1].id else [step]
    return Chain(dailies=chain.dailies, name=chain.name, inputs=chain.inputs, steps=tuple(listed))


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _at(value: Any, path: Sequence[str]) -> Any:
    for part in path:
        value = value[int(part)] if isinstance(value, list | tuple) else value[part]
    return value


def put(value: Any, path: Sequence[str], new: Any) -> Any:
    """A copy of the value with what lies at the path replaced."""
    if not path:
        return new
    first, *rest = path
    if isinstance(value, list | tuple):
        return [put(one, rest, new) if at == int(first) else one for at, one in enumerate(value)]
    return {**value, first: put(value[first], rest, new)}
