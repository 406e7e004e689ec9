"""Everything that a chain can be handed over as, each as one text. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lib.catalog.export import escaped
from lib.chain.model import Chain
from lib.chain.programs.javascript import javascript
from lib.chain.programs.python import python
from lib.chain.workflow import workflow
from lib.chain.writing import write_chain


@dataclass(frozen=True, slots=True)
class Form:
    """`text` writes a chain; it raises a ChainError that says why where this chain has no such form."""

    title: str
    file_name: str
    content_type: str
    text: Callable[[Chain], str]
    seeded: bool = True
    """Whether open seeds are drawn before, so that the text says all that is sent."""


def _workflow(chain: Chain) -> str:
    return escaped(json.dumps(workflow(chain), ensure_ascii=False, indent=2)) + "\n"


FORMS: Mapping[str, Form] = {
    "python": Form("Python program", "chain.py", "text/x-python", python),
    "javascript": Form("JavaScript program", "chain.mjs", "text/javascript", javascript),
    "chain": Form("Chain file", "chain.json", "application/json", write_chain, seeded=False),
    "workflow": Form("fal workflow", "workflow.json", "application/json", _workflow),
}
