"""Cuts: sound on a clip, and out of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from lib.catalog.cuts.shared import AUDIO, VIDEO, VideoResult
from lib.catalog.fields import AudioIn, Input, VideoIn
from lib.catalog.operation import Cut, Family
from lib.media import sound
from lib.media.command import Command
from lib.media.facts import Facts


class SoundInput(Input):
    video_url: VideoIn = Field(description="The clip that gets the sound")
    audio_url: AudioIn = Field(description="The sound; a clip's own sound can be taken as well")
    start_offset: float = Field(
        0, ge=-3600, le=3600, description="Seconds after the first picture; negative skips the beginning of the sound"
    )
    keep_own_sound: bool = Field(False, description="Keep the clip's own sound under the new one")


def _sound(made: SoundInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Command:
    return sound.build(
        (files["video_url"], facts["video_url"]),
        (files["audio_url"], facts["audio_url"]),
        output,
        offset_s=made.start_offset,
        keep_own=made.keep_own_sound,
    )


SOUND = Cut(
    id="cut/sound",
    title="Sound",
    about="Put a sound on a clip, in place of its own or over it. It ends with the picture.",
    input=SoundInput,
    output=VideoResult,
    example={"video_url": VIDEO, "audio_url": AUDIO},
    build=_sound,
    suffix=".mp4",
)

FAMILY = Family(slug="sound", title="Sound", about="Put a sound on a clip.", operations=(SOUND,))
