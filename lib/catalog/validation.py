"""Values against a model: what is valid, and what is wrong in words beside the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from lib.catalog.fields import Input, Json, OneOrMore, field_named, marks_of
from lib.catalog.form import plain_type
from lib.errors import InputError


def path_of(loc: tuple[int | str, ...]) -> str:
    """A field's path in words that forms use: ("body", "loras", 0, "path") is "loras.0.path"."""
    return ".".join(str(part) for part in (loc[1:] if loc[:1] == ("body",) else loc))


def place_of(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """The path of the field in question; what pydantic adds inside a field of several forms is left out."""
    at: Any = model
    for depth, part in enumerate(loc, 1):
        info = field_named(at, str(part)) if _is_model(at) else None
        if info is not None and any(isinstance(mark, Json | OneOrMore) for mark in marks_of(info)):
            return path_of(loc[:depth])
        at = _inside(at, info)
    return path_of(loc)


def _inside(at: Any, info: FieldInfo | None) -> Any:
    """The type of a field's value, or of an entry of a list."""
    if info is not None:
        return plain_type(info.annotation)
    return plain_type(get_args(at)[0]) if get_origin(at) is list else None


def _is_model(at: Any) -> bool:
    return isinstance(at, type) and issubclass(at, BaseModel)


M = TypeVar("M", bound=Input)


def validate(model: type[M], values: Mapping[str, Any]) -> M:
    """The validated input; a None in `values` means "not given". Raises InputError with a message per field."""
    try:
        made = model.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        raise _refusal((place_of(model, item["loc"]), _sentence(item)) for item in error.errors()) from error
    broken = list(made.rules())
    if broken:
        raise _refusal(iter(broken))
    return made


def _refusal(messages: Iterator[tuple[str, str]]) -> InputError:
    fields: dict[str, str] = {}
    for path, message in messages:
        said = fields.get(path, "")
        fields[path] = said if message in said else f"{said} {message}".strip()
    path, message = next(iter(fields.items()))
    more = f" ({len(fields) - 1} more)" if len(fields) > 1 else ""
    return InputError(f"{path}: {message}{more}", hint="Correct the marked fields.", fields=fields)


_WANTED = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
    "greater_than_equal": "Must be at least {ge:g}.",
    "greater_than": "Must be more than {gt:g}.",
    "less_than_equal": "Must be at most {le:g}.",
    "less_than": "Must be less than {lt:g}.",
    "multiple_of": "Must be a multiple of {multiple_of:g}.",
    "string_too_short": "Needs at least {min_length} characters.",
    "string_too_long": "Takes at most {max_length} characters.",
    "too_short": "Needs at least {min_length}.",
    "too_long": "Takes at most {max_length}.",
    "literal_error": "Must be {expected}.",
    "finite_number": "Must be a finite number.",
}
_TYPES = {
    "int": "Must be a whole number.",
    "float": "Must be a number.",
    "bool": "Must be true or false.",
    "string": "Must be text.",
    "list": "Must be a list.",
    "model": "Must be an object.",
}


def _sentence(item: ErrorDetails) -> str:
    """A pydantic error in words for a person who does not write code."""
    if item["type"] in _WANTED:
        return _WANTED[item["type"]].format(**item.get("ctx", {}))
    return _TYPES.get(item["type"].split("_")[0], item["msg"].rstrip(".") + ".")
