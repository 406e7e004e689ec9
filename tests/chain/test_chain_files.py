"""Chain files: what is written is read back unchanged, and a published schema says what one looks like."""

from __future__ import annotations

import copy
import json
from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lib.catalog import OPERATIONS
from lib.catalog.operation import media_given
from lib.chain import presets
from lib.chain.check import check
from lib.chain.model import make_chain, read_chain
from lib.chain.schema import FORMAT, chain_schema
from lib.chain.writing import plain, write_chain
from lib.errors import ChainError, DailiesError
from tests.chain.random_chains import random_chain

GOLDEN = "extend-lipsync-upscale"
OFTEN, ALL = range(50), range(50, 1000)


def survives(seeds: range) -> None:
    for seed in seeds:
        chain = random_chain(seed)
        text = write_chain(chain)
        again = read_chain(text.encode("utf-8").decode("utf-8"))
        assert repr(plain(again)) == repr(plain(chain)), seed
        assert write_chain(again) == text, seed


def test_random_chains_survive_export_and_import() -> None:
    """Fifty of them, to the letter: types, signs, order, nothing dropped."""
    survives(OFTEN)


@pytest.mark.long
def test_a_thousand_random_chains_survive_export_and_import() -> None:
    survives(ALL)


def test_a_number_without_end_is_no_chain_file() -> None:
    chain = make_chain({"steps": [{"id": "a", "operation": "cut/mute", "input": {"x": float("inf")}}]})
    with pytest.raises(ChainError, match="number without end"):
        write_chain(chain)


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    return Draft202012Validator(chain_schema())


@pytest.mark.long
def test_the_schema_is_one() -> None:
    """Draft 2020-12 itself takes it."""
    Draft202012Validator.check_schema(chain_schema())


def test_the_schema_takes_every_preset_as_it_is_written(schema: Draft202012Validator) -> None:
    for name in presets.NAMES:
        values = json.loads(write_chain(presets.preset(name)))
        assert [error.message for error in schema.iter_errors(values)] == []
        assert values["dailies"] == FORMAT


@pytest.mark.parametrize("id", OPERATIONS)
def test_the_schema_takes_what_the_check_takes(schema: Draft202012Validator, id: str) -> None:
    """Each operation's example: as it stands, with open fields null, and with every file made by a step before."""
    made = OPERATIONS[id]
    step = {"id": "one", "operation": id, "input": deepcopy(dict(made.example))}
    chain = {"dailies": 1, "name": id, "steps": [step]}
    assert [error.message for error in schema.iter_errors(chain)] == []
    opened = copy.deepcopy(chain)
    optional = [name for name, info in made.input.model_fields.items() if not info.is_required()]
    opened["steps"][0]["input"] |= {name: None for name in optional if name not in made.example}
    assert [error.message for error in schema.iter_errors(opened)] == []
    for path, _, _ in media_given(made.validate(made.example)):
        _put(step["input"], path, "$inputs.file")
    chain["inputs"] = {"file": {"kind": "video"}}
    assert [error.message for error in schema.iter_errors(chain)] == []


BAD: list[tuple[str, Any]] = [
    ("dailies", 2),
    ("name", ""),
    ("steps", []),
    ("surprise", 1),
    ("inputs.video.kind", "film"),
    ("inputs.video.asset", "abc"),
    ("steps.0.id", "Not a name"),
    ("steps.0.operation", "fal-ai/nothing"),
    ("steps.0.input.resolution", "9000p"),
    ("steps.0.input.video_url", "bunny.mp4"),
    ("steps.0.input.video_url", "$inputs"),
    ("steps.0.input.prompt", 7),
    ("steps.0.input.surprise", 1),
    ("steps.2.input.scale", "two"),
    ("steps.2.input.scale", None),
    ("steps.2.surprise", 1),
]


@pytest.mark.parametrize(("path", "value"), BAD, ids=[f"{path}={value}" for path, value in BAD])
def test_the_schema_refuses_what_is_wrong_in_one_place(schema: Draft202012Validator, path: str, value: Any) -> None:
    """And only that: the preset itself passes. What it refuses, reading or checking the chain refuses as well."""
    values = json.loads(write_chain(presets.preset(GOLDEN)))
    _put(values, path, value)
    if path != "steps.2.input.scale" or value is not None:
        assert not schema.is_valid(values)
        assert _is_refused(values)
    else:
        assert schema.is_valid(values)  # null is "not given"


def test_the_schema_asks_for_what_is_required(schema: Draft202012Validator) -> None:
    values = json.loads(write_chain(presets.preset(GOLDEN)))
    del values["steps"][2]["input"]["video_url"]
    assert not schema.is_valid(values)
    values["steps"][2]["input"]["video_url"] = None
    assert not schema.is_valid(values)
    assert _is_refused(values)


def _is_refused(values: Any) -> bool:
    try:
        return bool(check(make_chain(values)))
    except DailiesError:
        return True


def _put(values: Any, path: str, value: Any) -> None:
    *above, last = (int(part) if part.isdigit() else part for part in path.split("."))
    for part in above:
        values = values[part]
    values[last] = value
