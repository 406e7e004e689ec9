"""A clip's sound brought to a loudness by EBU R128: measured, changed, and measured again on the result."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.errors import Unsupported
from lib.media import graph
from lib.media.asked import Evening
from lib.media.command import Command
from lib.media.folder import private_folder
from lib.media.limits import cut_limits
from lib.media.progress import OnProgress
from lib.media.promise import Heard
from lib.media.proof import keeping
from lib.media.smart.running import Progress, Running
from lib.media.sound.onto import RATE, Clip, picture_samples, sounding, stereo

NAME = "loudness.json"
CLOSE_LU = 0.2
AAC_PEAK_DB = 0.5  # by so much the coding may raise a peak
LEAST_LUFS = -70.0  # below is silence, by EBU R128


@dataclass(frozen=True, slots=True)
class Measured:
    """Integrated loudness in LUFS, true peak in dBTP, range in LU, and the gate's threshold in LUFS."""

    lufs: float
    peak_db: float
    range_lu: float
    threshold_lufs: float


async def even_out(
    asked: Evening, *, on_progress: OnProgress | None = None, cancelled: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """Makes the clip; gives the proof, and loudness and peak before and after. Raises Unsupported for a silent one."""
    clip = (asked.source, asked.facts)
    if not asked.facts.has_sound:
        raise Unsupported("The clip has no sound.", hint="Choose a clip with sound.")
    running = Running(Progress(on_progress), cancelled, cut_limits([asked.facts]))
    with private_folder(asked.output.parent) as folder:
        before = await _measured(clip, folder, running, 0.0, 0.25)
        if before.lufs < LEAST_LUFS:
            raise Unsupported("The clip's sound is silence; there is no loudness to change.", hint="Choose another.")
        gain_db = asked.target_lufs - before.lufs
        said, after = await _changed(asked, folder, running, gain_db, before, begin=0.25)
        missed_lu = asked.target_lufs - after.lufs
        if abs(missed_lu) > CLOSE_LU:  # limited peaks took some of it away
            said, after = await _changed(asked, folder, running, gain_db + missed_lu, before, begin=0.6)
        (folder / asked.output.name).replace(asked.output)
    running.progress(1.0)
    return said | {
        "loudness_before_lufs": before.lufs,
        "loudness_after_lufs": after.lufs,
        "true_peak_before_db": before.peak_db,
        "true_peak_after_db": after.peak_db,
    }


async def _changed(
    asked: Evening, folder: Path, running: Running, gain_db: float, before: Measured, *, begin: float
) -> tuple[dict[str, Any], Measured]:
    """The clip made with that gain: what there is to say of it, and what it measures."""
    command = build((asked.source, asked.facts), folder / asked.output.name, gain_db, before, asked.peak_db)
    told = running.progress.between(begin, begin + 0.25)
    said = await keeping.made(command, on_progress=told, cancelled=running.cancelled)
    from_zero = asked.facts.model_copy(update={"picture_start_s": 0.0})
    return said, await _measured((command.output, from_zero), folder, running, begin + 0.25, begin + 0.35)


def build(clip: Clip, output: Path, gain_db: float, before: Measured, peak_db: float) -> Command:
    """An MP4 whose sound has that gain throughout; where peaks would pass `peak_db`, only they are held under it."""
    path, facts = clip
    source = graph.opened(path)
    sound = _sound(source, clip).filter("volume", f"{gain_db:.4f}dB")
    if before.peak_db + gain_db > peak_db:
        # Peaks between the samples count too: they are seen at four times the rate.
        limit = 10 ** ((peak_db - AAC_PEAK_DB) / 20)
        sound = sound.filter("aresample", 4 * RATE)
        sound = sound.filter("alimiter", limit=limit, level=0, attack=5, release=50, latency=1)
        sound = sound.filter("aresample", RATE).filter("asetpts", "N/SR/TB")
    heard = Heard(0.0, 0.0, picture_samples(facts) / RATE, clip=0)
    return sounding(clip, source, sound, output, heard=[heard])


def measure(clip: Clip, output: Path) -> Command:
    """A JSON file of what the clip's sound measures."""
    sound = _sound(graph.opened(clip[0]), clip)
    # ffmpeg works in the folder of its output, so that a bare name lies there.
    sound = sound.filter("loudnorm", print_format="json", stats_file=output.name)
    duration_s = picture_samples(clip[1]) / RATE
    argv = graph.command([sound], output, [clip[0]], None, {"f": "null"}).argv
    return Command(argv, output, (clip[0],), duration_s=duration_s)


def read(path: Path) -> Measured:
    """What was measured; silence is minus infinity."""
    said = json.loads(path.read_text(encoding="utf-8"))
    found = [float(said[f"input_{name}"]) for name in ("i", "tp", "lra", "thresh")]
    return Measured(*(value if math.isfinite(value) else -99.0 for value in found))


async def _measured(clip: Clip, folder: Path, running: Running, low: float, high: float) -> Measured:
    command = measure(clip, folder / NAME)
    await running.ffmpeg(command, low, high)
    return read(command.output)


def _sound(source: Any, clip: Clip) -> Any:
    return graph.exactly(stereo(graph.sound_of(source, clip[1])), picture_samples(clip[1]))
