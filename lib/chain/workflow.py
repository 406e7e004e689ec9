"""A chain as a workflow of fal's editor (queue-protocol 7.1). Pure.

The format is unconfirmed: it follows fal's documentation of custom workflows (docs.fal.ai, custom-workflow-ui) and
files that its editor has written, not a published schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.catalog.operation import Operation
from lib.chain.model import Chain, Step
from lib.chain.programs.plan import Call, From, Plan, plan
from lib.chain.programs.words import substituted
from lib.errors import ChainError

UNCONFIRMED = "Exported from Dailies. The form of this file follows fal's documentation; it has not been tried live."
APART = 400
"""Pixels between nodes in the editor."""
FRAME = "fal-ai/ffmpeg-api/extract-frame"
NOT_THERE = {
    "cut/trim": "fal has no documented way to cut at an exact picture",
    "cut/join": "whether fal's merging keeps every picture and each clip's sound in time is not documented",
    "cut/frames": "fal takes one picture at a time, the first, the middle or the last",
    "cut/sound": "whether fal ends the result with the picture or with the sound is not documented",
    "cut/loudness": "fal levels a sound file, not the sound of a clip",
    "cut/waveform": "fal gives numbers there, not a picture",
}


def workflow(chain: Chain) -> dict[str, Any]:
    """The workflow as its editor keeps it. Raises ChainError naming every cut that fal cannot make exactly."""
    made = plan(chain, lambda words: "-".join(words.lower().split()), frozenset({"input", "output"}))
    refused = [said for call in made.calls if (said := _refusal(call.step, call.made))]
    if refused:
        hint = "Export it as a program, which makes its cuts here."
        raise ChainError(f"fal workflows cannot do all of this chain: {'; '.join(refused)}.", hint=hint)
    ids = {call.take: call.name for call in made.calls}
    inputs = {variable: name for name, variable, _ in made.inputs}
    nodes = {call.name: _node(call, place, ids, inputs) for place, call in enumerate(made.calls, 1)}
    local = {call.take for call in made.calls if call.made.local}
    kept_of = {name: From("value", take, (field,), local=take in local) for name, take, field in made.kept}
    results = {name: _reference(one, ids, inputs) for name, one in kept_of.items()}
    nodes["output"] = _display(results, len(made.calls) + 1)
    schema = {"input": _inputs(made), "output": {name: _text(name) for name in results}}
    about = {"input": {"position": {"x": 0, "y": 0}}, "description": UNCONFIRMED}
    contents = {"name": "workflow", "version": "1", "nodes": nodes, "output": results, "schema": schema}
    return {
        "name": _slug(chain.name),
        "title": chain.name,
        "is_public": False,
        "contents": contents | {"metadata": about},
    }


def _display(results: Mapping[str, str], place: int) -> dict[str, Any]:
    """The node that shows what the workflow is for."""
    depends = sorted({value[1:].split(".")[0] for value in results.values()})
    return {
        "id": "output", "type": "display", "depends": depends, "input": {}, "fields": dict(results),
        "metadata": {"position": {"x": APART * place, "y": 0}},
    }  # fmt: skip


def _inputs(made: Plan) -> dict[str, Any]:
    """Each input's field, beside the first node that takes it."""
    first = {variable: call.name for call in reversed(made.calls) for variable in call.needs}
    return {
        name: _text(name)
        | {"required": True, "description": f"The address of a {kind} file", "modelId": first[variable]}
        for name, variable, kind in made.inputs
    }


def _text(name: str) -> dict[str, Any]:
    return {"name": name, "label": name, "type": "string"}


def _slug(name: str) -> str:
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in name.lower()).split()
    return "-".join(words) or "chain"


def _refusal(step: Step, made: Operation) -> str:
    """Why fal cannot make this step exactly; "" where it can."""
    if not made.local or _frame_type(step):
        return ""
    title = made.title.lower()
    name = step.id if step.id == title else f"{step.id} ({title})"
    return f"{name}: {NOT_THERE.get(made.id, 'fal has no such cut')}"


def _frame_type(step: Step) -> str:
    """What fal calls the picture that this cut takes out; "" for another cut, or another picture."""
    which = step.input.get("which") or "last"
    is_it = step.operation == "cut/frame" and step.input.get("format") in (None, "png")
    return str(which) if is_it and which in ("first", "last") else ""


def _node(call: Call, place: int, ids: Mapping[str, str], inputs: Mapping[str, str]) -> dict[str, Any]:
    body = call.body
    if call.made.local:
        body = {"video_url": call.files[0], "frame_type": _frame_type(call.step)}
    depends = ["input" if need in inputs else ids[need] for need in call.needs]
    app = FRAME if call.made.local else call.made.id
    return {
        "id": call.name, "type": "run", "depends": sorted(set(depends)), "app": app,
        "input": substituted(body, lambda one: _reference(one, ids, inputs)),
        "metadata": {"position": {"x": APART * place, "y": 0}},
    }  # fmt: skip


def _reference(one: From, ids: Mapping[str, str], inputs: Mapping[str, str]) -> str:
    if not one.variable:
        return one.address
    if one.variable in inputs:
        return f"$input.{inputs[one.variable]}"
    path = one.path
    if one.local:  # the one picture that a cut gives is there the first of a list
        path = ("images", "0") if one.use == "value" else ("images", "0", "url")
    return "$" + ".".join((ids[one.variable], *path))
