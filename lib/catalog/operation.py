"""An operation: an endpoint (hosted model) or a cut (local ffmpeg work), with one face."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from lib.catalog.fields import Input, Media, Output, Seed, leaves, marks_of, media_mark, wire_name
from lib.catalog.form import bounds
from lib.catalog.price import FREE, Price, PriceRule
from lib.catalog.validation import validate
from lib.media.asked import Work
from lib.media.facts import Facts

SEED_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What every operation has. `input` and `output` describe its fields; `example` is a body that validates."""

    local: ClassVar[bool]

    id: str
    title: str
    about: str
    input: type[Input]
    output: type[Output]
    price: PriceRule
    example: Mapping[str, Any]

    def validate(self, values: Mapping[str, Any]) -> Input:
        """The validated input. Raises InputError with a message per field."""
        return validate(self.input, values)

    def estimate(self, made: Input, facts: Mapping[str, Facts]) -> Price:
        """What `made` may cost, given the facts of its files by field name; missing facts make it Unknown."""
        return self.price(made, facts)

    @property
    def wire_id(self) -> str:
        """What the provider calls it."""
        return self.id.partition("@")[0]

    def media_in(self) -> dict[str, Media]:
        """Field name -> what kind of file it takes, for the top-level fields (also of lists: "ref_image_urls")."""
        return media_fields(self.input)

    def media_out(self) -> dict[str, Media]:
        """Output field -> what kind of file it gives."""
        return media_fields(self.output)

    def seed_field(self) -> str | None:
        """The name of the seed field, where there is one."""
        fields = self.input.model_fields.items()
        seeds = (wire_name(*field) for field in fields if any(isinstance(mark, Seed) for mark in marks_of(field[1])))
        return next(seeds, None)

    def draw_seed(self, values: Mapping[str, Any], rng: random.Random) -> dict[str, Any]:
        """The values with an open seed drawn, so that the body sent is the body seen."""
        name = self.seed_field()
        if name is None or values.get(name) is not None:
            return dict(values)
        least, most = bounds(marks_of(self.input.model_fields[name]), whole=True)
        return dict(values) | {name: rng.randrange(least or 0, min(SEED_LIMIT, (most or SEED_LIMIT) + 1))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Operation):
    """A hosted model. `price` estimates before; `source` names the document that the fields come from.

    `decisions` say, in short sentences, how contradictions inside the document were settled. `guessed` says why the id
    is a guess; it is empty where a document states it. A model that somebody added has the beginning of its document's
    hash in its id ("owner/app@0123456789ab"), so that a run keeps to what its form was read from.
    """

    local: ClassVar[bool] = False
    family: str
    source: str
    decisions: tuple[str, ...] = ()
    guessed: str = ""

    @property
    def app(self) -> str:
        """owner/alias: the path under which status, result and cancel live (queue-protocol 2.1)."""
        return "/".join(self.wire_id.split("/")[:2])

    @property
    def added(self) -> bool:
        """Whether somebody added it by its id, so that its form was read off a document and promises less."""
        return "@" in self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut(Operation):
    """Local ffmpeg work: free, and pure until it is run. `build(input, files, facts, output)` gives the work as data.

    `files` maps each media field to a local path (a list of paths for a list field) and `facts` likewise.
    `suffix` is the ending of the file it makes (".mp4", ".png"), or `endings` says which one each value of its field
    `format` gives. A cut of `many` files fills a list field: its output is the pattern "%04d" with that ending, in a
    folder of its own.
    """

    local: ClassVar[bool] = True
    price: PriceRule = FREE
    build: Callable[..., Work]
    suffix: str
    endings: Mapping[str, str] = field(default_factory=dict)
    many: bool = False

    def ending(self, made: Input) -> str:
        """The ending of the file that it makes for this input."""
        return self.endings.get(getattr(made, "format", ""), self.suffix)


Kind_co = TypeVar("Kind_co", bound=Operation, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Family(Generic[Kind_co]):
    """The operations that share one page. `slug` is its address and the name of its module."""

    slug: str
    title: str
    about: str
    operations: tuple[Kind_co, ...]


def media_fields(model: type[BaseModel]) -> dict[str, Media]:
    """Field name -> Media mark, for the fields of `model` that hold a file, or a plain list of files."""
    marked = ((wire_name(name, info), media_mark(info)) for name, info in model.model_fields.items())
    return {name: mark for name, mark in marked if mark is not None}


def media_given(made: BaseModel) -> Iterator[tuple[str, str, Media]]:
    """(path, address, mark) of every file that an input names, down into its lists: "images.0.image_url"."""
    for path, info, value in leaves(made):
        mark = media_mark(info)
        if mark is not None and value and isinstance(value, str):
            yield path, value, mark
