"""Puts clips one after the other by copying their pictures, inside a limited child process."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from itertools import repeat
from pathlib import Path
from typing import Any

from lib.errors import MediaError, Unsupported
from lib.media.join import Seam
from lib.media.smart import h264, sound
from lib.media.smart.boxes import find, movie
from lib.media.smart.coding import H264, Coding, coding_of
from lib.media.smart.cutter import DEFAULT_BRAND
from lib.media.smart.entry import VISUAL, colours
from lib.media.smart.reel import OWN, Reel, Source, check_encoder
from lib.media.smart.report import Steps
from lib.media.smart.samples import MadeTrack, Spill, read_sample
from lib.media.smart.track import Track, read_track
from lib.media.smart.write import write_movie


def look(request: dict[str, Any]) -> dict[str, Any]:
    """What decides which clips can stand in one track: one row per file of `request["paths"]`."""
    return {"shapes": [_shape(Path(path)) for path in request["paths"]]}


def _shape(path: Path) -> dict[str, Any]:
    """`like` is equal for clips whose pictures can follow one another; `problem` says why these can follow none."""
    try:
        _, track, coding = _opened(path)
        with path.open("rb") as file:
            _check_whole(track, coding, file.fileno())
    except MediaError as error:
        return {"problem": error.message}
    like = (colours(track.entry) + track.matrix).hex()
    said = {"timescale": track.timescale, "encoder": coding.encoder, "colour": _colour(track.entry)}
    shape: dict[str, Any] = {"problem": "", "like": like, **said}
    if isinstance(coding, H264):
        shape["like"] += f"-{coding.source.length_size}-{coding.source.head[1]}"
        shape |= {"sets": coding.source.build().hex(), "profile": h264.PROFILES.get(coding.source.head[1], "")}
    elif not coding.encoder:  # nothing is known of its parameters but that equal ones are equal
        shape["like"] = (track.entry + track.matrix).hex()
    return shape


def _colour(entry: bytes) -> list[int]:
    """Primaries, transfer, matrix (ITU-T H.273; 2 is unknown) and whether luma takes the full range."""
    said = find(entry[8 + VISUAL :], b"colr") or b""
    if said[:4] != b"nclx" or len(said) < 11:
        return [2, 2, 2, 0]
    return [*struct.unpack_from(">3H", said, 4), said[10] >> 7]


def _opened(path: Path) -> tuple[bytes, Track, Coding]:
    brand, moov = movie(path)
    track = read_track(moov, b"vide")
    if track is None:
        raise Unsupported("The clip has no picture.", hint="")
    return brand, track, coding_of(track.entry)


def _check_whole(track: Track, coding: Coding, descriptor: int) -> None:
    """Raises Unsupported unless the clip begins with a key picture and shows all that it holds."""
    if len(track.shown()) != len(track.pts):
        raise Unsupported("The clip holds pictures that it does not show.", hint="")
    if min(track.pts) != track.pts[0] or not coding.can_start(read_sample(descriptor, track, 0)):
        raise Unsupported("The clip does not begin with a key picture.", hint="")


def join(request: dict[str, Any], steps: Steps) -> dict[str, Any]:
    """Makes `request["output"]` of the pictures of `movies` ({path, frames, first, end, length_s: [n, d]}: those from
    `first` up to `end`, which last that long) with `seams` between them (as in `lib.media.join`) at `fps` [n, d].

    `sounds` are {path, zero_s, begin_s, gain}, path None for silence: what is heard from the clip's moment `begin_s`
    on. Pictures are encoded at `crf`. The movie at `request["model"]` gives the track its form.
    """
    with ExitStack() as stack:
        spill = Spill(Path(request["folder"]) / "encoded")
        files = [stack.enter_context(Path(one["path"]).open("rb")) for one in request["movies"]]
        joined = Joined(request, [file.fileno() for file in files], spill, steps)
        heard = list(pieces(request)) if request["rate"] else []
        steps.reached("index")
        steps.plan(joined.encoded, sound.length_s(heard))
        tracks = [joined.track()]
        steps.reached("pictures")
        if heard:
            tracks.append(sound.encoded(heard, request["rate"], request["layout"], spill, OWN, on_heard=steps.heard))
        steps.reached("sound")
        spill.file.flush()
        steps.expect(sum(sum(one.samples.sizes) for one in tracks))
        write_movie(
            Path(request["output"]), tracks, [spill.file.fileno(), *(file.fileno() for file in files)],
            brand=joined.brand or DEFAULT_BRAND, comment=request["comment"], on_bytes=steps.moved,
        )  # fmt: skip
    steps.reached("copying")
    plans = [[len(one.head), len(one.copied), len(one.tail)] for one in joined.plans]
    return {"plans": plans, "spent_s": steps.spent_s}


class Joined:
    """The picture track, clip by clip, in the form of the model's. Raises Unsupported or BadMedia where one misfits."""

    def __init__(self, request: dict[str, Any], descriptors: Sequence[int], spill: Spill, steps: Steps) -> None:
        movies = request["movies"]
        opened = [_opened(Path(one["path"])) for one in movies]
        self.brand = opened[request["model"]][0]
        self.clips = [Source(opened[n][1], descriptor, n + 1) for n, descriptor in enumerate(descriptors)]
        self.spans = [(one["first"], one["end"]) for one in movies]
        self.lengths = [Fraction(*one["length_s"]) for one in movies]
        self.seams = {one["before"]: Seam(**one) for one in request["seams"]}
        self.step_s = 1 / Fraction(*request["fps"])
        self.model = self.clips[request["model"]]
        for clip, one in zip(self.clips, movies, strict=True):
            clip.check(one["frames"])
            self.model.coding.beside(clip.coding)
        self.plans = [clip.plan(*span) for clip, span in zip(self.clips, self.spans, strict=True)]
        if self.seams or any(one.encoded for one in self.plans):
            check_encoder(self.clips)
        self.reel = Reel(self.model, spill, steps, request["crf"])

    @property
    def encoded(self) -> int:
        """How many pictures must be encoded."""
        return sum(one.encoded for one in self.plans) + sum(seam.frames for seam in self.seams.values())

    def track(self) -> MadeTrack:
        scale, at_s = self.model.track.timescale, Fraction(0)
        for number, (clip, plan, length_s) in enumerate(zip(self.clips, self.plans, self.lengths, strict=True)):
            self.reel.part(clip, plan, _placed(clip, self.spans[number][0], at_s, scale))
            at_s += length_s
            if seam := self.seams.get(number):
                self.reel.draw(self._drawn(seam, at_s))
                at_s += seam.frames * self.step_s
        return self.reel.track(round(at_s * scale))

    def _drawn(self, seam: Seam, at_s: Fraction) -> Iterator[Any]:
        from lib.media.smart.mix import pictures  # noqa: PLC0415 - only seams need numpy, which starts slowly

        before, after = self.clips[seam.before : seam.before + 2]
        times = before.shown[-seam.taken :] if seam.taken else before.shown[-1:]
        going = before.frames(times) if seam.taken else repeat(next(before.frames(times)), seam.frames)
        coming = after.frames(after.shown[: seam.taken]) if seam.taken else ()
        for number, frame in enumerate(pictures(seam, going, coming)):
            time_s = at_s + number * self.step_s
            yield self.reel.stamped(frame, round(time_s * self.model.track.timescale))


def _placed(clip: Source, first: int, at_s: Fraction, scale: int) -> Callable[[int], int]:
    """From the clip's ticks to those of the result, where its picture `first` comes at `at_s`."""
    zero, own = clip.shown[min(first, len(clip.shown) - 1)], clip.track.timescale
    return lambda time: round((at_s + Fraction(time - zero, own)) * scale)


def pieces(request: dict[str, Any]) -> Iterator[sound.Piece]:
    """What is heard, clip by clip and seam by seam."""
    seams = {one["before"]: Seam(**one) for one in request["seams"]}
    sounds, step_s = [_Sound(**one) for one in request["sounds"]], 1 / Fraction(*request["fps"])
    for number, (one, shown) in enumerate(zip(sounds, request["movies"], strict=True)):
        length_s = Fraction(*shown["length_s"])
        end_s = one.begin_s + length_s
        if length_s:
            yield (one.heard(one.begin_s, length_s),)
        seam = seams.get(number)
        if seam is None:
            continue
        own_s = (seam.taken or seam.frames) * step_s
        going, coming = one.heard(end_s, own_s, (1.0, 0.0)), sounds[number + 1].heard(Fraction(0), own_s, (0.0, 1.0))
        if seam.kind == "crossfade":
            yield going, coming
        else:
            yield from ((going,), (coming,)) if seam.taken else ((sound.Heard(None, Fraction(0), own_s),),)


class _Sound:
    """A clip's sound, on the clock of its own pictures."""

    def __init__(self, path: str | None, zero_s: float, begin_s: Sequence[int], gain: float) -> None:
        self.path, self.gain, self.begin_s = Path(path) if path else None, gain, Fraction(*begin_s)
        start_s = sound.start_s(self.path) if self.path else Fraction(0)
        self.zero_s = start_s + Fraction(zero_s).limit_denominator(1_000_000)

    def heard(self, begin_s: Fraction, length_s: Fraction, levels: tuple[float, float] = (1.0, 1.0)) -> sound.Heard:
        begin_s = self.zero_s + begin_s
        return sound.Heard(self.path, begin_s, begin_s + length_s, self.gain, levels)
