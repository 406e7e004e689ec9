"""A clip made anew at a rate, size, length and speed, as one command: what most fits are."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from lib.media import graph
from lib.media.colour import as_seen
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.fit.rate import count, length_of, rate_in, resampled, source_of
from lib.media.fit.size import How, Size, fitted, placed
from lib.media.kept import changes, form_of
from lib.media.promise import Heard, Promise, Same, even_times, own_times
from lib.media.sound.onto import stereo, timed
from lib.media.timing import frames_of

Clip = tuple[Path, Facts]
RATE = graph.SOUND_RATE
WINDOW = RATE * 12 // 1000  # what rubberband's window shifts, measured: early at its front, late at its back

SLOW = Fraction(3, 4)


@dataclass(frozen=True, slots=True)
class Form:
    """What the result shall be; None keeps what the clip has.

    `frames` beyond the clip's end hold its last picture, over silence; `tempo` 2 plays it twice as fast. `plain` is 8
    bit whatever the clip has.
    """

    rate: Fraction | None = None
    frames: int | None = None
    size: Size | None = None
    how: How = "crop"
    tempo: Fraction = Fraction(1)
    plain: bool = False


def build(clip: Clip, output: Path, form: Form, **said: Any) -> Command:
    """An MP4 (H.264, AAC) of that form, its sound as long as its pictures to the sample.

    It says `changes`, where the coding cannot keep all of the clip.
    """
    path, facts = clip
    source = graph.opened(path)
    as_it_is = form.rate is None and form.frames is None and form.tempo == 1
    picture, options, times, length_s = _untimed(source, facts) if as_it_is else _timed(source, facts, form)
    place = placed(facts, form.size, form.how) if form.size else None
    picture = fitted(picture, form.size, place) if form.size and place else graph.even(picture, facts)
    samples = graph.samples(length_s, RATE)
    picture = as_seen(picture, facts, (form.size or graph.even_size(facts))[1])
    streams = [picture.filter("format", form_of(facts, plain=form.plain))]
    if facts.has_sound:
        sound = _at_tempo(stereo(graph.sound_of(source, facts)), facts, form.tempo)
        streams.append(graph.exactly(sound, samples))
    coding = (
        graph.h264(facts, plain=form.plain)
        | options
        | (graph.AAC if facts.has_sound else {})
        | graph.MP4
        | graph.marked([facts])
    )
    promise = Promise(
        times, float(length_s), form.size or graph.even_size(facts), samples if facts.has_sound else None,
        clips=(clip,), same=_ends(facts, form, len(times)), heard=_heard(facts, form, length_s), place=place,
    )  # fmt: skip
    coding |= graph.marked([facts]) | graph.few(*(form.size or (None, None)))
    return graph.command(streams, output, [path], len(times), coding).promising(promise, **changes(facts) | said)


Timed = tuple[Any, dict[str, Any], tuple[float, ...], Fraction]
"""The pictures, the options that keep their times, those times, and when the last picture ends."""


def _untimed(source: Any, facts: Facts) -> Timed:
    picture, options = timed(source, facts)
    return picture, options, own_times(facts), length_of(facts)


def _timed(source: Any, facts: Facts, form: Form) -> Timed:
    rate = form.rate or rate_in(facts)
    frames = form.frames or count(length_of(facts) / form.tempo, rate)
    # Rate before size: fewer pictures to scale.
    picture = resampled(graph.picture_of(source), facts, rate, frames, form.tempo)
    return picture, graph.at_rate(rate), even_times(frames, rate), frames / rate


def _at_tempo(sound: Any, facts: Facts, tempo: Fraction) -> Any:
    """Faster or slower at the same pitch; the window's shift is taken back out."""
    if tempo == 1:
        return sound
    sound = graph.exactly(sound, graph.samples(length_of(facts), RATE)).filter("adelay", f"{WINDOW}S", all=1)
    # Played slowly, what it takes for a sudden sound would come late.
    kind = "smooth" if tempo < SLOW else "crisp"
    sound = sound.filter("rubberband", tempo=float(tempo), transients=kind).filter("asetpts", "N/SR/TB")
    return graph.from_sample(sound, WINDOW)


def _ends(facts: Facts, form: Form, frames: int) -> tuple[Same, ...]:
    """Which old picture the first and the last new one are, where that can be said."""
    if form.rate is None and form.frames is None and form.tempo == 1:
        return tuple(Same(number, number) for number in sorted({0, frames - 1}))
    rate = form.rate or rate_in(facts)
    found = ((number, source_of(number, facts, rate, form.tempo)) for number in sorted({0, frames - 1}))
    return tuple(Same(number, min(old, frames_of(facts) - 1)) for number, old in found if old is not None)


def _heard(facts: Facts, form: Form, length_s: Fraction) -> tuple[Heard, ...]:
    """Sound at its own speed stays where it was."""
    if not facts.has_sound or form.tempo != 1:
        return ()
    return (Heard(0.0, 0.0, float(min(length_s, length_of(facts)))),)
