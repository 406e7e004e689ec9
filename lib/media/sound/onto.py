"""A clip with another sound, or none: its pictures are copied where MP4 can hold them as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lib.media import graph
from lib.media.command import Command
from lib.media.facts import CODECS, Facts
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
    said = _said(facts, copied=options["c:v"] == "copy")
    return graph.command(streams, output, inputs, frames, coding | marks).promising(promise, **said)


def _said(facts: Facts, *, copied: bool) -> dict[str, Any]:
    """What became of the pictures, as smart work says it, and why."""
    frames = frames_of(facts)
    if copied:
        return {"method": "smart", "copied_pictures": frames, "encoded_pictures": 0}
    why = {"method": "exact", "reason": anew(facts), "copied_pictures": 0, "encoded_pictures": frames}
    return why | changes(facts)


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
    if not anew(facts):
        return graph.picture_of(source), {"c:v": "copy"}
    picture, timing = encoded(source, facts)
    return picture, graph.h264(facts) | timing


def anew(facts: Facts) -> str:
    """Why its pictures must be encoded, in a sentence; "" where they can be copied."""
    if facts.container != graph.INDEXED[0]:
        return "The clip is no MP4, so its pictures cannot be put into one as they are."
    if facts.video_codec not in COPYABLE:
        coding = CODECS.get(facts.video_codec or "", facts.video_codec)
        return f"Its pictures are coded as {coding}, which few players read in an MP4."
    if facts.hidden_frames:
        return "The clip holds pictures that it does not show."
    return "The clip begins before its first picture comes." if facts.picture_start_s else ""


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
