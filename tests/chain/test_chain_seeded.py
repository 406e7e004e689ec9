"""Seeded chains: every defect is caught, no good chain alarms, every offered repair helps, and the stand-in agrees."""

from __future__ import annotations

import pytest

from lib.catalog import ENDPOINTS
from lib.chain.check import check, errors
from lib.chain.flow import Known, foresee
from lib.chain.model import Chain
from lib.chain.pricing import price
from lib.chain.repair import repairs
from lib.media.facts import Facts
from lib.standin.limits import check_media, check_values
from tests.chain.seeded import BAD, GOOD, Case, bad, good

ALL, OFTEN = 300, 32
REPAIRABLE = {
    "frames", "rate", "too-few", "prefix", "start", "units", "beyond", "seconds", "pixels", "sound-longer", "shape",
    "coding", "kind", "idle", "rates", "shapes", "cut",
}  # fmt: skip
"""Findings for which a free cut or another value exists; the others need a person."""


EACH = pytest.mark.parametrize(
    "number", [pytest.param(number, marks=[] if number < OFTEN else [pytest.mark.long]) for number in range(ALL)]
)


def refused_by_the_stand_in(chain: Chain, known: Known) -> set[str]:
    """The steps that it would refuse, by its own rules, as far as their files are known exactly."""
    found = set()
    for name, seen in foresee(chain, known).items():
        made, values = seen.made, seen.input
        if made is None or values is None or made.id not in ENDPOINTS:
            continue
        facts: dict[str, Facts] = {path: one.ends()[0] for path, one in seen.files.items() if len(one.ends()) == 1}
        if check_values(made.id, values) or check_media(made.id, values, facts):
            found.add(name)
    return found


@EACH
def test_every_defect_is_caught(number: int) -> None:
    """At its step and field, by its rule, before anything is sent."""
    case = bad(number)
    found = [one for one in check(case.chain, case.known) if one.alarming]
    assert (case.step, case.field, case.rule) in [one.place for one in found]
    assert {one.step for one in found} == {case.step}


@EACH
def test_no_good_chain_alarms(number: int) -> None:
    """Neither errors nor warnings; notes are no alarm. Its price can be told."""
    case = good(number)
    assert [one for one in check(case.chain, case.known) if one.alarming] == []
    assert price(case.chain, case.known).steps.keys() == {step.id for step in case.chain.steps}


@EACH
def test_every_offered_repair_makes_it_fit(number: int) -> None:
    """With any of them the chain passes, its own steps are still there, and the stand-in has nothing against it."""
    case = bad(number)
    finding = next(one for one in check(case.chain, case.known) if one.place == (case.step, case.field, case.rule))
    offered = repairs(case.chain, finding, case.known)
    assert offered or finding.rule not in REPAIRABLE
    for one in offered:
        assert [left for left in check(one.chain, case.known) if left.alarming] == []
        assert {step.id for step in case.chain.steps} <= {step.id for step in one.chain.steps}
        assert all(step.id in one.steps for step in one.chain.steps if step.id.startswith("last-fit"))
        assert refused_by_the_stand_in(one.chain, case.known) == set()


@EACH
def test_the_stand_in_refuses_what_the_check_refuses(number: int) -> None:
    """Its limits were written apart from these; on what both can see they agree, for bad chains and for good ones."""
    for case in (bad(number), good(number)):
        refused = refused_by_the_stand_in(case.chain, case.known)
        stopped = {one.step for one in errors(check(case.chain, case.known))}
        assert refused <= stopped
        assert case.rule not in (
            "frames",
            "rate",
            "prefix",
            "start",
            "mask",
        ) or case.step in refused | _refused_by_its_form(case)


def _refused_by_its_form(case: Case) -> set[str]:
    """Steps whose values do not even validate: they are never sent."""
    return {name for name, seen in foresee(case.chain, case.known).items() if seen.wrong is not None}


def test_each_kind_comes_up_each_time() -> None:
    """The ones that run each time hold every kind of defect and every kind of good chain."""
    assert len(BAD) <= OFTEN
    assert len(GOOD) <= OFTEN
    assert len({bad(number).name for number in range(OFTEN)}) > 20
