"""Chains made by chance, the same for the same seed: any shape, any operation, the worst values that JSON has."""

from __future__ import annotations

import random
from typing import Any

from lib.catalog import OPERATIONS
from lib.chain.model import Chain, make_chain

TEXTS = (
    "", "a rabbit", "$5.99", "$Not.a_reference", "see $s0.video", '"quoted" \\n \\u0041', "日本 🐇 é",
    "\u2028\u2029\x85",
    "\x00\x1f\x7f\ufeff", "\ud800", "asset:" + "0" * 64, "</script><!--", "'''\"\"\"", "{0} %s ${x} `id`",
    "a\r\nb\tc",
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**53 + 1, -(2**70), 0.1, 1.0, -0.0, 1e-300, 1.7976931348623157e308, 16.000000000000004)
PLAIN = (None, True, False)
KINDS = ("video", "image", "audio")


def random_chain(seed: int) -> Chain:
    """One to nine steps; each refers to steps before it, and the steps are then shuffled."""
    rng = random.Random(seed)
    inputs = {f"in_{number}": _input(rng) for number in range(rng.randrange(4))}
    steps: list[dict[str, Any]] = []
    for number in range(rng.randrange(1, 10)):
        made = rng.choice(list(OPERATIONS.values()))
        sources = [f"$inputs.{name}" for name in inputs] + [f"${step['id']}.video.url" for step in steps]
        given = dict(made.example) if rng.random() < 0.5 else {}
        given |= {rng.choice(("prompt", "x", "日本")): _value(rng, sources, 3) for _ in range(rng.randrange(4))}
        steps.append({"id": f"s{number}", "operation": made.id, "input": given})
    rng.shuffle(steps)
    name = rng.choice([text for text in TEXTS if text and text != "\ud800"])
    return make_chain({"dailies": 1, "name": name, "inputs": inputs, "steps": steps})


def _input(rng: random.Random) -> dict[str, Any]:
    source = rng.choice([{}, {"sample": "bunny.mp4"}, {"asset": "ab" * 32}])
    return {"kind": rng.choice(KINDS), **source}


def _value(rng: random.Random, sources: list[str], depth: int) -> Any:
    roll = rng.random()
    if depth and roll < 0.2:
        return [_value(rng, sources, depth - 1) for _ in range(rng.randrange(4))]
    if depth and roll < 0.4:
        return {key: _value(rng, sources, depth - 1) for key in rng.sample(TEXTS, rng.randrange(4))}
    return rng.choice([*TEXTS, *NUMBERS, *PLAIN, *sources])
