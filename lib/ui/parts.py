"""Several parts of one clip on the Trim page: marked one after the other, each listed with its length."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lib.errors import InputError
from lib.media.timing import frames_of, shown_at, timecode
from lib.media.trim import Span, part
from lib.ui.draft import Draft
from lib.ui.marking import IN, OUT, Marking
from lib.ui.text import count, plain

NAME = "parts"


@dataclass(frozen=True, slots=True)
class Parts:
    """The form's list of parts, as spans of the clip that is marked."""

    marking: Marking

    @property
    def draft(self) -> Draft:
        return self.marking.draft

    def draw(self) -> None:
        """A line for each part, with a way to mark it anew and one to remove it."""
        for place, row in enumerate(self.draft.rows(NAME), 1):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**Part {place}** {plain(self.words(row))}", width="content")
                for label, icon, act in (("Mark anew", "edit", self.mark_anew), ("Remove", "close", self.remove)):
                    st.button(
                        label, key=f"{self._key(row)}:{icon}", icon=f":material/{icon}:", type="tertiary",
                        help=f"{label}: part {place}", on_click=act, args=(row,),
                    )  # fmt: skip
            for said in self._errors(place - 1):
                st.markdown(f":red[:material/error: {plain(said)}]")

    def add(self) -> None:
        """The marked part joins those of the form, and the marks are free for the next one."""
        self.marking.hear()
        facts, first, end = self.marking.facts, self.marking.frame(IN) or 0, self.marking.frame(OUT)
        spec = next(spec for spec in self.draft.specs if spec.name == NAME)
        row = self.draft.add_row(spec, NAME)
        self.draft.state[f"{self._key(row)}.start"] = timecode(first, facts)
        self.draft.state[f"{self._key(row)}.end"] = timecode(frames_of(facts) if end is None else end, facts)
        self.marking.take(None, None)

    def mark_anew(self, row: int) -> None:
        """The part's ends become the marks, and it leaves the list."""
        self.marking.hear()
        span = self._span(row)
        if span is not None:
            self.marking.take(span.first, span.end)
            self._forget(row)

    def remove(self, row: int) -> None:
        self.marking.hear()
        self._forget(row)

    def words(self, row: int) -> str:
        """ "00:00:01:05 to 00:00:03:14, 60 pictures, 2.400 s": from its first picture to its last."""
        span, facts = self._span(row), self.marking.facts
        if span is None:
            return " to ".join(str(text) for text in self._texts(row) if text)
        length_s = float(shown_at(span.end, facts) - shown_at(span.first, facts))
        ends = f"{timecode(span.first, facts)} to {timecode(span.end - 1, facts)}"
        return f"{ends}, {count(span.frames, 'picture')}, {length_s:.3f} s"

    def _forget(self, row: int) -> None:
        self.draft.remove_row(NAME, row)
        self.draft.put_errors({path: said for path, said in self.draft.errors.items() if not path.startswith(NAME)})

    def _span(self, row: int) -> Span | None:
        start, end = self._texts(row)
        try:
            return part(self.marking.facts, start or "0", end)
        except InputError:  # said when it is pressed
            return None

    def _texts(self, row: int) -> tuple[str, str | None]:
        start, end = (self.draft.state.get(f"{self._key(row)}.{name}") for name in ("start", "end"))
        return str(start or ""), str(end) if end else None

    def _key(self, row: int) -> str:
        return self.draft.key(f"{NAME}.{row}")

    def _errors(self, place: int) -> list[str]:
        return [said for path, said in self.draft.errors.items() if path.startswith(f"{NAME}.{place}.")]
