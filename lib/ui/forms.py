"""A form drawn from fields: required ones first, then the rest, the advanced ones folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import streamlit as st

from lib.catalog.form import FieldSpec, ignored_now
from lib.studio import Studio
from lib.ui.draft import LISTS, Draft
from lib.ui.held import held_by
from lib.ui.names import one_of
from lib.ui.picker import Slot, media_field, media_slot
from lib.ui.text import plain
from lib.ui.widgets import Face, draw, is_short, label_of

UP, DOWN, COPY = "Move up", "Move down", "Duplicate"


@dataclass(frozen=True, slots=True)
class Form:
    """Draws a draft but for the fields that were `drawn` elsewhere.

    `remarks` are gentle words by path, beside what `draft.errors` says.
    """

    studio: Studio
    draft: Draft
    remarks: Mapping[str, str]
    drawn: frozenset[str] = frozenset()

    def draw(self) -> None:
        """Every field of the draft."""
        specs = self.draft.specs
        here = [spec for spec in specs if spec.name not in self.drawn]
        self._draw_all([spec for spec in here if spec.required], specs)
        self._draw_all([spec for spec in here if not spec.required and not spec.advanced], specs)
        advanced = [spec for spec in here if not spec.required and spec.advanced]
        if advanced:
            changed = self.draft.changed(advanced)
            words = f"Advanced ({changed} changed)" if changed else "Advanced"
            with st.expander(words, key=f"{self.draft.slug}:advanced", expanded=self._is_wrong(advanced)):
                self._draw_all(advanced, specs)

    def _is_wrong(self, specs: Sequence[FieldSpec]) -> bool:
        names = {spec.name for spec in specs}
        return any(path.split(".")[0] in names for path in self.draft.errors)

    def _draw_all(self, specs: Sequence[FieldSpec], siblings: Sequence[FieldSpec], under: str = "") -> None:
        """Short fields share a row, the others have one each. `siblings` decide what is ignored."""
        shown = self.draft.shown(siblings, under)
        for short, group in groupby(specs, key=is_short):
            grid = st.grid(2 if short else 1, min_column_width=180, gap="small")
            for spec in group:
                with grid.cell():
                    self._draw(spec, f"{under}{spec.name}", ignored_now(spec, shown))

    def _draw(self, spec: FieldSpec, path: str, ignored: str | None) -> None:
        self.draft.ensure(spec, path)
        disabled = ignored is not None
        if spec.kind == "media":
            slot = Slot(self.draft, path, str(spec.media), disabled)
            media_field(self.studio, slot, label_of(spec), spec.help, boxed=path == spec.name)
        elif spec.kind == "object":
            self._draw_object(spec, path, disabled=disabled)
        elif spec.kind in LISTS:
            self._draw_list(spec, path, disabled=disabled)
        else:
            draw(spec, Face(self.draft.key(path), disabled))
        self._say(path, ignored)

    def _say(self, path: str, ignored: str | None = None) -> None:
        """What there is to say at a field, right below it: wrong, without effect, or probably not meant."""
        place = self.draft.place(path)
        if place in self.draft.errors:
            st.markdown(f":red[:material/error: {plain(self.draft.errors[place])}]")
        if ignored:
            st.caption(f"No effect: {plain(ignored)}")
        elif place in self.remarks:
            st.caption(f":orange[{plain(self.remarks[place])}]")

    def _draw_object(self, spec: FieldSpec, path: str, *, disabled: bool) -> None:
        """The fields of one object in a box; one that may be left out is added first."""
        with st.container(border=True, gap="small"):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.markdown(label_of(spec), help=plain(spec.help) or None, width="content")
                there = spec.required or bool(self.draft.rows(path))
                if not spec.required:
                    st.button(
                        "Leave out" if there else "Add", key=f"{self.draft.key(path)}:there", type="tertiary",
                        icon=":material/close:" if there else ":material/add:", disabled=disabled,
                        on_click=self.draft.remove_row if there else self.draft.add_card,
                        args=(path, 0) if there else (spec, path),
                    )  # fmt: skip
            if there:
                self._draw_all(spec.item, spec.item, f"{path}.")

    def _draw_list(self, spec: FieldSpec, path: str, *, disabled: bool) -> None:
        st.markdown(label_of(spec), help=plain(spec.help) or None)
        one, rows = one_of(spec.name), self.draft.rows(path)
        for number, row in enumerate(rows, 1):
            with st.container(border=True, gap="small"):
                held = held_by(self.studio, self.draft, spec, f"{path}.{row}")
                self._draw_card_head(spec, path, row, f"{one} {number}", held, disabled=disabled)
                self._draw_card(spec, f"{path}.{row}", disabled=disabled)
        full = spec.maximum is not None and len(rows) >= spec.maximum
        st.button(
            f"Add {'an' if one == 'entry' else 'a'} {one}", key=f"{self.draft.key(path)}:add",
            disabled=disabled or full, icon=":material/add:", on_click=self.draft.add_card, args=(spec, path),
        )  # fmt: skip

    def _draw_card_head(self, spec: FieldSpec, path: str, row: int, name: str, held: str, *, disabled: bool) -> None:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            title = f"**{name[:1].upper()}{name[1:]}**"
            st.markdown(f"{title} :small[:gray[{plain(held)}]]" if held else title, width="content")
            with st.container(horizontal=True, width="content", gap="xsmall"):
                self._draw_more(spec, path, row, name, disabled=disabled)
                st.button(
                    "Remove", key=f"{self.draft.key(path)}.{row}:remove", type="tertiary", icon=":material/close:",
                    help=f"Remove {name}", disabled=disabled, on_click=self.draft.remove_row, args=(path, row),
                )  # fmt: skip

    def _draw_more(self, spec: FieldSpec, path: str, row: int, name: str, *, disabled: bool) -> None:
        """What can be done with a card beside removing it; nothing to move where it is the only one."""
        rows = self.draft.rows(path)
        place = rows.index(row)
        full = spec.maximum is not None and len(rows) >= spec.maximum
        can = {UP: place > 0, DOWN: place < len(rows) - 1, COPY: not full}
        key = f"{self.draft.key(path)}.{row}:more"
        st.menu_button(
            "More", [way for way, possible in can.items() if possible], key=key, type="tertiary",
            help=f"More for {name}", disabled=disabled or not any(can.values()), on_click=self._do_more,
            args=(key, spec, path, row),
        )  # fmt: skip

    def _do_more(self, key: str, spec: FieldSpec, path: str, row: int) -> None:
        chosen = st.session_state[key]
        if chosen == COPY:
            self.draft.copy_row(spec, path, row)
        else:
            self.draft.move_row(path, row, -1 if chosen == UP else 1)

    def _draw_card(self, spec: FieldSpec, path: str, *, disabled: bool) -> None:
        if spec.kind == "media_list":
            media_slot(self.studio, Slot(self.draft, path, str(spec.media), disabled))
            self._say(path)
        else:
            self._draw_all(spec.item, spec.item, f"{path}.")
