"""What would make a finding go away for nothing: local cuts put in before the step, or another value. Pure.

A repair is offered only where the chain was checked with it: its finding is gone, and no new alarm has come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lib.catalog import operation
from lib.chain.alter import with_cuts, with_values
from lib.chain.check import judge
from lib.chain.finding import Finding
from lib.chain.fix import Case, Fix
from lib.chain.fixes import FIXES
from lib.chain.flow import Foreseen, Known, foresee
from lib.chain.model import Chain
from lib.errors import InputError


@dataclass(frozen=True, slots=True)
class Repair:
    """A way to make it fit: `title` names it, `why` says what it does, `changes` what becomes of the clip.

    `chain` is the chain with it, `steps` the ids of the steps that were put in.
    """

    title: str
    why: str
    chain: Chain
    changes: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


def repairs(chain: Chain, finding: Finding, known: Known | None = None) -> list[Repair]:
    """The repairs of a finding that help, the simplest first."""
    foreseen = foresee(chain, known)
    seen, fixes = foreseen.get(finding.step), FIXES.get(finding.rule)
    if seen is None or seen.made is None or fixes is None:
        return []
    alarms = {one.place for one in judge(chain, foreseen) if one.alarming}
    tried = (_repaired(chain, finding, seen, fix, known, alarms) for fix in fixes(Case(finding, seen)))
    return [one for one in tried if one is not None]


def _repaired(  # noqa: PLR0917 - what is known before and after
    chain: Chain, finding: Finding, seen: Foreseen, fix: Fix, known: Known | None, alarms: set[tuple[str, str, str]]
) -> Repair | None:
    """The repair, where the check says that it helps."""
    try:
        new = with_cuts(chain, finding.step, fix.path or finding.field, fix.cuts) if fix.cuts else chain
        new = with_values(new, finding.step, fix.values) if fix.values else new
    except (InputError, ValueError, KeyError):
        return None
    foreseen = foresee(new, known)
    found = judge(new, foreseen)
    if any(one.place == finding.place for one in found) or not {one.place for one in found if one.alarming} <= alarms:
        return None
    added = tuple(step.id for step in new.steps if step.id not in {old.id for old in chain.steps})
    return Repair(fix.title, fix.why, new, tuple(_changes(seen, foreseen, finding, added, fix)), added)


def _changes(
    seen: Foreseen, foreseen: Mapping[str, Foreseen], finding: Finding, added: Sequence[str], fix: Fix
) -> Iterator[str]:
    """What is put in and what flows on, in sentences."""
    before = seen.files.get(fix.path or finding.field)
    for name in added:
        made, given = operation(foreseen[name].step.operation), next(iter(foreseen[name].given.files.values()), None)
        told = given.sentence() if given else ""
        was = before.sentence() if before else ""
        yield f"{name} ({made.title}): {was or 'the file'} becomes {told or 'another'}."
        before = given
    for name, value in fix.values.items():
        yield f"{name} is left open." if value is None else f"{name} becomes {value}."
