"""Puts clips one after the other by copying their pictures, inside a limited child process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

from lib.errors import BadMedia, MediaError, Unsupported
from lib.media.smart import h264, sound
from lib.media.smart.boxes import movie
from lib.media.smart.coding import H264, Coding, coding_of
from lib.media.smart.cutter import DEFAULT_BRAND, OWN
from lib.media.smart.entry import colours
from lib.media.smart.report import Steps
from lib.media.smart.samples import MadeTrack, Samples, Spill, read_sample
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
    shape: dict[str, Any] = {"problem": "", "like": like, "timescale": track.timescale, "encoder": coding.encoder}
    if isinstance(coding, H264):
        shape["like"] += f"-{coding.source.length_size}-{coding.source.head[1]}"
        shape |= {"sets": coding.source.build().hex(), "profile": h264.PROFILES.get(coding.source.head[1], "")}
    elif not coding.encoder:  # nothing is known of its parameters but that equal ones are equal
        shape["like"] = (track.entry + track.matrix).hex()
    return shape


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
    """Makes `request["output"]` of the pictures of `movies` ({path, frames, length_s: [n, d]}) and of `sounds`.

    A sound is {path, zero_s}, path None for silence. The first movie at `request["model"]` gives the track its form.
    """
    brand, model, coding = _opened(Path(request["movies"][request["model"]]["path"]))
    with ExitStack() as stack:
        spill = Spill(Path(request["folder"]) / "encoded")
        files = [stack.enter_context(Path(one["path"]).open("rb")) for one in request["movies"]]
        joined = Joined(model, coding, spill)
        lengths = [Fraction(*one["length_s"]) for one in request["movies"]]
        for number, (one, file, length_s) in enumerate(zip(request["movies"], files, lengths, strict=True), 1):
            joined.add(Path(one["path"]), number, file.fileno(), one["frames"], length_s)
        tracks = [joined.track()]
        steps.reached("index")
        if request["rate"]:
            parts = list(_heard(request["sounds"], lengths))
            tracks.append(sound.encoded(parts, request["rate"], request["layout"], spill, OWN))
        steps.reached("sound")
        spill.file.flush()
        steps.expect(sum(sum(one.samples.sizes) for one in tracks))
        write_movie(
            Path(request["output"]), tracks, [spill.file.fileno(), *(file.fileno() for file in files)],
            brand=brand or DEFAULT_BRAND, comment=request["comment"], on_bytes=steps.moved,
        )  # fmt: skip
    steps.reached("copying")
    return {"spent_s": steps.spent_s}


def _heard(sounds: Sequence[dict[str, Any]], lengths: Sequence[Fraction]) -> Iterator[sound.Heard]:
    for one, length_s in zip(sounds, lengths, strict=True):
        if one["path"] is None:
            yield sound.Heard(None, Fraction(0), length_s)
            continue
        path = Path(one["path"])
        begin_s = sound.start_s(path) + Fraction(one["zero_s"]).limit_denominator(1_000_000)
        yield sound.Heard(path, begin_s, begin_s + length_s)


class Joined:
    """The picture track that grows clip by clip, in the form of the model's."""

    def __init__(self, model: Track, coding: Coding, spill: Spill) -> None:
        self.model, self.coding, self.spill = model, coding, spill
        self.samples, self.at_s = Samples(), Fraction(0)

    def add(self, path: Path, number: int, descriptor: int, frames: int, length_s: Fraction) -> None:
        """All pictures of a clip, which lasts `length_s`. Raises Unsupported or BadMedia where it does not fit."""
        _, track, coding = _opened(path)
        if len(track.pts) != frames:
            raise BadMedia("A clip's index and its pictures do not agree.", hint="")
        if isinstance(self.coding, H264) and isinstance(coding, H264):
            self.coding.both = self.coding.both.joined(coding.source)
        zero = min(track.pts)
        for index, time in enumerate(track.pts):
            at = round((self.at_s + Fraction(time - zero, track.timescale)) * self.model.timescale)
            sync = bool(track.sync[index])
            before = read_sample(descriptor, track, index) if sync else b""
            data = coding.copied(before) if sync else b""
            if data != before:
                self.samples.add(OWN, self.spill.add(data), len(data), at)
            else:
                self.samples.add(number, track.offsets[index], track.sizes[index], at, sync=sync)
        self.at_s += length_s

    def track(self) -> MadeTrack:
        end, model = round(self.at_s * self.model.timescale), self.model
        entry = self.coding.final_entry()
        return MadeTrack(b"vide", model.timescale, entry, self.samples, 0, end, model.matrix, model.size)
