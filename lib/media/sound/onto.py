"""A clip with another sound, or none: its pictures are copied where MP4 can hold them as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.kept import changes
from lib.media.promise import Heard, Promise, Same, own_times
from lib.media.timing import frames_of, rate_of, shown_at

COPYABLE = ("h264", "hevc", "av1")
RATE = graph.SOUND_RATE
Clip = tuple[Path, Facts]


def sounding(
    video: Clip, source: Any, sound: Any, output: Path, *, others: Sequence[Clip] = (), heard: Iterable[Heard] = ()
) -> Command:
    """An MP4 of the pictures of `source` (the opened clip) with `sound`, which is cut or padded to them.

    Without a sound it is silent. `others` are further clips that went into the sound; `heard` counts them from 1.
    """
    path, facts = video
    frames, length = frames_of(facts), picture_samples(facts)
    picture, options = _picture(source, facts)
    streams = [picture] if sound is None else [picture, graph.exactly(stereo(sound), length)]
    coding = options | ({} if sound is None else graph.AAC) | graph.MP4
    marks = graph.marked([facts, *(about for _, about in others)])
    inputs = [path, *(other for other, _ in others)]
    promise = Promise(
        own_times(facts), float(shown_at(frames, facts)), shown_size(facts, options),
        None if sound is None else length, clips=(video, *others), same=ends(frames), heard=tuple(heard),
    )  # fmt: skip
    said = {} if options["c:v"] == "copy" else changes(facts)
    return graph.command(streams, output, inputs, frames, coding | marks).promising(promise, **said)


def picture_samples(facts: Facts) -> int:
    """How many samples its pictures last."""
    return graph.samples(shown_at(frames_of(facts), facts), RATE)


def ends(frames: int) -> tuple[Same, ...]:
    """The first and the last picture are where they were."""
    return tuple(Same(number, number) for number in sorted({0, frames - 1}))


def shown_size(facts: Facts, options: dict[str, Any]) -> tuple[int, int]:
    """Copied pictures keep an odd size, encoded ones cannot."""
    return (facts.width or 0, facts.height or 0) if options["c:v"] == "copy" else graph.even_size(facts)


def stereo(sound: Any) -> Any:
    return sound.filter("aformat", sample_fmts="fltp", channel_layouts="stereo")


def _picture(source: Any, facts: Facts) -> tuple[Any, dict[str, Any]]:
    """The picture and how it is written. Copied only where what is in the file is just what is shown, from zero on."""
    whole = not facts.hidden_frames and not facts.picture_start_s
    if facts.container == graph.INDEXED[0] and facts.video_codec in COPYABLE and whole:
        return graph.picture_of(source), {"c:v": "copy"}
    picture, timing = encoded(source, facts)
    return picture, graph.h264(facts) | timing


def encoded(source: Any, facts: Facts) -> tuple[Any, dict[str, Any]]:
    """The pictures for an encoder, each at its time, and the options that keep it there."""
    picture, timing = timed(source, facts)
    return graph.even(picture, facts), timing


def timed(source: Any, facts: Facts) -> tuple[Any, dict[str, Any]]:
    """The same at their own size, which may be odd."""
    if facts.shown_at_s:
        stream = graph.picture_of(source).filter("setpts", "PTS-STARTPTS")
        # Without a word on its ticks, the encoder counts in those of the clip's shortest picture, and rounds.
        return stream, {"fps_mode": "passthrough", "enc_time_base": "1:90000"}
    rate = rate_of(facts.fps or 25.0)
    return graph.steady(graph.picture_of(source), rate), graph.at_rate(rate)
