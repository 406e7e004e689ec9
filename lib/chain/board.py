"""A chain while it is built: it may still be without steps, or with fields that lead nowhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.catalog import operation
from lib.catalog.operation import Operation
from lib.chain.files import takes
from lib.chain.model import Chain, ChainInput, Step, make_chain
from lib.chain.reference import Reference
from lib.errors import NotFound

MOST_CHANGES = 200


@dataclass(frozen=True, slots=True)
class Board:
    """`inputs` are the files that it is given, `steps` stand in the order in which they are shown."""

    name: str = "My chain"
    inputs: Mapping[str, ChainInput] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def chain(self) -> Chain:
        """The chain that it is. Raises InputError while it does not hold together, or has no steps."""
        record = {"name": self.name, "inputs": {name: one.model_dump() for name, one in self.inputs.items()}}
        return make_chain(record | {"steps": [step.model_dump() for step in self.steps]})

    def step(self, id: str) -> Step:
        return next(step for step in self.steps if step.id == id)


@dataclass(frozen=True, slots=True)
class Source:
    """Something that a field may be bound to: a file of the chain, or what a step gives."""

    ref: Reference
    kind: str


@dataclass(frozen=True, slots=True)
class History:
    """The board as it is, and what it was before and after."""

    now: Board
    before: tuple[Board, ...] = ()
    after: tuple[Board, ...] = ()

    def changed(self, board: Board) -> History:
        """With this change made; what was taken back is forgotten."""
        if board == self.now:
            return self
        return History(board, (*self.before, self.now)[-MOST_CHANGES:])

    def undone(self) -> History:
        """One change back, as far as there is one."""
        if not self.before:
            return self
        return History(self.before[-1], self.before[:-1], (self.now, *self.after))

    def redone(self) -> History:
        """One change that was taken back made again."""
        if not self.after:
            return self
        return History(self.after[0], (*self.before, self.now), self.after[1:])


def board_of(chain: Chain) -> Board:
    return Board(chain.name, chain.inputs, chain.steps)


def record_of(board: Board) -> dict[str, Any]:
    """The board as plain values, also where it is not a chain yet."""
    return {
        "name": board.name,
        "inputs": {name: one.model_dump(mode="json", exclude_none=True) for name, one in board.inputs.items()},
        "steps": [step.model_dump(mode="json", exclude_defaults=True) for step in board.steps],
    }


def read_board(record: Mapping[str, Any]) -> Board:
    """The board of such values."""
    inputs = {name: ChainInput.model_validate(one) for name, one in record["inputs"].items()}
    return Board(record["name"], inputs, tuple(Step.model_validate(step) for step in record["steps"]))


def sources(board: Board, before: int | None = None) -> list[Source]:
    """Everything that steps from place `before` on may take, the latest first; all there is without it."""
    found = [Source(Reference("inputs", (name,)), one.kind) for name, one in board.inputs.items()]
    for step in board.steps[:before]:
        found += [Source(Reference(step.id, (name,)), kind) for name, kind in given(step).items()]
    return found[::-1]


def given(step: Step) -> dict[str, str]:
    """The files that a step gives, by the name of the output; none where nobody knows the operation."""
    try:
        made = operation(step.operation)
    except NotFound:
        return {}
    return {name: mark.kind for name, mark in made.media_out().items()}


def why_not(made: Operation, board: Board) -> str:
    """Why the operation cannot follow on what is there; "" where it can."""
    there = {source.kind for source in sources(board)}
    for wanted in needed(made).values():
        if not any(takes(made, wanted, kind) for kind in there):
            what = {"image": "an image", "audio": "a sound", "media": "a file"}.get(wanted, f"a {wanted}")
            return f"It needs {what}, and nothing before gives one."
    return ""


def needed(made: Operation) -> dict[str, str]:
    """The kinds of file that the operation cannot do without, by field."""
    known = made.input.model_fields
    return {name: mark.kind for name, mark in made.media_in().items() if known[name].is_required()}


def open_fields(board: Board, step: str) -> Iterator[tuple[str, str]]:
    """(field, kind) of the files that the step still needs."""
    one = board.step(step)
    for name, kind in needed(operation(one.operation)).items():
        if not one.input.get(name):
            yield name, kind


def kind_of(board: Board, ref: Reference) -> str | None:
    if ref.source == "inputs":
        found = board.inputs.get(ref.path[0])
        return found.kind if found else None
    step = next((one for one in board.steps if one.id == ref.source), None)
    return given(step).get(ref.path[0]) if step else None


def behind(board: Board, step: str) -> set[str]:
    """Everything that the step needs, directly or through others."""
    found: set[str] = set()
    ahead = [step]
    while ahead:
        needs = next((one.needs() for one in board.steps if one.id == ahead[-1]), set())
        ahead.pop()
        ahead += sorted(needs - found)
        found |= needs
    return found
