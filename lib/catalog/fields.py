"""What an operation's fields are made of: marks on types, and the base of all inputs.

A field is written once in its family module. Its pydantic type and `Field` carry type, bounds, default and text; the
marks below carry what JSON Schema has no word for. They stand in `model_fields[...].metadata` and do not leak into the
schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from lib.errors import InputError

MediaKind = Literal["video", "image", "audio", "media", "scene", "weights"]
"""What a field takes; "media" is any of the first three."""


@dataclass(frozen=True, slots=True)
class Media:
    """The field holds the address of a file of this kind."""

    kind: MediaKind


@dataclass(frozen=True, slots=True)
class Advanced:
    """Folded away in the form until somebody wants it."""


@dataclass(frozen=True, slots=True)
class LongText:
    """Several lines of text, such as a prompt."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed: where it is left open it is drawn when the take is made, and shown."""


@dataclass(frozen=True, slots=True)
class IgnoredWhen:
    """The field has no effect while `field` has one of `values` ("*": any given value); `why` is said beside it."""

    field: str
    values: tuple[Any, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Newer:
    """The document states no limits for this field; those it has are from a newer page (queue-protocol 7.4)."""


def _digits(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


VideoIn = Annotated[str, Media("video")]
ImageIn = Annotated[str, Media("image")]
AudioIn = Annotated[str, Media("audio")]
MediaIn = Annotated[str, Media("media")]
WeightsIn = Annotated[str, Media("weights")]
Prompt = Annotated[str, LongText()]
SeedIn = Annotated[int | None, Seed()]
Digits = BeforeValidator(_digits)
"""On an enum of whole numbers: "16" is taken as 16, since documents write such defaults as text and send numbers."""


def fits(wanted: str, given: str) -> bool:
    """Whether a field for one kind of file takes a file of another."""
    return wanted == given or (wanted == "media" and given in ("video", "image", "audio"))


def marks_of(info: FieldInfo) -> tuple[object, ...]:
    """The marks on a field, on the parts of its union, and on the items of its list."""
    return (*info.metadata, *_marks_in(info.annotation))


def _marks_in(annotation: Any) -> Iterator[object]:
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from _marks_in(part)


def media_mark(info: FieldInfo) -> Media | None:
    """What kind of file the field holds, if it holds one (or a plain list of them)."""
    return next((mark for mark in marks_of(info) if isinstance(mark, Media)), None)


class Item(BaseModel):
    """An object inside a list of an input."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Input(Item):
    """The input of an operation: validates a body, and gives the body that is sent."""

    def payload(self) -> dict[str, Any]:
        """The JSON body: the fields that were given, in documented order; None is "not sent".

        Whole floats become integers, as the documents write them.
        """
        body = self.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        return {name: _plain(value) for name, value in body.items()}

    def rules(self) -> Iterator[tuple[str, str]]:
        """(field, message) for each rule across fields, or each value that cannot mean anything."""
        for path, info, value in leaves(self):
            if info.is_required() and media_mark(info) and not value:
                yield path, "Choose a file."

    def remarks(self) -> Iterator[tuple[str, str]]:
        """(field, message) for what is allowed but probably not meant."""
        return iter(())


def leaves(made: BaseModel, under: str = "") -> Iterator[tuple[str, FieldInfo, Any]]:
    """(path, field, value) of every plain value, down into lists and their objects: "images.0.image_url"."""
    for name, info in type(made).model_fields.items():
        value = getattr(made, name)
        parts = enumerate(value) if isinstance(value, list) else [("", value)]
        for place, part in parts:
            path = f"{under}{name}" if place == "" else f"{under}{name}.{place}"
            if isinstance(part, BaseModel):
                yield from leaves(part, f"{path}.")
            else:
                yield path, info, part


def too_small(made: Item, least: int, *names: str) -> Iterator[tuple[str, str]]:
    """A rule for values that cannot mean anything (no frames at all) where the document states no bound."""
    for name in names:
        value = getattr(made, name)
        if value is not None and value < least:
            yield name, f"Must be at least {least}."


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


class File(BaseModel):
    """A file that an endpoint returns. Some pages leave `file_data` out of this type; it is optional anyway."""

    model_config = ConfigDict(extra="allow")

    url: str = Field(description="The URL where the file can be downloaded from.")
    content_type: str | None = Field(None, description="The mime type of the file.")
    file_name: str | None = Field(None, description="The name of the file. It will be auto-generated if not provided.")
    file_size: int | None = Field(None, description="The size of the file in bytes.")
    file_data: str | None = Field(None, description="File data")


class VideoFile(File):
    """A returned video with its facts."""

    width: int | None = Field(None, description="The width of the video")
    height: int | None = Field(None, description="The height of the video")
    fps: float | None = Field(None, description="The FPS of the video")
    duration: float | None = Field(None, description="The duration of the video")
    num_frames: int | None = Field(None, description="The number of frames in the video")


VideoOut = Annotated[File, Media("video")]
VideoFileOut = Annotated[VideoFile, Media("video")]
ImageOut = Annotated[File, Media("image")]
AudioOut = Annotated[File, Media("audio")]
SceneOut = Annotated[File, Media("scene")]
VideoAddressOut = Annotated[str, Media("video")]
ImageAddressOut = Annotated[str, Media("image")]
"""A file of which no more than the address is returned."""


class Output(BaseModel):
    """What an operation returns; fields that the document does not name are kept."""

    model_config = ConfigDict(extra="allow")


def path_of(loc: tuple[int | str, ...]) -> str:
    """A field's path in words that forms use: ("body", "loras", 0, "path") is "loras.0.path"."""
    return ".".join(str(part) for part in (loc[1:] if loc[:1] == ("body",) else loc))


M = TypeVar("M", bound=Input)


def validate(model: type[M], values: Mapping[str, Any]) -> M:
    """The validated input; a None in `values` means "not given". Raises InputError with a message per field."""
    try:
        made = model.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        raise _refusal((path_of(item["loc"]), _sentence(item)) for item in error.errors()) from error
    broken = list(made.rules())
    if broken:
        raise _refusal(iter(broken))
    return made


def _refusal(messages: Iterator[tuple[str, str]]) -> InputError:
    fields: dict[str, str] = {}
    for path, message in messages:
        fields[path] = f"{fields[path]} {message}" if path in fields else message
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
