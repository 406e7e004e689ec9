"""Facts flow through a chain: from its files through each step in order, before anything has run. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.catalog import operation
from lib.catalog.expected import Expected, probed
from lib.catalog.fields import Input
from lib.catalog.gives import Given, gives, unknown
from lib.catalog.operation import Operation
from lib.chain.files import ASSET, named, written_assets
from lib.chain.model import Chain, Step, order
from lib.chain.reference import Reference, follow, parse, references, substitute
from lib.chain.spot import given_by, placeholder
from lib.errors import InputError, NotFound
from lib.media.facts import Facts, Kind

TOLD = {"fps": "fps", "width": "width", "height": "height", "duration": "duration_s", "num_frames": "frames"}
"""What an endpoint says of a clip that it returns, and the fact that this is."""


@dataclass(frozen=True, slots=True)
class Known:
    """Facts of files that exist: of the chain's inputs by name, of kept files by SHA-256, of takes by step and output
    field. What a take is known by replaces what was expected of it.
    """

    inputs: Mapping[str, Facts] = field(default_factory=dict)
    assets: Mapping[str, Facts] = field(default_factory=dict)
    takes: Mapping[str, Mapping[str, Facts]] = field(default_factory=dict)


def known_of(
    chain: Chain,
    inputs: Mapping[str, str],
    facts_of: Callable[[str], Facts],
    takes: Mapping[str, Mapping[str, Facts]] | None = None,
) -> Known:
    """The facts of the files of a chain, given the SHA-256 of its inputs by name; `takes` are there already."""
    written = {sha256 for step in chain.steps for sha256 in written_assets(step.input)}
    given = {name: facts_of(sha256) for name, sha256 in inputs.items()}
    return Known(given, {sha256: facts_of(sha256) for sha256 in written}, takes or {})


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A step as it will run: its operation, its values (None where they do not validate, `wrong` says why), its files
    by path, and what it will give.

    `open` says that a plain value of an earlier step, not known yet, stands in its values.
    """

    step: Step
    made: Operation | None
    input: Input | None = None
    wrong: InputError | None = None
    files: Mapping[str, Expected] = field(default_factory=dict)
    given: Given = field(default_factory=lambda: Given({}))
    open: bool = False


def foresee(chain: Chain, known: Known | None = None) -> dict[str, Foreseen]:
    """Every step by its id, in the order in which they run."""
    found: dict[str, Foreseen] = {}
    for step in order(chain.steps):
        found[step.id] = _foreseen(chain, step, known or Known(), found)
    return found


def _foreseen(chain: Chain, step: Step, known: Known, before: Mapping[str, Foreseen]) -> Foreseen:
    try:
        made = operation(step.operation)
    except NotFound:
        return Foreseen(step, None)
    taken = {name: probed(facts) for name, facts in known.takes.get(step.id, {}).items()}
    is_open = any(_is_open(chain, ref, path, made, before) for path, ref in references(step.input))
    values = substitute(step.input, lambda ref: _stand_in(chain, ref, before))
    try:
        checked = made.validate(values)
        files = dict(_files(chain, made, step, values, known, before))
    except InputError as error:
        return Foreseen(step, made, wrong=error, given=Given(unknown(made) | taken), open=is_open)
    given = Given(unknown(made)) if is_open else gives(made, checked, files)
    if taken:
        given = Given({**given.files, **taken})
    return Foreseen(step, made, checked, files=files, given=given, open=is_open)


def _files(  # noqa: PLR0917 - what is looked up, and where
    chain: Chain, made: Operation, step: Step, values: Mapping[str, Any], known: Known, before: Mapping[str, Foreseen]
) -> Iterator[tuple[str, Expected]]:
    """(path, what is known of it) of each file of the step."""
    for path, _, kind in named(made, values):
        yield path, _file(chain, follow(step.input, tuple(path.split("."))), kind, known, before)


def _file(chain: Chain, written: Any, kind: str, known: Known, before: Mapping[str, Foreseen]) -> Expected:
    ref = parse(written)
    if ref is None:
        sha256 = written.removeprefix(ASSET) if isinstance(written, str) and written.startswith(ASSET) else ""
        return probed(known.assets[sha256]) if sha256 in known.assets else Expected(kind=_kind(kind))
    if ref.source == "inputs":
        name = ref.path[0]
        return probed(known.inputs[name]) if name in known.inputs else Expected(kind=chain.inputs[name].kind)
    return _of_step(before[ref.source], ref) or Expected(kind=_kind(kind))


def _of_step(step: Foreseen, ref: Reference) -> Expected | None:
    """The file that the reference stands for; a take of many may be known one by one ("images.0")."""
    files = step.given.files
    return files.get(".".join(ref.path[:2])) or files.get(ref.path[0])


def _stand_in(chain: Chain, ref: Reference, before: Mapping[str, Foreseen]) -> Any:
    """The value where it is known already, else one of its type."""
    known = _told(ref, before)
    return placeholder(chain, ref) if known is None else known


def _told(ref: Reference, before: Mapping[str, Foreseen]) -> float | int | None:
    """What a clip's own facts say ("$zoom.video.fps"), where they are known exactly."""
    if ref.source not in before or len(ref.path) < 2 or ref.path[-1] not in TOLD:
        return None
    made = _of_step(before[ref.source], ref)
    value = getattr(made, TOLD[ref.path[-1]]) if made else None
    if value is None or not value.exact:
        return None
    return int(value.low) if value.low == int(value.low) else float(value.low)


def _is_open(chain: Chain, ref: Reference, path: str, made: Operation, before: Mapping[str, Foreseen]) -> bool:
    """Whether a plain value that matters is not known yet; a seed changes no fact."""
    try:
        given = given_by(chain, ref)
    except NotFound:
        return True
    return (given is None or given.kind is None) and path != made.seed_field() and _told(ref, before) is None


def _kind(name: str) -> Kind:
    return name if name in ("video", "image", "audio", "scene") else "other"  # type: ignore[return-value]
