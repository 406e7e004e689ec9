"""What a form shows, read off a model: one FieldSpec per field, in documented order; none can vanish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen, MultipleOf
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lib.catalog.fields import (
    Advanced,
    IgnoredWhen,
    Json,
    LongText,
    MediaKind,
    Newer,
    OneOrMore,
    Seed,
    Stated,
    marks_of,
    media_mark,
    wire_name,
)

FieldKind = Literal[
    "text", "long_text", "integer", "number", "boolean", "choice", "media", "media_list", "text_list", "object",
    "objects", "seed", "json",
]  # fmt: skip


NEWER = "The limits are from a newer page of the provider; the document states none."


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field of a form. `default` is what applies when nothing is given; None where the document states none.

    `minimum` and `maximum` bound a number, or the length of a list; `multiple_of` is the only size of step that its
    value may have. `media` is the kind of file of a media field, and `item` the fields of an "object", or of each
    object of an "objects" field. `choices` of a list are the only texts that it may hold; none means any text.
    `forms` says what may be written in a "json" field.
    """

    name: str
    title: str
    help: str
    kind: FieldKind
    required: bool
    default: Any = None
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    multiple_of: float | None = None
    media: MediaKind | None = None
    advanced: bool = False
    ignored: tuple[IgnoredWhen, ...] = ()
    item: tuple[FieldSpec, ...] = ()
    forms: str = ""


@cache
def fields(model: type[BaseModel]) -> tuple[FieldSpec, ...]:
    """The form of `model`, in documented order. Raises TypeError for a type that no widget can show."""
    return tuple(_spec(model, wire_name(name, info), info) for name, info in model.model_fields.items())


def ignored_now(spec: FieldSpec, values: Mapping[str, Any]) -> str | None:
    """Why the field has no effect beside these values of its siblings; None when it has one."""
    return next((mark.why for mark in spec.ignored if _holds(mark, values.get(mark.field))), None)


def title_of(name: str, info: FieldInfo) -> str:
    """A field's name for people: "Negative prompt"."""
    if info.title:
        return info.title
    stem = f"{name.removesuffix('_urls')}s" if name.endswith("_urls") else name.removesuffix("_url").removesuffix("_id")
    words = " ".join(_WORDS.get(word, word) for word in stem.split("_")).removesuffix(" of")
    return words[:1].upper() + words[1:] or name


_WORDS = {"num": "number of", "fps": "FPS", "loras": "LoRAs", "s": "(s)"}


def _spec(model: type[BaseModel], name: str, info: FieldInfo) -> FieldSpec:
    bare, marks = plain_type(info.annotation), marks_of(info)
    kind, media = _kind(f"{model.__name__}.{name}", bare, info), media_mark(info)
    stated = next((mark.default for mark in marks if isinstance(mark, Stated)), None)
    default = stated if info.is_required() else info.get_default(call_default_factory=True)
    least, most = bounds(marks, whole=bare is int)
    multiple_of: Any = next((mark.multiple_of for mark in marks if isinstance(mark, MultipleOf)), None)
    if kind == "number":
        # "5" in a document is no less a float: widgets want value, bounds and step of one type.
        default, least, most = (None if value is None else float(value) for value in (default, least, most))
    return FieldSpec(
        name=name,
        title=title_of(name, info),
        help=_help(info, marks),
        kind=kind,
        required=info.is_required(),
        default=default,
        choices=_choices(kind, bare),
        minimum=least,
        maximum=most,
        step=multiple_of or _step(kind, default),
        multiple_of=multiple_of,
        media=media.kind if media else None,
        advanced=any(isinstance(mark, Advanced) for mark in marks),
        ignored=tuple(_resolved(mark, model) for mark in marks if isinstance(mark, IgnoredWhen)),
        item=_item(kind, bare),
        forms=next((mark.forms for mark in marks if isinstance(mark, Json)), ""),
    )


def _item(kind: FieldKind, bare: Any) -> tuple[FieldSpec, ...]:
    if kind not in ("object", "objects"):
        return ()
    return fields(plain_type(get_args(bare)[0]) if kind == "objects" else bare)


def _choices(kind: FieldKind, bare: Any) -> tuple[Any, ...]:
    if kind == "text_list":
        bare = plain_type(get_args(bare)[0])
    return get_args(bare) if kind in ("choice", "text_list") and get_origin(bare) is Literal else ()


def _help(info: FieldInfo, marks: tuple[object, ...]) -> str:
    """The field's own text; limits that are not from its document say so."""
    text = info.description or ""
    return f"{text.rstrip('.')}. {NEWER}" if any(isinstance(mark, Newer) for mark in marks) else text


def plain_type(annotation: Any) -> Any:
    """The type without its marks and without None."""
    if get_origin(annotation) is Annotated:
        return plain_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        return plain_type(parts[0]) if len(parts) == 1 else annotation
    return annotation


def _kind(where: str, bare: Any, info: FieldInfo) -> FieldKind:
    marks = marks_of(info)
    told = next((kind for mark in marks if (kind := _TOLD.get(type(mark)))), None)
    if told is not None or get_origin(bare) is Literal:
        return told or "choice"
    if get_origin(bare) is list:
        return _list_kind(where, plain_type(get_args(bare)[0]), is_media=media_mark(info) is not None)
    if bare in (int, str):
        return _scalar_kind(bare, marks, is_media=media_mark(info) is not None)
    if bare in _PLAIN:
        return _PLAIN[bare]
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return "object"
    raise TypeError(f"No widget shows {where}, which is {bare!r}.")


def _scalar_kind(bare: type, marks: tuple[object, ...], *, is_media: bool) -> FieldKind:
    if bare is int:
        return "seed" if any(isinstance(mark, Seed) for mark in marks) else "integer"
    if is_media:
        return "media"
    return "long_text" if any(isinstance(mark, LongText) for mark in marks) else "text"


_TOLD: Mapping[type, FieldKind] = {Json: "json", OneOrMore: "media_list"}
_PLAIN: Mapping[Any, FieldKind] = {bool: "boolean", float: "number"}


def _list_kind(where: str, item: Any, *, is_media: bool) -> FieldKind:
    if item is str:
        return "media_list" if is_media else "text_list"
    if get_origin(item) is Literal and all(isinstance(choice, str) for choice in get_args(item)):
        return "text_list"
    if isinstance(item, type) and issubclass(item, BaseModel):
        return "objects"
    raise TypeError(f"No widget shows {where}, a list of {item!r}.")


def bounds(marks: tuple[object, ...], *, whole: bool) -> tuple[Any, Any]:
    """(least, most) that may be given; a whole number above 3 is at least 4."""
    past = 1 if whole else 0
    least = most = None
    for mark in marks:
        match mark:
            case Ge(ge=bound) | MinLen(min_length=bound):
                least = bound
            case Gt(gt=bound):
                least = bound + past  # type: ignore[operator]
            case Le(le=bound) | MaxLen(max_length=bound):
                most = bound
            case Lt(lt=bound):
                most = bound - past  # type: ignore[operator]
    return least, most


def _step(kind: FieldKind, default: Any) -> float | None:
    """A step of about a tenth of the usual size."""
    if kind == "number":
        return 0.5 if default is not None and default > 1 else 0.05
    return 1 if kind == "integer" else None


def _resolved(mark: IgnoredWhen, model: type[BaseModel]) -> IgnoredWhen:
    """The mark, knowing that a sibling which is not given stands at its default."""
    info = model.model_fields[mark.field]
    unsaid = None if info.is_required() else info.get_default(call_default_factory=True)
    return replace(mark, values=(*mark.values, None)) if _holds(mark, unsaid) else mark


def _holds(mark: IgnoredWhen, value: Any) -> bool:
    is_given = value is not None and value not in ("", [])
    # Types are compared too, since True == 1 in Python.
    return ("*" in mark.values and is_given) or any(type(v) is type(value) and v == value for v in mark.values)
