"""Interpolation: optical flow both ways, both pictures warped to the moment between and blended.

With n pictures and r passes there are (n - 1) * 2^r + 1 of them, as each pass puts one between any two; they are played
at `output_fps`. The length follows from that, as it does in the model: only where it stays that of the clip is the
clip's sound kept. Single pictures are done alike, in the size of the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from lib.standin.performers.film import Film
from lib.standin.performers.flow import Between
from lib.standin.performers.part import Part, Played, Refused
from lib.standin.performers.reel import Clip, Picture, Size, arrays, covering, look, photo, pictures, planar
from lib.standin.performers.sound import samples_of

MOST_FRAMES = 4000
MOST_PASSES = 6
SAME_LENGTH_S = 0.25


def perform(part: Part) -> Played:
    """The clip, or the pictures, with new ones between."""
    return _stills(part) if "frames" in part.values else _clip(part)


def _stills(part: Part) -> Played:
    names = [f"frames.{index}.url" for index in range(len(part.values["frames"]))]
    passes, rate = part.values["recursive_interpolation_passes"], Fraction(part.values["output_fps"])
    first = photo(part, names[0])
    size, count = Size.even(first.width, first.height), _count(len(names), passes)
    part.log(f"{passes} passes make {count} frames of {len(names)}, played at {rate} fps")
    with Film(part, size, rate, marked=all(map(part.marked, names)), frames=count) as film:
        _film(film, (planar(covering(photo(part, name), size)) for name in names), 2**passes)
    return Played({"video": film.path}, {})


def _clip(part: Part) -> Played:
    clip = look(part, "video_url")
    passes, rate = part.values["recursive_interpolation_passes"], Fraction(part.values["output_fps"])
    frames = clip.frames or sum(1 for _ in pictures(clip, clip.size))
    count = _count(frames, passes)
    part.log(f"{passes} passes make {count} frames of {frames}, played at {rate} fps")
    film = Film(
        part, clip.size, rate, marked=part.marked("video_url"), frames=count, colours=clip.colours,
        sound=samples_of(clip.path) if _same_length(clip, frames, count / rate) else None,
    )  # fmt: skip
    with film:
        _film(film, arrays(pictures(clip, clip.size, threads=part.threads)), 2**passes)
    return Played({"video": film.path}, {})


def _count(frames: int, passes: int) -> int:
    """How many there will be; Refused where that is more than a rehearsal should make."""
    field = "recursive_interpolation_passes"
    if passes > MOST_PASSES:
        raise Refused(field, f"The rehearsal stops at {MOST_PASSES} passes; the hosted model may take more.")
    count = (frames - 1) * (1 << passes) + 1
    if count > MOST_FRAMES:
        raise Refused(field, f"That would be {count} frames; the rehearsal stops at {MOST_FRAMES}. Use fewer passes.")
    return count


def _same_length(clip: Clip, frames: int, length_s: Fraction) -> bool:
    return clip.has_sound and abs(float(frames / clip.rate - length_s)) < SAME_LENGTH_S


def _film(film: Film, source: Iterator[Picture], parts: int) -> None:
    before: Picture | None = None
    for picture in source:
        if before is not None and parts > 1:
            between = Between(before, picture)
            for index in range(1, parts):
                film.show(between.at(index / parts))
        film.show(picture)
        before = picture
