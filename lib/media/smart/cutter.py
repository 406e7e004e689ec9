"""Cuts parts out of one clip, inside a limited child process (`lib.media.smart.child` starts it)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from lib.errors import Unsupported
from lib.media.smart import sound
from lib.media.smart.boxes import movie
from lib.media.smart.plan import Plan
from lib.media.smart.reel import OWN, Reel, Source, check_encoder
from lib.media.smart.report import Steps
from lib.media.smart.samples import MadeTrack, Spill
from lib.media.smart.track import read_track
from lib.media.smart.write import write_movie

SOURCE = 1  # the number of the clip's own file
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
        clip = Source(track, file.fileno(), SOURCE)
        clip.check(request["frames"])
        plans = _plans(clip, spans)
        times_s = [(track.time_s(clip.shown[first]), track.time_s(clip.end(end))) for first, end in spans]
        heard = _copied(moov, times_s) if request["sound"] else None
        anew = [(sound.Heard(source, *part),) for part in times_s] if request["sound"] and not heard else []
        steps.reached("index")
        steps.plan(sum(one.encoded for one in plans), sound.length_s(anew))
        tracks = [_pictures(clip, spans, plans, Reel(clip, spill, steps, request["crf"]))]
        steps.reached("pictures")
        how = "encoded" if anew else "copied" if heard else "none"
        if anew:
            heard = sound.encoded(anew, request["rate"], request["layout"], spill, OWN, on_heard=steps.heard)
        tracks += [heard] if heard else []
        steps.reached("sound")
        spill.file.flush()
        steps.expect(sum(sum(one.samples.sizes) for one in tracks))
        write_movie(
            Path(request["output"]), tracks, [spill.file.fileno(), file.fileno()], brand=brand or DEFAULT_BRAND,
            comment=request["comment"], on_bytes=steps.moved,
        )  # fmt: skip
    steps.reached("copying")
    rate = tracks[-1].timescale if how != "none" else None
    counts = [[len(one.head), len(one.copied), len(one.tail)] for one in plans]
    return {"plans": counts, "sound": how, "rate": rate, "spent_s": steps.spent_s}


def _plans(clip: Source, spans: Sequence[tuple[int, int]]) -> list[Plan]:
    """One per part. Raises Unsupported where nothing can be copied, or what must be encoded cannot be."""
    plans = [clip.plan(first, end) for first, end in spans]
    if not any(one.copied for one in plans):
        raise Unsupported(_nothing(clip, spans), hint="")
    if any(one.encoded for one in plans):
        check_encoder([clip])
    return plans


def _nothing(clip: Source, spans: Sequence[tuple[int, int]]) -> str:
    """Why no picture can be copied."""
    inside = {time for first, end in spans for time in clip.shown[first:end]}
    if any(sync and time in inside for sync, time in zip(clip.track.sync, clip.track.pts, strict=True)):
        return "The part's key pictures are open: those after them need others from before, so none can be copied."
    return "No key picture lies in the part, so there is nothing to copy."


def _pictures(clip: Source, spans: Sequence[tuple[int, int]], plans: Sequence[Plan], reel: Reel) -> MadeTrack:
    """The parts one after the other."""
    at = 0
    for (first, end), one in zip(spans, plans, strict=True):
        reel.part(clip, one, partial(int.__add__, at - clip.shown[first]))
        at += clip.end(end) - clip.shown[first]
    return reel.track(at)


def _copied(moov: bytes, times_s: Sequence[tuple[Fraction, Fraction]]) -> MadeTrack | None:
    """The sound of a single part as it is; None where it must be encoded."""
    if len(times_s) > 1:
        return None
    try:
        track = read_track(moov, b"soun")
        return sound.copied(track, *times_s[0], SOURCE) if track else None
    except Unsupported:
        return None
