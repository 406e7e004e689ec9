"""Whether a chain's steps can run at all: known operations, right types, valid fields. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from lib.catalog import operation
from lib.catalog.fields import File, media_mark
from lib.catalog.operation import Operation
from lib.chain.files import is_source, named, takes
from lib.chain.model import Chain, Step
from lib.chain.reference import Reference, references, substitute
from lib.errors import DoesNotFit, InputError, NotFound

MADE_LATER = "https://example.com/made-by-an-earlier-step"
PLAIN = {int: 1, float: 1.0, bool: True, str: "text"}
"""Stands for a value that an earlier step will give, to see whether a field takes its type."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong at a field of a step ("" for the step as a whole)."""

    step: str
    field: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """What lies at a path of a model: a file of a `kind`, or a plain value of a `type` (None: anything)."""

    kind: str | None = None
    type: type | None = None


def check(chain: Chain) -> list[Finding]:
    """Every finding, in the order of the steps; empty when the chain can start."""
    return [finding for step in chain.steps for finding in _check_step(chain, step)]


def require(chain: Chain) -> None:
    """Raises DoesNotFit with the first finding."""
    for found in check(chain):
        raise DoesNotFit(f"Step {found.step}: {found.message}", hint=found.hint, step=found.step, field=found.field)


def given_by(chain: Chain, ref: Reference) -> Spot | None:
    """What a reference stands for; None where there is no such output."""
    if ref.source == "inputs":
        return Spot(kind=chain.inputs[ref.path[0]].kind)
    return spot(operation(chain.step(ref.source).operation).output, ref.path)


def placeholder(chain: Chain, ref: Reference) -> Any:
    """A value of the right type for what does not exist yet."""
    given = given_by(chain, ref)
    if given is None or given.kind is not None:
        return MADE_LATER
    return PLAIN.get(given.type) if given.type is not None else None


def spot(model: type[BaseModel], path: tuple[str, ...]) -> Spot | None:
    """What lies at a path of `model`; a place in a list is as good as any, and "url" of a file is the file."""
    at: Any = model
    mark = None
    for part in path:
        if part.isdecimal() and get_origin(at) is list:
            at = _bare(get_args(at)[0])
        elif isinstance(at, type) and issubclass(at, File) and part == "url" and mark is not None:
            at = str
        elif isinstance(at, type) and issubclass(at, BaseModel):
            if part not in at.model_fields:
                return Spot() if issubclass(at, File) else None
            info = at.model_fields[part]
            at, mark = _bare(info.annotation), media_mark(info)
        else:
            at, mark = None, None
    return Spot(kind=mark.kind) if mark is not None else Spot(type=at if at in PLAIN else None)


def _check_step(chain: Chain, step: Step) -> Iterator[Finding]:
    try:
        made = operation(step.operation)
    except NotFound as error:
        yield Finding(step.id, "", error.message, error.hint)
        return
    wrong = list(_check_references(chain, step, made))
    yield from wrong or _check_values(chain, step, made)


def _check_values(chain: Chain, step: Step, made: Operation) -> Iterator[Finding]:
    values = substitute(step.input, lambda ref: placeholder(chain, ref))
    try:
        for path, value, kind in named(made, values):
            if not is_source(value):
                yield Finding(
                    step.id, path, f"{path}: this is not {_a(kind)}.", "Choose a file, or paste an address (https://…)."
                )
    except InputError as error:
        for field, message in error.fields.items():
            yield Finding(step.id, field, f"{field}: {message}", error.hint)


def _check_references(chain: Chain, step: Step, made: Operation) -> Iterator[Finding]:
    for path, ref in references(step.input):
        try:
            given = given_by(chain, ref)
        except NotFound:
            continue  # the step that it refers to has the finding
        want = spot(made.input, tuple(path.split(".")))
        if given is None:
            source = operation(chain.step(ref.source).operation)
            outputs = ", ".join(source.output.model_fields)
            yield Finding(step.id, path, f"{source.id} has no output {'.'.join(ref.path)!r}.", f"It gives: {outputs}.")
        elif want is not None and not takes(made, want.kind or "", given.kind or ""):
            what, that = _a(want.kind), _a(given.kind)
            hint = "Choose another source, or put a step between that makes one."
            yield Finding(step.id, path, f"{path} takes {what}, but {ref} is {that}.", hint)


def _bare(annotation: Any) -> Any:
    """The type without marks and without None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    parts = [part for part in get_args(annotation) if part is not type(None)]
    return _bare(parts[0]) if len(parts) == 1 and get_origin(annotation) is not list else annotation


def _a(kind: str | None) -> str:
    special = {None: "no file", "image": "an image", "audio": "a sound file", "weights": "a weights file"}
    return special.get(kind, f"a {kind}")
