"""A voice on a picture, and sound beside a picture.

Rule of the lip-sync: the result lasts as long as the picture; the voice starts with it, and silence follows a shorter
voice. Under a longer voice the picture runs forth and back until the voice has ended. Sound that the picture had is
replaced. With neither a recording nor a text there is nothing to say, and the clip comes back with its own sound.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np

from lib.standin.performers.film import Film, dubbed
from lib.standin.performers.part import Part, Played
from lib.standin.performers.reel import Clip, Picture, arrays, look, pictures
from lib.standin.performers.sound import Samples, samples_of, seconds_of, silence, voice
from lib.standin.speech import speak

MOST_BYTES = 150_000_000


def perform(part: Part) -> Played:
    """The clip with a voice on it, or (merge-audio-video) with a sound laid `start_offset` seconds into it."""
    clip = look(part, "video_url")
    if part.endpoint.endswith("merge-audio-video"):
        return laid(part, clip, offset(voice(part, "audio_url"), float(part.values.get("start_offset") or 0)))
    said = _voice(part)
    if said is None:
        part.log("Neither a recording nor a text: nothing is said, the clip keeps its sound")
        own = samples_of(clip.path) if clip.has_sound else None
        return laid(part, clip, silence(0) if own is None else own)
    part.log(f"The voice lasts {seconds_of(said):.1f} s")
    return laid(part, clip, said, loop=True)


def offset(samples: Samples, seconds: float) -> Samples:
    """The sound starting so many seconds later; with a negative number its beginning is cut off."""
    if seconds < 0:
        return samples[:, round(-seconds * 48_000) :]
    return np.concatenate([silence(seconds), samples], axis=1)


def _voice(part: Part) -> Samples | None:
    if "audio_url" in part.files:
        return voice(part, "audio_url")
    if text := part.values.get("text"):
        part.log(f"Speaking {len(text)} characters as {part.values['voice_id']}")
        return speak(text, part.values["voice_id"])
    return None


def laid(part: Part, clip: Clip, sound: Samples, *, loop: bool = False) -> Played:
    """The clip with that sound alone; with `loop` its pictures run on for as long as the sound lasts."""
    length_s = float((clip.frames or 0) / clip.rate)
    enough = not loop or (clip.frames is not None and seconds_of(sound) <= length_s)
    if enough and clip.plain and part.marked("video_url"):
        return Played({"video": dubbed(part, clip, sound)}, {})
    film = Film(
        part, clip.size, clip.rate, marked=part.marked("video_url"), colours=clip.colours, sound=sound,
        frames=clip.frames if enough else None,
    )  # fmt: skip
    with film:
        for picture in _pictures(clip, seconds_of(sound) * float(clip.rate) if loop else 0, part.threads):
            film.show(picture)
    return Played({"video": film.path}, {})


def _pictures(clip: Clip, least: float, threads: int) -> Iterator[Picture]:
    """The clip's pictures once; then, until there are `least`, back and forth."""
    room = max(2, MOST_BYTES // (clip.size.width * clip.size.height * 3 // 2))
    kept: deque[Picture] = deque(maxlen=room if least else 1)
    count = 0
    for picture in arrays(pictures(clip, clip.size, rate=clip.resample, threads=threads)):
        yield picture
        count += 1
        kept.append(picture)
    turns = swing(len(kept))
    while count < least:
        yield kept[next(turns)]
        count += 1


def swing(count: int) -> Iterator[int]:
    """Indices that go back from the end and forth again, without showing a turning point twice."""
    order = [*range(count - 2, -1, -1), *range(1, count)] or [0]
    while True:
        yield from order
