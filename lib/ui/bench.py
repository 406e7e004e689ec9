"""The chain that a session builds: its history, kept in the store after each change, so that a reload loses nothing."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, MutableMapping
from typing import Any

import streamlit as st

from lib.catalog import operation
from lib.catalog.form import FieldSpec, fields
from lib.chain.board import Board, History, read_board, record_of
from lib.chain.edit import put_input
from lib.chain.files import ASSET
from lib.chain.model import ChainInput, Step
from lib.chain.reference import references
from lib.errors import DailiesError, NotFound
from lib.studio import Studio
from lib.ui.draft import Draft
from lib.ui.samples import sample_asset

BOARD = "board"
"""Names the chain in the address of its page."""
OPEN, SAID, ID, PAST = "bench:open", "bench:said", "bench:id", "bench:history"


class Bench:
    """The board of this session and what is being done to it."""

    def __init__(self, studio: Studio, state: MutableMapping[Any, Any]) -> None:
        self.studio = studio
        self.state = state
        self._find()
        self._take_forms()

    @property
    def board(self) -> Board:
        return self.history.now

    @property
    def history(self) -> History:
        found: History = self.state[PAST]
        return found

    @property
    def id(self) -> str:
        """Of the board in the store: runs that are started from it belong together."""
        return str(self.state[ID])

    @property
    def anew_key(self) -> str:
        return f"bench:anew:{self.id}"

    @property
    def anew(self) -> bool:
        """Whether nothing that was made before is used again."""
        return bool(self.state.get(self.anew_key))

    @property
    def open(self) -> str | None:
        """The step whose settings are shown."""
        return self.state.get(OPEN)

    def show(self, step: str | None) -> None:
        """Opens the settings of a step, and closes those of another."""
        self.state[OPEN] = step

    def change(self, act: Callable[[Board], Board]) -> None:
        """Makes a change and keeps it. One that cannot be is said on the page."""
        try:
            self._put(self.history.changed(act(self.board)))
        except DailiesError as error:
            self.state[SAID] = error.record()

    def undo(self) -> None:
        self._put(self.history.undone())

    def redo(self) -> None:
        self._put(self.history.redone())

    def said(self) -> dict[str, Any] | None:
        """Why the last change could not be made, once."""
        said: dict[str, Any] | None = self.state.pop(SAID, None)
        return said

    def draft(self, step: Step) -> Draft:
        """The form of a step's settings."""
        return Draft(f"bench-{step.id}", self.settings(step), self.state)

    def settings(self, step: Step) -> tuple[FieldSpec, ...]:
        """The fields that are no files of the chain, and do not take a value of another step."""
        led = {path.partition(".")[0] for path, _ in references(step.input)}
        specs = fields(operation(step.operation).input)
        return tuple(spec for spec in specs if not is_file(spec) and spec.name not in led)

    def files(self) -> Draft:
        """The form of the chain's own files."""
        specs = tuple(
            FieldSpec(name=name, title=name, help="", kind="media", required=True, media=one.kind)
            for name, one in self.board.inputs.items()
        )
        return Draft("bench-files", specs, self.state)

    def given(self) -> dict[str, str]:
        """The SHA-256 of each file of the chain that was chosen, by its name."""
        values = self.files().values()
        return {name: values[name].removeprefix(ASSET) for name in self.board.inputs if values.get(name)}

    def _find(self) -> None:
        named = st.query_params.get(BOARD)
        if PAST in self.state and named in (None, self.state[ID]):
            return
        self.state[ID] = named or secrets.token_hex(16)
        try:
            board = read_board(self.studio.store.boards.get(named)) if named else Board()
        except NotFound as error:
            self.state[SAID], board = error.record(), Board()
        self.state[PAST] = History(board)
        self.show(None)

    def _put(self, history: History) -> None:
        if history == self.history:
            return
        self.state[PAST] = history
        self.studio.store.boards.keep(self.state[ID], record_of(history.now))
        st.query_params[BOARD] = self.state[ID]

    def _take_forms(self) -> None:
        """What was typed becomes a change; what was changed otherwise (taken back, repaired) goes into the forms."""
        for name, one in self.board.inputs.items():
            self._take_file(name, one)
        step = next((step for step in self.board.steps if step.id == self.open), None)
        if step is not None:
            self._take_settings(step)

    def _take_file(self, name: str, one: ChainInput) -> None:
        draft, synced = self.files(), f"bench:synced:file:{name}"
        if self.state.get(synced) != one:
            asset = one.asset or (sample_asset(self.studio, one.sample).sha256 if one.sample else None)
            self.state[draft.key(name)] = f"{ASSET}{asset}" if asset else None
            self.state[f"{synced}:was"] = self.state[draft.key(name)]
        elif (chosen := self.state.get(draft.key(name))) != self.state.get(f"{synced}:was"):
            asset = str(chosen).removeprefix(ASSET) if chosen else None
            one = ChainInput(kind=one.kind, asset=asset)
            self.state[f"{synced}:was"] = chosen
            self.change(lambda board: Board(board.name, {**board.inputs, name: one}, board.steps))
        self.state[synced] = one

    def _take_settings(self, step: Step) -> None:
        draft, synced = self.draft(step), f"bench:synced:{step.id}"
        names = {spec.name for spec in draft.specs}
        written = {name: value for name, value in step.input.items() if name in names}
        if self.state.get(synced) != _text(written):
            draft.fill(written)
        elif (values := draft.values()) != written:
            kept = {name: value for name, value in step.input.items() if name not in names}
            self.change(lambda board: put_input(board, step.id, kept | values))
            written = values
        self.state[synced] = _text(written)


def lay_out(studio: Studio, state: MutableMapping[Any, Any], board: Board) -> None:
    """Puts a chain on the bench of this session; the page that builds shows it next."""
    state[ID], state[PAST], state[OPEN] = secrets.token_hex(16), History(board), None
    studio.store.boards.keep(state[ID], record_of(board))


def is_file(spec: FieldSpec) -> bool:
    """Whether the field is a file or a list of files, which a chain binds."""
    return spec.kind in ("media", "media_list") and spec.media != "weights"


def _text(values: Any) -> str:
    return json.dumps(values, sort_keys=True, default=str)
