"""The marked part of a clip on the Trim page: between the player's picture numbers, typed moments and the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.catalog.cuts.trim import TRIM
from lib.errors import DailiesError, InputError
from lib.media.facts import Facts
from lib.media.timing import frame_at, frames_of, moment, timecode
from lib.ui.draft import Draft

IN, OUT = "in", "out"
FIELDS = {IN: ("start_frame", "start_s"), OUT: ("end_frame", "end_s")}
DRAWN = frozenset({"video_url", "start_s", "end_s", "start_frame", "end_frame"})


@dataclass(frozen=True, slots=True)
class Marking:
    """The draft of cut/trim, seen as marks on one clip."""

    draft: Draft
    facts: Facts

    def belong_to(self, sha256: str) -> None:
        """Forgets marks and parts that were made on another clip; the first clip takes what stands there."""
        name = f"{self.draft.slug}:marked"
        if self.draft.state.get(name, sha256) != sha256:
            self.take(None, None)
            for row in self.draft.rows("parts"):
                self.draft.remove_row("parts", row)
        self.draft.state[name] = sha256

    def frame(self, side: str) -> int | None:
        """The picture that is marked; None where nothing is, or where seconds say no more than the clip's ends."""
        number, seconds = (self.draft.state.get(self.draft.key(name)) for name in FIELDS[side])
        if number is not None:
            return int(number)
        return frame_at(float(seconds), self.facts) if seconds else None

    def words(self, side: str) -> str:
        """The mark as people write it: "00:00:01:21"."""
        frame = self.frame(side)
        return "" if frame is None else timecode(frame, self.facts)

    def mark(self, side: str, frame: int | None) -> None:
        """Marks a picture by its number, or nothing; what was said at the field is over."""
        number, seconds = FIELDS[side]
        self.draft.state[self.draft.key(number)] = frame
        self.draft.state[self.draft.key(seconds)] = 0.0 if side == IN else None
        self._say(side, "")

    def take(self, start_frame: int | None, end_frame: int | None) -> None:
        """The marks as the player has them."""
        self.mark(IN, start_frame)
        self.mark(OUT, end_frame)

    def type(self, side: str, text: str) -> None:
        """A moment typed by a person; a wrong one is said at its field and changes nothing."""
        try:
            self.mark(side, moment(text, self.facts) if text.strip() else None)
        except InputError as error:
            self._say(side, f"{error.message} {error.hint}".strip())

    def error(self, side: str) -> str:
        """What is wrong with a mark, by typing or by trying; ""."""
        return next((self.draft.errors[name] for name in FIELDS[side] if name in self.draft.errors), "")

    def kept(self) -> tuple[tuple[int, int], ...]:
        """The stretches that the result will show; nothing while the form does not make sense."""
        values = self.draft.values()
        try:
            made = TRIM.validate(values)
            work: Any = TRIM.build(made, _only(Path("clip")), _only(self.facts), Path("made.mp4"))
        except DailiesError:  # said where it is pressed
            return ()
        return tuple((part.first, part.end) for part in work.parts)

    def add_part(self) -> None:
        """The marked part joins those of the form, and the marks are free for the next one."""
        spec = next(spec for spec in self.draft.specs if spec.name == "parts")
        first, end = self.frame(IN) or 0, self.frame(OUT)
        row = self.draft.add_row(spec, "parts")
        self.draft.state[self.draft.key(f"parts.{row}.start")] = timecode(first, self.facts)
        end_words = timecode(frames_of(self.facts) if end is None else end, self.facts)
        self.draft.state[self.draft.key(f"parts.{row}.end")] = end_words
        self.take(None, None)

    def _say(self, side: str, message: str) -> None:
        others = {path: said for path, said in self.draft.errors.items() if path not in FIELDS[side]}
        self.draft.put_errors(others | ({FIELDS[side][0]: message} if message else {}))


def _only(value: Any) -> Mapping[str, Any]:
    return {"video_url": value}
