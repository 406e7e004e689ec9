"""A picture out of a clip, or a part of a clip, made right at the field that wants it.

It is a cut like any other: the worker carries it out, and its take is kept. Meanwhile the field is empty and shows how
far the cut is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.chain.files import ASSET
from lib.errors import DailiesError, InputError, NotFound
from lib.media.timing import moment, timecode
from lib.store.views import Asset, RunView
from lib.studio import Studio
from lib.ui import player
from lib.ui.clip_player import Marks, clip_player
from lib.ui.draft import Draft
from lib.ui.errors import show
from lib.ui.run_card import cancel_button, keep_awake
from lib.ui.session import BASE_URL, get_studio, name_given
from lib.ui.slot import Slot
from lib.ui.step_card import progress_line
from lib.ui.text import plain

FRAME, TRIM = "cut/frame", "cut/trim"
LOOK_EVERY_S = 1.0
HOW = "Seconds (61.7), a timecode (00:01:01:21), a time (00:01:01.700) or a picture number (#1851)."


def picture_here(studio: Studio, slot: Slot, clip: Slot, asset: Asset) -> None:
    """The clip, to look for the picture; one press has the one on screen taken for the field."""
    _head(clip, asset)
    key = f"{slot.key}:look"
    marks = clip_player(studio, asset, key=key, marks=None)
    number = _typed(f"{key}:at", "Which picture", asset) if _without_player() else marks.at_frame
    pressed = st.button("Use this picture", key=f"{key}:take", icon=":material/photo_camera:")
    if pressed and number is None:
        st.caption(":orange[Say which picture first.]")
    elif pressed:
        _begin(studio, slot, FRAME, {"video_url": clip.value, "which": "number", "frame": number})


def part_here(studio: Studio, slot: Slot, asset: Asset, open_key: str) -> None:
    """The clip with marks for in and out; one press has the marked part cut, and the field takes that."""
    key = f"{slot.key}:part"
    st.markdown(f"{plain(asset.name)} :small[:gray[{plain(player.facts_line(asset))}]]")
    marks = clip_player(studio, asset, key=key)
    if _without_player():
        start, end = _typed(f"{key}:in", "In", asset), _typed(f"{key}:out", "Out", asset)
        marks = Marks(start or None, end, 0)
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Use this part", key=f"{key}:take", icon=":material/content_cut:")
        st.button(
            "Keep the whole clip", key=f"{key}:close", type="tertiary", on_click=st.session_state.pop,
            args=(open_key, None),
        )  # fmt: skip
    # Not in a callback: those of buttons come before the player's last word on its marks.
    if not pressed:
        return
    if marks.start_frame is None and marks.end_frame is None:
        st.caption(":orange[Mark where the part begins or ends first.]")
        return
    given = {"start_frame": marks.start_frame, "end_frame": marks.end_frame}
    st.session_state.pop(open_key, None)
    _begin(studio, slot, TRIM, {"video_url": slot.value} | {k: v for k, v in given.items() if v is not None})


def is_making(draft: Draft) -> bool:
    """Whether a file of this form is still being cut: what stands in it is not all that will."""
    return bool(draft.making)


def is_made_for(slot: Slot) -> bool:
    """Whether this field waits for its file."""
    return slot.path in slot.draft.making


def settle(studio: Studio, draft: Draft) -> None:
    """Puts what was cut into its field, once it is there; a failure is said at the field, which is as it was."""
    for path, making in draft.making.items():
        slot = Slot(draft, path, "")
        try:
            run = studio.run(making["run"])
        except NotFound as error:
            _end(slot, making["before"], error=error.message)
            continue
        if run.ended:
            _end(slot, *_outcome(run, making["before"]))


def watch(studio: Studio, slot: Slot) -> None:
    """How far the cut is, each second, and a way to stop it."""
    st.fragment(_look, run_every=LOOK_EVERY_S)(slot.draft.making[slot.path]["run"])


def _look(run_id: str) -> None:
    studio = get_studio()
    try:
        run = studio.run(run_id)
        if run.ended:
            st.rerun()  # the whole page, which settles it
        keep_awake(studio)
        if run.steps[0].state == "running":
            progress_line(run.steps[0])
        else:
            st.caption(":material/progress_activity: About to be cut")
        cancel_button(studio, run, "here")
    except DailiesError as error:
        show(error)


def _begin(studio: Studio, slot: Slot, operation_id: str, values: Mapping[str, Any]) -> None:
    before = slot.value or None
    try:
        run_id = studio.start_one(operation_id, values, label=name_given())
    except DailiesError as error:
        slot.put(before, error=f"{error.message} {error.hint}".strip())
    else:
        slot.put(None)
        slot.draft.put_making(slot.draft.making | {slot.path: {"run": run_id, "before": before}})
    st.rerun()


def _outcome(run: RunView, before: str | None) -> tuple[str | None, str]:
    """(what the field holds now, what is wrong) after a run that has ended."""
    step = run.steps[0]
    if step.take is not None and step.take.sha256 is not None:
        return ASSET + step.take.sha256, ""
    said = step.error or {}
    wrong = f"{said.get('message', '')} {said.get('hint', '')}".strip() if run.status == "failed" else ""
    return before, wrong


def _end(slot: Slot, value: str | None, error: str = "") -> None:
    slot.put(slot.value or value, error=error)  # what was chosen meanwhile stays
    slot.draft.put_making({path: each for path, each in slot.draft.making.items() if path != slot.path})


def _head(clip: Slot, asset: Asset) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"{plain(asset.name)} :small[:gray[{plain(player.facts_line(asset))}]]", width="content")
        st.button(
            "Another clip", key=f"{clip.key}:change", on_click=clip.clear, type="tertiary",
            icon=":material/swap_horiz:",
        )  # fmt: skip


def _without_player() -> bool:
    return st.session_state.get(BASE_URL) is None


def _typed(key: str, label: str, asset: Asset) -> int | None:
    """A moment that is typed where the app runs without its file server; None for nothing, or for no moment."""
    text = str(st.text_input(label, key=key, placeholder=timecode(0, asset.facts), help=HOW) or "").strip()
    try:
        return moment(text, asset.facts) if text else None
    except InputError as error:
        st.markdown(f":red[:material/error: {plain(f'{error.message} {error.hint}'.strip())}]")
        return None
