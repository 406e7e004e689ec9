"""Whether a chain can run, and whether what flows through it fits: before anything is sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lib.catalog import operation
from lib.catalog.operation import Operation
from lib.chain.files import is_source, takes
from lib.chain.finding import Finding
from lib.chain.fits import fits
from lib.chain.flow import Foreseen, Known, foresee
from lib.chain.model import Chain, Step
from lib.chain.reference import follow, references
from lib.chain.spot import given_by, spot
from lib.errors import DoesNotFit, NotFound


def check(chain: Chain, known: Known | None = None) -> list[Finding]:
    """Every finding, in the order of the steps; without an error among them the chain can start.

    `known` are the facts of its files and takes; without them only what they cannot change is found.
    """
    return judge(chain, foresee(chain, known))


def judge(chain: Chain, foreseen: Mapping[str, Foreseen]) -> list[Finding]:
    """The same of a chain that was foreseen already."""
    return [finding for step in chain.steps for finding in _check_step(chain, foreseen[step.id])]


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop a start."""
    return [one for one in findings if one.level == "error"]


def require(chain: Chain, known: Known | None = None) -> None:
    """Raises DoesNotFit with the first error."""
    for found in errors(check(chain, known)):
        raise DoesNotFit(f"Step {found.step}: {found.message}", hint=found.hint, step=found.step, field=found.field)


def _check_step(chain: Chain, seen: Foreseen) -> Iterator[Finding]:
    if seen.made is None:
        try:
            operation(seen.step.operation)
        except NotFound as error:
            yield Finding(seen.step.id, "", error.message, error.hint, rule="operation")
        return
    wrong = list(_check_references(chain, seen.step, seen.made))
    yield from wrong or _check_values(seen, seen.made)


def _check_values(seen: Foreseen, made: Operation) -> Iterator[Finding]:
    step = seen.step
    if seen.wrong is not None:
        for field, message in seen.wrong.fields.items():
            yield Finding(step.id, field, f"{field}: {message}", seen.wrong.hint)
        return
    none = [path for path in seen.files if not is_source(follow(step.input, tuple(path.split("."))))]
    for path in none:
        want = spot(made.input, tuple(path.split(".")))
        hint = "Choose a file, or paste an address (https://…)."
        yield Finding(step.id, path, f"{path}: this is not {_a(want.kind if want else None)}.", hint, rule="file")
    if not none:
        yield from fits(seen)


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
            said = f"{source.id} has no output {'.'.join(ref.path)!r}."
            yield Finding(step.id, path, said, f"It gives: {outputs}.", rule="output")
        elif want is not None and not takes(made, want.kind or "", given.kind or ""):
            what, that = _a(want.kind), _a(given.kind)
            hint = "Choose another source, or put a step between that makes one."
            yield Finding(step.id, path, f"{path} takes {what}, but {ref} is {that}.", hint, rule="kind")


def _a(kind: str | None) -> str:
    special = {None: "no file", "image": "an image", "audio": "a sound file", "weights": "a weights file"}
    return special.get(kind, f"a {kind}")
