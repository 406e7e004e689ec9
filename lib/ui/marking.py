"""The marked part of a clip on a Cut page: between the player's picture numbers, typed moments and the form.

On screen Out is the last picture that still belongs to the part, in the player as in the fields; in the form behind it
`end_frame` is the first one that does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.catalog.operation import Cut
from lib.errors import DailiesError, InputError
from lib.media.facts import Facts
from lib.media.timing import frame_at, frames_of, moment, timecode
from lib.store.views import Asset
from lib.ui.clip_player import Marks, hear
from lib.ui.draft import Draft

IN, OUT = "in", "out"
FIELDS = {IN: ("start_frame", "start_s"), OUT: ("end_frame", "end_s")}
DRAWN = frozenset({"video_url", "start_s", "end_s", "start_frame", "end_frame"})


def player_key(draft: Draft) -> str:
    """The key of the player above that form."""
    return f"{draft.slug}:player"


@dataclass(frozen=True, slots=True)
class Marking:
    """The draft of a cut that takes a part of a clip, seen as marks on that clip."""

    draft: Draft
    asset: Asset

    @property
    def facts(self) -> Facts:
        return self.asset.facts

    def belong(self) -> None:
        """Forgets marks and parts that were made on another clip; the first clip takes what stands there."""
        name, sha256 = f"{self.draft.slug}:marked", self.asset.sha256
        if self.draft.state.get(name, sha256) != sha256:
            self.take(None, None)
            for row in self.draft.rows("parts"):
                self.draft.remove_row("parts", row)
        self.draft.state[name] = sha256

    def hear(self) -> None:
        """Takes what the player said last; a callback that reads marks begins with it."""
        hear(player_key(self.draft), self.asset.sha256, self.follow)

    def follow(self, marks: Marks) -> None:
        """Takes the marks that were moved."""
        for side, frame in ((IN, marks.start_frame), (OUT, marks.end_frame)):
            if FIELDS[side][0] in marks.moved:
                self.mark(side, frame)

    def frame(self, side: str) -> int | None:
        """The picture that is marked, for OUT the first one after; None where nothing is, or where seconds say no more
        than the clip's ends.
        """
        number, seconds = (self.draft.state.get(self.draft.key(name)) for name in FIELDS[side])
        if number is not None:
            return int(number)
        return frame_at(float(seconds), self.facts) if seconds else None

    def words(self, side: str) -> str:
        """The mark as people write it: "00:00:01:21"; for OUT, of the last picture."""
        frame = self.frame(side)
        return "" if frame is None else timecode(frame if side == IN else max(frame - 1, 0), self.facts)

    def mark(self, side: str, frame: int | None) -> None:
        """Marks a picture by its number (for OUT the first one after), or nothing; what was said there is over."""
        number, seconds = FIELDS[side]
        self.draft.state[self.draft.key(number)] = frame
        self.draft.state[self.draft.key(seconds)] = 0.0 if side == IN else None
        self._say(side, "")

    def take(self, start_frame: int | None, end_frame: int | None) -> None:
        """Both marks at once."""
        self.mark(IN, start_frame)
        self.mark(OUT, end_frame)

    def type(self, side: str, text: str) -> None:
        """A moment typed by a person; a wrong one is said at its field and changes nothing."""
        self.hear()
        try:
            frame = moment(text, self.facts) if text.strip() else None
        except InputError as error:
            self._say(side, f"{error.message} {error.hint}".strip())
            return
        past = frame is not None and side == OUT
        self.mark(side, min(int(frame or 0) + 1, frames_of(self.facts)) if past else frame)

    def error(self, side: str) -> str:
        """What is wrong with a mark, by typing or by trying; ""."""
        return next((self.draft.errors[name] for name in FIELDS[side] if name in self.draft.errors), "")

    def _say(self, side: str, message: str) -> None:
        others = {path: said for path, said in self.draft.errors.items() if path not in FIELDS[side]}
        self.draft.put_errors(others | ({FIELDS[side][0]: message} if message else {}))


def work_of(made: Cut, draft: Draft, facts: Facts) -> Any | None:
    """What the cut would do to the clip, as the form stands; None where it does not make sense."""
    try:
        return made.build(made.validate(draft.values()), _only(Path("clip")), _only(facts), Path("made.mp4"))
    except DailiesError:  # said where it is pressed
        return None


def _only(value: Any) -> Mapping[str, Any]:
    return {"video_url": value}
