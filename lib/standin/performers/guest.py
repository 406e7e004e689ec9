"""A model of which only its description is known: real media of the kinds that it says it returns.

They are made from what it was given: a moving picture of its first picture or clip, or of its words; its first sound,
or its words spoken.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageOps

from lib.standin.mark import comment
from lib.standin.performers.backdrop import backdrop
from lib.standin.performers.film import Film
from lib.standin.performers.part import Part, Played, Refused
from lib.standin.performers.reel import Size, look, photo, shape_of
from lib.standin.performers.sound import RATE, Samples, voice
from lib.standin.performers.stills import frame_at, still
from lib.standin.performers.timeline import Moving
from lib.standin.speech import speak

FRAMES_A_SECOND = Fraction(16)
SECONDS = 2
SHORT = 360
LONGEST_WORDS = 300


def perform(part: Part) -> Played:
    """Every file of the plan, and its values."""
    plan = json.loads(part.variant["guest"])
    part.log("This is a rehearsal: made-up media of the kinds that the model says it returns")
    made = {path: _made(part, path, kind, plan["words"]) for path, kind in plan["files"].items()}
    return Played(made, plan["values"])


def _made(part: Part, path: str, kind: str, words: str) -> Path:
    stem = path.replace(".", "-").replace("/", "-")
    if kind == "audio":
        return _sound(part, part.folder / f"{stem}.wav", words)
    picture, is_marked = _picture(part, words)
    if kind == "image":
        return still(part, _frame(picture), f"{stem}.png", marked=is_marked)
    return _film(part, picture, is_marked).rename(part.folder / f"{stem}.mp4")


def _picture(part: Part, words: str) -> tuple[Image.Image, bool]:
    """What the picture shows, even-sided, and whether it bears the badge already."""
    for field in part.files:
        found = _given(part, field)
        if found is not None:
            size = Size(found.width, found.height).with_short(SHORT)
            return ImageOps.fit(found, (size.width, size.height), Image.Resampling.LANCZOS), part.marked(field)
    return backdrop(words, part.seed, shape_of("16:9", SHORT)), False


def _given(part: Part, field: str) -> Image.Image | None:
    """The picture in that field, or the first one of its clip; None for a sound."""
    try:
        return photo(part, field)
    except Refused:
        return _first_of(part, field)


def _first_of(part: Part, field: str) -> Image.Image | None:
    try:
        first = frame_at(look(part, field), "first", part.threads)
    except Refused:
        return None
    return Image.fromarray(first.to_ndarray(format="rgb24"))


def _frame(picture: Image.Image) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(np.asarray(picture.convert("RGB")), format="rgb24")
    return frame.reformat(format="yuv420p", dst_colorspace="ITU709")


def _film(part: Part, picture: Image.Image, is_marked: bool) -> Path:
    size, frames = Size.even(*picture.size), round(SECONDS * FRAMES_A_SECOND)
    moving = Moving(picture, size, float(FRAMES_A_SECOND), part.seed)
    with Film(part, size, FRAMES_A_SECOND, marked=is_marked, frames=frames) as film:
        for frame in range(frames):
            film.show(moving.at(frame))
    return film.path


def _sound(part: Part, path: Path, words: str) -> Path:
    """A WAV that says of itself what it is."""
    samples = _samples(part, words)
    with av.open(str(path), "w", format="wav") as made:
        made.metadata["comment"] = comment(part.endpoint)
        track = made.add_stream("pcm_s16le", rate=RATE)
        track.layout = "stereo"
        whole = np.ascontiguousarray((np.clip(samples, -1, 1) * 32767).astype(np.int16).T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="stereo")
        frame.sample_rate = RATE
        made.mux(track.encode(frame))
        made.mux(track.encode(None))
    return path


def _samples(part: Part, words: str) -> Samples:
    for field in part.files:
        try:
            return voice(part, field)
        except Refused:
            continue
    return speak(words[:LONGEST_WORDS] or "This is a rehearsal.", "Auto")
