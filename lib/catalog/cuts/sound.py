"""Cuts: sound on a clip, and out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.cuts.shared import AUDIO, SOUND_ENDINGS, VIDEO, AudioResult, VideoResult
from lib.catalog.cuts.speech import SPEECH
from lib.catalog.fields import Advanced, AudioIn, IgnoredWhen, ImageOut, Input, Output, VideoIn
from lib.catalog.operation import Cut, Family
from lib.media import sound
from lib.media.asked import Evening
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.sound import extract, fade, mute, waveform

_Duck = Annotated[bool, IgnoredWhen("keep_own_sound", (False,), "The clip's own sound is not kept.")]
_LONGEST_FADE_S = 60
_PICTURES = "An MP4's pictures stay as they are where they can; others are encoded anew, and the result says why."


class SoundInput(Input):
    video_url: VideoIn = Field(description="The clip that gets the sound")
    audio_url: AudioIn = Field(description="The sound; a clip's own sound can be taken as well")
    start_offset: float = Field(
        0, ge=-3600, le=3600, description="Seconds after the first picture; negative skips the beginning of the sound"
    )
    keep_own_sound: bool = Field(False, description="Keep the clip's own sound under the new one")
    duck_own_sound: _Duck = Field(False, description="Lower the clip's own sound while the new one is heard")
    gain_db: Annotated[float, Advanced()] = Field(
        0, ge=-60, le=24, title="Gain (dB)", description="How much louder (or, below 0, softer) the new sound becomes"
    )
    fade_in_s: Annotated[float, Advanced()] = Field(
        0, ge=0, le=_LONGEST_FADE_S, description="Seconds in which the new sound rises from silence"
    )
    fade_out_s: Annotated[float, Advanced()] = Field(
        0, ge=0, le=_LONGEST_FADE_S, description="Seconds in which it sinks to silence, at its own end or the picture's"
    )


def _sound(made: SoundInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Command:
    return sound.build(
        (files["video_url"], facts["video_url"]),
        (files["audio_url"], facts["audio_url"]),
        output,
        offset_s=made.start_offset,
        keep_own=made.keep_own_sound,
        duck=made.duck_own_sound,
        tone=sound.Tone(made.gain_db, made.fade_in_s, made.fade_out_s),
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


class ExtractSoundInput(Input):
    video_url: VideoIn = Field(description="The clip whose sound is taken")
    format: Literal["wav", "flac", "mp3", "m4a"] = Field(
        "wav", description="WAV and FLAC keep every sample; MP3 and M4A are smaller (MP3 may end 24 ms late)"
    )


def _extract(made: ExtractSoundInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Command:
    return extract.build((files["video_url"], facts["video_url"]), output, made.format)


EXTRACT_SOUND = Cut(
    id="cut/extract-sound",
    title="Extract sound",
    about="Take the sound of a clip as a file of its own, from the first picture until the last one ends.",
    input=ExtractSoundInput,
    output=AudioResult,
    example={"video_url": VIDEO, "format": "wav"},
    build=_extract,
    suffix=".wav",
    endings=SOUND_ENDINGS,
)


class MuteInput(Input):
    video_url: VideoIn = Field(description="The clip that loses its sound")


def _mute(made: MuteInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Command:
    return mute.build((files["video_url"], facts["video_url"]), output)


MUTE = Cut(
    id="cut/mute",
    title="Mute",
    about=f"Remove the sound of a clip. {_PICTURES}",
    input=MuteInput,
    output=VideoResult,
    example={"video_url": VIDEO},
    build=_mute,
    suffix=".mp4",
)


class LoudnessInput(Input):
    video_url: VideoIn = Field(description="The clip whose loudness is changed")
    target_lufs: float = Field(
        -16, ge=-40, le=-5, title="Loudness (LUFS)", description="-16 suits the web, -23 is EBU R128 for broadcasting"
    )
    true_peak_db: Annotated[float, Advanced()] = Field(
        -1.5, ge=-9, le=0, title="True peak (dBTP)", description="What no peak of the sound may exceed"
    )


class LoudnessOutput(VideoResult):
    loudness_before_lufs: float | None = Field(None, description="Integrated loudness of the clip as it was")
    loudness_after_lufs: float | None = Field(None, description="Integrated loudness of the result")
    true_peak_before_db: float | None = Field(None, description="True peak of the clip as it was")
    true_peak_after_db: float | None = Field(None, description="True peak of the result")


def _loudness(made: LoudnessInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Evening:
    return Evening(files["video_url"], facts["video_url"], output, made.target_lufs, made.true_peak_db)


LOUDNESS = Cut(
    id="cut/loudness",
    title="Loudness",
    about=f"Bring a clip's sound to a loudness (EBU R128), measured before and after. {_PICTURES}",
    input=LoudnessInput,
    output=LoudnessOutput,
    example={"video_url": VIDEO, "target_lufs": -16},
    build=_loudness,
    suffix=".mp4",
)


class FadeInput(Input):
    video_url: VideoIn = Field(description="The clip to fade")
    fade_in_s: float = Field(1, ge=0, le=_LONGEST_FADE_S, description="Seconds in which it comes up at the beginning")
    fade_out_s: float = Field(1, ge=0, le=_LONGEST_FADE_S, description="Seconds in which it goes down at the end")
    fade_picture: bool = Field(False, description="Fade the picture from and to black as well")

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        if not self.fade_in_s and not self.fade_out_s:
            yield "fade_in_s", "One of the two fades must last longer than 0."


def _fade(made: FadeInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Command:
    return fade.build(
        (files["video_url"], facts["video_url"]),
        output,
        fade_in_s=made.fade_in_s,
        fade_out_s=made.fade_out_s,
        picture=made.fade_picture,
    )


FADE = Cut(
    id="cut/fade",
    title="Fade",
    about="Let a clip's sound come up at its beginning and go down at its end; the picture too, if wanted.",
    input=FadeInput,
    output=VideoResult,
    example={"video_url": VIDEO, "fade_in_s": 1, "fade_out_s": 1},
    build=_fade,
    suffix=".mp4",
)


class WaveformInput(Input):
    audio_url: AudioIn = Field(description="The sound to draw; a clip's own sound can be taken as well")
    width: int = Field(1200, ge=16, le=4096, description="Width of the picture in pixels")
    height: int = Field(240, ge=16, le=2160, description="Height of the picture in pixels")
    scale: Annotated[Literal["lin", "log", "sqrt", "cbrt"], Advanced()] = Field(
        "lin", description="Linear, or one of three that show soft sounds larger"
    )
    channels_apart: Annotated[bool, Advanced()] = Field(False, description="Draw the channels one below the other")


class WaveformOutput(Output):
    image: ImageOut = Field(description="The picture, as PNG")


def _waveform(made: WaveformInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Command:
    return waveform.build(
        (files["audio_url"], facts["audio_url"]),
        output,
        width=made.width,
        height=made.height,
        scale=made.scale,
        apart=made.channels_apart,
    )


WAVEFORM = Cut(
    id="cut/waveform",
    title="Waveform",
    about="Draw a sound as a picture.",
    input=WaveformInput,
    output=WaveformOutput,
    example={"audio_url": AUDIO},
    build=_waveform,
    suffix=".png",
)

FAMILY = Family(
    slug="sound",
    title="Sound",
    about="Put a sound on a clip, take it out, change it, or have a computer speak one.",
    operations=(SOUND, EXTRACT_SOUND, MUTE, LOUDNESS, FADE, SPEECH, WAVEFORM),
)
