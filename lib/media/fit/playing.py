"""Carries out moves over a clip: each distinct piece is encoded once, and their packets are put in a row.

So a loop costs as much as the clip, however often it runs, and a clip played backwards is turned round in pieces that
fit in memory. Sound goes the same way as plain samples, and is coded once, over the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import ffmpeg

from lib.media import graph
from lib.media.asked import Move, Playing
from lib.media.colour import as_seen
from lib.media.command import Command
from lib.media.fit.moves import pieces, shown_by, times_of
from lib.media.fit.rate import rate_in
from lib.media.folder import private_folder
from lib.media.kept import changes, form_of
from lib.media.limits import cut_limits
from lib.media.progress import OnProgress
from lib.media.promise import Heard, Promise, Same
from lib.media.proof import keeping
from lib.media.smart.running import Progress, Running
from lib.media.sound.onto import stereo
from lib.media.timing import shown_at

RATE = graph.SOUND_RATE
PIECES_SHARE = 0.75  # of the progress
MOST_CHECKS = 8
UNEVEN_TICKS = 90_000
WAV: dict[str, Any] = {"c:a": "pcm_f32le", "f": "wav"}
Sounding = tuple[Move, int]
"""A piece and how many samples it lasts; borders between pieces fall on whole samples, so that nothing drifts."""


async def play(
    asked: Playing, *, on_progress: OnProgress | None = None, cancelled: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """Makes the clip; gives the proof. Raises a MediaError or Cancelled, and leaves nothing then."""
    running = Running(Progress(on_progress), cancelled, cut_limits([asked.facts], pixels=_held(asked)))
    moves = list(pieces(asked.moves, asked.facts))
    heard = _with_lengths(moves, asked)
    with private_folder(asked.output.parent) as folder:
        shown = {move: picture_piece(asked, move, folder / f"p{at:05}.mp4") for at, move in enumerate({*moves})}
        spoken = {one: sound_piece(asked, *one, folder / f"s{at:05}.wav") for at, one in enumerate({*heard})}
        await _made([*shown.values(), *spoken.values()], running)
        lists = [_listed(folder / "p.txt", ((shown[move], times_of(move, asked.facts)[-1]) for move in moves))]
        if spoken:
            lists.append(_listed(folder / "s.txt", ((spoken[one], Fraction(one[1], RATE)) for one in heard)))
        command = assembled(asked, moves, lists, folder / asked.output.name)
        told = running.progress.between(PIECES_SHARE, 1)
        said = await keeping.made(command, on_progress=told, cancelled=cancelled)
        command.output.replace(asked.output)
    return said


def _held(asked: Playing) -> int:
    """The pixels of all pictures that are held."""
    width, height = graph.even_size(asked.facts)
    return width * height * sum(move.held for move in asked.moves)


def picture_piece(asked: Playing, move: Move, output: Path) -> Command:
    """The pictures of one move. Without B pictures, so that pieces follow each other packet by packet."""
    facts, first = asked.facts, move.part.first
    seek = graph.seek_s(first, facts)
    stream = graph.from_frame(graph.picture_of(graph.opened(asked.source, seek)), first, facts, seek)
    stream = graph.even(stream.filter("trim", end_frame=1 if move.held else move.part.frames), facts)
    stream = as_seen(stream, facts, facts.height).filter("format", form_of(facts))
    if move.backwards:
        stream = stream.filter("reverse")
    if move.held > 1:
        stream = stream.filter("loop", loop=move.held - 1, size=1)
    options = graph.h264(facts) | {"bf": 0} | _ticks(asked) | {"f": "mp4"}
    return graph.command([_timed(stream, asked, move)], output, [asked.source], move.frames, options)


def sound_piece(asked: Playing, move: Move, length: int, output: Path) -> Command:
    """Its sound, exactly `length` samples; silence under a held picture."""
    facts = asked.facts
    if move.held:
        return graph.command([graph.exactly(graph.silence(0), length)], output, [], None, WAV)
    seek = graph.seek_s(move.part.first, facts)
    source = graph.opened(asked.source, seek)
    sound = stereo(graph.cut_sound(source, facts, move.part.first, move.part.end, seek=seek, rate=RATE))
    if move.backwards:
        sound = sound.filter("areverse")
    return graph.command([graph.exactly(sound, length)], output, [asked.source], None, WAV)


def assembled(asked: Playing, moves: Sequence[Move], lists: Sequence[Path], output: Path) -> Command:
    """The pieces in their order: pictures copied, sound coded."""
    times, end_s = shown_by(moves, asked.facts)
    pictures, *sounds = (ffmpeg.input(str(path), f="concat", safe=0) for path in lists)
    length = graph.samples(end_s, RATE)
    # Counted anew: a list's own times are rounded at each of its files.
    heard = [graph.exactly(one["a:0"].filter("asetpts", "N/SR/TB"), length) for one in sounds]
    options = {"c:v": "copy"} | _renumbered(asked) | (graph.AAC if sounds else {}) | graph.MP4
    promise = Promise(
        tuple(map(float, times)), float(end_s), graph.even_size(asked.facts), length if sounds else None,
        clips=((asked.source, asked.facts),), same=_checks(moves), heard=_forward(asked, moves, sound=bool(sounds)),
    )  # fmt: skip
    streams = [pictures["v:0"], *heard]
    command = graph.command(streams, output, list(lists), len(times), options | graph.marked([asked.facts]))
    return command.promising(promise, frames=len(times), **changes(asked.facts))


async def _made(commands: Sequence[Command], running: Running) -> None:
    done = list(accumulate((one.frames or 1 for one in commands), initial=0))
    for command, (before, after) in zip(commands, pairwise(done), strict=True):
        await running.ffmpeg(command, *(PIECES_SHARE * part / done[-1] for part in (before, after)))


def _with_lengths(moves: Sequence[Move], asked: Playing) -> list[Sounding]:
    if not asked.facts.has_sound:
        return []
    ends = accumulate((times_of(move, asked.facts)[-1] for move in moves), initial=Fraction(0))
    borders = [graph.samples(end, RATE) for end in ends]
    return [(move, end - begin) for move, (begin, end) in zip(moves, pairwise(borders), strict=True)]


def _timed(stream: Any, asked: Playing, move: Move) -> Any:
    """Its pictures at an even rate, or each at its own time."""
    if not asked.facts.shown_at_s:
        return graph.steady(stream, rate_in(asked.facts))
    stream = stream.filter("settb", f"1/{UNEVEN_TICKS}")
    if move.backwards or move.held:
        at = (f"eq(N,{number})*{round(time * UNEVEN_TICKS)}" for number, time in enumerate(times_of(move, asked.facts)))
        spoken = f"N*{round(UNEVEN_TICKS / rate_in(asked.facts))}" if move.held else "+".join(at)
        return stream.filter("setpts", spoken)
    return stream.filter("setpts", "PTS-STARTPTS")


def _ticks(asked: Playing) -> dict[str, Any]:
    if asked.facts.shown_at_s:
        # Without a word on its ticks, the encoder counts in those of the clip's shortest picture, and rounds.
        ticks = {"enc_time_base": f"1:{UNEVEN_TICKS}", "video_track_timescale": UNEVEN_TICKS}
        return {"fps_mode": "passthrough"} | ticks
    return graph.at_rate(rate_in(asked.facts))


def _renumbered(asked: Playing) -> dict[str, Any]:
    """At an even rate the copied pictures are counted, whatever the list's files had rounded."""
    if asked.facts.shown_at_s:
        return {"video_track_timescale": UNEVEN_TICKS}
    rate = rate_in(asked.facts)
    step = f"{rate.denominator}/{rate.numerator}/TB"
    return {"bsf:v": f"setts=ts=round(N*{step}):duration=round({step})"}


def _listed(path: Path, files: Iterable[tuple[Command, Fraction]]) -> Path:
    """A list for ffmpeg's concat demuxer; the names are our own."""
    lines = [f"file '{made.output}'\nduration {graph.seconds(length)}\n" for made, length in files]
    path.write_text(f"ffconcat version 1.0\n{''.join(lines)}", encoding="utf-8")
    return path


def _checks(moves: Sequence[Move]) -> tuple[Same, ...]:
    """The first and last picture of the first moves and of the last one."""
    found: list[Same] = []
    begins = accumulate((move.frames for move in moves), initial=0)
    for move, begin in zip(moves, begins, strict=False):
        first, last = move.part.first, move.part.first if move.held else move.part.end - 1
        first, last = (last, first) if move.backwards else (first, last)
        found += dict.fromkeys((Same(begin, first), Same(begin + move.frames - 1, last)))
    return tuple(dict.fromkeys([*found[:MOST_CHECKS], *found[-2:]]))


def _forward(asked: Playing, moves: Sequence[Move], *, sound: bool) -> tuple[Heard, ...]:
    """Where the clip is first played forward."""
    begin_s = Fraction(0)
    for move in moves:
        own_s = times_of(move, asked.facts)
        if sound and not move.backwards and not move.held:
            return (Heard(float(begin_s), float(shown_at(move.part.first, asked.facts)), float(own_s[-1])),)
        begin_s += own_s[-1]
    return ()
