"""Joins a clip and what a model made on from it: finds the seam, leaves out what would come twice, proves the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from lib.errors import InputError
from lib.media import graph
from lib.media.asked import Seaming
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.folder import private_folder
from lib.media.join import PLAIN, Transition
from lib.media.limits import cut_limits
from lib.media.probe import probe
from lib.media.progress import OnProgress
from lib.media.smart import loudness
from lib.media.smart.child import child
from lib.media.smart.join import smart_join
from lib.media.smart.running import Progress, Running
from lib.media.smart.trim import smart_trim
from lib.media.timing import frames_of, rate_of
from lib.media.trim import Span

FOUND, CUT, TONED = 0.3, 0.45, 0.6  # of the progress, when each is done
FINE_CRF = 12  # what is only brought to other colours is encoded once more afterwards
SAY = "Say how many pictures of the second clip are in the first already (overlap)."


@dataclass(frozen=True, slots=True)
class Seam:
    """What was found: `overlap` pictures of the second clip are in the first; `tone` brings it to its colours."""

    overlap: int
    whole: bool
    likeness: float | None
    tone: tuple[tuple[float, ...], ...]


async def join_on(
    work: Seaming, *, on_progress: OnProgress | None = None, cancelled: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """Makes the output and says what was found, with the proof of the join.

    Raises InputError at `overlap` where nobody can tell how the clips go together, MediaError kinds or Cancelled.
    """
    running = Running(Progress(on_progress), cancelled, cut_limits([work.source[1], work.extended[1]]))
    with private_folder(work.output.absolute().parent) as folder:
        seam = await _found(work, folder, running)
        frames = frames_of(work.extended[1])
        if seam.overlap >= frames:
            raise _unclear("The second clip shows nothing that is not in the first already.")
        faded = _faded(work, seam)
        rest = await _rest(work, Span(seam.overlap - faded, frames), seam, folder, running)
        rate = rate_of(work.extended[1].fps or 25.0)
        transition = Transition("crossfade", float(Fraction(faded) / rate)) if faded else PLAIN
        made = await smart_join(
            [work.source, rest], work.output, model=0, transition=transition,
            loudness_lufs=await _loudness(work, folder, running), on_progress=running.progress.between(TONED, 1),
            cancelled=cancelled,
        )  # fmt: skip
    proof = made.proof.of_part(1, seam.overlap - faded)
    return replace(made, proof=proof).as_output() | {
        "found": "source and continuation" if seam.whole else "continuation alone",
        "overlap_frames": seam.overlap,
        "likeness": seam.likeness,
        "crossfade_frames": faded,
    }


async def _found(work: Seaming, folder: Path, running: Running) -> Seam:
    (source, facts), (extended, other) = work.source, work.extended
    ratio = Fraction(rate_of(facts.fps or 25.0)) / rate_of(other.fps or 25.0)
    request = {
        "do": "seam", "source": {"path": str(source.absolute()), "size": facts.size_bytes},
        "extended": {"path": str(extended.absolute()), "size": other.size_bytes},
        "ratio": 1 if ratio == 1 else float(ratio), "overlap": work.overlap,
    }  # fmt: skip
    async with child(folder, running.limits) as worker:
        said = await worker.ask(request, running.watch(0, FOUND))
    if said["why"]:
        raise _unclear(said["why"])
    # It begins where the first clip does: within a picture, as clips of another rate may.
    whole = said["looked_at"] == frames_of(facts) and said["overlap"] > 1 and said["position"] < 1
    likeness = None if said["likeness"] is None else round(said["likeness"], 4)
    return Seam(said["overlap"], whole, likeness, tuple(tuple(row) for row in said["tone"]))


def _unclear(why: str) -> InputError:
    return InputError(why, hint=SAY, fields={"overlap": why})


def _faded(work: Seaming, seam: Seam) -> int:
    """How many pictures the cross-fade takes: no more than both clips show, so that nothing is lost to it."""
    rates = [rate_of(facts.fps or 25.0) for _, facts in (work.source, work.extended)]
    wanted = round(Fraction(work.crossfade_s) * rates[1])
    return min(wanted, seam.overlap, frames_of(work.source[1]) // 2) if work.crossfade_s else 0


async def _rest(work: Seaming, span: Span, seam: Seam, folder: Path, running: Running) -> tuple[Path, Facts]:
    """The part of the second clip that is wanted, in the first one's colours where that is."""
    path, facts = work.extended
    if span.first:
        cut = folder / "rest.mp4"
        told = running.progress.between(FOUND, CUT)
        await smart_trim(path, facts, cut, [span], on_progress=told, cancelled=running.cancelled)
        path, facts = cut, await probe(cut)
    if work.match_colour:
        toned = folder / "toned.mp4"
        await running.ffmpeg(toning(path, facts, seam.tone, toned), CUT, TONED)
        path, facts = toned, await probe(toned)
    return path, facts


def toning(path: Path, facts: Facts, tone: tuple[tuple[float, ...], ...], output: Path) -> Command:
    """The clip with its luma and chroma brought along those curves; its sound is left as it is."""
    luma, blue, red = tone
    picture = graph.even(graph.picture_of(graph.opened(path)), facts).filter("format", "yuv420p")
    curve = "+".join(f"({value:.8f})*pow(val,{power})" for power, value in enumerate(luma))
    lines = [f"clip(128+({one[0]:.6f})+({one[1]:.6f})*(val-128),16,240)" for one in (blue, red)]
    picture = picture.filter("lutyuv", y=f"clip({curve},16,235)", u=lines[0], v=lines[1])
    sound = [graph.opened(path)["a:0"]] if facts.has_sound else []
    options = graph.h264(facts, FINE_CRF) | ({"c:a": "copy"} if sound else {}) | graph.MP4 | {"fps_mode": "passthrough"}
    options |= {"pix_fmt": "yuv420p"} | graph.marked([facts])
    return graph.command([picture, *sound], output, [path], frames_of(facts), options)


async def _loudness(work: Seaming, folder: Path, running: Running) -> float | None:
    """How loud the first clip is, in LUFS, where the second is to be as loud; None where one of them is silent."""
    path, facts = work.source
    if not (work.match_loudness and facts.has_sound and work.extended[1].has_sound):
        return None
    said = folder / "loudness.txt"
    await running.ffmpeg(loudness.command(path, said), TONED, TONED)
    is_lufs, _ = loudness.read(said.read_bytes()[-loudness.TAIL_BYTES :].decode("ascii", "replace"))
    return is_lufs if is_lufs > loudness.SILENT_LUFS else None
