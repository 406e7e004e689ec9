"""A chain as a file: steps joined by references; order follows from the references."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lib.chain.reference import Reference, references
from lib.errors import ChainError, InputError

NAME = r"^[a-z][a-z0-9_-]{0,39}$"
MediaKind = Literal["video", "image", "audio"]


class ChainInput(BaseModel):
    """A file that the chain is given: a shipped sample, or an asset by its SHA-256."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: MediaKind
    sample: str | None = None
    asset: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")


GateMode = Literal["automatic", "ask", "off"]
"""Whether a take is looked at before money is spent on what follows: when something is found a person is asked,
always, or never.
"""


class Step(BaseModel):
    """One operation. A string value "$inputs.video" or "$extend.video" refers to a file or value made before.

    `gate` is this step's own word where it differs from the chain's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=NAME)
    operation: str
    input: dict[str, Any]
    gate: GateMode | None = None
    off: bool = Field(False, description="Left out: what it would be given goes on to the steps after it")
    sweep: dict[str, tuple[Any, ...]] = Field({}, description="Values of a field: the step runs once for each")
    take: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="A take of this data folder that stands for the step: it flows on",
    )

    def needs(self) -> set[str]:
        """The ids of the steps it refers to."""
        return {ref.source for _, ref in references(self.input) if ref.source != "inputs"}


class Chain(BaseModel):
    """A recipe. `dailies` is the version of the format; `gates` says what happens between steps that cost money."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dailies: Literal[1] = 1
    name: str = Field("chain", min_length=1, max_length=120)
    inputs: dict[str, ChainInput] = {}
    gates: GateMode | None = None
    steps: tuple[Step, ...] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _joined(self) -> Chain:
        ids = [step.id for step in self.steps]
        if len(set(ids)) != len(ids) or "inputs" in ids:
            raise ValueError("step ids must differ from each other and from 'inputs'")
        for step in self.steps:
            for path, ref in references(step.input):
                self._resolves(step, path, ref)
        order(self.steps)
        return self

    def _resolves(self, step: Step, path: str, ref: Reference) -> None:
        if ref.source == "inputs":
            if len(ref.path) != 1 or ref.path[0] not in self.inputs:
                raise ValueError(f"step {step.id!r}, {path}: the chain has no input {'.'.join(ref.path)!r}")
        elif ref.source not in {other.id for other in self.steps}:
            raise ValueError(f"step {step.id!r}, {path}: there is no step {ref.source!r}")

    def step(self, id: str) -> Step:
        return next(step for step in self.steps if step.id == id)

    def last_steps(self) -> list[str]:
        """The steps that nothing refers to: their takes are what the chain is for."""
        used = {need for step in self.steps for need in step.needs()}
        return [step.id for step in self.steps if step.id not in used]


def order(steps: Iterable[Step]) -> list[Step]:
    """The steps so that each comes after what it refers to. Raises ValueError on a circle."""
    left = {step.id: (step, step.needs()) for step in steps}
    placed = list[Step]()
    while left:
        ready = [step for step, needs in left.values() if not needs & left.keys()]
        if not ready:
            raise ValueError(f"steps {', '.join(left)} refer to each other in a circle")
        placed += ready
        left = {name: each for name, each in left.items() if each[1] & left.keys()}
    return placed


def read_chain(text: str) -> Chain:
    """The chain of a JSON text. Raises InputError naming the place, ChainError when it is not JSON at all."""
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ChainError(
            f"This is not a chain file: line {error.lineno} is not JSON.", hint="Start from `preset --list`."
        ) from error
    except RecursionError as error:
        raise ChainError("This is not a chain file: it is nested too deep.", hint="Start from a preset.") from error
    if isinstance(values, dict) and isinstance(values.get("dailies"), int) and values["dailies"] > 1:
        raise ChainError("This chain was written by a newer Dailies.", hint="Update Dailies, then open it again.")
    return make_chain(values)


def make_chain(values: Any) -> Chain:
    """The chain of plain values. Raises InputError naming the place."""
    try:
        return Chain.model_validate(values)
    except ValidationError as error:
        fields = {".".join(map(str, item["loc"])) or "chain": item["msg"] for item in error.errors()}
        place, message = next(iter(fields.items()))
        raise InputError(
            f"The chain does not hold together: {place}: {message}", hint="Compare it with a preset.", fields=fields
        ) from error
    except RecursionError as error:
        raise InputError("The chain is nested too deep.", hint="Start from a preset.") from error
