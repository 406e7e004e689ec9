"""Tries files as a stranger's: `python -m tests.media.hostile FOLDER WAYS SEED FORGED FILE...`.

Each goes through the probe, the bare runner and, where the probe passes it (or FORGED is 1 and its facts are made up),
through WAYS: that many of the cuts that would take it, drawn by SEED, or those named, with commas between. One JSON
line says what came of each file. A process of its own, so that its children's memory can be measured and strace can
watch all of them.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import shutil
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import av

from lib.catalog import CUTS
from lib.catalog.operation import Cut
from lib.errors import DailiesError
from lib.media.asked import Trimming
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.limits import Limits
from lib.media.probe import probe
from lib.media.run import run
from lib.media.smart import exact
from lib.media.trim import Span
from lib.media.work import carry_out
from tests.media.barcoded import noise, numbers, write

BOUND_S = 900.0  # only what never ends takes that long, even on a busy machine
MADE_UP = Facts(kind="video", content_type="video/mp4", size_bytes=999, duration_s=0.4, fps=25, frames=10, width=96,
                height=64, container="mov,mp4,m4a,3gp,3g2,mj2", video_codec="h264", pixel_format="yuv420p",
                audio_codec="aac", sample_rate=48000, channels=1, audio_duration_s=0.4)  # fmt: skip
Attempt = Callable[[], Awaitable[object]]
Pair = tuple[Path, Facts]


class Trial:
    """One folder, its honest companions for cuts that take several files, and what is tried with a file."""

    def __init__(self, folder: Path, per_file: str, seed: int, *, forged: bool) -> None:
        self.folder, self.per_file, self.forged = folder, per_file, forged
        self.rng = random.Random(seed)
        self.friends: dict[str, Pair] = {}

    async def meet(self) -> None:
        clip = write(self.folder / "friend.mp4", frames=25, sound=noise(1))
        facts = await probe(clip)
        self.friends = {"video": (clip, facts), "audio": (clip, facts)}

    async def one(self, path: Path) -> dict[str, Any]:
        said: dict[str, Any] = {}
        began = time.monotonic()
        found: list[Facts] = []

        async def look() -> None:
            found.append(await probe(path))

        await self._try(said, "probe", look)
        out = self.folder / "out"
        await self._try(said, "run", lambda: run(_plain(path, out), limits=Limits(deadline_s=60, stall_s=30)))
        facts = found[0] if found else MADE_UP if self.forged else None
        if facts:
            for name, way in self._drawn(self._ways((path, facts))):
                await self._try(said, name, way)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        return {"file": path.name, "said": said, "peak_mb": round(peak), "seconds": round(time.monotonic() - began, 1)}

    def _drawn(self, ways: dict[str, Attempt]) -> list[tuple[str, Attempt]]:
        if not self.per_file.isdigit():
            return [(name, ways[name]) for name in self.per_file.split(",")]
        return self.rng.sample(sorted(ways.items()), min(int(self.per_file), len(ways)))

    async def _try(self, said: dict[str, Any], name: str, attempt: Attempt) -> None:
        """Books "made" (with the numbers of the pictures) or the error; an error of ours has kind, message, hint."""
        out = self.folder / "out"
        out.mkdir()
        try:
            await attempt()
            said[name] = {"made": sorted({number for path in out.glob("*.mp4") for number in _shown(path)})}
        except DailiesError as error:
            said[name] = error.record()
            said[name]["left"] = [path.name for path in out.rglob("*")]
        finally:
            shutil.rmtree(out)

    def _ways(self, mine: Pair) -> dict[str, Attempt]:
        found: dict[str, Attempt] = {}
        for cut in CUTS.values():
            if isinstance(cut, Cut) and (given := self._given(cut, mine)):
                found[cut.id] = self._cut(cut, *given)
        if mine[1].kind == "video":
            found["exact"] = self._exact(mine)
            found["every second"] = self._parts(mine)
        return found

    def _given(self, cut: Cut, mine: Pair) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Files and facts for the cut's fields, or None where it would not take this file."""
        files: dict[str, Any] = {}
        facts: dict[str, Any] = {}
        taken = False
        for name, mark in cut.media_in().items():
            fits = mine[1].kind == mark.kind or (mark.kind == "audio" and mine[1].has_sound)
            pair = mine if fits else self.friends.get(mark.kind)
            if pair is None:
                return None
            taken |= fits
            several = isinstance(cut.example.get(name), list)
            pairs = [pair, self.friends[mark.kind]] if several else [pair]
            files[name], facts[name] = ([one[part] for one in pairs] for part in (0, 1))
            if not several:
                files[name], facts[name] = files[name][0], facts[name][0]
        return (files, facts) if taken else None

    def _cut(self, cut: Cut, files: dict[str, Any], facts: dict[str, Any]) -> Attempt:
        async def attempt() -> None:
            made = cut.validate(cut.example | ({"start_s": 0.04, "end_s": 0.9} if cut.id == "cut/trim" else {}))
            output = self.folder / "out" / f"{'%04d' if cut.many else 'made'}{cut.suffix}"
            await carry_out(cut.build(made, files, facts, output), cancelled=_bound())

        return attempt

    def _exact(self, mine: Pair) -> Attempt:
        async def attempt() -> None:
            part = Span(0, max((mine[1].frames or 1) - 1, 1))
            command = exact.build(*mine, self.folder / "out" / "made.mp4", [part])
            await run(command, cancelled=_bound())

        return attempt

    def _parts(self, mine: Pair) -> Attempt:
        async def attempt() -> None:
            frames = mine[1].frames or 1
            parts = tuple(Span(first, first + 1) for first in range(0, frames, 2))[:8]
            await carry_out(Trimming(*mine, parts, self.folder / "out" / "made.mp4"), cancelled=_bound())

        return attempt


def _shown(path: Path) -> set[int]:
    """The numbers of the pictures in a result; none where it is only sound."""
    with av.open(str(path)) as container:
        silent = not container.streams.video
    return set() if silent else {int(number) for number in numbers(path)}


def _bound() -> Callable[[], bool]:
    end_s = time.monotonic() + BOUND_S
    return lambda: time.monotonic() > end_s


def _plain(path: Path, out: Path) -> Command:
    """The runner without a probe before it: the whitelists are all that stands there."""
    output = out / "plain.mp4"
    return Command(("-i", str(path), "-t", "2", "-frames:v", "20", str(output)), output, (path,))


async def main() -> None:
    folder, per_file, seed, forged, *names = sys.argv[1:]
    trial = Trial(Path(folder), per_file, int(seed), forged=forged == "1")
    await trial.meet()
    for name in names:
        print(json.dumps(await trial.one(Path(name))), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
