"""A sound put on a clip, as long as the picture to the sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from lib.errors import Unsupported
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.promise import Heard
from lib.media.sound.onto import RATE, Clip, picture_samples, sounding, stereo

# The clip's own sound sinks by up to 20 dB within 20 ms where the new one speaks, and is back 0.4 s after it.
DUCKING = {"threshold": 0.02, "ratio": 8, "attack": 20, "release": 400}


@dataclass(frozen=True, slots=True)
class Tone:
    """How the new sound is changed: made louder by `gain_db`, faded in from where it starts and out to its end."""

    gain_db: float = 0.0
    fade_in_s: float = 0.0
    fade_out_s: float = 0.0


def build(
    video: Clip, audio: Clip, output: Path, *, offset_s: float = 0.0, keep_own: bool = False, duck: bool = False,
    tone: Tone | None = None,
) -> Command:  # fmt: skip
    """An MP4 of the clip's pictures with that sound: in place of its own, or over it (ducked on wish).

    The sound starts `offset_s` after the first picture; a negative offset skips its beginning. It is padded with
    silence or cut to the picture. Pictures are copied where MP4 can hold them as they are.
    """
    (video_path, video_facts), (audio_path, audio_facts) = video, audio
    if not audio_facts.has_sound:
        raise Unsupported("The file that was chosen as sound is silent.", hint="Choose a file with sound.")
    source, tone = graph.opened(video_path), tone or Tone()
    heard_from = graph.heard_from(graph.opened(audio_path, place=1))
    sound = _shifted(_toned(heard_from, audio_facts, video_facts, offset_s, tone), offset_s)
    mixed = keep_own and video_facts.has_sound
    if mixed:
        sound = _over(stereo(graph.sound_of(source, video_facts)), sound, picture_samples(video_facts), duck=duck)
    heard = () if mixed or tone != Tone() else _heard(audio_facts, video_facts, offset_s)
    return sounding(video, source, sound, output, others=[audio], heard=heard)


def _over(own: Any, sound: Any, length: int, *, duck: bool) -> Any:
    """Both at once. What is mixed is as long as the picture first: the compressor ends with its shorter side."""
    if duck:
        twice = graph.exactly(sound, length).filter_multi_output("asplit", 2)
        own, sound = ffmpeg.filter([graph.exactly(own, length), twice[0]], "sidechaincompress", **DUCKING), twice[1]
    return ffmpeg.filter([own, sound], "amix", inputs=2, normalize=0, duration="longest")


def _toned(sound: Any, audio: Facts, video: Facts, offset_s: float, tone: Tone) -> Any:
    """Faded where it will be heard: from its first kept sample to its last or the picture's end."""
    begin = max(graph.samples(Fraction(-offset_s), RATE), 0)
    whole = graph.samples(Fraction(audio.audio_duration_s or 0), RATE)
    end = min(whole, picture_samples(video) - graph.samples(Fraction(offset_s), RATE))
    return faded(sound, begin, end, tone)


def faded(sound: Any, begin: int, end: int, tone: Tone) -> Any:
    """Between these samples it rises from silence, and sinks back to it; two fades share a sound that is too short."""
    room = max(end - begin, 0)
    rise, fall = (min(graph.samples(Fraction(length), RATE), room) for length in (tone.fade_in_s, tone.fade_out_s))
    if rise:
        sound = sound.filter("afade", type="in", start_sample=begin, nb_samples=rise)
    if fall:
        sound = sound.filter("afade", type="out", start_sample=end - fall, nb_samples=fall)
    return sound.filter("volume", f"{tone.gain_db:.3f}dB") if tone.gain_db else sound


def _heard(audio: Facts, video: Facts, offset_s: float) -> Iterator[Heard]:
    """The new sound from its first kept moment on."""
    made_s, source_s = max(offset_s, 0.0), max(-offset_s, 0.0)
    room_s = min((audio.audio_duration_s or 0) - source_s, picture_samples(video) / RATE - made_s)
    if audio.kind == "audio" and room_s > 0:  # a clip's sound need not begin with its first picture
        yield Heard(made_s, source_s, room_s, clip=1)


def _shifted(sound: Any, offset_s: float) -> Any:
    count = graph.samples(Fraction(offset_s), RATE)
    if count < 0:
        return stereo(graph.from_sample(sound, -count))
    return stereo(sound.filter("adelay", f"{count}S", all=1)) if count else stereo(sound)
