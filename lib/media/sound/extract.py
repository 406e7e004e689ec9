"""The sound of a clip as a file of its own, as long as the pictures to the sample."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from lib.errors import Unsupported
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.promise import Heard, Promise
from lib.media.timing import frames_of, shown_at

Format = Literal["wav", "flac", "mp3", "m4a"]
CODINGS: dict[str, dict[str, Any]] = {
    "wav": {"c:a": "pcm_s16le", "f": "wav"},
    "flac": {"c:a": "flac", "f": "flac"},
    "mp3": {"c:a": "libmp3lame", "q:a": 2, "f": "mp3"},
    "m4a": {"c:a": "aac", "b:a": "192k", "movflags": "+faststart", "f": "ipod"},
}
# MP3 has no other rates; AAC has more, but what plays it has not always.
LOSSY_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


def build(clip: tuple[Path, Facts], output: Path, format: Format) -> Command:
    """The clip's sound from its first picture until its last one ends, at its own rate and with its own channels.

    MP3 and M4A are stereo at most and 48 kHz at most. Raises Unsupported for a silent clip.
    """
    path, facts = clip
    if not facts.has_sound:
        raise Unsupported("The clip has no sound.", hint="Choose a clip with sound.")
    rate = sound_rate(facts, format)
    length = graph.samples(shown_at(frames_of(facts), facts), rate)
    early = graph.samples(Fraction(facts.picture_start_s).limit_denominator(1_000_000), rate)
    sound = graph.exactly(graph.from_sample(graph.heard_from(graph.opened(path), rate), early), length)
    if format in ("mp3", "m4a") and (facts.channels or 2) > 2:
        sound = sound.filter("aformat", channel_layouts="stereo")
    options = CODINGS[format] | {"ar": rate, "map_metadata": -1} | graph.marked([facts])
    heard = Heard(0.0, 0.0, min(length / rate, facts.audio_duration_s or 0.0))
    promise = Promise(samples=length, sample_rate=rate, clips=(clip,), heard=(heard,))
    return graph.command([sound], output, [path], None, options).promising(promise, samples=length)


def sound_rate(facts: Facts, format: Format) -> int:
    """The file's own rate, where the format has it."""
    own = facts.sample_rate or graph.SOUND_RATE
    if format in ("wav", "flac") or own in LOSSY_RATES:
        return own
    return graph.SOUND_RATE
