"""Seeds that a chain leaves open, drawn before it is handed over. Pure, given the source of chance."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from lib.catalog import operation
from lib.chain.model import Chain, make_chain


def with_seeds(chain: Chain, drawn: Mapping[str, Mapping[str, Any]], rng: random.Random) -> Chain:
    """The same chain with every seed written out: as in `drawn`, a run's inputs by step, else drawn now."""
    values = chain.model_dump(exclude_none=True)
    for step in values["steps"]:
        made = operation(step["operation"])
        name = made.seed_field()
        if name is not None and step["input"].get(name) is None:
            seed = drawn.get(step["id"], {}).get(name)
            step["input"] = made.draw_seed(step["input"] | ({} if seed is None else {name: seed}), rng)
    return make_chain(values)
