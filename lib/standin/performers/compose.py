"""Compose: clips, pictures and sounds at their times on tracks.

The picture has the size of the first clip or picture and the rate of the first clip; what has another shape stands in
it with black at its sides. A later track lies over an earlier one, and where there is nothing it is black. A clip that
is over before its keyframe is stays on its last frame. Sound comes from the audio tracks, from the clips themselves
where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, repeat
from pathlib import Path

import av
import cv2
import numpy as np

from lib.standin.performers.film import Film
from lib.standin.performers.framing import inside
from lib.standin.performers.part import Part, Played, Refused
from lib.standin.performers.reel import NOT_A_VIDEO, Picture, Size, arrays, look, photo, pictures
from lib.standin.performers.sound import LONGEST_S, RATE, Samples, samples_of, silence, voice
from lib.standin.performers.stills import still

PLAIN_SIZE, PLAIN_RATE = Size(640, 360), Fraction(25)


@dataclass(frozen=True, slots=True)
class Piece:
    """One keyframe: what is where. `field` is its path in the input."""

    kind: str
    field: str
    start_s: float
    end_s: float


def perform(part: Part) -> Played:
    """The clip, as long as the last keyframe lasts, and its first frame."""
    pieces = _pieces(part)
    seen = [piece for piece in pieces if piece.kind != "audio"]
    length_s = max(piece.end_s for piece in pieces)
    if length_s > LONGEST_S:
        raise Refused("tracks", f"The rehearsal stops at {LONGEST_S:g} s; the hosted one may take more.")
    size, rate = _size(part, seen), _rate(part, seen)
    frames = max(1, round(length_s * rate))
    marked = bool(seen) and all(part.marked(piece.field) for piece in seen)
    part.log(f"{len(pieces)} keyframes, {length_s:g} s at {size.width} x {size.height}")
    found = _film([_Showing(part, piece, size, rate) for piece in seen], size, frames)
    first = next(found)
    with Film(part, size, rate, marked=marked, frames=frames, sound=_sound(part, pieces, length_s)) as film:
        for picture in chain([first], found):
            film.show(picture)
    return Played({"video_url": film.path, "thumbnail_url": _thumbnail(part, first, marked=marked)}, {})


def _pieces(part: Part) -> list[Piece]:
    return [
        Piece(
            track["type"],
            f"tracks.{at}.keyframes.{place}.url",
            keyframe["timestamp"] / 1000,
            (keyframe["timestamp"] + keyframe["duration"]) / 1000,
        )
        for at, track in enumerate(part.values["tracks"])
        for place, keyframe in enumerate(track["keyframes"])
    ]


def _size(part: Part, seen: list[Piece]) -> Size:
    if not seen:
        return PLAIN_SIZE
    if seen[0].kind == "video":
        return look(part, seen[0].field).size
    image = photo(part, seen[0].field)
    return Size.even(image.width, image.height)


def _rate(part: Part, seen: list[Piece]) -> Fraction:
    clips = (look(part, piece.field).rate for piece in seen if piece.kind == "video")
    return next(clips, PLAIN_RATE)


class _Showing:
    """The pictures of one keyframe, one after the other."""

    def __init__(self, part: Part, piece: Piece, size: Size, rate: Fraction) -> None:
        self.first, self.end = round(piece.start_s * rate), round(piece.end_s * rate)
        self._pictures = _stills(part, piece, size) if piece.kind == "image" else _moving(part, piece, size, rate)
        self._last: Picture | None = None

    def next(self) -> Picture:
        self._last = next(self._pictures, self._last)
        if self._last is None:
            raise Refused("tracks", NOT_A_VIDEO)
        return self._last


def _film(showing: list[_Showing], size: Size, count: int) -> Iterator[Picture]:
    black = np.zeros((size.height, size.width, 3), np.uint8)
    for frame in range(count):
        seen = [one.next() for one in showing if one.first <= frame < one.end]
        yield seen[-1] if seen else black


def _stills(part: Part, piece: Piece, size: Size) -> Iterator[Picture]:
    image = np.asarray(photo(part, piece.field))
    inner = inside(size, Size(image.shape[1], image.shape[0]), 1.0)
    small = cv2.resize(image, (inner.width, inner.height), interpolation=cv2.INTER_AREA)
    return repeat(_boxed(np.asarray(small, np.uint8), size))


def _moving(part: Part, piece: Piece, size: Size, rate: Fraction) -> Iterator[Picture]:
    clip = look(part, piece.field)
    every = rate if rate != clip.rate else clip.resample
    inner = inside(size, clip.size, 1.0)
    for picture in arrays(pictures(clip, inner, kind="rgb24", rate=every, threads=part.threads)):
        yield _boxed(picture, size)


def _boxed(picture: Picture, size: Size) -> Picture:
    """In the middle of black."""
    height, width = picture.shape[:2]
    if (width, height) == (size.width, size.height):
        return picture
    whole = np.zeros((size.height, size.width, 3), np.uint8)
    top, left = (size.height - height) // 2, (size.width - width) // 2
    whole[top : top + height, left : left + width] = picture
    return whole


def _sound(part: Part, pieces: list[Piece], length_s: float) -> Samples | None:
    """All sounds at their times; None where there is none at all."""
    heard = [(piece, voice(part, piece.field)) for piece in pieces if piece.kind == "audio"]
    if not heard:
        clips = [piece for piece in pieces if piece.kind == "video"]
        own = ((piece, samples_of(part.file(piece.field))) for piece in clips)
        heard = [(piece, samples) for piece, samples in own if samples is not None]
    if not heard:
        return None
    whole = silence(length_s)
    for piece, samples in heard:
        start, end = round(piece.start_s * RATE), min(round(piece.end_s * RATE), whole.shape[1])
        count = min(end - start, samples.shape[1])
        whole[:, start : start + count] += samples[:, :count]
    return np.asarray(np.clip(whole, -1, 1), np.float32)


def _thumbnail(part: Part, first: Picture, *, marked: bool) -> Path:
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(first), format="rgb24")
    frame = frame.reformat(format="yuv420p")
    return still(part, frame, "thumbnail.png", marked=marked)
