"""The picture track that is being made: copied from clips where that can be, drawn and encoded where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from typing import Any

from lib.errors import BadMedia, Unsupported
from lib.media.smart.coding import Coding, coding_of
from lib.media.smart.pictures import decoded, encoded
from lib.media.smart.plan import Plan, plan
from lib.media.smart.report import Steps
from lib.media.smart.samples import MadeTrack, Samples, Spill, read_sample
from lib.media.smart.track import Track

OWN = 0  # the number of the file in which samples lie that were made here
Place = Callable[[int], int]  # from a clip's ticks to those of the result


class Source:
    """A clip whose pictures are taken; `number` names its file among those that samples lie in."""

    def __init__(self, track: Track, descriptor: int, number: int) -> None:
        self.track, self.descriptor, self.number = track, descriptor, number
        self.coding: Coding = coding_of(track.entry)
        self.shown = track.shown()

    def check(self, frames: int) -> None:
        """Raises BadMedia where the file shows another number of pictures than was counted."""
        if len(self.shown) != frames:
            raise BadMedia("The clip's index and its pictures do not agree.", hint="")

    def read(self, index: int) -> bytes:
        return read_sample(self.descriptor, self.track, index)

    def can_start(self, index: int) -> bool:
        return self.coding.can_start(self.read(index))

    def plan(self, first: int, end: int) -> Plan:
        return plan(self.track, self.shown[first:end], self.can_start)

    def end(self, number: int) -> int:
        """The tick at which the picture before `number` goes."""
        return self.shown[number] if number < len(self.shown) else self.track.last_end()

    def frames(self, times: Iterable[int]) -> Iterator[Any]:
        return decoded(self.coding, self.track, self.read, list(times))

    def rate(self) -> Fraction:
        """About how many pictures a second there are."""
        length = sum(self.track.durations) or 1
        return Fraction(len(self.track.pts) * self.track.timescale, length).limit_denominator(1001)


class Reel:
    """The track in the form of `model`. What is drawn waits until something is copied, as one run for the encoder,
    which is set for `crf`.
    """

    def __init__(self, model: Source, spill: Spill, steps: Steps, crf: int) -> None:
        self.crf = crf
        self.model, self.coding, self.spill, self.steps = model, model.coding, spill, steps
        self.samples = Samples()
        self.pending: list[Iterator[Any]] = []

    def part(self, source: Source, one: Plan, place: Place) -> None:
        """The pictures of a plan, one after the other."""
        self._drawn(source, one.head, place)
        if one.copied:
            self._encode()
        for index in one.copied:
            self._copy(source, index, place)
        self._drawn(source, one.tail, place)

    def draw(self, frames: Iterator[Any]) -> None:
        """Decoded pictures with times in the track's ticks; they are made when their turn comes."""
        self.pending.append(frames)

    def track(self, end: int) -> MadeTrack:
        """All of it, shown from tick 0 up to `end`."""
        self._encode()
        form, entry = self.model.track, self.coding.final_entry()
        return MadeTrack(b"vide", form.timescale, entry, self.samples, 0, end, form.matrix, form.size)

    def stamped(self, frame: Any, time: int) -> Any:
        """The picture with that time on the track's clock."""
        frame.pts, frame.time_base = time, Fraction(1, self.model.track.timescale)
        return frame

    def _drawn(self, source: Source, times: Sequence[int], place: Place) -> None:
        if times:
            self.draw(self.stamped(frame, place(frame.pts)) for frame in source.frames(times))

    def _encode(self) -> None:
        frames, self.pending = chain.from_iterable(self.pending), []
        scale, rate = self.model.track.timescale, self.model.rate()
        for data, time, key in encoded(self.coding, frames, scale, rate, self.crf):
            self.samples.add(OWN, self.spill.add(data), len(data), time, sync=key)
            self.steps.encoded()

    def _copy(self, source: Source, index: int, place: Place) -> None:
        track, sync = source.track, bool(source.track.sync[index])
        time = place(track.pts[index])
        if sync:
            before = source.read(index)
            self.coding.check(before)
            data = source.coding.copied(before)
            if data != before:
                self.samples.add(OWN, self.spill.add(data), len(data), time)
                return
            sync = source.coding.can_start(before)
        self.samples.add(source.number, track.offsets[index], track.sizes[index], time, sync=sync)


def check_encoder(sources: Iterable[Source]) -> None:
    """Raises Unsupported where pictures encoded here could not stand beside copied ones."""
    for source in sources:
        pts, coding = source.track.pts, source.coding
        if not coding.encoder or not (coding.mixes_orders or list(pts) == sorted(pts)):
            raise Unsupported("Pictures of this coding cannot be encoded so that they fit the copied ones.", hint="")
