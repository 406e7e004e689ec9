"""What the cuts show above their form: the clip itself, on which one cuts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.catalog.cuts.frames import FRAME, FRAMES, SHEET
from lib.catalog.cuts.join import JOIN
from lib.catalog.cuts.sound import SOUND
from lib.catalog.cuts.trim import TRIM
from lib.catalog.operation import Cut
from lib.media.film.proxy import needs_proxy
from lib.store.views import Asset
from lib.studio import Studio
from lib.ui.clip_player import at_frame, clip_player, hear
from lib.ui.defaults import to_defaults
from lib.ui.draft import Draft
from lib.ui.lend import lend
from lib.ui.marking import DRAWN, IN, OUT, Marking, player_key, work_of
from lib.ui.parts import Parts
from lib.ui.preview_card import preview_card
from lib.ui.proof_routes import preview_address
from lib.ui.reel import reel_stage
from lib.ui.sound_stage import sound_stage
from lib.ui.stage import chosen, clip_of, framed
from lib.ui.text import plain
from lib.ui.widgets import Face, draw

SIDES = {IN: "In: the first picture", OUT: "Out: the last picture"}
HOW = (
    "Seconds (61.7), a timecode (00:01:01:21), a time (00:01:01.700) or a picture number (#1851). "
    "Both pictures belong to the part."
)
CLIP = frozenset({"video_url"})


@dataclass(frozen=True, slots=True)
class Stage:
    """`draw` says which fields of the form it has drawn. Where nearly all is decided on the stage, the button that
    starts stands `below` it.
    """

    draw: Callable[[Studio, Draft], frozenset[str]]
    below: bool = False


def trim_stage(studio: Studio, draft: Draft) -> frozenset[str]:
    """The player with its marks, the same marks to type, and several parts."""
    asset = clip_of(studio, draft)
    if asset is None:
        return frozenset()
    marking = _marking(draft, asset)
    kept = kept_of(draft, asset)
    with framed(draft, asset):
        clip_player(
            studio, asset, key=player_key(draft), start_frame=marking.frame(IN), end_frame=marking.frame(OUT),
            cuts=kept, on_marks=marking.follow,
        )  # fmt: skip
        with _row():
            _moments(marking)
            st.button(
                "Add as a part", key=f"{draft.slug}:add-part", icon=":material/playlist_add:",
                on_click=Parts(marking).add,
                help="For several parts: each is listed below, to be kept or taken out.",
            )  # fmt: skip
        _say_errors(marking)
        Parts(marking).draw()
        _keep(draft)
        _preview(studio, asset, draft, kept)
    return DRAWN | {"parts", "keep"}


def frame_stage(studio: Studio, draft: Draft) -> frozenset[str]:
    """The player, to look for the picture; one press takes the one that is on screen. With "sharpest" it has marks."""
    asset = clip_of(studio, draft)
    if asset is None:
        return frozenset()
    if draft.state.get(draft.key("which")) == "sharpest":
        return _part_stage(studio, draft, asset, FRAME)
    with framed(draft, asset):
        clip_player(studio, asset, key=player_key(draft), marks=None, pins=_pins(FRAME, draft, asset))
        st.button(
            "Take the picture on screen", key=f"{draft.slug}:take", icon=":material/photo_camera:",
            on_click=_take_picture, args=(draft, asset.sha256),
        )  # fmt: skip
    return DRAWN


def part_stage(made: Cut) -> Callable[[Studio, Draft], frozenset[str]]:
    """The player with marks for the part that pictures are taken from, and arrows at those that will be."""

    def draw(studio: Studio, draft: Draft) -> frozenset[str]:
        asset = clip_of(studio, draft)
        return _part_stage(studio, draft, asset, made) if asset else frozenset()

    return draw


def look_stage(studio: Studio, draft: Draft) -> frozenset[str]:
    """The player, for seeing what the form is about."""
    asset = clip_of(studio, draft)
    if asset is None:
        return frozenset()
    with framed(draft, asset):
        clip_player(studio, asset, key=player_key(draft), marks=None, low=True)
    return CLIP


LOOKED_AT = (
    "fps", "resize", "loop", "hold", "reverse", "speed", "normalise", "mute", "extract-sound", "loudness", "fade",
)  # fmt: skip
STAGES: Mapping[str, Stage] = {
    TRIM.id: Stage(trim_stage, below=True),
    FRAME.id: Stage(frame_stage, below=True),
    FRAMES.id: Stage(part_stage(FRAMES)),
    SHEET.id: Stage(part_stage(SHEET)),
    JOIN.id: Stage(reel_stage),
    SOUND.id: Stage(sound_stage),
    **{f"cut/{name}": Stage(look_stage) for name in LOOKED_AT},
}


def kept_of(draft: Draft, asset: Asset) -> tuple[tuple[int, int], ...]:
    """The stretches that the result of a trim will show; nothing while the form does not make sense."""
    work = work_of(TRIM, draft, asset.facts)
    return tuple((part.first, part.end) for part in work.parts) if work else ()


def reset(draft: Draft) -> None:
    """The defaults again, but for the files that are chosen; what the player said before is over."""
    if sha256 := chosen(draft):
        hear(player_key(draft), sha256, lambda marks: None)
    to_defaults(draft)


def _part_stage(studio: Studio, draft: Draft, asset: Asset, made: Cut) -> frozenset[str]:
    marking = _marking(draft, asset)
    with framed(draft, asset):
        clip_player(
            studio, asset, key=player_key(draft), marks="part", start_frame=marking.frame(IN),
            end_frame=marking.frame(OUT), pins=_pins(made, draft, asset), low=True, on_marks=marking.follow,
        )  # fmt: skip
        with _row():
            _moments(marking)
        _say_errors(marking)
    return DRAWN


def _marking(draft: Draft, asset: Asset) -> Marking:
    marking = Marking(draft, asset)
    marking.belong()
    return marking


def _pins(made: Cut, draft: Draft, asset: Asset) -> list[int]:
    """The pictures that would be taken, as far as their numbers say so."""
    work: Any = work_of(made, draft, asset.facts)
    return [int(number) for number in getattr(work, "numbers", ())]


def _row() -> Any:
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small")


def _moments(marking: Marking) -> None:
    """The marks as fields."""
    for side, label in SIDES.items():
        _moment(marking, side, label)


def _keep(draft: Draft) -> None:
    """Whether what is marked stays or goes."""
    spec = next(spec for spec in draft.specs if spec.name == "keep")
    draft.ensure(spec, spec.name)
    draw(spec, Face(draft.key(spec.name), disabled=False))
    if said := draft.errors.get(spec.name):
        st.markdown(f":red[:material/error: {plain(said)}]")


def _say_errors(marking: Marking) -> None:
    for side in SIDES:
        if said := marking.error(side):
            st.markdown(f":red[:material/error: {plain(said)}]")


def _preview(studio: Studio, asset: Asset, draft: Draft, kept: tuple[tuple[int, int], ...]) -> None:
    """The result at once, before it is cut: nothing is encoded for it."""
    shown = bool(kept) and not needs_proxy(asset.facts)  # else the player's own "Play result" shows it
    address = preview_address(studio, asset, kept) if shown else None
    if address and st.toggle("Preview the result", key=f"{draft.slug}:preview"):
        preview_card(address, key=f"{draft.slug}:preview:player")


def _moment(marking: Marking, side: str, label: str) -> None:
    key = f"{marking.draft.slug}:{side}"
    if not marking.error(side):  # what is wrong stays in the field, to be mended
        st.session_state[key] = marking.words(side)

    def typed(text: str) -> None:
        marking.type(side, text)
        st.session_state[key] = text if marking.error(side) else marking.words(side)

    shown = st.session_state.get(key, "")
    st.text_input(
        label, shown, width=240, help=HOW, placeholder="start" if side == IN else "end", **lend(key, take=typed)
    )


def _take_picture(draft: Draft, sha256: str) -> None:
    """Asks the player only now: since the button was drawn it may have gone on."""
    draft.state[draft.key("which")] = "number"
    draft.state[draft.key("frame")] = at_frame(player_key(draft), sha256)
