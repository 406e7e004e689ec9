"""Parts of a clip, exact to the picture and the sample, with every picture copied that can be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.errors import InputError, MediaError, NoSpace, TooLong
from lib.media import graph
from lib.media.facts import Facts
from lib.media.folder import private_folder
from lib.media.kept import lost
from lib.media.limits import Limits, cut_limits
from lib.media.mark import REHEARSAL_MARK
from lib.media.progress import OnProgress
from lib.media.proof.prove import Part, prove
from lib.media.proof.sheet import Proof
from lib.media.smart import exact
from lib.media.smart.child import Child, child
from lib.media.smart.ladder import near_enough
from lib.media.smart.made import Made
from lib.media.smart.running import CUT_SHARE, Progress, Running, as_movie
from lib.media.timing import frames_of
from lib.media.trim import Span


async def smart_trim(
    source: Path,
    facts: Facts,
    output: Path,
    ranges: Sequence[Span],
    *,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
    limits: Limits | None = None,
) -> Made:
    """Makes `output` of those parts, one after the other, and says how it was made and that it is right.

    The clip's own coding is kept where its pictures can be copied; else all is encoded anew as H.264. A result that
    cannot be proven is not delivered. Raises MediaError kinds, InputError or Cancelled, and then leaves nothing.
    """
    parts = checked(ranges, facts)
    source, output = source.absolute(), output.absolute()  # noqa: ASYNC240 - no disk is touched
    with private_folder(output.parent) as folder:
        running = Running(Progress(on_progress), cancelled, limits or cut_limits([facts]))
        cut = Cut(source, facts, folder, running)
        made_at = folder / "made.mp4"
        try:
            made = await cut.smart(made_at, parts)
        except (NoSpace, TooLong):
            raise
        except MediaError as error:
            made = await cut.exact(made_at, parts, error.message)
        made_at.replace(output)
    running.progress(1.0)
    return made


def checked(ranges: Sequence[Span], facts: Facts) -> list[Span]:
    """The parts, neighbours as one. Raises InputError where one is empty or outside of the clip."""
    frames, parts = frames_of(facts), list[Span]()
    for part in ranges:
        if not 0 <= part.first < part.end <= frames:
            raise InputError(
                f"The part from picture {part.first} to {part.end} is not in the clip, which has {frames}.",
                hint="Choose another part.",
                fields={"ranges": f"not within 0 to {frames}"},
            )
        if parts and part.first < parts[-1].end:
            raise InputError(
                "The parts must follow one another without overlapping.",
                hint="Cut them one by one and join them in the order that you want.",
                fields={"ranges": "not ascending"},
            )
        if parts and parts[-1].end == part.first:
            parts[-1] = Span(parts[-1].first, part.end)
        else:
            parts.append(part)
    if not parts:
        raise InputError("There is nothing to keep.", hint="Choose at least one part.", fields={"ranges": "empty"})
    return parts


@dataclass(frozen=True, slots=True)
class Cut:
    """One clip on its way to a result, in a private folder."""

    source: Path
    facts: Facts
    folder: Path
    running: Running
    clock: Callable[[], float] = field(default=time.monotonic)

    async def smart(self, output: Path, parts: Sequence[Span]) -> Made:
        """Raises Unsupported, BadMedia or TooLarge, with a reason for people, where copying cannot be right."""
        began = self.clock()
        source = await as_movie(self.source, self.facts, self.folder / "movie.mp4", self.running, 0.1)
        async with child(self.folder, self.running.limits) as worker:
            request = self._request(source, output, parts)
            return await near_enough(lambda crf: self._smart(worker, request | {"crf": crf}, parts, began))

    async def exact(self, output: Path, parts: Sequence[Span], reason: str) -> Made:
        """All encoded anew. Raises MediaError where even that is not right."""
        began = self.clock()
        return await near_enough(lambda crf: self._exact(output, parts, reason, crf, began))

    async def _smart(self, worker: Child, request: dict[str, Any], parts: Sequence[Span], began: float) -> Made:
        """Whether its proof holds is for the caller to see."""
        said = await worker.ask(request, self.running.watch(0, CUT_SHARE))
        cut_s, began = self.clock() - began, self.clock()
        runs = [
            Part(0, part, (("encoded", head), ("copied", copied), ("encoded", tail)))
            for part, (head, copied, tail) in zip(parts, said["plans"], strict=True)
        ]
        proof = await self._proof(worker, Path(request["output"]), runs, said["rate"])
        copied = sum(plan[1] for plan in said["plans"])
        total = sum(part.frames for part in parts)
        plans = tuple((head, middle, tail) for head, middle, tail in said["plans"])
        return Made(
            "smart",
            "",
            copied,
            total - copied,
            said["sound"],
            proof,
            cut_s,
            self.clock() - began,
            said["spent_s"],
            plans,
        )

    async def _exact(self, output: Path, parts: Sequence[Span], reason: str, crf: int, began: float) -> Made:
        """Whether its proof holds is for the caller to see."""
        command = exact.build(self.source, self.facts, output, parts, crf)
        await self.running.ffmpeg(command, 0, CUT_SHARE)
        cut_s, began = self.clock() - began, self.clock()
        rate = (self.facts.sample_rate or graph.SOUND_RATE) if self.facts.has_sound else None
        async with child(self.folder, self.running.limits) as worker:
            proof = await self._proof(worker, output, [Part(0, part) for part in parts], rate)
        frames = sum(part.frames for part in parts)
        reason = " ".join([reason, *lost(self.facts)])
        return Made("exact", reason, 0, frames, "encoded" if rate else "none", proof, cut_s, self.clock() - began)

    def _request(self, source: Path, output: Path, parts: Sequence[Span]) -> dict[str, Any]:
        return {
            "do": "cut",
            "source": str(source),
            "output": str(output),
            "folder": str(self.folder),
            "ranges": [(part.first, part.end) for part in parts],
            "frames": self.facts.frames,
            "sound": self.facts.has_sound,
            "rate": min(self.facts.sample_rate or graph.SOUND_RATE, graph.SOUND_RATE),
            "layout": "mono" if self.facts.channels == 1 else "stereo",
            "comment": REHEARSAL_MARK if self.facts.rehearsal else "",
        }

    async def _proof(self, worker: Child, output: Path, parts: Sequence[Part], rate: int | None) -> Proof:
        clips = [(self.source, self.facts)]
        return await prove(worker, output, clips, parts, self.running.watch(CUT_SHARE, 1.0), rate=rate)
