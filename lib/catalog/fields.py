"""What an operation's fields are made of: marks on types, and the base of all inputs.

A field is written once in its family module. Its pydantic type and `Field` carry type, bounds, default and text; the
marks below carry what JSON Schema has no word for. They stand in `model_fields[...].metadata` and do not leak into the
schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

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


@dataclass(frozen=True, slots=True)
class Unread:
    """What somebody wrote as JSON and is none; `why` is said beside the field."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Json:
    """No widget draws this field: its value is written as JSON, and judged by the field's type.

    `forms` says what may be written, for people.
    """

    forms: str = ""

    def __get_pydantic_core_schema__(self, source: Any, inner: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_read_already, inner(source))


def _read_already(value: Any) -> Any:
    if isinstance(value, Unread):
        raise PydanticCustomError("unread", "{why}", {"why": value.why})
    return value


@dataclass(frozen=True, slots=True)
class OneOrMore:
    """The field takes one file or a list of them; the form shows a list."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A required field for which the document states a default: the form begins with it and always sends it."""

    default: Any


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


def wire_name(name: str, info: FieldInfo) -> str:
    """What a body calls the field; Python cannot call a few of them so."""
    return name if info.alias is None else info.alias


def field_named(model: type[BaseModel], wire: str) -> FieldInfo | None:
    """The field that a body calls so."""
    return next((info for name, info in model.model_fields.items() if wire_name(name, info) == wire), None)


class Item(BaseModel):
    """An object inside a list of an input."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True)


class Input(Item):
    """The input of an operation: validates a body, and gives the body that is sent."""

    def payload(self) -> dict[str, Any]:
        """The JSON body: the fields that were given, in documented order; None is "not sent".

        Whole floats become integers, as the documents write them.
        """
        body = self.model_dump(mode="json", exclude_unset=True, exclude_none=True, by_alias=True)
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
        wire = wire_name(name, info)
        for place, part in parts:
            path = f"{under}{wire}" if place == "" else f"{under}{wire}.{place}"
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

    model_config = ConfigDict(extra="allow", defer_build=True)

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

    model_config = ConfigDict(extra="allow", defer_build=True)
