"""Parts of a clip as an edit list over copied pictures, inside a limited child process."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from lib.errors import Unsupported
from lib.media.smart import sound
from lib.media.smart.boxes import movie
from lib.media.smart.cutter import DEFAULT_BRAND
from lib.media.smart.plan import clean_starts
from lib.media.smart.reel import Source
from lib.media.smart.report import Steps
from lib.media.smart.samples import MadeTrack, Samples
from lib.media.smart.track import Track, read_track
from lib.media.smart.write import write_movie

CLIP = 0  # the number of the only file that samples lie in
MOST_HIDDEN_S = 30  # a player decodes what is hidden before it shows anything


def preview(request: dict[str, Any], steps: Steps) -> dict[str, Any]:
    """Makes `request["output"]`, which shows the `ranges` of the `source`, and says how many pictures it hides."""
    source = Path(request["source"])
    brand, moov = movie(source)
    track = read_track(moov, b"vide")
    if track is None:
        raise Unsupported("The clip has no picture.", hint="")
    with source.open("rb") as file:
        clip = Source(track, file.fileno(), CLIP)
        clip.check(request["frames"])
        tracks = [_pictures(clip, request["ranges"])]
        if request["sound"]:
            times_s = [
                (track.time_s(clip.shown[first]), track.time_s(clip.end(end))) for first, end in request["ranges"]
            ]
            tracks.append(_sound(read_track(moov, b"soun"), times_s))
        steps.expect(sum(sum(one.samples.sizes) for one in tracks))
        write_movie(
            Path(request["output"]), tracks, [file.fileno()], brand=brand or DEFAULT_BRAND,
            comment=request["comment"], title=request["title"], on_bytes=steps.moved,
        )  # fmt: skip
    return {"hidden": len(tracks[0].samples) - sum(end - first for first, end in request["ranges"])}


def _pictures(clip: Source, spans: Sequence[Sequence[int]]) -> MadeTrack:
    """The runs from a key picture to each part's last, one after the other, and which stretches of them are shown."""
    track, samples, edits, at = clip.track, Samples(), list[tuple[int, int]](), 0
    for first, end in spans:
        run = range(_start(clip, clip.shown[first]), _last(track, set(clip.shown[first:end])) + 1)
        times = track.pts[run.start : run.stop]
        shift = at - min(times)
        for index in run:
            sync = bool(track.sync[index]) and clip.can_start(index)
            samples.add(CLIP, track.offsets[index], track.sizes[index], track.pts[index] + shift, sync=sync)
        edits.append((clip.shown[first] + shift, clip.end(end) + shift))
        longest = max(track.durations[index] for index in run)
        at = max(max(times) + longest, clip.end(end)) + shift
    entry = clip.coding.final_entry()
    return MadeTrack(b"vide", track.timescale, entry, samples, *edits[0], track.matrix, track.size, tuple(edits[1:]))


def _start(clip: Source, time: int) -> int:
    """The last clean key picture at that time or before. Raises Unsupported where there is none near."""
    track = clip.track
    earliest = time - MOST_HIDDEN_S * track.timescale
    found = (index for index in reversed(clean_starts(track, earliest, time)) if clip.can_start(index))
    start = next(found, None)
    if start is None:
        raise Unsupported(
            "The clip has no key picture near the part's beginning from which browsers can play.", hint=""
        )
    return start


def _last(track: Track, wanted: set[int]) -> int:
    return max(index for index, time in enumerate(track.pts) if time in wanted)


def _sound(track: Track | None, times_s: Sequence[tuple[Fraction, Fraction]]) -> MadeTrack:
    """The packets under the parts. Raises Unsupported where they cannot be copied."""
    pieces = [sound.copied(track, begin_s, end_s, CLIP) if track else None for begin_s, end_s in times_s]
    samples, edits, at = Samples(), list[tuple[int, int]](), 0
    for piece in pieces:
        if piece is None:
            raise Unsupported("The clip's sound cannot be copied in parts.", hint="")
        mine = piece.samples
        shift = at - mine.pts[0]
        for offset, size, time in zip(mine.offsets, mine.sizes, mine.pts, strict=True):
            samples.add(CLIP, offset, size, time + shift)
        edits.append((piece.start + shift, piece.end + shift))
        at += sound.FRAME * len(mine)
    first = pieces[0]
    assert first
    return MadeTrack(
        b"soun", first.timescale, first.entry, samples, *edits[0], first.matrix, first.size, tuple(edits[1:])
    )
