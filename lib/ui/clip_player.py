"""The clip player: a clip by its single pictures, with marks for in and out that the form beside it follows.

It streams the stored file from the signed address; what is shown around it comes from /film. See lib/assets/player.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from lib.media.facts import Facts
from lib.media.film.proxy import needs_proxy
from lib.media.timing import rate_of
from lib.settings import ROOT
from lib.store.views import Asset
from lib.studio import Studio
from lib.ui.links import file_address, signature
from lib.ui.player import show
from lib.ui.session import BASE_URL

PARTS = ROOT / "lib" / "assets" / "player"
SAID = "said"
BOTH = frozenset({"start_frame", "end_frame"})
Use = Literal["result", "part", "sound"]
"""What lies between the marks: all that is kept, or only the part that is looked at. "sound": there is but one mark,
where the lane begins.
"""


def _text(*names: str) -> str:
    return "\n".join((PARTS / name).read_text(encoding="utf-8") for name in names)


_component = st.components.v2.component(
    "clip_player",
    html=_text("player.html"),
    css=_text("player.css"),
    js=_text("timeline.js", "lane.js", "player.js"),
)


@dataclass(frozen=True, slots=True)
class Marks:
    """Picture numbers of the source, None where not set. `end_frame` is the first picture not kept, as in a trim; a
    lane's `start_frame` is below 0 where it begins before the clip.
    """

    start_frame: int | None
    end_frame: int | None
    at_frame: int
    moved: frozenset[str] = BOTH
    """Those of the two that were moved in the player; the other may be older than what the page has."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A sound under the clip: from `begin_s` after the first picture on, in place of the clip's own or beside it."""

    asset: Asset
    begin_s: float
    replaces: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What Python last gave as marks, and how many of the player's messages it had then seen."""

    given: tuple[int | None, int | None]
    turn: int


def clip_player(
    studio: Studio,
    asset: Asset,
    *,
    key: str,
    marks: Use | None = "result",
    start_frame: int | None = None,
    end_frame: int | None = None,
    cuts: Sequence[tuple[int, int]] = (),
    pins: Sequence[int] = (),
    lane: Lane | None = None,
    low: bool = False,
    on_marks: Callable[[Marks], None] | None = None,
) -> Marks:
    """Shows the clip and returns where its marks and its playhead stand.

    `start_frame` and `end_frame` move the marks when they change; what is marked in the player calls `on_marks` before
    the page's own lines run, so that it may write to the form's state (see `hear`). `cuts` are the stretches kept, for
    playing the result; without them it is what lies between the marks. `marks=None` leaves in and out away. `pins` are
    pictures to point at; `low` leaves room for a form below. Without routes, and for what is no clip, the plain player
    is shown.
    """
    address = file_address(studio, asset)
    if address is None or not (asset.facts.kind == "video" and asset.facts.frames and asset.facts.fps):
        show(studio, asset.sha256)
        return Marks(start_frame, end_frame, 0)
    own_key = _own_key(key, asset.sha256)
    state = _state(own_key)
    now = _current(own_key, state, (start_frame, end_frame))
    _component(
        key=own_key,
        data=_clip(studio, asset, address)
        | {
            "marks": marks, "start": now.start_frame, "end": now.end_frame, "at": now.at_frame,
            "turn": max(_turn(state), _said(own_key).turn), "cuts": [list(cut) for cut in cuts], "pins": list(pins),
            "low": low, "lane": _lane(studio, lane) if lane else None,
        },
        on_marks_change=lambda: hear(key, asset.sha256, on_marks) if on_marks else None,
    )  # fmt: skip
    return now


def hear(key: str, sha256: str, on_marks: Callable[[Marks], None]) -> None:
    """Calls `on_marks` with what that player said last, unless it was told already.

    The callback of another widget begins with this: Streamlit may run it before the player's own, and then the marks
    that the page has are those of before.
    """
    own_key = _own_key(key, sha256)
    state = _state(own_key)
    if _turn(state) > _said(own_key).turn:
        marks = _marks(state)
        _keep_said(own_key, Said((marks.start_frame, marks.end_frame), _turn(state)))
        on_marks(marks)


def at_frame(key: str, sha256: str) -> int:
    """The picture on screen in the player of that key and clip, as it said last; also while a callback runs."""
    return _marks(_state(_own_key(key, sha256))).at_frame


def _own_key(key: str, sha256: str) -> str:
    """Another clip has a player of its own."""
    return f"{key}-{sha256[:12]}"


def _clip(studio: Studio, asset: Asset, address: str) -> dict[str, Any]:
    """What does not change while the page is open."""
    facts: Facts = asset.facts
    rate = rate_of(facts.fps or 25.0)
    return {
        "sha256": asset.sha256, "video": address, "film": f"{st.session_state[BASE_URL]}/film/{asset.sha256}",
        "key": signature(studio, asset.sha256), "needs_proxy": needs_proxy(facts), "frames": facts.frames,
        "rate": [rate.numerator, rate.denominator], "varies": bool(facts.shown_at_s), "duration_s": facts.duration_s,
        "start_s": facts.picture_start_s, "sound": facts.has_sound, "size": [facts.width or 16, facts.height or 9],
    }  # fmt: skip


def _lane(studio: Studio, lane: Lane) -> dict[str, Any]:
    asset = lane.asset
    return {
        "sha256": asset.sha256, "address": file_address(studio, asset), "key": signature(studio, asset.sha256),
        "film": f"{st.session_state[BASE_URL]}/film/{asset.sha256}", "duration_s": asset.facts.duration_s,
        "begin_s": lane.begin_s, "replaces": lane.replaces,
    }  # fmt: skip


def _current(key: str, state: Mapping[str, Any], given: tuple[int | None, int | None]) -> Marks:
    said, now = latest(_said(key), state, given)
    _keep_said(key, said)
    return now


def _said(key: str) -> Said:
    said = st.session_state.get(f"{key}-{SAID}")
    return Said(*said) if said else Said((None, None), 0)


def _keep_said(key: str, said: Said) -> None:
    """As plain values: an edited module's own classes are strangers to it."""
    st.session_state[f"{key}-{SAID}"] = (said.given, said.turn)


def latest(said: Said, state: Mapping[str, Any], given: tuple[int | None, int | None]) -> tuple[Said, Marks]:
    """Who spoke last holds: the player with what it sent, or the page with marks other than those it gave before."""
    if given != said.given:
        said = Said(given, max(_turn(state), said.turn))
    marks = _marks(state)
    return said, marks if _turn(state) > said.turn else Marks(*said.given, marks.at_frame)


def _state(key: str) -> Mapping[str, Any]:
    """What the player sent last."""
    found = st.session_state.get(key) or {}
    return found.get("marks") or {}


def _turn(state: Mapping[str, Any]) -> int:
    return int(state.get("turn") or 0)


def _marks(state: Mapping[str, Any]) -> Marks:
    start, end, at = (state.get(name) for name in ("start_frame", "end_frame", "at_frame"))
    return Marks(start, end, int(at or 0), frozenset(state.get("moved", BOTH)))
