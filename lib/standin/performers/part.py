"""A part to play: what a performer is given in its child process, and how it speaks to the stand-in."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO


class Refused(Exception):
    """The model would refuse this input: `field` is its path, `message` the sentence beside it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Part:
    """One performance. `values` is the validated input as JSON, `files` maps a field's path to a local file."""

    endpoint: str
    values: Mapping[str, Any]
    files: Mapping[str, Path]
    rehearsal: Mapping[str, bool]
    folder: Path
    seed: int
    threads: int
    variant: Mapping[str, str]
    out: TextIO

    @classmethod
    def read(cls, script: Mapping[str, Any], out: TextIO) -> Part:
        """The part described by a task file."""
        return cls(
            endpoint=script["endpoint"],
            values=script["values"],
            files={name: Path(path) for name, path in script["files"].items()},
            rehearsal=script["rehearsal"],
            folder=Path(script["folder"]),
            seed=script["seed"],
            threads=script["threads"],
            variant=script["variant"],
            out=out,
        )

    def log(self, message: str) -> None:
        """One line for the person who waits."""
        self.say({"log": message})

    def say(self, word: Mapping[str, Any]) -> None:
        print(json.dumps(word), file=self.out, flush=True)

    def file(self, field: str) -> Path:
        """The file given in that field; Refused when there is none."""
        if field not in self.files:
            raise Refused(field, "This field is required.")
        return self.files[field]

    def marked(self, field: str) -> bool:
        """Whether that file says of itself that it is from a rehearsal, and so carries the mark already."""
        return self.rehearsal.get(field, False)

    def progress(self, total: int | None) -> Progress:
        return Progress(self, total)


class Progress:
    """Says "frame 40 of 125" about ten times in a performance."""

    def __init__(self, part: Part, total: int | None) -> None:
        self._part = part
        self._total = total
        self._step = max(10, (total or 250) // 10)
        self._count = 0
        self._began_s = time.monotonic()

    def tick(self) -> None:
        self._count += 1
        if self._count % self._step == 0 and self._count != self._total:
            self._part.log(f"frame {self._count} of {self._total}" if self._total else f"frame {self._count}")

    def done(self) -> None:
        seconds = time.monotonic() - self._began_s
        self._part.log(f"{self._count} frames in {seconds:.1f} s")


@dataclass(frozen=True, slots=True)
class Played:
    """The result: output field -> file, and the other output fields."""

    files: Mapping[str, Path]
    values: Mapping[str, Any]
