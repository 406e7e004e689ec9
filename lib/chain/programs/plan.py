"""What a program of a chain does, before it is written in a language: calls in order, and where each value is from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from lib.catalog import operation
from lib.catalog.fields import Input, media_mark
from lib.catalog.operation import Cut, Operation
from lib.chain.check import require
from lib.chain.expand import expand
from lib.chain.files import ASSET, is_source, named
from lib.chain.model import Chain, Step, make_chain, order
from lib.chain.programs.cutting import Option, arguments, plain_command
from lib.chain.reference import Reference, parse, references, substitute
from lib.chain.spot import given_by, placeholder

Use = Literal["address", "file", "value"]


@dataclass(frozen=True, slots=True)
class From:
    """A value that the program has by then: as an address that a model can open, a file on disk, or as it is.

    `variable` holds an input's file, or a step's take that `path` leads into; without one it is the pasted `address`.
    `local` says that the file lies on disk already.
    """

    use: Use
    variable: str = ""
    path: tuple[str, ...] = ()
    local: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One step as a function. A model gets `body`; a cut gets `files` and `options`, and fills `output`.

    `command` are ffmpeg's own words instead, where they are the same for every clip.
    """

    step: Step
    made: Operation
    name: str
    take: str
    needs: tuple[str, ...]
    body: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[From, ...] = ()
    options: tuple[Option, ...] = ()
    ending: str = ""
    command: tuple[Any, ...] = ()

    @property
    def output(self) -> str:
        """The output field that its file, or files, are in."""
        return next(iter(self.made.media_out()), "")


@dataclass(frozen=True, slots=True)
class Plan:
    """Inputs as (name in the chain, variable, kind), calls in an order that works, and what is kept at the end as
    (file name, take, output field).
    """

    name: str
    inputs: tuple[tuple[str, str, str], ...]
    calls: tuple[Call, ...]
    kept: tuple[tuple[str, str, str], ...]


def plan(chain: Chain, written: Callable[[str], str], reserved: frozenset[str]) -> Plan:
    """The plan of a chain that can start; raises DoesNotFit otherwise.

    `written` makes a name of the language out of words; `reserved` are those that mean something else.
    """
    chain = expand(chain)
    require(chain)
    chain = with_files_as_inputs(chain)
    names = _Names(written, reserved)
    steps = order(chain.steps)
    used = {ref.path[0] for step in steps for _, ref in references(step.input) if ref.source == "inputs"}
    inputs = {name: names.give(name) for name in chain.inputs if name in used}
    functions = {step.id: names.give(step.id) for step in steps}
    takes = {step.id: names.give(f"{step.id} take") for step in steps}
    calls = tuple(_call(chain, step, functions[step.id], inputs, takes) for step in steps)
    last = [call for call in calls if call.step.id in chain.last_steps()]
    kept = tuple((f"{call.step.id}-{out}", call.take, out) for call in last for out in call.made.media_out())
    return Plan(chain.name, tuple((name, inputs[name], chain.inputs[name].kind) for name in inputs), calls, kept)


def with_files_as_inputs(chain: Chain) -> Chain:
    """The same chain with each file that lies in somebody's data folder as an input of its own."""
    values = chain.model_dump(exclude_none=True)
    for step in values["steps"]:
        for path, value, kind in list(named(operation(step["operation"]), _marked(chain, step["input"]))):
            if value.startswith(ASSET):
                name = _free(f"{step['id']}-{path}".replace(".", "-"), values["inputs"])
                values["inputs"][name] = {"kind": _kind(kind), "asset": value.removeprefix(ASSET)}
                _put(step["input"], path, f"$inputs.{name}")
    return make_chain(values)


def _call(chain: Chain, step: Step, name: str, inputs: Mapping[str, str], takes: Mapping[str, str]) -> Call:
    made = operation(step.operation)
    needed = dict.fromkeys(
        inputs[ref.path[0]] if ref.source == "inputs" else takes[ref.source] for _, ref in references(step.input)
    )
    body = _body(chain, step, made, inputs, takes)
    if not isinstance(made, Cut):
        return Call(step, made, name, takes[step.id], tuple(needed), body)
    files, options = arguments(made, body)
    valid = made.validate(_marked(chain, step.input))
    command = plain_command(made, valid, body)
    return Call(step, made, name, takes[step.id], tuple(needed), {}, files, options, made.ending(valid), command)


def _body(
    chain: Chain, step: Step, made: Operation, inputs: Mapping[str, str], takes: Mapping[str, str]
) -> dict[str, Any]:
    """The very body that the app sends, with what is only known later as `From`."""
    marked = _marked(chain, step.input)
    valid: Input = made.validate(marked)
    body = valid.payload()
    files = {path for path, _, _ in named(made, marked)}
    where: Use = "file" if made.local else "address"
    for path, value, _ in named(made, marked):
        if is_source(value) and parse(_at(step.input, path)) is None:
            _put(body, path, From(where, address=value))
    for path, ref in references(step.input):
        _put(body, path, _from(chain, ref, where if path in files else "value", inputs, takes))
    return body


def _from(chain: Chain, ref: Reference, use: Use, inputs: Mapping[str, str], takes: Mapping[str, str]) -> From:
    if ref.source == "inputs":
        return From(use, inputs[ref.path[0]], local=True)
    given = given_by(chain, ref)
    if given is None or given.kind is None:
        return From("value", takes[ref.source], ref.path)
    source = operation(chain.step(ref.source).operation)
    path = ref.path[:-1] if ref.path[-1] == "url" else ref.path
    bare = source.local or _is_address(source, path[0])
    return From(use, takes[ref.source], path if bare else (*path, "url"), local=source.local)


def _is_address(made: Operation, output: str) -> bool:
    """Whether no more than the address of that file is returned."""
    info = made.output.model_fields[output]
    return media_mark(info) is not None and str in (info.annotation, *get_args(info.annotation))


def _marked(chain: Chain, values: Mapping[str, Any]) -> dict[str, Any]:
    """The input with values of the right types for what does not exist yet."""
    found: dict[str, Any] = substitute(values, lambda ref: placeholder(chain, ref))
    return found


def _kind(kind: str) -> str:
    return kind if kind in ("video", "image", "audio") else "video"


def _free(name: str, taken: Mapping[str, Any]) -> str:
    return next(one for one in _numbered(name, "-") if one not in taken)


def _numbered(name: str, between: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}{between}{number}"
        number += 1


class _Names:
    """Names of a language that differ from each other and from its own words."""

    def __init__(self, written: Callable[[str], str], reserved: frozenset[str]) -> None:
        self._written = written
        self._taken = set(reserved)

    def give(self, words: str) -> str:
        plain = self._written(re.sub(r"[^A-Za-z0-9]+", " ", words).strip() or "input")
        bare = plain if not plain[0].isdigit() else f"_{plain}"
        name = next(one for one in _numbered(bare, "_") if one not in self._taken)
        self._taken.add(name)
        return name


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list | tuple) else value[part]
    return value


def _put(values: Any, path: str, new: Any) -> None:
    above, _, last = path.rpartition(".")
    holder = _at(values, above) if above else values
    holder[int(last) if isinstance(holder, list) else last] = new
