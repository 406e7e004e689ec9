"""A clip whose sound, and on wish its picture, comes up and goes down."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from lib.errors import InputError, Unsupported
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.kept import changes
from lib.media.promise import Promise, Same, own_times
from lib.media.sound.lay import Tone, faded
from lib.media.sound.onto import Clip, encoded, picture_samples, sounding, stereo
from lib.media.timing import frames_of, shown_at


def build(video: Clip, output: Path, *, fade_in_s: float, fade_out_s: float, picture: bool = False) -> Command:
    """An MP4 with the sound faded; pictures are copied, or with `picture` faded from and to black.

    Raises Unsupported for a silent clip whose pictures shall stay, InputError where the two fades would overlap.
    """
    path, facts = video
    length_s = float(shown_at(frames_of(facts), facts))
    if fade_in_s + fade_out_s > length_s:
        message = f"The clip lasts {length_s:.2f} s; the two fades are longer together."
        raise InputError(message, hint="Choose shorter fades.", fields={"fade_out_s": message})
    if not facts.has_sound and not picture:
        raise Unsupported("The clip has no sound to fade.", hint="Choose another, or fade the picture as well.")
    source = graph.opened(path)
    tone = Tone(fade_in_s=fade_in_s, fade_out_s=fade_out_s)
    sound = None
    if facts.has_sound:
        whole = graph.exactly(graph.sound_of(source, facts), picture_samples(facts))
        sound = faded(stereo(whole), 0, picture_samples(facts), tone)
    return _both(video, source, sound, output, tone) if picture else sounding(video, source, sound, output)


def _both(video: Clip, source: Any, sound: Any, output: Path, tone: Tone) -> Command:
    path, facts = video
    frames, length = frames_of(facts), picture_samples(facts)
    stream, timing = encoded(source, facts)
    end_s = shown_at(frames, facts)
    if tone.fade_in_s:
        stream = stream.filter("fade", type="in", start_time=0, duration=tone.fade_in_s)
    if tone.fade_out_s:
        begin_s = graph.seconds(end_s - Fraction(tone.fade_out_s))
        stream = stream.filter("fade", type="out", start_time=begin_s, duration=tone.fade_out_s)
    streams = [stream] if sound is None else [stream, graph.exactly(sound, length)]
    options = graph.h264(facts) | timing | ({} if sound is None else graph.AAC) | graph.MP4 | graph.marked([facts])
    promise = Promise(
        own_times(facts), float(end_s), graph.even_size(facts), None if sound is None else length, clips=(video,),
        same=_untouched(facts, tone),
    )  # fmt: skip
    return graph.command(streams, output, [path], frames, options).promising(promise, **changes(facts))


def _untouched(facts: Facts, tone: Tone) -> tuple[Same, ...]:
    """The first and the last picture between the fades."""
    frames = frames_of(facts)
    first_s, last_s = tone.fade_in_s, float(shown_at(frames, facts)) - tone.fade_out_s
    clear = [number for number in range(frames) if first_s < shown_at(number, facts) < last_s]
    return tuple(Same(number, number) for number in sorted({clear[0], clear[-1]})) if clear else ()
