"""Programs of chains as text: code that parses, names that mean one thing, and nothing of a chain's words as code."""

from __future__ import annotations

import ast
import random
import shutil
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from lib.catalog import CUTS, OPERATIONS
from lib.catalog.form import fields
from lib.catalog.operation import media_given
from lib.chain import presets
from lib.chain.exports import FORMS
from lib.chain.model import Chain, make_chain
from lib.chain.programs.javascript import javascript
from lib.chain.programs.plan import plan
from lib.chain.programs.python import python
from lib.chain.seeds import with_seeds
from lib.errors import DoesNotFit
from tests.catalog.test_catalog_export import NASTY

GOLDEN = "extend-lipsync-upscale"


def alone(id: str) -> Chain:
    """A chain of that operation's example, its files as inputs; a model or a cut that was found beside it."""
    made, step = OPERATIONS[id], {"id": "one", "operation": id, "input": deepcopy(dict(OPERATIONS[id].example))}
    inputs = {}
    for spec in fields(made.input):  # one documented example sends no clip, which the model refuses
        if spec.kind == "media" and spec.required and not made.example.get(spec.name):
            inputs[spec.name] = {"kind": str(spec.media)}
            step["input"][spec.name] = f"$inputs.{spec.name}"
    for number, (path, _, mark) in enumerate(media_given(made.validate(made.example))):
        if mark.kind in ("video", "image", "audio"):
            inputs[f"file-{number}"] = {"kind": mark.kind}
            _put(step["input"], path, f"$inputs.file-{number}")
    return make_chain({"name": id, "inputs": inputs, "steps": [step]})


def nasty() -> Chain:
    """Words that would be code if anybody let them, names that languages use themselves."""
    words = NASTY["prompt"]
    steps = [
        {
            "id": "class",
            "operation": "fal-ai/pixverse/extend/fast",
            "input": {"video_url": "$inputs.in", "prompt": words},
        },
        {"id": "upload", "operation": "fal-ai/video-upscaler", "input": {"video_url": "$class.video"}},
        {"id": "await", "operation": "cut/speech", "input": {"text": f"--{words}"[:99].replace("\x00", "")}},
    ]
    return make_chain({"name": f"*/ {words}", "inputs": {"in": {"kind": "video"}}, "steps": steps})


@pytest.mark.parametrize("id", OPERATIONS)
def test_every_operation_is_a_python_function(id: str) -> None:
    """The text parses and defines a function of the step; what it sends has the fields that the app sends."""
    chain = alone(id)
    tree = ast.parse(python(chain))
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "one")
    if not OPERATIONS[id].local:
        body = next(node for node in ast.walk(function) if isinstance(node, ast.Dict))
        sent = OPERATIONS[id].validate(OPERATIONS[id].example).payload()
        assert [ast.literal_eval(key) for key in body.keys if key] == list(sent)


def test_words_stay_words_and_names_differ() -> None:
    """No name is defined twice or hides one of the language's; the prompt is a literal, the title a comment."""
    tree = ast.parse(python(nasty()))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert len(names) == len(set(names))
    assert {"class_2", "upload_2", "await_2", "in_2"} <= {
        *names,
        *(one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)),
    }
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert NASTY["prompt"] in texts


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_javascript_is_read_by_node(tmp_path: Path) -> None:
    """The worst chain, the preset, and one with cuts: Node accepts the modules."""
    for number, chain in enumerate((nasty(), presets.preset(GOLDEN), alone("cut/waveform"), alone("cut/frames"))):
        module = tmp_path / f"{number}.mjs"
        module.write_text(javascript(chain), encoding="utf-8")
        subprocess.run([shutil.which("node") or "", "--check", module], check=True, capture_output=True)


def test_a_cut_is_a_plain_command_only_where_no_clip_changes_it() -> None:
    """A waveform is drawn alike for every sound; all others follow from the clip, and are left to Dailies."""
    plain = [name for name in CUTS if plan(alone(name), str, frozenset()).calls[0].command]
    assert plain == ["cut/waveform"]
    text = python(alone("cut/waveform"))
    assert "DAILIES_HOME" not in text
    assert "fal_client" not in text
    assert "showwavespic" in text
    assert 'cut("trim", [file_0], out, "--start-s=1", "--end-s=4.5")' in python(alone("cut/trim"))


def test_seeds_are_those_of_the_run_or_drawn() -> None:
    """A seed that the chain names stays, whatever a run had."""
    chain = presets.preset(GOLDEN)
    drawn = with_seeds(chain, {"extend": {"seed": 11}}, random.Random(1))
    assert drawn.step("extend").input["seed"] == 11
    assert with_seeds(drawn, {"extend": {"seed": 12}}, random.Random(1)) == drawn
    assert isinstance(with_seeds(chain, {}, random.Random(1)).step("extend").input["seed"], int)


@pytest.mark.parametrize("form", ["python", "javascript", "workflow"])
def test_a_chain_that_does_not_fit_is_not_exported(form: str) -> None:
    chain = make_chain({"steps": [{"id": "a", "operation": "cut/mute", "input": {}}]})
    with pytest.raises(DoesNotFit, match="required"):
        FORMS[form].text(chain)


def _put(values: Any, path: str, value: Any) -> None:
    *above, last = (int(part) if part.isdigit() else part for part in path.split("."))
    for part in above:
        values[part] = values[part].copy()
        values = values[part]
    values[last] = value
