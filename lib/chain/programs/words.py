"""What the programs of all languages share: names as comments, values put into bodies. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lib.chain.programs.cutting import Option
from lib.chain.programs.plan import From, Plan

DAILIES_NEEDED = (
    "Cuts are made by Dailies (python -m lib cut): which numbers ffmpeg needs follows from each clip, which Dailies",
    "measures first, and it proves the result. Name its folder in DAILIES_HOME, and in DAILIES_PYTHON its Python",
    "where that is not .venv/bin/python in there.",
)


def said(name: str) -> str:
    """Foreign words for a comment: on one line, nothing invisible."""
    return "".join(c for c in " ".join(name.split()) if c.isprintable()) or "chain"


def seeds_said(made: Plan) -> Iterator[str]:
    if any(call.made.seed_field() in call.body for call in made.calls):
        yield "Seeds that were open were drawn when this was exported; other ones give other takes."


def asks_models(made: Plan) -> bool:
    """Whether it needs fal at all."""
    return any(not call.made.local for call in made.calls)


def cuts_here(made: Plan) -> bool:
    """Whether it needs Dailies for cuts."""
    return any(call.made.local and not call.command for call in made.calls)


def runs_ffmpeg(made: Plan) -> bool:
    return any(call.command for call in made.calls)


def needed(made: Plan) -> Iterator[str]:
    """What must be there for its cuts."""
    if cuts_here(made):
        yield from DAILIES_NEEDED
    if runs_ffmpeg(made):
        yield "It runs ffmpeg, the one that FFMPEG names or the one on PATH (tried with version 9)."


def out_option(made: Plan) -> str:
    """What names the folder for the results, beside the inputs."""
    taken = {name for name, _, _ in made.inputs}
    return next(name for name in ("out", "results", "results-folder", "put-results-into") if name not in taken)


def substituted(value: Any, written: Callable[[From], Any]) -> Any:
    """The same body with what `written` makes of each value that is only known later."""
    if isinstance(value, From):
        return written(value)
    if isinstance(value, Mapping):
        return {key: substituted(part, written) for key, part in value.items()}
    return [substituted(part, written) for part in value] if isinstance(value, list | tuple) else value


def written(option: Option) -> str:
    """An option whose value is known, as one word of a command line."""
    return option.name if option.value is None else f"{option.name}{option.value}"
