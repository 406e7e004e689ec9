"""What the check offers, taken over into the chain that somebody builds. Pure."""

from __future__ import annotations

from typing import Any

from lib.chain.board import Board
from lib.chain.edit import put_input
from lib.chain.model import Step
from lib.chain.pricing import Saving
from lib.chain.repair import Repair


def repaired(board: Board, step: str, copy: str, repair: Repair) -> Board:
    """With what the repair puts in before the step, and changes in it. `copy` is what the step is called in a sweep."""
    new = {one.id: one for one in repair.chain.steps}
    place = next(at for at, one in enumerate(board.steps) if one.id == step)
    changed = board.steps[place].model_copy(update={"input": _kept(board.steps[place], new[copy])})
    added = [new[name] for name in repair.steps]
    return Board(board.name, board.inputs, (*board.steps[:place], *added, changed, *board.steps[place + 1 :]))


def _kept(step: Step, new: Step) -> dict[str, Any]:
    """The new input, but for the fields that a sweep fills."""
    return {name: value for name, value in new.input.items() if name not in step.sweep}


def cheaper(board: Board, step: str, one: Saving) -> Board:
    """The board with that setting."""
    return put_input(board, step, board.step(step).input | {one.field: one.value})
