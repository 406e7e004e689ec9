"""`check` and `price`: what a chain file would meet and cost, before anything is sent or kept."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lib.catalog.price import Estimate, Price, money
from lib.chain.check import errors, judge
from lib.chain.expand import expand
from lib.chain.files import written_assets
from lib.chain.finding import Finding
from lib.chain.flow import Foreseen, Known, foresee
from lib.chain.model import Chain
from lib.chain.pricing import Saving, price, savings
from lib.chain.repair import Repair, repairs
from lib.cli.codes import DONE, REFUSED, USAGE
from lib.cli.reading import chain_at
from lib.errors import InputError
from lib.media.facts import Facts
from lib.media.probe import probe_blocking
from lib.media.samples import sample
from lib.settings import Settings


def check(options: argparse.Namespace, settings: Settings) -> int:
    """Prints what does not fit and what would make it fit; 0 where the chain can start."""
    chain = expand(chain_at(options.chain))
    known = known_files(chain, options.input, settings)
    foreseen = foresee(chain, known)
    found = [(one, repairs(chain, one, known)) for one in judge(chain, foreseen)]
    stopped = errors([one for one, _ in found])
    if options.json:
        print(json.dumps(_record(chain, known, foreseen, found), indent=2))
    else:
        print("\n".join([*_without_file(chain, known), *_told(found), _sum(chain, found)]))
    return USAGE if stopped else DONE


def cost(options: argparse.Namespace, settings: Settings) -> int:
    """Prints what each step and the whole may cost; 0 where the chain can start and the upper end fits."""
    chain = expand(chain_at(options.chain))
    known = known_files(chain, options.input, settings)
    whole, cheaper = price(chain, known), savings(chain, known)
    stopped = errors(judge(chain, foresee(chain, known)))
    if options.json:
        listed = [{"step": one.step, "field": one.field, "value": one.value, "saves_usd": str(one.saves_usd)}
                  for one in cheaper]  # fmt: skip
        print(json.dumps({"name": chain.name, "fits": not stopped, **whole.as_json(), "savings": listed}, indent=2))
    else:
        print("\n".join(_prices(whole.steps, str(whole), whole.dearest, cheaper)))
    for one in stopped:
        print(f"{one.step}: {one.message}", file=sys.stderr)
    if options.max_cost is not None and not whole.fits(options.max_cost):
        print(f"This may cost {money(whole.high_usd)}, more than {money(options.max_cost)}.", file=sys.stderr)
        return REFUSED
    return USAGE if stopped else DONE


def known_files(chain: Chain, given: Sequence[str], settings: Settings) -> Known:
    """The facts of the chain's files: those given as NAME=PATH, else its kept files and its samples.

    Raises InputError, BadMedia or NotFound.
    """
    paths = dict(_named(pair, chain) for pair in given)
    inputs: dict[str, Facts] = {}
    for name, wanted in chain.inputs.items():
        if name in paths or (wanted.sample and not wanted.asset):
            path = paths.get(name) or sample(str(wanted.sample))
            inputs[name] = probe_blocking(path)
            if inputs[name].kind != wanted.kind:
                message = f"This must be {wanted.kind}, but {path.name} is {inputs[name].kind}."
                raise InputError(f"{name}: {message}", hint="Choose another file.", fields={name: message})
    kept = {one.asset for name, one in chain.inputs.items() if one.asset and name not in inputs}
    kept |= {sha256 for step in chain.steps for sha256 in written_assets(step.input)}
    assets = _kept(kept, settings) if kept else {}
    inputs |= {name: assets[one.asset] for name, one in chain.inputs.items() if name not in inputs and one.asset}
    return Known(inputs, assets)


def _named(pair: str, chain: Chain) -> tuple[str, Path]:
    name, eq, path = pair.partition("=")
    if not eq or not Path(path).is_file():
        raise InputError(f"{pair!r} names no file.", hint="Write --input NAME=PATH, such as --input video=clip.mp4.")
    if name not in chain.inputs:
        names = ", ".join(chain.inputs) or "none"
        raise InputError(f"This chain has no input {name}.", hint=f"Its inputs are: {names}.")
    return name, Path(path)


def _kept(sha256s: set[str], settings: Settings) -> dict[str, Facts]:
    from lib.studio import Studio  # noqa: PLC0415 - only where the chain names kept files

    studio = Studio(settings)
    return {sha256: studio.asset(sha256).facts for sha256 in sha256s}


def _without_file(chain: Chain, known: Known) -> Iterator[str]:
    for name in chain.inputs:
        if name not in known.inputs:
            yield f"note: the input {name} has no file yet; what depends on it is not checked (--input {name}=PATH)."


def _told(found: Sequence[tuple[Finding, list[Repair]]]) -> Iterator[str]:
    for one, offered in found:
        yield f"{one.level}: step {one.step}: {one.message}"
        if one.hint:
            yield f"    {one.hint}"
        yield from (f"    Free: {repair.title}. {repair.why}" for repair in offered)


def _sum(chain: Chain, found: Sequence[tuple[Finding, list[Repair]]]) -> str:
    counts = {level: sum(one.level == level for one, _ in found) for level in ("error", "warning", "note")}
    told = ", ".join(f"{count} {level}{'s' if count > 1 else ''}" for level, count in counts.items() if count)
    fits = f"{chain.name} does not fit" if counts["error"] else f"{chain.name} can start"
    return f"{fits} ({told})." if told else f"{fits}."


def _record(
    chain: Chain, known: Known, foreseen: Mapping[str, Foreseen], found: Sequence[tuple[Finding, list[Repair]]]
) -> dict[str, Any]:
    """What was found as plain values, and what is foreseen of each step."""
    return {
        "name": chain.name,
        "fits": not errors([one for one, _ in found]),
        "without_file": [name for name in chain.inputs if name not in known.inputs],
        "findings": [one.as_json() | {"repairs": [_repair(repair) for repair in offered]} for one, offered in found],
        "steps": {
            name: {field: one.as_json() for field, one in seen.given.files.items()} for name, seen in foreseen.items()
        },
    }


def _repair(repair: Repair) -> dict[str, Any]:
    chain = repair.chain.model_dump(mode="json", exclude_none=True)
    return {"title": repair.title, "why": repair.why, "changes": list(repair.changes), "chain": chain}


def _prices(steps: Mapping[str, Price], whole: str, dearest: str | None, cheaper: Sequence[Saving]) -> Iterator[str]:
    for name, one in steps.items():
        yield f"{name}: {_price(one)}"
    yield f"In all: {whole}"
    if dearest is not None and len(steps) > 1:
        yield f"The dear step is {dearest}."
    yield from (f"Cheaper: {one}" for one in cheaper)


def _price(one: Price) -> str:
    if isinstance(one, Estimate):
        return f"{one} ({one.source})" if one.high_usd else "free"
    return f"price unknown. {one.reason}"
