"""The reference page of every operation, in Markdown, written from the catalog itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from lib.catalog.fields import IgnoredWhen, media_mark, wire_name
from lib.catalog.form import FieldSpec, fields
from lib.catalog.operation import Endpoint, Operation
from lib.catalog.price import Estimate
from lib.catalog.schema import json_schema
from lib.media.facts import Facts

Clean = Callable[[str], str]
_CLIP = Facts(
    kind="video", content_type="video/mp4", size_bytes=1, duration_s=5, fps=24, frames=120, width=640, height=360
)
_SOUND = Facts(kind="audio", content_type="audio/wav", size_bytes=1, duration_s=5)


def reference(operations: Iterable[Operation]) -> str:
    """One Markdown page: fields, limits, defaults, price and source of each operation."""
    return "# Operations\n\n" + "\n".join(page(operation) for operation in operations)


def page(operation: Operation) -> str:
    """The Markdown of one operation."""
    return f"## {operation.title}\n\n`{operation.id}`\n\n{body(operation)}"


def body(operation: Operation, clean: Clean = str) -> str:
    """The same without its title and id. `clean` makes a text safe where more than plain Markdown is read."""
    return "\n".join(_lines(operation, clean)) + "\n"


def _lines(operation: Operation, clean: Clean) -> Iterator[str]:
    if isinstance(operation, Endpoint) and operation.guessed:
        yield from (f"The id is a guess. {clean(operation.guessed)}", "")
    yield from (clean(operation.about), "", "**Input**", "")
    yield from _list(fields(operation.input), clean)
    yield from _items(fields(operation.input), clean)
    yield from ("", "**Output**", "", *_outputs(operation.output, clean))
    yield from ("", "**Price**", "", clean(_price(operation)))
    yield from ("", "**Example**", "", "```json", json.dumps(operation.example, indent=2, ensure_ascii=False), "```")
    if isinstance(operation, Endpoint):
        yield from ("", *(f"- {clean(decision)}" for decision in operation.decisions), "")
        yield f"Source: {clean(operation.source)}."


def code(text: object) -> str:
    """The text as code in Markdown; it cannot get out of it."""
    return f"`{' '.join(str(text).replace('`', chr(39)).split()) or ' '}`"


def _items(specs: Iterable[FieldSpec], clean: Clean) -> Iterator[str]:
    """The objects in lists, and those in their lists."""
    for spec in specs:
        if spec.item:
            yield from ("", f"Each of {code(spec.name)}:", "", *_list(spec.item, clean), *_items(spec.item, clean))


def _list(specs: Iterable[FieldSpec], clean: Clean) -> Iterator[str]:
    """One entry a field: lists fit a narrow screen, which tables of five columns do not."""
    for spec in specs:
        said = ", ".join(part for part in (_type(spec), _default(spec), _limits(spec)) if part)
        meaning = " ".join((clean(spec.help.rstrip(".") + "."), *(_ignored(mark, clean) for mark in spec.ignored)))
        yield f"- {code(spec.name)}: {said}. {' '.join(meaning.split())}".rstrip()


def _ignored(mark: IgnoredWhen, clean: Clean) -> str:
    shown = " or ".join(f"`{json.dumps(value)}`" for value in mark.values if value not in (None, "*"))
    return f"No effect when `{mark.field}` is {shown or 'given'}: {clean(mark.why)}"


def _default(spec: FieldSpec) -> str:
    if spec.required or spec.default is None:
        return "**required**" if spec.required else ""
    shown = f"{spec.default:g}" if spec.kind == "number" else json.dumps(spec.default, ensure_ascii=False)
    return f"default {code(shown)}"


def _type(spec: FieldSpec) -> str:
    kinds = {"media": f"{spec.media} file", "media_list": f"list of {spec.media} files", "long_text": "text"}
    return kinds.get(spec.kind, spec.kind.replace("_", " "))


def _limits(spec: FieldSpec) -> str:
    if spec.choices:
        return f"one of {', '.join(code(choice) for choice in spec.choices)}"
    bounds = (("at least", spec.minimum), ("at most", spec.maximum), ("a multiple of", spec.multiple_of))
    return ", ".join(f"{words} {bound:g}" for words, bound in bounds if bound is not None)


def _outputs(model: type[BaseModel], clean: Clean) -> Iterator[str]:
    properties: Mapping[str, Any] = json_schema(model).get("properties", {})
    for field, info in model.model_fields.items():
        mark, name = media_mark(info), wire_name(field, info)
        kind = f"{mark.kind} file" if mark else _shape(properties[name])
        yield f"- {code(name)}: {kind}. {clean(info.description or '')}".rstrip()


def _shape(shown: Mapping[str, Any]) -> str:
    """ "integer", or the names of the objects that it may be: "Video or Audio"."""
    return " or ".join(_named(part) for part in shown.get("anyOf", [shown]))


def _named(part: Mapping[str, Any]) -> str:
    return str(part.get("type") or part.get("$ref", "anything").rsplit("/", 1)[-1])


def _price(operation: Operation) -> str:
    facts = {name: _SOUND if mark.kind == "audio" else _CLIP for name, mark in operation.media_in().items()}
    price = operation.estimate(operation.validate(operation.example), facts)
    if isinstance(price, Estimate):
        return f"The example with files of 5 s: {price} ({price.source}; read on {price.seen})."
    return f"Unknown. {price.reason}"
