"""Exported code is code, and says exactly the body."""

from __future__ import annotations

import ast
import json
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lib.catalog import ENDPOINTS, export

NASTY = {
    "prompt": "He said \"it's 5 o'clock\"; $HOME `date` \\n\n\t${x} </script> 日本 🐇 \u2028 \x00 %s {0}",
    "negative_prompt": "",
    "scale": 0.5,
    "steps": 16,
    "loop": False,
    "loras": [],
    "images": [{"image_url": "https://files.example/a.png", "strength": 1}],
}
BODIES = [(made.id, dict(made.example)) for made in ENDPOINTS.values()] + [("fal-ai/video-upscaler", NASTY)]
STUB = """
const told = [];
const console = { log: (said) => told.push(said) };
const fal = { subscribe: async (id, { input }) => ({ data: input, requestId: id }) };
"""
EACH = pytest.mark.parametrize(("id", "body"), BODIES, ids=[*ENDPOINTS, "nasty"])


@EACH
def test_python_compiles_and_holds_the_body(id: str, body: Mapping[str, Any]) -> None:
    """The script parses, and the call's arguments evaluate to the id and the very body."""
    tree = ast.parse(export.python(id, body))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    call = next(node for node in calls if ast.unparse(node.func) == "fal_client.subscribe")
    assert ast.literal_eval(call.args[0]) == id
    arguments = next(word.value for word in call.keywords if word.arg == "arguments")
    assert json.dumps(ast.literal_eval(arguments)) == json.dumps(body)


@EACH
def test_curl_is_one_command_with_the_body(id: str, body: Mapping[str, Any]) -> None:
    """A shell reads one command whose data is the very body; the key is named, never written out."""
    words = shlex.split(export.curl(id, body))
    assert words[:5] == ["curl", "--request", "POST", "--url", f"https://queue.fal.run/{id}"]
    assert json.dumps(json.loads(words[words.index("--data") + 1])) == json.dumps(body)
    assert "Authorization: Key $FAL_KEY" in words


@EACH
def test_javascript_names_the_endpoint_and_waits_for_the_result(id: str, body: Mapping[str, Any]) -> None:
    """The module subscribes to the endpoint and prints data and request id."""
    text = export.javascript(id, body)
    assert f'fal.subscribe("{id}", {{' in text
    assert "result.requestId" in text


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_javascript_is_read_by_node(tmp_path: Path) -> None:
    """Node accepts the worst module as it is, and evaluates the input of each to the very body."""
    node = shutil.which("node") or ""
    shown = [export.javascript(name, body) for name, body in BODIES]
    module = tmp_path / "nasty.mjs"
    module.write_text(shown[-1], encoding="utf-8")
    subprocess.run([node, "--check", module], check=True, capture_output=True)
    without_import = "\n".join("{" + text.split("\n", 1)[1] + "}" for text in shown)
    whole = tmp_path / "whole.mjs"
    whole.write_text(f"{STUB}\n{without_import}\nprocess.stdout.write(JSON.stringify(told));", encoding="utf-8")
    said = subprocess.run([node, whole], check=True, capture_output=True, encoding="utf-8").stdout
    assert json.loads(said) == [part for name, body in BODIES for part in (body, name)]
