"""What is wrong with an input, in the shape of a 422: {"detail": [{loc, msg, type, url, ctx, input}]}."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

SHOWN_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Problem:
    """One refused field. `type` is the stable word that clients branch on (queue-protocol 3.1)."""

    loc: tuple[str | int, ...]
    message: str
    type: str
    given: Any = None
    ctx: dict[str, Any] = field(default_factory=dict)


def problem_at(path: str, message: str, type: str, given: Any = None, **ctx: Any) -> Problem:
    """A problem at a field path such as "images.0.image_url"."""
    loc = tuple(int(part) if part.isdigit() else part for part in path.split(".") if part)
    return Problem(loc, message, type, given, ctx)


def problems_of(error: ValidationError) -> list[Problem]:
    """pydantic's findings; its own type words pass through."""
    return [
        Problem(item["loc"], item["msg"], item["type"], item["input"], dict(item.get("ctx") or {}))
        for item in error.errors(include_url=False)
    ]


def detail_body(problems: Iterable[Problem]) -> dict[str, Any]:
    """The body of the 422."""
    return {"detail": [_item(problem) for problem in problems]}


def _item(problem: Problem) -> dict[str, Any]:
    item: dict[str, Any] = {
        "loc": ["body", *problem.loc],
        "msg": problem.message,
        "type": problem.type,
        "url": f"https://docs.fal.ai/errors#{problem.type}",
        "input": _shown(problem.given),
    }
    # ctx can hold exception objects, which JSON has no form for.
    return item | ({"ctx": json.loads(json.dumps(problem.ctx, default=str))} if problem.ctx else {})


def _shown(given: Any) -> Any:
    """A long value (a data URI) is cut, a binary one only measured."""
    if isinstance(given, bytes):
        return f"<binary {len(given)} bytes>"
    if isinstance(given, str) and len(given) > SHOWN_CHARACTERS:
        return given[:SHOWN_CHARACTERS] + "…"
    return json.loads(json.dumps(given, default=str))
