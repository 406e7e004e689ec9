"""The Sound page's stage: the new sound lies under the clip, where it will be heard, and is moved there."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import streamlit as st

from lib.media.facts import Facts
from lib.media.timing import frame_at, rate_of, shown_at
from lib.studio import Studio
from lib.ui.clip_player import Lane, Marks, clip_player
from lib.ui.draft import Draft
from lib.ui.marking import player_key
from lib.ui.stage import clip_of, framed

OFFSET = "start_offset"


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where the sound begins: seconds in the form, a picture in the player (below 0: before the clip)."""

    draft: Draft
    facts: Facts

    @property
    def seconds(self) -> float:
        return float(self.draft.state.get(self.draft.key(OFFSET)) or 0.0)

    def frame(self) -> int:
        """The nearest picture."""
        if self.seconds >= 0 and self.facts.shown_at_s:
            return frame_at(self.seconds, self.facts)
        return round(Fraction(self.seconds) * rate_of(self.facts.fps or 25.0))

    def follow(self, marks: Marks) -> None:
        """As the player has it."""
        frame = marks.start_frame or 0
        at = shown_at(frame, self.facts) if frame >= 0 else frame / rate_of(self.facts.fps or 25.0)
        self.draft.state[self.draft.key(OFFSET)] = round(float(at), 6)


def sound_stage(studio: Studio, draft: Draft) -> frozenset[str]:
    """The player, and below its own sound the new one, as soon as both are chosen."""
    asset, sound = clip_of(studio, draft), clip_of(studio, draft, "audio_url")
    if asset is None:
        return frozenset()
    beginning = Beginning(draft, asset.facts)
    replaces = not draft.state.get(draft.key("keep_own_sound"))
    with framed(draft, asset):
        clip_player(
            studio, asset, key=player_key(draft), marks="sound" if sound else None,
            start_frame=beginning.frame() if sound else None,
            lane=Lane(sound, beginning.seconds, replaces) if sound else None, low=True,
            on_marks=beginning.follow if sound else None,
        )  # fmt: skip
        st.caption(
            "Drag the new sound to where it begins, or stop at a picture and press Sound begins here."
            if sound
            else "Choose the sound below: it is then drawn here, under the clip's own, and can be moved."
        )
    return frozenset({"video_url"})
