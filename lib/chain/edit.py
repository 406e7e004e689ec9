"""The changes that somebody makes to a chain: each gives a new board, and a sentence where it cannot be. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lib.catalog import operation
from lib.catalog.form import fields
from lib.catalog.operation import Operation
from lib.chain.alter import free_id, put
from lib.chain.board import Board, behind, given, kind_of, needed, sources
from lib.chain.files import takes
from lib.chain.model import ChainInput, Step
from lib.chain.naming import step_name
from lib.chain.reference import Reference, references, substitute
from lib.errors import InputError


def add(board: Board, operation_id: str, at: int | None = None) -> Board:
    """With a new step at that place (the end without one), bound to the latest files that it can take."""
    made, place = operation(operation_id), len(board.steps) if at is None else at
    there = sources(board, place)
    values: dict[str, Any] = {}
    for name, wanted in needed(made).items():
        fitting = [source.ref for source in there if takes(made, wanted, source.kind)]
        if fitting:
            values[name] = _as_field(made, name, fitting[0])
    step = Step(id=free_id(board.steps, step_name(operation_id)), operation=operation_id, input=values)
    return _with_steps(board, (*board.steps[:place], step, *board.steps[place:]))


def with_file(board: Board, kind: str) -> Board:
    """With one more file of that kind, named after it: "video", "video-2"."""
    name, number = kind, 1
    while name in board.inputs:
        number += 1
        name = f"{kind}-{number}"
    return Board(board.name, {**board.inputs, name: ChainInput(kind=kind)}, board.steps)


def without_file(board: Board, name: str) -> Board:
    """Without it. Raises InputError while a step takes it."""
    taking = [
        step.id for step in board.steps if any(ref == Reference("inputs", (name,)) for _, ref in references(step.input))
    ]
    if taking:
        raise InputError(f"{name} is used by {taking[0]}.", hint="Give that step another source first.")
    return Board(board.name, {other: one for other, one in board.inputs.items() if other != name}, board.steps)


def put_input(board: Board, step: str, values: Mapping[str, Any]) -> Board:
    """With this input for the step."""
    return _replaced(board, step, input=dict(values))


def bind(board: Board, step: str, field: str, ref: Reference | None) -> Board:
    """With a field bound to a source, or to nothing. Raises InputError where that would make a circle."""
    values = {name: value for name, value in board.step(step).input.items() if name != field}
    if ref is not None:
        if ref.source != "inputs" and step in behind(board, ref.source) | {ref.source}:
            raise InputError(
                f"{ref.source} comes after this step.", hint="Choose a file, or a step before this one.",
                fields={field: "This comes after the step itself."},
            )  # fmt: skip
        values[field] = _as_field(operation(board.step(step).operation), field, ref)
    return put_input(board, step, values)


def sweep(board: Board, step: str, field: str, values: tuple[Any, ...]) -> Board:
    """With the step run once for each of these values of the field; once, where there are none."""
    others = {name: kept for name, kept in board.step(step).sweep.items() if name != field}
    return _replaced(board, step, sweep=others | ({field: values} if values else {}))


def switch(board: Board, step: str) -> Board:
    """With the step switched off, or on again."""
    return _replaced(board, step, off=not board.step(step).off)


def choose(board: Board, step: str, take: str | None) -> Board:
    """With that take standing for the step, whatever the step would make; without one it is found, or made."""
    return _replaced(board, step, take=take)


def rename(board: Board, step: str, name: str) -> Board:
    """With the step under another name, also where others refer to it. Raises InputError for a name that is no name."""
    if name == step:
        return board
    if any(other.id == name for other in board.steps) or name == "inputs":
        raise InputError("Another step has this name.", hint="Choose another.", fields={"id": "Taken."})
    try:
        renamed = Step(**board.step(step).model_dump() | {"id": name})
    except ValueError as error:
        said = "A name starts with a small letter; then small letters, digits, - and _, at most 40."
        raise InputError(said, hint="Choose another.", fields={"id": said}) from error
    steps = [renamed if one.id == step else one for one in board.steps]
    return _with_steps(board, tuple(_led(one, step, lambda ref: Reference(name, ref.path)) for one in steps))


def duplicate(board: Board, step: str) -> Board:
    """With a second one right after it, bound to the same sources: a branch."""
    place, one = _place(board, step), board.step(step)
    copy = one.model_copy(update={"id": free_id(board.steps, step), "take": None})
    return _with_steps(board, (*board.steps[: place + 1], copy, *board.steps[place + 1 :]))


def remove(board: Board, step: str) -> Board:
    """Without the step; what took its files takes what it was given, or nothing."""
    gone = board.step(step)
    left = tuple(one for one in board.steps if one.id != step)
    return _with_steps(board, tuple(_led(one, step, lambda ref: _instead(board, gone, ref)) for one in left))


def move(board: Board, step: str, by: int) -> Board:
    """With the step so many places later (earlier, where negative).

    A step that moves past the one whose file it takes changes places with it in the flow: what was
    a, b, c with c moved up is a, c, b. Raises InputError where the files do not allow that.
    """
    moved = board
    for _ in range(abs(by)):
        place = _place(moved, step)
        other = place + (1 if by > 0 else -1)
        if not 0 <= other < len(moved.steps):
            break
        moved = _exchanged(moved, min(place, other))
    return moved


def _exchanged(board: Board, at: int) -> Board:
    """With the steps at this place and at the next in each other's place."""
    first, second = board.steps[at], board.steps[at + 1]
    rest = board.steps[at + 2 :]
    if first.id in second.needs():
        first, second = _turned(board, first, second)
        rest = tuple(_led(one, second.id, lambda ref: _same_kind(board, first, ref)) for one in rest)
    return _with_steps(board, (*board.steps[:at], second, first, *rest))


def _turned(board: Board, first: Step, second: Step) -> tuple[Step, Step]:
    """Both, with the flow through them turned round."""
    second_now = _led(second, first.id, lambda ref: _instead(board, first, ref))
    if _lost(second, second_now):
        raise InputError(f"{second.id} needs what {first.id} makes.", hint="Give it another source first.")
    own = dict(references(first.input))
    taken = next(
        (path for path, ref in own.items() if any(kind == kind_of(board, ref) for kind in given(second).values())), None
    )
    if taken is None:
        raise InputError(f"{first.id} cannot take what {second.id} makes.", hint="Give it another source first.")
    output = next(name for name, kind in given(second).items() if kind == kind_of(board, own[taken]))
    first_now = first.model_copy(
        update={"input": put(first.input, taken.split("."), str(Reference(second.id, (output,))))}
    )
    return first_now, second_now


def _same_kind(board: Board, step: Step, ref: Reference) -> Reference:
    """The step's output of the kind of `ref`; `ref` itself where it has none."""
    kind = kind_of(board, ref)
    name = next((name for name, its in given(step).items() if its == kind), None)
    return Reference(step.id, (name,)) if name else ref


def _instead(board: Board, gone: Step, ref: Reference) -> Reference | None:
    """What a step was given of the kind of one of its outputs."""
    kind = kind_of(board, ref)
    return next((own for _, own in references(gone.input) if kind and kind_of(board, own) == kind), None)


def _led(step: Step, source: str, to: Callable[[Reference], Reference | None]) -> Step:
    """The step with each reference to `source` led elsewhere; a field that then leads nowhere is left open."""

    def one(ref: Reference) -> Any:
        found = to(ref) if ref.source == source else ref
        return None if found is None else str(found)

    return step.model_copy(update={"input": _without_none(substitute(step.input, one))})


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value if item is not None]
    return value


def _lost(before: Step, after: Step) -> bool:
    return len(list(references(before.input))) != len(list(references(after.input)))


def _as_field(made: Operation, field: str, ref: Reference) -> Any:
    """The reference as that field takes it: a list of files takes a list."""
    listed = next(spec for spec in fields(made.input) if spec.name == field).kind == "media_list"
    return [str(ref)] if listed else str(ref)


def _place(board: Board, step: str) -> int:
    return next(place for place, one in enumerate(board.steps) if one.id == step)


def _replaced(board: Board, step: str, **changes: Any) -> Board:
    return _with_steps(board, tuple(one.model_copy(update=changes) if one.id == step else one for one in board.steps))


def _with_steps(board: Board, steps: tuple[Step, ...]) -> Board:
    return replace(board, steps=steps)
