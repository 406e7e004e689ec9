"""What cuts and joins share while they run: progress, limits, a clip as a plain MP4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lib.errors import BadMedia, MediaError, NoSpace, TooLong, Unsupported
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.limits import Limits, cut_limits
from lib.media.progress import OnProgress, Watch
from lib.media.promise import Promise
from lib.media.proof.sheet import Proof
from lib.media.run import run
from lib.media.smart.boxes import is_fragmented
from lib.media.smart.report import UNITS

CUT_SHARE = 0.85  # of the progress; the rest is the proof


@dataclass(slots=True)
class Progress:
    """One growing fraction out of several works, of which some may fail and others take their place."""

    tell: OnProgress | None
    told: float = 0.0

    def __call__(self, fraction: float) -> None:
        if self.tell and fraction > self.told:
            self.told = fraction
            self.tell(fraction)

    def between(self, low: float, high: float) -> OnProgress:
        return lambda fraction: self(low + (high - low) * fraction)


@dataclass(frozen=True, slots=True)
class Running:
    """Who is told how far it is, who may stop it, and what it may use."""

    progress: Progress
    cancelled: Callable[[], bool] | None
    limits: Limits

    def watch(self, low: float, high: float) -> Watch:
        """For a child whose work is that stretch of the whole."""
        command = Command((), Path("child"), frames=UNITS)
        return Watch(command, self.limits, self.progress.between(low, high), self.cancelled)

    async def ffmpeg(self, command: Command, low: float, high: float) -> None:
        told = self.progress.between(low, high)
        limits = promised(command.promise, self.limits) if command.promise else self.limits
        await run(command, limits=limits, on_progress=told, cancelled=self.cancelled)


def promised(promise: Promise, least: Limits) -> Limits:
    """The limits of making what was promised."""
    width, height = promise.size or (0, 0)
    sound_s = (promise.samples or 0) / promise.sample_rate
    pixels = width * height * len(promise.times)
    return cut_limits((facts for _, facts in promise.clips), pixels=pixels, sound_s=sound_s, least=least)


async def as_movie(source: Path, facts: Facts, copy: Path, running: Running, share: float) -> Path:
    """The clip in an MP4 with one index: itself, or `copy`, with the same packets. Raises Unsupported."""
    if facts.container == graph.INDEXED[0] and not is_fragmented(source):
        return source
    streams = ("-map", "0:V:0", *(("-map", "0:a:0") if facts.has_sound else ()))
    argv = ("-i", str(source), *streams, "-c", "copy", "-f", "mp4", str(copy))
    try:
        await running.ffmpeg(Command(argv, copy, (source,), frames=facts.frames), 0, share)
    except (NoSpace, TooLong):
        raise
    except MediaError as error:
        raise Unsupported("Pictures or sound of this coding cannot be copied into an MP4.", hint="") from error
    return copy


def held(proof: Proof) -> Proof:
    """The proof, if it holds. Raises BadMedia with what is wrong, or Unsupported where only likeness is missing."""
    if proof.is_unlike:
        worst = min(one.ssim for one in proof.seen if not one.holds)
        raise Unsupported(
            f"Even encoded almost without loss, pictures are not near enough to the clip's (likeness {worst:.3f}).",
            hint="Choose another beginning or end: what begins at a key picture is copied as it is.",
        )
    if not proof.holds:
        raise BadMedia(proof.faults[0], hint="The clip is probably damaged.")
    return proof
