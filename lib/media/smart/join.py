"""Clips one after the other: pictures copied where they can be, only the odd clips encoded, all sound encoded once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from lib.errors import BadMedia, InputError, MediaError, NoSpace, TooLong, Unsupported
from lib.media import graph
from lib.media import join as plain
from lib.media.facts import Facts
from lib.media.limits import Limits
from lib.media.mark import REHEARSAL_MARK
from lib.media.probe import probe
from lib.media.progress import OnProgress
from lib.media.proof.prove import Part, prove
from lib.media.smart import fit
from lib.media.smart.child import Child, child
from lib.media.smart.h264 import Parameters
from lib.media.smart.made import Made
from lib.media.smart.running import CUT_SHARE, Progress, Running, as_movie, held, private_folder
from lib.media.timing import frames_of, rate_of, shown_at
from lib.media.trim import Span

Clip = tuple[Path, Facts]
ENCODE_SHARE = 0.6  # of the progress, where clips must be encoded first


async def smart_join(
    clips: Sequence[Clip],
    output: Path,
    *,
    model: int | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
    limits: Limits | None = None,
) -> Made:
    """Makes `output` of all clips, in the form of clip `model` (else of the most, the earliest where they are even).

    Each clip's sound is cut or padded to its pictures, a silent clip gets silence, and all of it is encoded once. A
    result that cannot be proven is not delivered. Raises MediaError kinds, InputError or Cancelled.
    """
    if not clips or not (model is None or 0 <= model < len(clips)):
        raise InputError("There is nothing to join.", hint="Choose at least one clip.", fields={"clips": "empty"})
    for _, facts in clips:
        frames_of(facts)
    output = output.absolute()  # noqa: ASYNC240 - no disk is touched
    whole = [(path.absolute(), facts) for path, facts in clips]
    with private_folder(output.parent) as folder:
        running = Running(Progress(on_progress), cancelled, limits or Limits())
        joining = Joining(whole, model, folder, running)
        made_at = folder / "made.mp4"
        try:
            made = await joining.smart(made_at)
        except (NoSpace, TooLong):
            raise
        except MediaError as error:
            made = await joining.exact(made_at, error.message)
        made_at.replace(output)
    running.progress(1.0)
    return made


@dataclass(frozen=True, slots=True)
class Joining:
    """Some clips on their way to one result, in a private folder."""

    clips: Sequence[Clip]
    model: int | None
    folder: Path
    running: Running
    clock: Callable[[], float] = field(default=time.monotonic)

    async def smart(self, output: Path) -> Made:
        """Raises Unsupported, BadMedia or TooLarge, with a reason for people, where copying cannot be right."""
        began = self.clock()
        async with child(self.folder, self.running.limits) as worker:
            movies, shapes, model = await self._looked(worker)
            odd = _odd(shapes, model)
            ready = list(movies)
            for done, place in enumerate(odd):
                share = (ENCODE_SHARE * done / len(odd), ENCODE_SHARE * (done + 1) / len(odd))
                ready[place] = await self._fitted(place, shapes, model, share)
            request = self._request(ready, output, model)
            said = await worker.ask(request, self.running.watch(ENCODE_SHARE if odd else 0, CUT_SHARE))
            cut_s, began = self.clock() - began, self.clock()
            parts = [self._part(place, facts) for place, (_, facts) in enumerate(ready)]
            watch = self.running.watch(CUT_SHARE, 1)
            proof = held(await prove(worker, output, [*ready, *self.clips], parts, watch, rate=request["rate"]))
        encoded = sum(frames_of(ready[place][1]) for place in odd)
        how: Literal["encoded", "none"] = "encoded" if request["rate"] else "none"
        proof_s = self.clock() - began
        return Made("smart", "", proof.frames - encoded, encoded, how, proof, cut_s, proof_s, said["spent_s"])

    async def exact(self, output: Path, reason: str) -> Made:
        """All encoded anew, in the form of the first clip. Raises MediaError where even that is not right."""
        began = self.clock()
        await self.running.ffmpeg(plain.build(self.clips, output), 0, CUT_SHARE)
        facts, cut_s, began = await probe(output), self.clock() - began, self.clock()
        wanted = sum(fit.frames_at(one, self.clips[0][1]) for _, one in self.clips)
        rate = facts.sample_rate if facts.has_sound else None
        async with child(self.folder, self.running.limits) as worker:
            watch = self.running.watch(CUT_SHARE, 1)
            proof = held(await prove(worker, output, [(output, facts)], [Part(0, Span(0, wanted))], watch, rate=rate))
        return Made("exact", reason, 0, wanted, "encoded" if rate else "none", proof, cut_s, self.clock() - began)

    async def _looked(self, worker: Child) -> tuple[list[Clip], list[dict[str, Any]], int]:
        """The clips as MP4 files, what decides whether they fit together, and which one is the model."""
        movies = []
        for place, (path, facts) in enumerate(self.clips):
            try:
                copy = self.folder / f"movie{place}.mp4"
                movies.append((await as_movie(path, facts, copy, self.running, 0), facts))
            except MediaError:  # it will be encoded
                movies.append((path, facts))
        request = {"do": "look", "paths": [str(path) for path, _ in movies]}
        shapes = (await worker.ask(request, self.running.watch(0, 0)))["shapes"]
        for shape, (_, facts) in zip(shapes, movies, strict=True):
            rate = "varying" if facts.shown_at_s else str(rate_of(facts.fps or 25.0))
            shape["like"] = f"{shape.get('like')} {rate} {facts.pixel_format}"
        sound = [place for place, shape in enumerate(shapes) if not shape["problem"]]
        if not sound or self.model not in (None, *sound):
            raise Unsupported(shapes[self.model or 0]["problem"], hint="")
        kinds = Counter(shapes[place]["like"] for place in sound)
        best = max(sound, key=lambda place: (kinds[shapes[place]["like"]], -place))
        return movies, shapes, best if self.model is None else self.model

    async def _fitted(
        self, place: int, shapes: Sequence[dict[str, Any]], model: int, share: tuple[float, float]
    ) -> Clip:
        """That clip encoded in the form of the model."""
        shape, target = shapes[model], self.clips[model][1]
        if shape["encoder"] not in fit.ENCODERS or target.shown_at_s or target.rotation:
            raise Unsupported("Clips of the first one's kind cannot be made here from others.", hint="")
        number = _free(shapes) if "sets" in shape else 0
        path, facts = self.clips[place]
        output = self.folder / f"fitted{place}.mp4"
        command = fit.build(
            path, facts, target, output, shape["encoder"],
            timescale=shape["timescale"], profile=shape.get("profile", ""), number=number,
        )  # fmt: skip
        await self.running.ffmpeg(command, *share)
        made = await probe(output)
        if made.frames != fit.frames_at(facts, target):
            raise BadMedia("A clip changed its length while it was encoded.", hint="")
        return output, made

    def _request(self, ready: Sequence[Clip], output: Path, model: int) -> dict[str, Any]:
        loud = [facts for _, facts in self.clips if facts.has_sound]
        rate = min(loud[0].sample_rate or graph.SOUND_RATE, graph.SOUND_RATE) if loud else None
        return {
            "do": "join",
            "output": str(output),
            "folder": str(self.folder),
            "model": model,
            "rate": rate,
            "layout": "mono" if all(facts.channels == 1 for facts in loud) else "stereo",
            "comment": REHEARSAL_MARK if any(facts.rehearsal for _, facts in self.clips) else "",
            "movies": [
                {"path": str(path), "frames": frames_of(facts), "length_s": _length_s(facts).as_integer_ratio()}
                for path, facts in ready
            ],
            "sounds": [
                {"path": str(path) if facts.has_sound else None, "zero_s": facts.picture_start_s}
                for path, facts in self.clips
            ],
        }

    def _part(self, place: int, facts: Facts) -> Part:
        """What the result should show of a clip, and where its sound is from."""
        loud = len(self.clips) + place if self.clips[place][1].has_sound else None
        return Part(place, Span(0, frames_of(facts)), (("copied", frames_of(facts)),), loud)


def _length_s(facts: Facts) -> Fraction:
    return shown_at(frames_of(facts), facts)


def _odd(shapes: Sequence[dict[str, Any]], model: int) -> list[int]:
    """The clips that must be encoded to stand in one track with the model."""
    known = _sets(shapes[model])
    found = []
    for place, shape in enumerate(shapes):
        if shape["problem"] or shape["like"] != shapes[model]["like"]:
            found.append(place)
            continue
        try:
            known = known.joined(_sets(shape) or known) if known else None
        except Unsupported:
            found.append(place)
    return found


def _sets(shape: dict[str, Any]) -> Parameters | None:
    return Parameters.parse(bytes.fromhex(shape["sets"])) if "sets" in shape else None


def _free(shapes: Sequence[dict[str, Any]]) -> int:
    """A number that the parameter sets of no clip have."""
    every = [sets for shape in shapes if (sets := _sets(shape))]
    sps = tuple(unit for sets in every for unit in sets.sps)
    pps = tuple(unit for sets in every for unit in sets.pps)
    return replace(every[0], sps=sps, pps=pps).free_number()
