"""A request as code: Python, JavaScript and cURL, which run without Dailies, and a chain of our own."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PYTHON_WORDS: Mapping[bool | None, str] = {True: "True", False: "False", None: "None"}
JAVASCRIPT_WORDS: Mapping[bool | None, str] = {True: "true", False: "false", None: "null"}
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Code:
    """Source text that stands in a literal as it is, where a value is made by the program itself."""

    text: str


def python(endpoint_id: str, body: Mapping[str, Any]) -> str:
    """A script for the official Python client (fal-client)."""
    arguments = literal(body, "    ", 1, PYTHON_WORDS, bare_keys=False)
    return (
        "import fal_client\n\n\n"
        "def on_queue_update(update):\n"
        "    if isinstance(update, fal_client.InProgress):\n"
        "        for log in update.logs:\n"
        '            print(log["message"])\n\n\n'
        "result = fal_client.subscribe(\n"
        f"    {text(endpoint_id)},\n"
        f"    arguments={arguments},\n"
        "    with_logs=True,\n"
        "    on_queue_update=on_queue_update,\n"
        ")\n"
        "print(result)\n"
    )


def javascript(endpoint_id: str, body: Mapping[str, Any]) -> str:
    """A module for the official JavaScript client (@fal-ai/client)."""
    values = literal(body, "  ", 1, JAVASCRIPT_WORDS, bare_keys=True)
    return (
        'import { fal } from "@fal-ai/client";\n\n'
        f"const result = await fal.subscribe({text(endpoint_id)}, {{\n"
        f"  input: {values},\n"
        "  logs: true,\n"
        "  onQueueUpdate: (update) => {\n"
        '    if (update.status === "IN_PROGRESS") {\n'
        "      update.logs.map((log) => log.message).forEach(console.log);\n"
        "    }\n"
        "  },\n"
        "});\n"
        "console.log(result.data);\n"
        "console.log(result.requestId);\n"
    )


def curl(endpoint_id: str, body: Mapping[str, Any]) -> str:
    """A shell command that submits to the queue; its answer holds the addresses of status and result."""
    words = [
        "curl --request POST",
        f"--url {shlex.quote(f'https://queue.fal.run/{endpoint_id}')}",
        '--header "Authorization: Key $FAL_KEY"',
        "--header 'Content-Type: application/json'",
        f"--data {shlex.quote(json.dumps(dict(body), ensure_ascii=False, indent=2))}",
    ]
    return " ".join(words) + "\n"


def chain(operation_id: str, title: str, input: Mapping[str, Any]) -> str:
    """A chain file of one step, for `python -m lib run`; its files are named by their SHA-256."""
    step = {"id": "take", "operation": operation_id, "input": dict(input)}
    return json.dumps({"dailies": 1, "name": title, "steps": [step]}, ensure_ascii=False, indent=2) + "\n"


def literal(value: Any, tab: str, depth: int, words: Mapping[bool | None, str], *, bare_keys: bool) -> str:
    """A JSON value as source text, one entry a line; `words` are the language's true, false and nothing."""

    def inner(part: Any) -> str:
        return literal(part, tab, depth + 1, words, bare_keys=bare_keys)

    if isinstance(value, Code):
        return value.text
    if value is None or isinstance(value, bool):
        return words[value]
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        keys = {key: key if bare_keys and key.isidentifier() else text(key) for key in value}
        return _lines("{}", [f"{keys[key]}: {inner(part)}" for key, part in value.items()], tab, depth)
    if isinstance(value, list | tuple):
        return _lines("[]", [inner(part) for part in value], tab, depth)
    return json.dumps(value)


def _lines(brackets: str, entries: list[str], tab: str, depth: int) -> str:
    if not entries:
        return brackets
    inside = "".join(f"{tab * (depth + 1)}{entry},\n" for entry in entries)
    return f"{brackets[0]}\n{inside}{tab * depth}{brackets[1]}"


def text(value: str) -> str:
    """A string as source text of both languages."""
    # JSON's escapes are theirs too as long as nothing beyond ASCII is turned into surrogate pairs.
    return escaped(json.dumps(value, ensure_ascii=False))


def escaped(json_text: str) -> str:
    """The same JSON with halves of surrogate pairs, which no file can hold, written as escapes."""
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", json_text)
