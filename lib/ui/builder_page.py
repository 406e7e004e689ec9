"""Build a chain: its files, its steps with what they take and give, what does not fit, its price, and its run."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.chain.board import Board, board_of
from lib.chain.edit import with_file, without_file
from lib.chain.model import read_chain
from lib.chain.presets import NAMES, preset
from lib.chain.writing import write_chain
from lib.errors import DailiesError, InputError
from lib.studio import Studio
from lib.ui.bench import Bench
from lib.ui.builder_add import add_step
from lib.ui.builder_card import step_of
from lib.ui.builder_run import Judged, graph_of, judge_board, result_of, run_of, told_of
from lib.ui.errors import show
from lib.ui.lend import lend
from lib.ui.picker import Slot, media_field
from lib.ui.session import get_studio
from lib.ui.terms import mode_line
from lib.ui.text import plain

KINDS = {"video": "A video", "image": "A picture", "audio": "A sound"}


def builder_page() -> None:
    """Draws the page."""
    studio = get_studio()
    bench = Bench(studio, st.session_state)
    st.title("Build a chain", anchor=False)
    st.markdown("Each step takes what is there and gives something new. It is checked and priced before anything runs.")
    mode_line(studio)
    _bar(bench)
    if error := bench.said():
        show(error)
    judged = judge_board(studio, bench)
    graph_of(bench, judged)
    result_of()
    left, right = st.columns([7, 5], gap="large")
    with left:
        _files(studio, bench)
        _steps(studio, bench, judged)
    with right:
        run_of(studio, bench, judged)


def _bar(bench: Bench) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        named = lend("bench:name", shown=bench.board.name, take=lambda text: _rename(bench, text))
        st.text_input("Name", bench.board.name, max_chars=120, width=260, **named)
        st.button(
            "Undo", icon=":material/undo:", on_click=bench.undo, disabled=not bench.history.before, key="bench:undo"
        )
        st.button(
            "Redo", icon=":material/redo:", on_click=bench.redo, disabled=not bench.history.after, key="bench:redo"
        )
        with st.popover("Start from", icon=":material/auto_awesome:"):
            for name in NAMES:
                made = preset(name)
                st.button(
                    plain(made.name[:1].upper() + made.name[1:]), key=f"bench:preset:{name}", type="tertiary",
                    on_click=bench.change, args=(lambda _, made=made: board_of(made),),
                )  # fmt: skip
            _open_file(bench)
        if bench.board.steps:
            _save(bench.board)


def _save(board: Board) -> None:
    """The chain as a file; one that does not hold together says why it cannot be one yet."""
    how: dict[str, Any] = {"icon": ":material/download:", "key": "bench:save"}
    try:
        chain = board.chain()
    except DailiesError as error:
        st.button("Save as a file", disabled=True, help=plain(f"{error.message} {error.hint}"), **how)
        return
    name = f"{_file_name(board.name)}.json"
    st.download_button("Save as a file", write_chain(chain), name, "application/json", on_click="ignore", **how)


def _rename(bench: Bench, text: str) -> None:
    name = text.strip()
    if name:
        bench.change(lambda board: Board(name, board.inputs, board.steps))


def _open_file(bench: Bench) -> None:
    key = "bench:opened"
    st.file_uploader(
        "Or open a chain file", ["json"], key=key, max_upload_size=2, on_change=lambda: _opened(bench, key)
    )


def _opened(bench: Bench, key: str) -> None:
    given = st.session_state.get(key)
    if given is None:
        return

    def act(_: Board) -> Board:
        try:
            return board_of(read_chain(given.getvalue().decode("utf-8")))
        except UnicodeDecodeError as error:
            raise InputError(
                "This is not a chain file: it is no text.", hint="Choose a file that was saved here."
            ) from error

    bench.change(act)


def _file_name(name: str) -> str:
    kept = "".join(letter if letter.isalnum() else "-" for letter in name.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "chain"


def _files(studio: Studio, bench: Bench) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("##### Files")
        with st.popover("Add a file", icon=":material/attach_file_add:"):
            for kind, words in KINDS.items():
                st.button(
                    words, key=f"bench:file:{kind}", type="tertiary", on_click=bench.change,
                    args=(lambda board, kind=kind: with_file(board, kind),),
                )  # fmt: skip
    if not bench.board.inputs:
        st.caption("A chain begins with a file, or with a model that makes one from words.")
        return
    grid = st.grid(2, min_column_width=240, gap="small")
    draft = bench.files()
    for name, one in bench.board.inputs.items():
        with grid.cell():
            media_field(studio, Slot(draft, name, one.kind, addresses=False, height="stretch"), f"**{plain(name)}**")
            if said := draft.errors.get(name):
                st.markdown(f":red[:material/error: {plain(said)}]")
            st.button(
                "Remove", key=f"bench:file:{name}:remove", type="tertiary", icon=":material/close:",
                help=f"Takes {name} out of the chain", on_click=bench.change,
                args=(lambda board, name=name: without_file(board, name),),
            )  # fmt: skip


def _steps(studio: Studio, bench: Bench, judged: Judged) -> None:
    st.markdown("##### Steps")
    if judged.wrong is not None:
        show(judged.wrong)
    takes = studio.store.reuses.takes(bench.id)
    for number, step in enumerate(bench.board.steps, 1):
        step_of(studio, bench, step, number, told_of(judged, step.id), takes)
    if not bench.board.steps:
        st.caption("No steps yet. Add the first, or start from a ready-made chain.")
    if st.button("Add a step", icon=":material/add:", key="bench:add", type="secondary"):
        add_step(bench)
