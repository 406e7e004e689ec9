"""Cuts parts out of one clip, inside a limited child process (`lib.media.smart.child` starts it)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from lib.errors import BadMedia, Unsupported
from lib.media.smart import sound
from lib.media.smart.boxes import movie
from lib.media.smart.coding import Coding, coding_of
from lib.media.smart.pictures import encoded
from lib.media.smart.plan import Plan, plan
from lib.media.smart.report import Steps
from lib.media.smart.samples import MadeTrack, Samples, Spill, read_sample
from lib.media.smart.track import Track, read_track
from lib.media.smart.write import write_movie

OWN, SOURCE = 0, 1  # numbers of the files that samples lie in
DEFAULT_BRAND = b"isom\0\0\2\0isomiso2avc1mp41"


def cut(request: dict[str, Any], steps: Steps) -> dict[str, Any]:
    """Makes `request["output"]`; says how many pictures were copied and encoded, and what became of the sound.

    Raises Unsupported or BadMedia where a cut by copying cannot be right.
    """
    source, folder = Path(request["source"]), Path(request["folder"])
    brand, moov = movie(source)
    track = read_track(moov, b"vide")
    if track is None:
        raise Unsupported("The clip has no picture.", hint="")
    spans = [(first, end) for first, end in request["ranges"]]
    with source.open("rb") as file:
        spill = Spill(folder / "encoded")
        cutting = Cutting(track, file.fileno(), spill, steps)
        video = cutting.pictures(spans, request["frames"])
        tracks = [video]
        steps.reached("pictures")
        how = "none"
        if request["sound"]:
            heard, how = _sound(source, moov, cutting.times_s(spans), spill, request)
            tracks.append(heard)
        steps.reached("sound")
        spill.file.flush()
        steps.expect(sum(sum(one.samples.sizes) for one in tracks))
        write_movie(
            Path(request["output"]), tracks, [spill.file.fileno(), file.fileno()], brand=brand or DEFAULT_BRAND,
            comment=request["comment"], on_bytes=steps.moved,
        )  # fmt: skip
    steps.reached("copying")
    plans = [[len(one.head), len(one.copied), len(one.tail)] for one in cutting.plans]
    rate = tracks[-1].timescale if how != "none" else None
    return {"plans": plans, "sound": how, "rate": rate, "spent_s": steps.spent_s}


class Cutting:
    """One clip's pictures on their way into a new track."""

    def __init__(self, track: Track, descriptor: int, spill: Spill, steps: Steps) -> None:
        self.track, self.descriptor, self.spill, self.steps = track, descriptor, spill, steps
        self.coding: Coding = coding_of(track.entry)
        self.shown = track.shown()
        self.samples = Samples()
        self.plans: list[Plan] = []

    def read(self, index: int) -> bytes:
        return read_sample(self.descriptor, self.track, index)

    def pictures(self, spans: Sequence[tuple[int, int]], frames: int) -> MadeTrack:
        """The parts one after the other. Raises Unsupported where nothing can be copied."""
        if len(self.shown) != frames:
            raise BadMedia("The clip's index and its pictures do not agree.", hint="")
        self.plans = [plan(self.track, self.shown[first:end], self._can_start) for first, end in spans]
        if not any(one.copied for one in self.plans):
            raise Unsupported(self._nothing(spans), hint="")
        in_order = self.coding.mixes_orders or list(self.track.pts) == sorted(self.track.pts)
        if any(one.encoded for one in self.plans) and not (self.coding.encoder and in_order):
            raise Unsupported("Pictures of this coding cannot be encoded so that they fit the copied ones.", hint="")
        self.steps.reached("index")
        self.steps.plan(sum(one.encoded for one in self.plans))
        shift = 0
        for (first, end), one in zip(spans, self.plans, strict=True):
            self._part(one, shift - self.shown[first])
            shift += self._end(end) - self.shown[first]
        entry = self.coding.final_entry()
        return MadeTrack(
            b"vide", self.track.timescale, entry, self.samples, 0, shift, self.track.matrix, self.track.size
        )

    def times_s(self, spans: Sequence[tuple[int, int]]) -> list[tuple[Fraction, Fraction]]:
        """When the parts begin and end, on the movie's clock."""
        return [(self.track.time_s(self.shown[first]), self.track.time_s(self._end(end))) for first, end in spans]

    def _end(self, end: int) -> int:
        return self.shown[end] if end < len(self.shown) else self.track.last_end()

    def _can_start(self, index: int) -> bool:
        return self.coding.can_start(self.read(index))

    def _nothing(self, spans: Sequence[tuple[int, int]]) -> str:
        """Why no picture can be copied."""
        inside = {time for first, end in spans for time in self.shown[first:end]}
        if any(sync and time in inside for sync, time in zip(self.track.sync, self.track.pts, strict=True)):
            return "The part's key pictures are open: those after them need others from before, so none can be copied."
        return "No key picture lies in the part, so there is nothing to copy."

    def _part(self, one: Plan, shift: int) -> None:
        self._encode(one.head, shift)
        for index in one.copied:
            self._copy(index, shift)
        self._encode(one.tail, shift)

    def _encode(self, times: Sequence[int], shift: int) -> None:
        if not times:
            return
        for data, time, key in encoded(self.coding, self.track, self.read, times):
            self.samples.add(OWN, self.spill.add(data), len(data), time + shift, sync=key)
            self.steps.encoded()

    def _copy(self, index: int, shift: int) -> None:
        track, sync = self.track, bool(self.track.sync[index])
        time = track.pts[index] + shift
        if sync:
            before = self.read(index)
            data = self.coding.copied(before)
            if data != before:
                self.samples.add(OWN, self.spill.add(data), len(data), time)
                return
            sync = self.coding.can_start(before)
        self.samples.add(SOURCE, track.offsets[index], track.sizes[index], time, sync=sync)


def _sound(
    source: Path, moov: bytes, times_s: list[tuple[Fraction, Fraction]], spill: Spill, request: dict[str, Any]
) -> tuple[MadeTrack, str]:
    """The sound of the parts, and whether it was copied or encoded."""
    if len(times_s) == 1:
        try:
            track = read_track(moov, b"soun")
            whole = sound.copied(track, *times_s[0], SOURCE) if track else None
        except Unsupported:
            whole = None
        if whole:
            return whole, "copied"
    parts = [sound.Heard(source, begin, end) for begin, end in times_s]
    return sound.encoded(parts, request["rate"], request["layout"], spill, OWN), "encoded"
