"""A sound put on a clip, as long as the picture to the sample."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from lib.errors import Unsupported
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.timing import frames_of, rate_of, shown_at

COPYABLE = ("h264", "hevc", "av1")
RATE = graph.SOUND_RATE
Clip = tuple[Path, Facts]


def build(video: Clip, audio: Clip, output: Path, *, offset_s: float = 0.0, keep_own: bool = False) -> Command:
    """An MP4 of the clip's pictures with that sound: in place of its own, or over it.

    The sound starts `offset_s` after the first picture; a negative offset skips its beginning. It is padded with
    silence or cut to the picture. Pictures are copied where MP4 can hold them as they are.
    """
    (video_path, video_facts), (audio_path, audio_facts) = video, audio
    if not audio_facts.has_sound:
        raise Unsupported("The file that was chosen as sound is silent.", hint="Choose a file with sound.")
    frames = frames_of(video_facts)
    source = graph.opened(video_path)
    sound = _shifted(graph.heard_from(graph.opened(audio_path, place=1)), offset_s)
    if keep_own and video_facts.has_sound:
        own = _stereo(graph.sound_of(source, video_facts))
        sound = ffmpeg.filter([own, sound], "amix", inputs=2, normalize=0, duration="longest")
    sound = graph.exactly(sound, graph.samples(shown_at(frames, video_facts), RATE))
    picture, options = _picture(source, video_facts)
    inputs = [video_path, audio_path]
    marks = graph.marked([video_facts, audio_facts])
    return graph.command([picture, sound], output, inputs, frames, options | graph.AAC | graph.MP4 | marks)


def _picture(source: Any, facts: Facts) -> tuple[Any, dict[str, Any]]:
    """The picture and how it is written. Copied only where what is in the file is just what is shown, from zero on."""
    whole = not facts.hidden_frames and not facts.picture_start_s
    if facts.container == graph.INDEXED[0] and facts.video_codec in COPYABLE and whole:
        return graph.picture_of(source), {"c:v": "copy"}
    if facts.shown_at_s:
        stream = graph.picture_of(source).filter("setpts", "PTS-STARTPTS")
        return graph.even(stream, facts), graph.H264 | {"fps_mode": "passthrough"}
    rate = rate_of(facts.fps or 25.0)
    return graph.even(graph.steady(graph.picture_of(source), rate), facts), graph.H264 | graph.at_rate(rate)


def _shifted(sound: Any, offset_s: float) -> Any:
    count = graph.samples(Fraction(offset_s), RATE)
    if count < 0:
        return _stereo(graph.from_sample(sound, -count))
    return _stereo(sound.filter("adelay", f"{count}S", all=1)) if count else _stereo(sound)


def _stereo(sound: Any) -> Any:
    return sound.filter("aformat", sample_fmts="fltp", channel_layouts="stereo")
