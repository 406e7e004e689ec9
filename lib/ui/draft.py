"""The values of one form while it is being filled in; they live in the session under "{slug}.{path}".

A path names a field as messages do ("images.0.image_url"), except that a place in a list is a lasting row number, so
that removing one card does not move the values of the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.catalog.form import FieldSpec, ignored_now
from lib.catalog.operation import Operation
from lib.ui.written import read_json, write_json

LISTS = ("objects", "media_list")
FILES = ("media", "media_list")
PRESENT = [0]
"""The rows of an object that is there: it has one, and its fields stand right below it."""


def slug_of(made: Operation) -> str:
    """ "fal-ai/pixverse/extend/fast" -> "pixverse-extend-fast": the first part of every key of its form."""
    return made.id.removeprefix("fal-ai/").replace("/", "-")


@dataclass(frozen=True, slots=True)
class Draft:
    """One form's values. `state` is the session's, or any mapping."""

    slug: str
    specs: tuple[FieldSpec, ...]
    state: MutableMapping[Any, Any]

    def key(self, path: str) -> str:
        """Where the value of a field is kept, and the key of its widget."""
        return f"{self.slug}.{path}"

    def values(self) -> dict[str, Any]:
        """What would be sent: what differs from its default, and what an example gave and nobody changed."""
        return self._object(self.specs, "")

    def shown(self, specs: Iterable[FieldSpec], under: str) -> dict[str, Any]:
        """What stands in the fields now, defaults included."""
        return {spec.name: self._value(spec, f"{under}{spec.name}") for spec in specs}

    def fill(self, values: Mapping[str, Any]) -> None:
        """Takes these values and the defaults of all others."""
        self.clear()
        self._fill(self.specs, "", values)

    def clear(self) -> None:
        """Back to the defaults, with no file chosen."""
        for spec in self.specs:
            self.put_default(spec, spec.name)
        self.said_nothing()

    def said_nothing(self) -> None:
        """Nothing was given, is wrong or is being made."""
        self._put_given({})
        self.put_errors({})
        self.put_making({})

    def ensure(self, spec: FieldSpec, path: str) -> None:
        """Gives a field its default where it has no value yet."""
        if self.key(path) not in self.state:
            self.put_default(spec, path)

    def rows(self, path: str) -> list[int]:
        """The lasting numbers of a list's cards, in order; of an object, whether it is there."""
        kept = self.state.get(self.key(path))
        return list(kept) if isinstance(kept, list) else []

    def add_card(self, spec: FieldSpec, path: str) -> None:
        """As `add_row`, for a button; an object comes with its defaults."""
        if spec.kind != "object":
            self.add_row(spec, path)
            return
        for item in spec.item:
            self.put_default(item, f"{path}.{item.name}")
        self.state[self.key(path)] = PRESENT

    def add_row(self, spec: FieldSpec, path: str) -> int:
        """A new card at the end; its number."""
        made = self.state.get(f"{self.slug}:row", 0) + 1
        self.state[f"{self.slug}:row"] = made
        self.state[self.key(path)] = [*self.rows(path), made]
        for item in spec.item:
            self.put_default(item, f"{path}.{made}.{item.name}")
        return int(made)

    def remove_row(self, path: str, row: int) -> None:
        self.put_rows(path, [kept for kept in self.rows(path) if kept != row])

    def move_row(self, path: str, row: int, by: int) -> None:
        """The card some places further down (up, where `by` is below 0), as far as there are places."""
        others = [kept for kept in self.rows(path) if kept != row]
        place = min(max(self.rows(path).index(row) + by, 0), len(others))
        self.put_rows(path, [*others[:place], row, *others[place:]])

    def copy_row(self, spec: FieldSpec, path: str, row: int) -> int:
        """The same card once more, right after it, with all that it holds; its number."""
        made = self.add_row(spec, path)
        self._copy(spec, f"{path}.{row}", f"{path}.{made}")
        self.move_row(path, made, self.rows(path).index(row) + 1 - self.rows(path).index(made))
        return made

    def changed(self, specs: Iterable[FieldSpec]) -> int:
        """How many of these fields a person moved away from their default, or from what the example gave."""
        given = self._given
        return sum(
            not _blank(now := self._value(spec, spec.name)) and now not in (spec.default, given.get(spec.name))
            for spec in specs
        )

    @property
    def errors(self) -> dict[str, str]:
        """Messages by the path that `InputError.fields` uses: places in lists, not row numbers."""
        return dict(self.state.get(f"{self.slug}:errors", {}))

    def put_errors(self, messages: Mapping[str, str]) -> None:
        """These messages, and no others."""
        self.state[f"{self.slug}:errors"] = dict(messages)

    @property
    def making(self) -> dict[str, Mapping[str, Any]]:
        """What is being cut for a field just now, by its path: the "run", and the file that stood there "before"."""
        return dict(self.state.get(f"{self.slug}:making", {}))

    def put_making(self, making: Mapping[str, Mapping[str, Any]]) -> None:
        """These, and no others: a field of which nothing is said waits for nothing."""
        self.state[f"{self.slug}:making"] = dict(making)

    def place(self, path: str) -> str:
        """The path as messages write it: "images.7.image_url" -> "images.0.image_url"."""
        parts = path.split(".")
        placed = list(parts)
        for at in range(1, len(parts)):
            rows = self.rows(".".join(parts[:at]))
            if parts[at].isdigit() and int(parts[at]) in rows:
                placed[at] = str(rows.index(int(parts[at])))
        return ".".join(placed)

    def put_rows(self, path: str, rows: Sequence[int]) -> None:
        """Messages name cards by their place, so those of this list go when places change."""
        under = f"{self.place(path)}."
        self.put_errors({at: message for at, message in self.errors.items() if not at.startswith(under)})
        self.state[self.key(path)] = list(rows)

    def _copy(self, spec: FieldSpec, old: str, new: str) -> None:
        """All that stands in one card, or in a field of it, into another; lists inside get rows of their own."""
        if spec.kind == "media_list":
            self.state[self.key(new)] = self.state.get(self.key(old))
        for item in spec.item:
            within, into = f"{old}.{item.name}", f"{new}.{item.name}"
            if item.kind in LISTS:
                for row in self.rows(within):
                    self._copy(item, f"{within}.{row}", f"{into}.{self.add_row(item, into)}")
            else:
                self.state[self.key(into)] = self._value(item, within)

    @property
    def _given(self) -> dict[str, Any]:
        return dict(self.state.get(f"{self.slug}:given", {}))

    def _put_given(self, values: Mapping[str, Any]) -> None:
        self.state[f"{self.slug}:given"] = dict(values)

    def _object(self, specs: Sequence[FieldSpec], under: str) -> dict[str, Any]:
        shown = self.shown(specs, under)
        return {
            spec.name: shown[spec.name]
            for spec in specs
            if self._is_sent(spec, f"{under}{spec.name}", shown[spec.name], ignored=bool(ignored_now(spec, shown)))
        }

    def _is_sent(self, spec: FieldSpec, path: str, value: Any, *, ignored: bool) -> bool:
        given = self._given
        if path in given and given[path] == value:
            return True
        if _blank(value) and (spec.kind != "json" or value is None):
            return not _blank(spec.default) and not ignored and spec.kind in ("text", "long_text", "text_list")
        return not ignored and (spec.required or value != spec.default)

    def _value(self, spec: FieldSpec, path: str) -> Any:
        if spec.kind == "objects":
            return [self._object(spec.item, f"{path}.{row}.") for row in self.rows(path)]
        if spec.kind == "media_list":
            files = (self.state.get(self.key(f"{path}.{row}")) for row in self.rows(path))
            return [file for file in files if file]
        if spec.kind == "object":
            return self._object(spec.item, f"{path}.") if spec.required or self.rows(path) else None
        held = self.state.get(self.key(path), _typed(spec, spec.default))
        return read_json(held) if spec.kind == "json" else held

    def put_default(self, spec: FieldSpec, path: str) -> None:
        """The field's default, whatever stands there."""
        if spec.kind == "object":
            for item in spec.item:
                self.put_default(item, f"{path}.{item.name}")
            self.state[self.key(path)] = PRESENT if spec.required else []
            return
        self.state[self.key(path)] = [] if spec.kind in LISTS else _typed(spec, spec.default)

    def _fill(self, specs: Iterable[FieldSpec], under: str, values: Mapping[str, Any]) -> None:
        for spec in specs:
            if spec.name not in values:
                continue
            path, value = f"{under}{spec.name}", values[spec.name]
            if spec.kind == "objects":
                for item in value or []:
                    self._fill(spec.item, f"{path}.{self.add_row(spec, path)}.", item)
            elif spec.kind == "object":
                self.state[self.key(path)] = PRESENT
                self._fill(spec.item, f"{path}.", value or {})
            elif spec.kind == "media_list":
                for item in [value] if isinstance(value, str) else value or []:
                    self.state[self.key(f"{path}.{self.add_row(spec, path)}")] = item
            else:
                self.state[self.key(path)] = _typed(spec, value)
            self._put_given(self._given | {path: self._value(spec, path)})


def _blank(value: Any) -> bool:
    return value is None or value in ("", [])


def _typed(spec: FieldSpec, value: Any) -> Any:
    """The value as its widget wants it: a whole number is no float there, and no text is an empty one."""
    if spec.kind in ("text", "long_text"):
        return value or ""
    if spec.kind == "json":
        return write_json(value)
    if spec.kind == "text_list":
        return list(value or [])
    if value is None or spec.kind not in ("number", "integer"):
        return value
    return float(value) if spec.kind == "number" else int(value)
