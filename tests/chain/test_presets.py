"""Ready-made chains: each fits as it stands, on its samples."""

from __future__ import annotations

import pytest

from lib.chain.check import check
from lib.chain.expand import expand
from lib.chain.flow import Known
from lib.chain.model import read_chain
from lib.chain.presets import NAMES, preset
from lib.media.probe import probe_blocking
from lib.media.samples import sample


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_fits_on_its_samples(name: str) -> None:
    """Nothing to mend and nothing to warn of; it is its own file again."""
    chain = preset(name)
    facts = {given: probe_blocking(sample(str(one.sample))) for given, one in chain.inputs.items()}
    assert [one for one in check(expand(chain), Known(facts)) if one.alarming] == []
    assert read_chain(chain.model_dump_json()) == chain


def test_six_seeds_are_six_takes() -> None:
    made = expand(preset("six-seeds"))
    assert [step.input["seed"] for step in made.steps[:6]] == [1, 2, 3, 4, 5, 6]
    assert made.step("all").input["video_urls"] == [f"$animate-{number}.video" for number in range(1, 7)]
