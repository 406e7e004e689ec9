"""Clips one after the other: pictures copied where they can be, only the odd clips encoded, all sound encoded once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from lib.errors import BadMedia, InputError, MediaError, NoSpace, TooLong, Unsupported
from lib.media.facts import Facts
from lib.media.folder import private_folder
from lib.media.join import PLAIN, Transition, laid_out
from lib.media.limits import Limits, cut_limits
from lib.media.probe import probe
from lib.media.progress import OnProgress
from lib.media.proof.prove import Fitting, prove
from lib.media.smart import fit, loudness
from lib.media.smart.arranged import Arranged, Clip
from lib.media.smart.child import Child, child
from lib.media.smart.h264 import Parameters
from lib.media.smart.ladder import near_enough
from lib.media.smart.made import Made
from lib.media.smart.running import CUT_SHARE, Progress, Running, as_movie
from lib.media.timing import frames_of, rate_of
from lib.media.trim import Span

MOST_SAID = 3  # clips of which it is told why they were encoded
ENCODE_SHARE = 0.6  # of the progress, where clips must be encoded first


async def smart_join(
    clips: Sequence[Clip],
    output: Path,
    *,
    model: int | None = None,
    transition: Transition = PLAIN,
    loudness_lufs: float | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
    limits: Limits | None = None,
) -> Made:
    """Makes `output` of all clips, in the form of clip `model` (else of the most, the earliest where they are even).

    Each clip's sound is cut or padded to its pictures, a silent clip gets silence, and all of it is encoded once; with
    `loudness_lufs` every clip is brought to that loudness before. Pictures are encoded in transitions, and after one
    up to the next key picture. A result that cannot be proven is not delivered. Raises MediaError kinds, InputError or
    Cancelled.
    """
    if not clips or not (model is None or 0 <= model < len(clips)):
        raise InputError("There is nothing to join.", hint="Choose at least one clip.", fields={"clips": "empty"})
    for _, facts in clips:
        frames_of(facts)
    output = output.absolute()  # noqa: ASYNC240 - no disk is touched
    whole = [(path.absolute(), facts) for path, facts in clips]
    with private_folder(output.parent) as folder:
        running = Running(Progress(on_progress), cancelled, limits or cut_limits(facts for _, facts in clips))
        gains = await loudness.gains(whole, loudness_lufs, folder, running)
        joining = Joining(whole, gains, model, transition, folder, running)
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
class Way:
    """How it is made: `movies` are copied in the form of clip `model`; those that are `odd` are brought to `form`."""

    movies: Sequence[Clip]
    model: int
    odd: tuple[int, ...]
    form: fit.Form | None
    method: Literal["smart", "exact"] = "smart"
    reason: str = ""

    def fitting(self, own: Facts, made: Facts) -> Fitting:
        """How one of the odd clips became what it is."""
        assert self.form
        return Fitting(made, fit.place(own, self.form.target), fit.tones(own, self.form))


@dataclass(frozen=True, slots=True)
class Joining:
    """Some clips on their way to one result, in a private folder."""

    clips: Sequence[Clip]
    gains: Sequence[float]
    model: int | None
    transition: Transition
    folder: Path
    running: Running
    clock: Callable[[], float] = field(default=time.monotonic)

    async def smart(self, output: Path) -> Made:
        """Raises Unsupported, BadMedia or TooLarge, with a reason for people, where copying cannot be right."""
        began = self.clock()
        async with child(self.folder, self.running.limits) as worker:
            movies, shapes, model = await self._looked(worker)
            target = self.clips[model][1]
            if target.shown_at_s and self.transition != PLAIN:
                raise Unsupported("A clip whose rate varies has no even time for a transition.", hint="")
            odd = _odd(shapes, model)
            form = _form(shapes, model, target) if odd else None
            reason = " ".join(self._why(place, model, shapes[place]["problem"]) for place in odd[:MOST_SAID])
            return await self._made(worker, Way(movies, model, tuple(odd), form, reason=reason), output, began)

    async def exact(self, output: Path, reason: str) -> Made:
        """All encoded anew, in the size and rate of the model. Raises MediaError where even that is not right."""
        began, model, every = self.clock(), self.model or 0, tuple(range(len(self.clips)))
        async with child(self.folder, self.running.limits) as worker:
            way = Way(self.clips, model, every, fit.plain(self.clips[model][1]), "exact", reason)
            return await self._made(worker, way, output, began)

    def _why(self, place: int, model: int, problem: str) -> str:
        """Why that clip was encoded, in a sentence."""
        *words, last = _differences(self.clips[place][1], self.clips[model][1])
        differ = f"{', '.join(words)} and {last} differ from those" if words else f"{last} differs from that"
        why = problem.rstrip(".") or f"its {differ} of clip {model + 1}"
        return f"Clip {place + 1} was encoded: {why}."

    async def _made(self, worker: Child, way: Way, output: Path, began: float) -> Made:
        """The clips in one track, and the proof of it."""
        arranged = await self._arranged(way)
        request = arranged.request(output, self.folder)
        return await near_enough(lambda crf: self._joined(worker, way, arranged, request | {"crf": crf}, began))

    async def _joined(self, worker: Child, way: Way, arranged: Arranged, request: dict[str, Any], began: float) -> Made:
        """Whether its proof holds is for the caller to see."""
        said = await worker.ask(request, self.running.watch(ENCODE_SHARE if way.odd else 0, CUT_SHARE))
        cut_s, began = self.clock() - began, self.clock()
        watch, output = self.running.watch(CUT_SHARE, 1), Path(request["output"])
        parts, rate = arranged.parts(said["plans"]), arranged.sample_rate
        # Held to the clips as they were given: what was made of them on the way is as doubtful as the result.
        proof = await prove(worker, output, self.clips, parts, watch, rate=rate, fits=arranged.fits)
        copied = sum(plan[1] for place, plan in enumerate(said["plans"]) if place not in way.odd)
        how: Literal["encoded", "none"] = "encoded" if rate else "none"
        proof_s = self.clock() - began
        return Made(way.method, way.reason, copied, proof.frames - copied, how, proof, cut_s, proof_s, said["spent_s"])

    async def _arranged(self, way: Way) -> Arranged:
        """The odd clips are brought into the form before."""
        target = way.form.target if way.form else way.movies[way.model][1]
        counts = [
            fit.frames_at(facts, target) if place in way.odd else frames_of(facts)
            for place, (_, facts) in enumerate(way.movies)
        ]
        rate = rate_of(target.fps or 25.0)
        spans, seams = laid_out(counts, self.transition, rate)
        ready = list(way.movies)
        for done, place in enumerate(way.odd):
            share = (ENCODE_SHARE * done / len(way.odd), ENCODE_SHARE * (done + 1) / len(way.odd))
            assert way.form
            ready[place] = await self._fitted(place, way.form, spans[place], share)
        fits = {place: way.fitting(self.clips[place][1], ready[place][1]) for place in way.odd}
        return Arranged(self.clips, self.gains, ready, spans, seams, rate, way.model, fits)

    async def _looked(self, worker: Child) -> tuple[list[Clip], list[dict[str, Any]], int]:
        """The clips as MP4 files, what decides whether they fit together, and which one is the model."""
        movies = []
        for place, (path, facts) in enumerate(self.clips):
            try:
                copy = self.folder / f"movie{place}.mp4"
                movies.append((await as_movie(path, facts, copy, self.running, 0), facts))
            except Unsupported:  # it will be encoded
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

    async def _fitted(self, place: int, form: fit.Form, span: Span, share: tuple[float, float]) -> Clip:
        """That clip encoded in the form; what is copied of it begins at a key picture."""
        path, facts = self.clips[place]
        output = self.folder / f"fitted{place}.mp4"
        keys = [span.first] if span.first else []
        await self.running.ffmpeg(fit.build(path, facts, form, output, keys), *share)
        made = await probe(output)
        if made.frames != fit.frames_at(facts, form.target):
            raise BadMedia("A clip changed its length while it was encoded.", hint="")
        return output, made


def _differences(facts: Facts, target: Facts) -> list[str]:
    """What of a clip differs from the one that the others follow, in words."""
    kinds: dict[str, Callable[[Facts], object]] = {
        "size": lambda one: (one.width, one.height, one.rotation, one.sample_aspect or "1:1"),
        "frame rate": lambda one: (rate_of(one.fps or 25.0), bool(one.shown_at_s)),
        "coding": lambda one: (one.video_codec, one.video_profile),
        "colours": lambda one: (one.pixel_format, one.colour_matrix, one.colour_transfer, one.colour_range or "tv"),
    }
    return [word for word, of in kinds.items() if of(facts) != of(target)] or ["form"]


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


def _form(shapes: Sequence[dict[str, Any]], model: int, target: Facts) -> fit.Form:
    """What odd clips are brought to. Raises Unsupported where none can be brought to the model's."""
    shape = shapes[model]
    if shape["encoder"] not in fit.ENCODERS or target.shown_at_s or target.rotation:
        raise Unsupported("Clips of the first one's kind cannot be made here from others.", hint="")
    number, colour = _free(shapes) if "sets" in shape else 0, tuple(shape["colour"])
    return fit.Form(target, shape["encoder"], shape["timescale"], shape.get("profile", ""), number, colour)
