"""Reads shown pictures out of a clip by their time, each decoded from as near as can be (inside a limited child)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from itertools import chain, dropwhile
from math import inf
from pathlib import Path
from typing import Any

import av

from lib.errors import BadMedia
from lib.media.proof.peek import opened, track

NEAR_S = 0.5  # for pictures this near, looking where a seek would land is not worth it
MARGINS_S = (0.0, 0.5, 5.0, inf)  # how long before a time it seeks: containers seek by decode time, some not exactly
Told = Callable[[int], None]


class Reader(contextlib.AbstractContextManager["Reader"]):
    """One clip. Times are seconds on the file's own clock; `told` hears the size of every packet that is read."""

    def __init__(self, path: str | Path, told: Told = lambda _: None) -> None:
        self.path, self.told = path, told
        self.files = contextlib.ExitStack()
        self.open()
        self.start_s = float((self.container.start_time or 0) / av.time_base)
        self.needless = -inf  # ticks before which a picture is decoded only where others need it
        self.before: Any = None  # the picture that came out before the last one that was asked for
        self.scout: Any = None

    def open(self) -> None:
        """At the beginning (a seek to there would not always lead to the first packet)."""
        self.container = self.files.enter_context(opened(self.path))
        self.stream = track(self.container, "video")
        self.context = self.stream.codec_context
        self._from(iter(()))
        self.now_s = inf

    def __exit__(self, *_: object) -> None:
        self.files.close()

    def picture(self, due_s: float, slack_s: float) -> Any:
        """The picture shown at that time, give or take. Raises BadMedia where there is none, or it is damaged.

        Then `before` is one that is shown earlier, if any was on the way, and `following` gives the next.
        """
        frame = self._onward(due_s, slack_s) if self._is_on_the_way(due_s) else None
        if frame is None:
            tries = (self._sought(due_s, slack_s, margin_s) for margin_s in MARGINS_S)
            frame = next((one for one in tries if one is not None), None)
        if frame is None or frame.is_corrupt:
            raise BadMedia(f"There is no whole picture at {due_s - self.start_s:.3f} s.", hint="The clip is damaged.")
        return frame

    def onward_from(self, due_s: float, slack_s: float) -> Iterator[Any]:
        """The picture shown at that time and all after it."""
        yield self.picture(due_s, slack_s)
        while (frame := self._next()) is not None:
            self.now_s = frame.time
            yield frame

    def following(self) -> Any:
        """The picture after the last one, or None at the end; it is still to come."""
        if not self.held and (frame := next(self.frames, None)) is not None:
            self.held.append(frame)
        return self.held[0] if self.held else None

    def key_picture(self, due_s: float) -> Any:
        """The key picture that a seek to that time leads to, or None where it does not come out alone."""
        self._from(iter(()))
        self.now_s = inf
        self._seek(self.container, due_s)
        self.context.skip_frame = "DEFAULT"
        packet = next(iter(self.container.demux(self.stream)), None)
        if packet is None or not packet.is_keyframe or packet.is_discard:
            return None
        for frame in (*packet.decode(), *self.context.decode(None)):
            frame.time_base = self.stream.time_base  # a drained picture does not know it
            return frame if frame.pts is not None else None
        return None

    def packets(self) -> Iterator[Any]:
        """All packets of a clip that was just opened."""
        for packet in self.container.demux(self.stream):
            self.told(packet.size)
            if packet.size:
                yield packet

    def _is_on_the_way(self, due_s: float) -> bool:
        """Whether reading on leads there sooner than seeking: no key picture lies between."""
        if due_s <= self.now_s:
            return False
        if due_s - self.now_s < NEAR_S:
            return True
        if self.scout is None:
            self.scout = self.files.enter_context(opened(self.path))
        self._seek(self.scout, due_s)
        packet = next(iter(self.scout.demux(track(self.scout, "video"))), None)
        return packet is None or packet.pts is None or packet.pts * self.stream.time_base <= self.now_s

    def _onward(self, due_s: float, slack_s: float, *, surely: bool = False) -> Any:
        """The picture, if it is the next one that comes at that time or later."""
        self.needless = -inf if surely else self._ticks(due_s, slack_s)
        self.before = None
        while (frame := self._next()) is not None and frame.time < due_s - slack_s:
            self.before = frame
        self.now_s = inf if frame is None else frame.time
        return frame if frame is not None and frame.time <= due_s + slack_s else None

    def _sought(self, due_s: float, slack_s: float, margin_s: float) -> Any:
        """The picture, decoded from some key picture that is shown at that time or before; None where that fails.

        From the beginning (a margin without end) all is decoded, whatever the clip says of its pictures.
        """
        surely = margin_s == inf
        if surely:
            self.container.close()
            self.open()
        else:
            self._seek(self.container, due_s + slack_s - margin_s)
        frames = self._decoded()
        self.needless = -inf if surely else self._ticks(due_s, slack_s)
        if not surely:  # what comes before the first key picture needs others that were not read
            frames = dropwhile(lambda frame: not frame.key_frame, frames)
        first = next(frames, None)
        if first is None or first.time > due_s + slack_s:
            return None
        self._from(chain([first], frames))
        return self._onward(due_s, slack_s, surely=surely)

    def _decoded(self) -> Iterator[Any]:
        for packet in self.container.demux(self.stream):
            self.told(packet.size)
            early = packet.pts is not None and packet.pts < self.needless
            self.context.skip_frame = "NONREF" if early else "DEFAULT"
            with contextlib.suppress(av.error.InvalidDataError):  # of a wanted picture its absence is noticed
                yield from (frame for frame in packet.decode() if frame.pts is not None)

    def _from(self, frames: Iterator[Any]) -> None:
        self.frames, self.held = frames, list[Any]()

    def _next(self) -> Any:
        return self.held.pop() if self.held else next(self.frames, None)

    def _ticks(self, due_s: float, slack_s: float) -> float:
        """From when on every picture is decoded: the one before that at `due_s` as well (slack is half of the way)."""
        return (due_s - 3 * slack_s) / float(self.stream.time_base)

    def _seek(self, container: Any, time_s: float) -> None:
        ticks = max(int(time_s / self.stream.time_base), min(self.stream.start_time or 0, 0))
        container.seek(ticks, stream=container.streams[self.stream.index])
